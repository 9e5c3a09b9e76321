// L-BFGS: Nocedal, "Updating quasi-Newton matrices with limited storage", 1980; on minibatches with
// differences of gradients of one batch, as in Schraudolph, Yu, Guenter, AISTATS 2007.
#pragma once

#include <memory>
#include <span>

#include "engine/optim/optimizer.h"

namespace fieldscope {

std::span<const Knob> lbfgs_knobs();
std::unique_ptr<Optimizer> make_lbfgs(Backend& backend, const ParameterLayout& layout,
                                      const KnobValues& knobs);

}  // namespace fieldscope
