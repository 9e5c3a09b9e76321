#include "engine/backend/cpu/matrices.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "engine/backend/cpu/decompositions.h"
#include "engine/math/error.h"

namespace fieldscope::cpu {
namespace {

template <class T>
std::vector<double> dense(const Matrix& matrix) {
  const T* data = matrix.buffer->data<T>() + matrix.offset;
  std::vector<double> result(matrix.rows * matrix.columns);
  for (std::size_t r = 0; r < matrix.rows; ++r)
    for (std::size_t c = 0; c < matrix.columns; ++c)
      result[r * matrix.columns + c] = data[r * matrix.stride + c];
  return result;
}

template <class T>
void store(const std::vector<double>& from, const Matrix& matrix) {
  T* data = matrix.buffer->data<T>() + matrix.offset;
  for (std::size_t r = 0; r < matrix.rows; ++r)
    for (std::size_t c = 0; c < matrix.columns; ++c)
      data[r * matrix.stride + c] = static_cast<T>(from[r * matrix.columns + c]);
}

bool all_finite(const std::vector<double>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
}

/// An optimizer that runs away brings numbers that are not finite: they go on as such, and the run
/// is stopped for them.
SymmetricEigen decompose(std::size_t n, const std::vector<double>& a, const char* what) {
  SymmetricEigen result = symmetric_eigen(n, a);
  if (!result.converged && all_finite(a))
    throw DeviceError(std::string(what) + " of a " + std::to_string(n) + " x " + std::to_string(n) +
                      " matrix did not converge; a larger damping helps");
  return result;
}

}  // namespace

template <class T>
void power(ThreadPool& pool, std::span<const MatrixPower> powers) {
  pool.parallel_for(powers.size(), [&](std::size_t i) {
    const MatrixPower& p = powers[i];
    std::vector<double> a = dense<T>(p.from);
    if (!all_finite(a)) {
      std::fill(a.begin(), a.end(), std::numeric_limits<double>::quiet_NaN());
      store<T>(a, p.to);
      return;
    }
    SymmetricEigen eigen = decompose(p.from.rows, a, "a power");
    const double shift = p.shift + p.ridge * std::max(eigen.values.back(), 0.0);
    for (double& value : eigen.values)
      value = std::pow(std::max(std::max(value, 0.0) + shift, std::numeric_limits<double>::min()),
                       p.exponent);
    store<T>(reassembled(eigen.vectors, eigen.values), p.to);
  });
}

template <class T>
void eigenvectors(ThreadPool& pool, std::span<const Eigenvectors> problems) {
  pool.parallel_for(problems.size(), [&](std::size_t i) {
    const std::size_t n = problems[i].from.rows;
    std::vector<double> vectors =
        decompose(n, dense<T>(problems[i].from), "the eigenvectors").vectors;
    for (auto row = vectors.begin(); row != vectors.end(); row += static_cast<std::ptrdiff_t>(n))
      std::reverse(row, row + static_cast<std::ptrdiff_t>(n));  // by falling eigenvalue
    store<T>(vectors, problems[i].to);
  });
}

template <class T>
void orthonormalise(ThreadPool& pool, std::span<const Matrix> matrices) {
  pool.parallel_for(matrices.size(), [&](std::size_t i) {
    store<T>(orthonormal(matrices[i].rows, dense<T>(matrices[i])), matrices[i]);
  });
}

template void power<float>(ThreadPool&, std::span<const MatrixPower>);
template void power<double>(ThreadPool&, std::span<const MatrixPower>);
template void eigenvectors<float>(ThreadPool&, std::span<const Eigenvectors>);
template void eigenvectors<double>(ThreadPool&, std::span<const Eigenvectors>);
template void orthonormalise<float>(ThreadPool&, std::span<const Matrix>);
template void orthonormalise<double>(ThreadPool&, std::span<const Matrix>);

}  // namespace fieldscope::cpu
