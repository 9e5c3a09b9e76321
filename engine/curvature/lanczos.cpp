#include "engine/curvature/lanczos.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "engine/backend/cpu/decompositions.h"
#include "engine/math/random.h"

namespace fieldscope {
namespace {

using Vector = std::vector<double>;

double dot(std::span<const double> a, std::span<const double> b) {
  constexpr std::size_t chains = 8;  // independent sums, so that the loop vectorises
  double sum[chains] = {};
  std::size_t i = 0;
  for (; i + chains <= a.size(); i += chains)
    for (std::size_t c = 0; c < chains; ++c) sum[c] += a[i + c] * b[i + c];
  for (; i < a.size(); ++i) sum[0] += a[i] * b[i];
  double total = 0;
  for (const double part : sum) total += part;
  return total;
}
double norm(std::span<const double> a) {
  return std::sqrt(dot(a, a));
}
void add(double factor, std::span<const double> x, std::span<double> y) {
  for (std::size_t i = 0; i < x.size(); ++i) y[i] += factor * x[i];
}
void scale(double factor, std::span<double> x) {
  for (double& value : x) value *= factor;
}

/// Takes what lies along the basis out of w. Where that is most of w, what is left is rounding, and
/// has to be cleaned once more ("twice is enough": Kahan, in Parlett 1980).
void orthogonalise(const std::vector<Vector>& basis, Vector& w) {
  double before = norm(w);
  for (int turn = 0; turn < 2; ++turn) {
    for (const Vector& v : basis) add(-dot(v, w), v, w);
    const double after = norm(w);
    if (after > 0.7 * before) return;
    before = after;
  }
}

cpu::SymmetricEigen eigen_of(const Krylov& krylov) {
  const std::size_t k = krylov.diagonal.size();
  Vector t(k * k);
  for (std::size_t i = 0; i < k; ++i) {
    t[i * k + i] = krylov.diagonal[i];
    if (i + 1 < k) t[i * k + i + 1] = t[(i + 1) * k + i] = krylov.beside[i];
  }
  cpu::SymmetricEigen eigen = cpu::symmetric_eigen(k, t);
  if (!eigen.converged)
    throw std::runtime_error("the products are not finite: no spectrum can be estimated");
  return eigen;
}

}  // namespace

Krylov lanczos(const SymmetricProduct& product, Vector start, std::size_t steps) {
  Krylov krylov;
  const std::size_t n = start.size();
  const double length = norm(start);
  if (!(length > 0)) throw std::logic_error("lanczos: the start is zero");
  scale(1 / length, start);
  Vector w(n);
  double largest = 0;
  for (std::size_t k = 0; k < std::min(steps, n); ++k) {
    krylov.basis.push_back(std::move(start));
    const Vector& v = krylov.basis.back();
    product(v, w);
    const double alpha = dot(v, w);
    krylov.diagonal.push_back(alpha);
    add(-alpha, v, w);
    if (k > 0) add(-krylov.beside.back(), krylov.basis[k - 1], w);
    orthogonalise(krylov.basis, w);
    krylov.rest = norm(w);
    largest = std::max({largest, std::abs(alpha), krylov.rest});
    const bool exhausted = !(krylov.rest > 64 * std::numeric_limits<double>::epsilon() * largest);
    if (exhausted) krylov.rest = 0;
    if (exhausted || k + 1 == std::min(steps, n)) break;
    krylov.beside.push_back(krylov.rest);
    scale(1 / krylov.rest, w);
    start = w;
  }
  return krylov;
}

SpectrumEnds spectrum_ends(const Krylov& krylov, std::size_t count, double rounding) {
  const cpu::SymmetricEigen eigen = eigen_of(krylov);
  const std::size_t k = krylov.diagonal.size(), n = krylov.basis.front().size();
  SpectrumEnds ends;
  ends.steps = k;
  const double least =
      rounding * std::max(std::abs(eigen.values.front()), std::abs(eigen.values.back()));
  const auto pair_at = [&](std::size_t which) {
    EigenPair pair;
    pair.value = eigen.values[which];
    pair.residual = std::max(krylov.rest * std::abs(eigen.vectors[(k - 1) * k + which]), least);
    pair.vector.assign(n, 0.0);
    for (std::size_t j = 0; j < k; ++j)
      add(eigen.vectors[j * k + which], krylov.basis[j], pair.vector);
    return pair;
  };
  for (std::size_t i = 0; i < std::min(count, k); ++i) {
    ends.largest.push_back(pair_at(k - 1 - i));
    ends.smallest.push_back(pair_at(i));
  }
  return ends;
}

Quadrature quadrature(const Krylov& krylov) {
  const cpu::SymmetricEigen eigen = eigen_of(krylov);
  Quadrature q;
  q.nodes = eigen.values;
  const std::size_t k = q.nodes.size();
  for (std::size_t i = 0; i < k; ++i) q.weights.push_back(eigen.vectors[i] * eigen.vectors[i]);
  return q;
}

Estimate estimate_of(std::span<const double> samples) {
  Estimate estimate;
  const double count = static_cast<double>(samples.size());
  for (const double x : samples) estimate.value += x / count;
  double square = 0;
  for (const double x : samples) square += (x - estimate.value) * (x - estimate.value);
  estimate.error = samples.size() > 1 ? std::sqrt(square / (count - 1) / count)
                                      : std::numeric_limits<double>::infinity();
  return estimate;
}

SpectralDensity spectral_density(std::span<const Quadrature> probes, std::size_t points) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Quadrature& q : probes) {
    low = std::min(low, q.nodes.front());
    high = std::max(high, q.nodes.back());
  }
  const double span =
      std::max(high - low, 1e-12 * std::max({std::abs(low), std::abs(high), 1e-300}));
  SpectralDensity result;
  result.width = span / 100;
  low -= 4 * result.width;
  high += 4 * result.width;
  Vector values(probes.size());
  for (std::size_t i = 0; i < points; ++i) {
    const double at = low + (high - low) * static_cast<double>(i) / static_cast<double>(points - 1);
    for (std::size_t p = 0; p < probes.size(); ++p) {
      values[p] = 0;
      for (std::size_t k = 0; k < probes[p].nodes.size(); ++k) {
        const double away = (at - probes[p].nodes[k]) / result.width;
        values[p] += probes[p].weights[k] * std::exp(-0.5 * away * away);
      }
      values[p] /= result.width * std::sqrt(2 * 3.14159265358979323846);
    }
    const Estimate estimate = estimate_of(values);
    result.at.push_back(at);
    result.density.push_back(estimate.value);
    result.error.push_back(estimate.error);
  }
  return result;
}

