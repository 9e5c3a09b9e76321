// Stochastic gradient descent with heavy-ball momentum (Polyak 1964).
#pragma once

#include <memory>
#include <span>

#include "engine/optim/optimizer.h"

namespace fieldscope {

std::span<const Knob> sgd_knobs();
std::unique_ptr<Optimizer> make_sgd(Backend& backend, const ParameterLayout& layout,
                                    const KnobValues& knobs);

}  // namespace fieldscope
