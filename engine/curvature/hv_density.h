// How dense Hessian-vector products are (Chng et al. 2024, theorems 4.2 and 4.3): dense where the
// activation is a sine, Gaussian, wavelet or sinc, sparse where it is a ReLU.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/curvature/problem.h"

namespace fieldscope {

/// Of the entries of Hv in one block of parameters, over some random v.
struct HvDensity {
  /// By size relative to the block's largest entry, a decade a bin: 1e-12 and less, ..., 0.1 to 1.
  static constexpr int decades = 13;

  ParameterBlock block;
  double zero = 0;       ///< share of entries that are exactly 0
  double near_zero = 0;  ///< share of entries up to `threshold` times the largest, zeros included
  double threshold = 0;
  std::array<double, decades> histogram{};  ///< shares of the entries that are not 0
};

/// The blocks of `problem` and, first, all parameters; `probes` vectors of random signs.
std::vector<HvDensity> hv_density(FrozenProblem& problem, std::size_t probes, double threshold,
                                  std::uint64_t key);

}  // namespace fieldscope