double wasserstein_distance(std::span<const Quadrature> probes,
                            std::span<const double> eigenvalues) {
  // Mass that each place adds to the difference of the two distributions.
  std::vector<std::pair<double, double>> changes;
  for (const Quadrature& q : probes)
    for (std::size_t k = 0; k < q.nodes.size(); ++k)
      changes.emplace_back(q.nodes[k], q.weights[k] / static_cast<double>(probes.size()));
  for (const double l : eigenvalues)
    changes.emplace_back(l, -1 / static_cast<double>(eigenvalues.size()));
  std::sort(changes.begin(), changes.end());
  double distance = 0, difference = 0;
  for (std::size_t i = 0; i + 1 < changes.size(); ++i) {
    difference += changes[i].second;
    distance += std::abs(difference) * (changes[i + 1].first - changes[i].first);
  }
  return distance;
}

Vector random_sign_vector(std::uint64_t key, std::size_t n) {
  Vector v(n);
  for (std::size_t i = 0; i < n; ++i) v[i] = random_sign(key, i);
  return v;
}

Estimate hutchinson_trace(const SymmetricProduct& product, std::size_t n, std::size_t products,
                          std::uint64_t key) {
  Vector samples, w(n);
  for (std::size_t i = 0; i < products; ++i) {
    const Vector v = random_sign_vector(mix_bits(key + i), n);
    product(v, w);
    samples.push_back(dot(v, w));
  }
  return estimate_of(samples);
}

Estimate hutchpp_trace(const SymmetricProduct& product, std::size_t n, std::size_t products,
                       std::uint64_t key) {
  const std::size_t third = std::max<std::size_t>(products / 3, 1);
  std::vector<Vector> basis;
  Vector w(n);
  for (std::size_t i = 0; i < std::min(third, n); ++i) {
    product(random_sign_vector(mix_bits(key + i), n), w);
    const double before = norm(w);
    orthogonalise(basis, w);
    const double left = norm(w);
    if (!(left > 1e-12 * before)) continue;
    basis.push_back(w);
    scale(1 / left, basis.back());
  }
  double exact = 0;
  for (const Vector& q : basis) {
    product(q, w);
    exact += dot(q, w);
  }
  Vector samples;
  for (std::size_t i = 0; i < third; ++i) {
    Vector v = random_sign_vector(mix_bits(key + third + i), n);
    for (const Vector& q : basis) add(-dot(q, v), q, v);
    product(v, w);
    samples.push_back(dot(v, w));
  }
  Estimate estimate = estimate_of(samples);
  estimate.value += exact;
  return estimate;
}

}  // namespace fieldscope
