// The condition number by a stated definition, and what a singular matrix is said to be.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace fieldscope {

/// Of a symmetric matrix, from its eigenvalues (MATHS section 5).
struct ConditionNumber {
  /// |l|_max / |l|_min over the eigenvalues with |l| > threshold |l|_max; NaN if there is none.
  double kappa = 0;
  double largest = 0, smallest = 0;  ///< those |l|
  std::size_t rank = 0;              ///< how many eigenvalues are above the threshold
  std::size_t size = 0;              ///< how many there are
  double threshold = 0;
  double negative_share = 0;  ///< of those above the threshold
  /// |l|_max over the smallest |l| that is not exactly 0, as the paper's code has it: of a singular
  /// matrix that is rounding, 1e19 and more. For comparison only.
  double authors = 0;

  bool singular() const { return rank < size; }
};

/// `threshold` 0: `size` times the precision of double (2.2e-16).
ConditionNumber condition_number(std::span<const double> eigenvalues, double threshold = 0);

/// "1.2e3", or "rank 41 of 67, 8.1e4 within it"
std::string condition_text(const ConditionNumber& condition);

}  // namespace fieldscope
