#include "engine/backend/cpu/matrices.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <cmath>
#include <limits>
#include <string>

#include "engine/math/error.h"

namespace fieldscope::cpu {
namespace {

using Dense = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class T>
Dense dense(const Matrix& matrix) {
  const T* data = matrix.buffer->data<T>() + matrix.offset;
  Dense result(matrix.rows, matrix.columns);
  for (std::size_t r = 0; r < matrix.rows; ++r)
    for (std::size_t c = 0; c < matrix.columns; ++c) result(r, c) = data[r * matrix.stride + c];
  return result;
}

template <class T>
void store(const Dense& from, const Matrix& matrix) {
  T* data = matrix.buffer->data<T>() + matrix.offset;
  for (std::size_t r = 0; r < matrix.rows; ++r)
    for (std::size_t c = 0; c < matrix.columns; ++c)
      data[r * matrix.stride + c] = static_cast<T>(from(r, c));
}

/// Of (a + a^T) / 2, by rising eigenvalue. An optimizer that runs away brings numbers that are not
/// finite: they go on as such, and the run is stopped for them.
Eigen::SelfAdjointEigenSolver<Dense> decompose(const Dense& a, const char* what) {
  Eigen::SelfAdjointEigenSolver<Dense> solver(0.5 * (a + a.transpose()));
  if (solver.info() != Eigen::Success && a.allFinite())
    throw DeviceError(std::string(what) + " of a " + std::to_string(a.rows()) + " x " +
                      std::to_string(a.rows()) +
                      " matrix did not converge; a larger damping helps");
  return solver;
}

}  // namespace

template <class T>
void power(ThreadPool& pool, std::span<const MatrixPower> powers) {
  pool.parallel_for(powers.size(), [&](std::size_t i) {
    const MatrixPower& p = powers[i];
    Dense a = dense<T>(p.from);
    if (!a.allFinite()) {
      a.setConstant(std::numeric_limits<double>::quiet_NaN());
      store<T>(a, p.to);
      return;
    }
    const auto solver = decompose(a, "a power");
    const Eigen::VectorXd spectrum = solver.eigenvalues().cwiseMax(0);
    const double shift = p.shift + p.ridge * spectrum.maxCoeff();
    const Eigen::VectorXd values =
        (spectrum.array() + shift).max(std::numeric_limits<double>::min()).pow(p.exponent);
    store<T>(solver.eigenvectors() * values.asDiagonal() * solver.eigenvectors().transpose(), p.to);
  });
}

template <class T>
void eigenvectors(ThreadPool& pool, std::span<const Eigenvectors> problems) {
  pool.parallel_for(problems.size(), [&](std::size_t i) {
    const Dense a = dense<T>(problems[i].from);
    store<T>(decompose(a, "the eigenvectors").eigenvectors().rowwise().reverse(), problems[i].to);
  });
}

template <class T>
void orthonormalise(ThreadPool& pool, std::span<const Matrix> matrices) {
  pool.parallel_for(matrices.size(), [&](std::size_t i) {
    const Dense a = dense<T>(matrices[i]);
    const Eigen::HouseholderQR<Dense> qr(a);
    store<T>(Dense(qr.householderQ()), matrices[i]);
  });
}

template void power<float>(ThreadPool&, std::span<const MatrixPower>);
template void power<double>(ThreadPool&, std::span<const MatrixPower>);
template void eigenvectors<float>(ThreadPool&, std::span<const Eigenvectors>);
template void eigenvectors<double>(ThreadPool&, std::span<const Eigenvectors>);
template void orthonormalise<float>(ThreadPool&, std::span<const Matrix>);
template void orthonormalise<double>(ThreadPool&, std::span<const Matrix>);

}  // namespace fieldscope::cpu
