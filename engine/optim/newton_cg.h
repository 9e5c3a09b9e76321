// Newton-CG, "Hessian-free": Martens, "Deep learning via Hessian-free optimization", ICML 2010.
#pragma once

#include <memory>
#include <span>

#include "engine/optim/optimizer.h"

namespace fieldscope {

std::span<const Knob> newton_cg_knobs();
std::unique_ptr<Optimizer> make_newton_cg(Backend& backend, const ParameterLayout& layout,
                                          const KnobValues& knobs);

}  // namespace fieldscope
