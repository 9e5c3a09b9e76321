// ESGD: equilibrated stochastic gradient descent. Dauphin, de Vries, Bengio, NIPS 2015; with
// momentum and rare refreshes as in Chng, Saratchandran, Lucey, arXiv 2402.08784. Its hybrids, the
// paper's second open question: with Nesterov's momentum, and mixed with Adam.
#pragma once

#include <memory>
#include <span>

#include "engine/optim/optimizer.h"

namespace fieldscope {

/// Of ESGD, with either momentum.
std::span<const Knob> esgd_knobs();
std::unique_ptr<Optimizer> make_esgd(Backend& backend, const ParameterLayout& layout,
                                     const KnobValues& knobs);
std::unique_ptr<Optimizer> make_esgd_nesterov(Backend& backend, const ParameterLayout& layout,
                                              const KnobValues& knobs);

std::span<const Knob> esgd_adam_knobs();
std::unique_ptr<Optimizer> make_esgd_adam(Backend& backend, const ParameterLayout& layout,
                                          const KnobValues& knobs);

}  // namespace fieldscope
