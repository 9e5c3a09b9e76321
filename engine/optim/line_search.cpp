#include "engine/optim/line_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fieldscope {
namespace {

constexpr double least_decrease = 1e-4;  // c1
constexpr double slope_share = 0.9;      // c2
constexpr double smallest_move = 1e-9;   // of any weight
constexpr int most_evaluations = 25;

/// The minimum of the cubic through both points, within [low, high]; the middle where it has none.
double cubic_minimum(const LinePoint& a, const LinePoint& b, double low, double high) {
  const LinePoint &left = a.t <= b.t ? a : b, &right = a.t <= b.t ? b : a;
  const double width = right.t - left.t;
  const double d1 = left.slope + right.slope - 3 * (right.value - left.value) / width;
  const double square = d1 * d1 - left.slope * right.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const double d2 = std::sqrt(square);
  const double t =
      right.t - width * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return std::isfinite(t) ? std::clamp(t, low, high) : (low + high) / 2;
}

class Search {
 public:
  Search(const LinePoint& start, double size, const std::function<LinePoint(double)>& evaluate)
      : start_(start), size_(size), evaluate_(evaluate) {}

  LinePoint run(double first) {
    LinePoint before = start_, point = evaluate(first);
    for (int i = 0; evaluations_ <= most_evaluations; ++i) {
      if (too_high(point) || (i > 1 && point.value >= before.value)) return zoom(before, point);
      if (flat(point)) return point;
      if (point.slope >= 0) return zoom(before, point);
      // Still going down: further out.
      const double t =
          cubic_minimum(before, point, point.t + 0.01 * (point.t - before.t), 10 * point.t);
      before = point;
      point = evaluate(t);
    }
    return point.value < start_.value ? point : start_;
  }

 private:
  LinePoint evaluate(double t) {
    ++evaluations_;
    return evaluate_(t);
  }
  /// Not lower by its share of what the slope promised; also where the value is not a number.
  bool too_high(const LinePoint& p) const {
    return !(p.value <= start_.value + least_decrease * p.t * start_.slope);
  }
  bool flat(const LinePoint& p) const { return std::abs(p.slope) <= -slope_share * start_.slope; }

  /// Between two points that hold a good one between them.
  LinePoint zoom(LinePoint low, LinePoint high) {
    if (!(low.value <= high.value) && std::isfinite(high.value)) std::swap(low, high);
    bool near_an_end = false;
    while (evaluations_ <= most_evaluations && std::abs(high.t - low.t) * size_ >= smallest_move) {
      const LinePoint point = evaluate(trial(low, high, near_an_end));
      if (too_high(point) || point.value >= low.value) {
        high = point;
        continue;
      }
      if (flat(point)) return point;
      if (point.slope * (high.t - low.t) >= 0) high = low;
      low = point;
    }
    return low;
  }

  /// Twice in a row next to an end of the interval is once too often.
  static double trial(const LinePoint& low, const LinePoint& high, bool& near_an_end) {
    const auto [left, right] = std::minmax(low.t, high.t);
    const double t = cubic_minimum(low, high, left, right), margin = 0.1 * (right - left);
    if (std::min(right - t, t - left) >= margin) {
      near_an_end = false;
      return t;
    }
    if (!near_an_end && t > left && t < right) {
      near_an_end = true;
      return t;
    }
    near_an_end = false;
    return std::abs(t - right) < std::abs(t - left) ? right - margin : left + margin;
  }

  const LinePoint start_;
  const double size_;
  const std::function<LinePoint(double)>& evaluate_;
  int evaluations_ = 0;
};

}  // namespace

LinePoint strong_wolfe(const LinePoint& start, double first, double size,
                       const std::function<LinePoint(double)>& evaluate) {
  return Search(start, size, evaluate).run(first);
}

}  // namespace fieldscope
