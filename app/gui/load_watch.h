// How far reading a dataset is: written by the thread that reads, shown by the window, which may
// also call it off. Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "engine/data/mesh_dataset.h"

namespace fieldscope::gui {

class LoadWatch {
 public:
  // `began` in seconds, by the clock that seconds_left() is asked with.
  LoadWatch(double began, std::function<void()> wake) : began_(began), wake_(std::move(wake)) {}

  // For the reader; it ends with Cancelled once nobody wants the result.
  LoadProgress progress();

  void cancel() { cancelled_.store(true); }
  // In [0, 1]; nothing where it cannot be told.
  std::optional<double> share() const;
  std::string stage() const { return stage_.load(); }
  // Nothing while it would be a guess.
  std::optional<double> seconds_left(double now) const;

 private:
  double began_;
  std::function<void()> wake_;
  std::atomic<bool> cancelled_{false};
  std::atomic<double> share_{-1};
  std::atomic<const char*> stage_{"reading"};  // always a literal
};

}  // namespace fieldscope::gui
