// ESGD: equilibrated stochastic gradient descent. Dauphin, de Vries, Bengio, NIPS 2015; with
// momentum and rare refreshes as in Chng, Saratchandran, Lucey, arXiv 2402.08784.
#pragma once

#include <memory>
#include <span>

#include "engine/optim/optimizer.h"

namespace fieldscope {

std::span<const Knob> esgd_knobs();
std::unique_ptr<Optimizer> make_esgd(Backend& backend, std::size_t parameters,
                                     const KnobValues& knobs);

}  // namespace fieldscope
