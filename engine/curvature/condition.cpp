#include "engine/curvature/condition.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace fieldscope {

ConditionNumber condition_number(std::span<const double> eigenvalues, double threshold) {
  ConditionNumber c;
  c.size = eigenvalues.size();
  c.threshold = threshold > 0
                    ? threshold
                    : static_cast<double>(c.size) * std::numeric_limits<double>::epsilon();
  for (const double l : eigenvalues) c.largest = std::max(c.largest, std::abs(l));
  double least = c.largest, negative = 0;
  c.smallest = c.largest;
  for (const double l : eigenvalues) {
    const double size = std::abs(l);
    if (size > 0) least = std::min(least, size);
    if (size <= c.threshold * c.largest) continue;
    ++c.rank;
    c.smallest = std::min(c.smallest, size);
    if (l < 0) ++negative;
  }
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  c.kappa = c.rank > 0 ? c.largest / c.smallest : nan;
  c.authors = c.largest > 0 ? c.largest / least : nan;
  c.negative_share = c.rank > 0 ? negative / static_cast<double>(c.rank) : 0;
  return c;
}

std::string condition_text(const ConditionNumber& c) {
  char text[96];
  if (c.rank == 0) return "rank 0 of " + std::to_string(c.size);
  if (!c.singular())
    std::snprintf(text, sizeof text, "%.3g", c.kappa);
  else
    std::snprintf(text, sizeof text, "rank %zu of %zu, %.3g within it", c.rank, c.size, c.kappa);
  return text;
}

}  // namespace fieldscope
