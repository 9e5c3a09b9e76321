// SOAP: Vyas et al., "SOAP: improving and stabilizing Shampoo using Adam", ICLR 2025.
#pragma once

#include <memory>
#include <span>

#include "engine/optim/optimizer.h"

namespace fieldscope {

std::span<const Knob> soap_knobs();
std::unique_ptr<Optimizer> make_soap(Backend& backend, const ParameterLayout& layout,
                                     const KnobValues& knobs);

}  // namespace fieldscope
