#include "engine/curvature/exact.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "engine/backend/cpu/decompositions.h"

namespace fieldscope {

std::vector<double> exact_matrix(FrozenProblem& problem, Curvature curvature,
                                 const std::function<void(double)>& progress) {
  const std::size_t n = problem.parameters();
  std::vector<double> a(n * n), unit(n);
  for (std::size_t k = 0; k < n; ++k) {
    unit[k] = 1;
    problem.multiply(curvature, unit, std::span(a).subspan(k * n, n));
    unit[k] = 0;
    if (progress) progress(static_cast<double>(k + 1) / static_cast<double>(n));
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j)
      a[i * n + j] = a[j * n + i] = 0.5 * (a[i * n + j] + a[j * n + i]);
  return a;
}

std::vector<double> symmetric_eigenvalues(std::size_t n, const std::vector<double>& a) {
  if (!std::all_of(a.begin(), a.end(), [](double x) { return std::isfinite(x); }))
    throw std::runtime_error("the matrix has entries that are not finite: no spectrum");
  if (n == 0) return {};
  cpu::SymmetricEigen eigen = cpu::symmetric_eigen(n, a, false);
  if (!eigen.converged) throw std::runtime_error("the spectrum did not converge");
  return eigen.values;
}

std::vector<double> equilibration_diagonal(std::size_t n, std::span<const double> a) {
  std::vector<double> d(n);
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0;
    for (const double x : a.subspan(i * n, n)) sum += x * x;
    d[i] = std::sqrt(sum);
  }
  return d;
}

std::vector<double> jacobi_diagonal(std::size_t n, std::span<const double> a) {
  std::vector<double> d(n);
  for (std::size_t i = 0; i < n; ++i) d[i] = std::abs(a[i * n + i]);
  return d;
}

std::vector<double> preconditioned(std::size_t n, std::span<const double> a,
                                   std::span<const double> diagonal) {
  std::vector<double> scale(n);
  for (std::size_t i = 0; i < n; ++i) scale[i] = diagonal[i] > 0 ? 1 / std::sqrt(diagonal[i]) : 0;
  std::vector<double> result(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) result[i * n + j] = scale[i] * a[i * n + j] * scale[j];
  return result;
}

namespace {

/// (m + shift I)^-1/2 of a symmetric matrix without negative eigenvalues, [n][n].
std::vector<double> inverse_root(std::size_t n, std::span<const double> m, double shift) {
  const cpu::SymmetricEigen eigen = cpu::symmetric_eigen(n, {m.begin(), m.end()});
  if (!eigen.converged) throw std::runtime_error("a Kronecker factor's spectrum did not converge");
  std::vector<double> powers(n);
  for (std::size_t i = 0; i < n; ++i)
    powers[i] = 1 / std::sqrt(std::max(eigen.values[i], 0.0) + shift);
  return cpu::reassembled(eigen.vectors, powers);
}

/// One map's share of P^-1/2: S^-1/2 M A^-1/2 for what belongs to its weights and biases, M
/// [out][in + 1].
struct MapRoot {
  LinearMap map;
  std::vector<double> a, s;  ///< [in + 1][in + 1], [out][out]

  void apply(std::span<double> x) const {
    const std::size_t in = static_cast<std::size_t>(map.in), n = in + 1;
    const std::size_t out = static_cast<std::size_t>(map.out);
    std::vector<double> m(out * n), half(out * n);
    for (std::size_t o = 0; o < out; ++o) {
      std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(map.weight + o * in), in,
                  m.begin() + static_cast<std::ptrdiff_t>(o * n));
      m[o * n + in] = x[map.bias + o];
    }
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t k = 0; k < n; ++k)
        for (std::size_t i = 0; i < n; ++i) half[o * n + i] += m[o * n + k] * a[k * n + i];
    std::fill(m.begin(), m.end(), 0.0);
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t k = 0; k < out; ++k)
        for (std::size_t i = 0; i < n; ++i) m[o * n + i] += s[o * out + k] * half[k * n + i];
    for (std::size_t o = 0; o < out; ++o) {
      std::copy_n(m.begin() + static_cast<std::ptrdiff_t>(o * n), in,
                  x.begin() + static_cast<std::ptrdiff_t>(map.weight + o * in));
      x[map.bias + o] = m[o * n + in];
    }
  }
};

void transpose(std::size_t n, std::vector<double>& a) {
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j) std::swap(a[i * n + j], a[j * n + i]);
}

}  // namespace

std::vector<double> kfac_preconditioned(std::span<const double> a, const Network& network,
                                        std::span<const double> factors, double damping) {
  const double shift = std::sqrt(damping);
  std::vector<MapRoot> roots;
  std::size_t at = 0;
  for (const LinearMap& map : layout_of(network).maps) {
    const std::size_t in = static_cast<std::size_t>(map.in) + 1;
    const std::size_t out = static_cast<std::size_t>(map.out);
    MapRoot root{map, inverse_root(in, factors.subspan(at, in * in), shift), {}};
    at += in * in;
    root.s = inverse_root(out, factors.subspan(at, out * out), shift);
    at += out * out;
    roots.push_back(std::move(root));
  }
  // Rows, then, of the transpose, columns: the root is symmetric.
  const std::size_t n = network.parameters;
  std::vector<double> result(a.begin(), a.end());
  for (int side = 0; side < 2; ++side) {
    for (std::size_t i = 0; i < n; ++i)
      for (const MapRoot& root : roots) root.apply(std::span(result).subspan(i * n, n));
    transpose(n, result);
  }
  return result;
}

}  // namespace fieldscope
