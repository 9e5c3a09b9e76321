// Muon: Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024.
#pragma once

#include <memory>
#include <span>

#include "engine/optim/optimizer.h"

namespace fieldscope {

std::span<const Knob> muon_knobs();
std::unique_ptr<Optimizer> make_muon(Backend& backend, const ParameterLayout& layout,
                                     const KnobValues& knobs);

}  // namespace fieldscope
