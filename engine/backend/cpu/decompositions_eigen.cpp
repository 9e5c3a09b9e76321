// The decompositions by Eigen.
#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include "engine/backend/cpu/decompositions.h"

namespace fieldscope::cpu {
namespace {

using Dense = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const Dense> square(std::size_t n, const std::vector<double>& a) {
  return {a.data(), static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(n)};
}

std::vector<double> numbers(const Dense& a) {
  return {a.data(), a.data() + a.size()};
}

}  // namespace

SymmetricEigen symmetric_eigen(std::size_t n, const std::vector<double>& a, bool with_vectors) {
  const Dense given = square(n, a);
  const Eigen::SelfAdjointEigenSolver<Dense> solver(
      0.5 * (given + given.transpose()),
      with_vectors ? Eigen::ComputeEigenvectors : Eigen::EigenvaluesOnly);
  return {solver.info() == Eigen::Success,
          {solver.eigenvalues().begin(), solver.eigenvalues().end()},
          with_vectors ? numbers(solver.eigenvectors()) : std::vector<double>()};
}

std::vector<double> reassembled(const std::vector<double>& vectors,
                                const std::vector<double>& values) {
  const Dense v = square(values.size(), vectors);
  const Eigen::Map<const Eigen::VectorXd> diagonal(values.data(),
                                                   static_cast<Eigen::Index>(values.size()));
  return numbers(v * diagonal.asDiagonal() * v.transpose());
}

std::vector<double> orthonormal(std::size_t n, const std::vector<double>& a) {
  const Dense given = square(n, a);
  return numbers(Eigen::HouseholderQR<Dense>(given).householderQ());
}

}  // namespace fieldscope::cpu
