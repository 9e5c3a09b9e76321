// Krylov methods for matrices that are known by their products only: Lanczos with full
// reorthogonalisation, eigenvalues at both ends with residuals, stochastic Lanczos quadrature for
// the density of the spectrum, and traces. Everything here is an estimate, and says how good.
// (Golub and Meurant, "Matrices, Moments and Quadrature", 2010; Ghorbani, Krishnan, Xiao, "An
// Investigation into Neural Net Optimization via Hessian Eigenvalue Density", ICML 2019.)
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace fieldscope {

/// y = A x of a symmetric A, [n].
using SymmetricProduct = std::function<void(std::span<const double> x, std::span<double> y)>;

/// A basis V of a Krylov space with V^T A V = T tridiagonal.
struct Krylov {
  std::vector<double> diagonal;            ///< [k]
  std::vector<double> beside;              ///< [k - 1]
  double rest = 0;                         ///< norm of what the next vector would have been
  std::vector<std::vector<double>> basis;  ///< [k][n], orthonormal
};

/// At most `steps` steps from `start` [n] (normalised here); fewer where the space is exhausted.
Krylov lanczos(const SymmetricProduct& product, std::vector<double> start, std::size_t steps);

/// An eigenvalue with its vector, and how far |A v - l v| they are from being one (|v| = 1): some
/// eigenvalue lies within `residual` of `value`.
struct EigenPair {
  double value = 0, residual = 0;
  std::vector<double> vector;
};

/// The `count` eigenvalues at each end, the outermost first, from one Krylov space. `rounding` is
/// the relative error of a product: no residual is said to be below it times the largest
/// eigenvalue.
struct SpectrumEnds {
  std::vector<EigenPair> largest, smallest;
  std::size_t steps = 0;
};
SpectrumEnds spectrum_ends(const Krylov& krylov, std::size_t count, double rounding = 2.2e-16);

/// One probe's view of the spectrum: eigenvalues with weights that add up to 1.
struct Quadrature {
  std::vector<double> nodes, weights;
};
Quadrature quadrature(const Krylov& krylov);

/// A mean over probes with its standard error.
struct Estimate {
  double value = 0, error = 0;
};
Estimate estimate_of(std::span<const double> samples);

/// Density of eigenvalues (its integral is 1) on a grid, smoothed by a Gaussian, with the standard
/// error over the probes. The quadratures must not be empty.
struct SpectralDensity {
  std::vector<double> at, density, error;
  double width = 0;  ///< standard deviation of the Gaussian
};
SpectralDensity spectral_density(std::span<const Quadrature> probes, std::size_t points = 400);

/// The area between the cumulative distributions of the probes' mean and of these eigenvalues.
double wasserstein_distance(std::span<const Quadrature> probes,
                            std::span<const double> eigenvalues);

/// Random signs [n], others for each key.
std::vector<double> random_sign_vector(std::uint64_t key, std::size_t n);

/// The trace by v^T A v (Hutchinson 1990), and by Hutch++ (Meyer, Musco, Musco, Woodruff, SOSA
/// 2021) with `products` products in all: a third finds where A is large, and the trace there is
/// exact.
Estimate hutchinson_trace(const SymmetricProduct& product, std::size_t n, std::size_t products,
                          std::uint64_t key);
Estimate hutchpp_trace(const SymmetricProduct& product, std::size_t n, std::size_t products,
                       std::uint64_t key);

}  // namespace fieldscope
