// The two decompositions of dense matrices that optimizers ask for, in double. Square matrices lie
// row by row in a vector. There are two implementations of the same three functions, and the build
// takes one: decompositions_eigen.cpp where Eigen is installed, decompositions_plain.cpp elsewhere.
#pragma once

#include <cstddef>
#include <vector>

namespace fieldscope::cpu {

/// A = V diag(values) V^T.
struct SymmetricEigen {
  bool converged = false;       ///< never for a matrix that is not finite
  std::vector<double> values;   ///< [n], rising
  std::vector<double> vectors;  ///< [n][n]: column k belongs to values[k]
};

/// Of (a + a^T) / 2, a of n by n. Without vectors, which may be left empty then, it is much faster.
SymmetricEigen symmetric_eigen(std::size_t n, const std::vector<double>& a,
                               bool with_vectors = true);

/// V diag(values) V^T, of [n][n].
std::vector<double> reassembled(const std::vector<double>& vectors,
                                const std::vector<double>& values);

/// The Q [n][n] of a = Q R by Householder reflections: column k of R has its diagonal element
/// against the sign of what was reflected onto it. What is not finite stays so.
std::vector<double> orthonormal(std::size_t n, const std::vector<double>& a);

}  // namespace fieldscope::cpu
