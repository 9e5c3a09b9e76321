// A step length that satisfies the strong Wolfe conditions: Nocedal and Wright, "Numerical
// Optimization", algorithms 3.5 (bracketing) and 3.6 (zoom), with trial lengths by cubic
// interpolation (their equation 3.59). Pure apart from the function that it is given.
#pragma once

#include <functional>

namespace fieldscope {

/// The function along a line: its value and slope at length t.
struct LinePoint {
  double t = 0, value = 0, slope = 0;
};

/// `start` has t = 0 and a negative slope; `first` is the first length tried; `size` is the largest
/// entry of the direction, which says when an interval is too small to matter. Returns the best
/// point found, `start` itself if nothing was lower. At most 25 evaluations.
LinePoint strong_wolfe(const LinePoint& start, double first, double size,
                       const std::function<LinePoint(double)>& evaluate);

}  // namespace fieldscope
