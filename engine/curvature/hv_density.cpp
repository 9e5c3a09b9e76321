#include "engine/curvature/hv_density.h"

#include <algorithm>
#include <cmath>

#include "engine/curvature/lanczos.h"
#include "engine/math/random.h"

namespace fieldscope {
namespace {

void count(std::span<const double> entries, HvDensity& to) {
  double largest = 0;
  for (const double x : entries) largest = std::max(largest, std::abs(x));
  for (const double x : entries) {
    const double size = std::abs(x);
    if (size == 0) to.zero += 1;
    if (size <= to.threshold * largest) to.near_zero += 1;
    if (size == 0) continue;
    const int decade = static_cast<int>(std::ceil(std::log10(size / largest)));  // 0: the largest
    to.histogram[static_cast<std::size_t>(
        std::clamp(HvDensity::decades - 1 + decade, 0, HvDensity::decades - 1))] += 1;
  }
}

}  // namespace

std::vector<HvDensity> hv_density(FrozenProblem& problem, std::size_t probes, double threshold,
                                  std::uint64_t key) {
  const std::size_t n = problem.parameters();
  std::vector<HvDensity> densities;
  densities.push_back({{"all", 0, n}, 0, 0, threshold, {}});
  for (const ParameterBlock& block : problem.loss().layers)
    densities.push_back({block, 0, 0, threshold, {}});
  std::vector<double> hv(n);
  for (std::size_t i = 0; i < probes; ++i) {
    problem.multiply(Curvature::hessian, random_sign_vector(mix_bits(key + i), n), hv);
    for (HvDensity& d : densities) count(std::span(hv).subspan(d.block.first, d.block.size), d);
  }
  for (HvDensity& d : densities) {
    const double all = static_cast<double>(d.block.size * probes);
    const double others = std::max(all - d.zero, 1.0);
    d.zero /= all;
    d.near_zero /= all;
    for (double& share : d.histogram) share /= others;
  }
  return densities;
}

}  // namespace fieldscope
