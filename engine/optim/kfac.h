// K-FAC: Martens and Grosse, "Optimizing neural networks with Kronecker-factored approximate
// curvature", ICML 2015; its direction goes to Adam, as in Chng et al. 2024, or to momentum with
// the KL clip of Ba, Grosse, Martens, ICLR 2017.
#pragma once

#include <memory>
#include <span>

#include "engine/optim/optimizer.h"

namespace fieldscope {

std::span<const Knob> kfac_knobs();
std::unique_ptr<Optimizer> make_kfac(Backend& backend, const ParameterLayout& layout,
                                     const KnobValues& knobs);

}  // namespace fieldscope
