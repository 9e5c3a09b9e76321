// How long frames of the window take, waits for input excluded. UI thread only.
#pragma once

#include <cstddef>
#include <vector>

namespace fieldscope::gui {

class FrameStats {
 public:
  struct Summary {
    std::size_t frames = 0;
    double p50 = 0, p95 = 0, p99 = 0, max = 0;  // milliseconds
    double over_33 = 0;                         // share of frames above 33 ms
  };

  void add(double milliseconds);
  // Over the last few thousand frames.
  Summary summary() const;
  // The mean of the last frames, for the status bar.
  double recent() const;
  void clear();

 private:
  static constexpr std::size_t capacity_ = 8192;
  std::vector<float> times_;
  std::size_t next_ = 0, total_ = 0;
};

}  // namespace fieldscope::gui
