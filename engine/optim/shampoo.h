// Shampoo: Gupta, Koren, Singer, "Shampoo: preconditioned stochastic tensor optimization", ICML
// 2018, with blocks and grafting as in Anil et al., "Scalable second order optimization for deep
// learning", 2020, whose code Chng et al. 2024 ran.
#pragma once

#include <memory>
#include <span>

#include "engine/optim/optimizer.h"

namespace fieldscope {

std::span<const Knob> shampoo_knobs();
std::unique_ptr<Optimizer> make_shampoo(Backend& backend, const ParameterLayout& layout,
                                        const KnobValues& knobs);

}  // namespace fieldscope
