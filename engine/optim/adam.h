// Adam: Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1.
#pragma once

#include <memory>
#include <span>

#include "engine/optim/optimizer.h"

namespace fieldscope {

std::span<const Knob> adam_knobs();
std::unique_ptr<Optimizer> make_adam(Backend& backend, const ParameterLayout& layout,
                                     const KnobValues& knobs);

}  // namespace fieldscope
