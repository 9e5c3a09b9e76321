// Sophia-H: Liu et al., "Sophia: a scalable stochastic second-order optimizer for language model
// pre-training", ICLR 2024.
#pragma once

#include <memory>
#include <span>

#include "engine/optim/optimizer.h"

namespace fieldscope {

std::span<const Knob> sophia_knobs();
std::unique_ptr<Optimizer> make_sophia(Backend& backend, const ParameterLayout& layout,
                                       const KnobValues& knobs);

}  // namespace fieldscope
