#include "app/gui/frame_stats.h"

#include <algorithm>

namespace fieldscope::gui {

void FrameStats::add(double milliseconds) {
  if (times_.size() < capacity_) {
    times_.push_back(static_cast<float>(milliseconds));
  } else {
    times_[next_] = static_cast<float>(milliseconds);
  }
  next_ = (next_ + 1) % capacity_;
  ++total_;
}

FrameStats::Summary FrameStats::summary() const {
  Summary out;
  out.frames = total_;
  if (times_.empty()) return out;
  auto sorted = times_;
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double share) {
    return static_cast<double>(
        sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5)]);
  };
  out.p50 = at(0.50);
  out.p95 = at(0.95);
  out.p99 = at(0.99);
  out.max = static_cast<double>(sorted.back());
  const auto slow = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), 33.0f);
  out.over_33 = static_cast<double>(slow) / static_cast<double>(sorted.size());
  return out;
}

double FrameStats::recent() const {
  const std::size_t count = std::min<std::size_t>(times_.size(), 30);
  if (count == 0) return 0;
  double sum = 0;
  for (std::size_t i = 1; i <= count; ++i)
    sum += static_cast<double>(times_[(next_ + times_.size() - i) % times_.size()]);
  return sum / static_cast<double>(count);
}

void FrameStats::clear() {
  times_.clear();
  next_ = total_ = 0;
}

}  // namespace fieldscope::gui
