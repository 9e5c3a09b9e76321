// Shows how a run goes on standard error: a bar that rewrites itself on a terminal, a line every
// ten seconds otherwise, nothing when quiet. Used by the main thread.
#pragma once

#include <chrono>
#include <string>

#include "engine/data/dataset.h"

namespace fieldscope {

class ProgressLine {
 public:
  enum class Mode { silent, lines, bar };
  /// What suits standard error.
  static Mode mode_for(bool quiet);

  ProgressLine(Mode mode, std::string label);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  struct State {
    double share = 0;  ///< done, in [0, 1]
    unsigned long long step = 0;
    bool counts_steps = true;  ///< false: `step` says nothing
    TaskKind task = TaskKind::image;
    double score = 0;  ///< NaN: not measured yet
    double loss = 0;
    double steps_per_second = 0;
    double seconds_left = 0;  ///< NaN: not known yet
    bool measuring = false;   ///< the whole dataset, between two steps
    std::string at = {};      ///< where it is, in words, instead of a metric: "frame 7 of 120"
  };
  /// Whether it is time to show something: cheap, to be asked at every step.
  bool due() const;
  void show(const State& state);

  static std::string bar_text(const std::string& label, const State& state, std::size_t columns);
  static std::string line_text(const std::string& label, const State& state);

 private:
  using Clock = std::chrono::steady_clock;
  Mode mode_;
  std::string label_;
  Clock::time_point shown_;
  bool bar_visible_ = false;
};

}  // namespace fieldscope
