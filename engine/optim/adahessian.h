// AdaHessian: Yao et al., AAAI 2021, with the signed Hutchinson diagonal v (Hv); and the two
// variants of Chng et al. 2024 that see squares (equilibration) or absolute values (Jacobi) of it.
#pragma once

#include <memory>
#include <span>

#include "engine/optim/optimizer.h"

namespace fieldscope {

std::span<const Knob> adahessian_knobs();
std::unique_ptr<Optimizer> make_adahessian(Backend& backend, const ParameterLayout& layout,
                                           const KnobValues& knobs);
std::unique_ptr<Optimizer> make_adahessian_e(Backend& backend, const ParameterLayout& layout,
                                             const KnobValues& knobs);
std::unique_ptr<Optimizer> make_adahessian_j(Backend& backend, const ParameterLayout& layout,
                                             const KnobValues& knobs);

}  // namespace fieldscope
