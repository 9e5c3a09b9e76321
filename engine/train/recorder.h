// Collects a run's curves while it trains: every evaluation, and the minibatch losses in spans that
// grow so that their number stays bounded while their least and greatest values are kept.
#pragma once

#include <cstdint>

#include "engine/train/snapshot.h"

namespace fieldscope {

class Recorder {
 public:
  Recorder() = default;
  /// Goes on from a saved history.
  explicit Recorder(History history);

  void add_loss(const Progress& at, double loss);
  void add_quality(const QualityPoint& point) { history_.quality.push_back(point); }
  void add_curvature(const CurvaturePoint& point) { history_.curvature.push_back(point); }
  void add_event(const Progress& at, std::string label) {
    history_.events.push_back({at, std::move(label)});
  }
  /// Takes the newest event back if it is this one.
  void drop_event(const std::string& label) {
    if (!history_.events.empty() && history_.events.back().label == label)
      history_.events.pop_back();
  }

  /// Mean minibatch loss since the last call; NaN if there was none.
  double take_mean_loss();

  /// Every evaluation and event; the losses in at most History::capacity + 1 spans.
  History history() const;
  /// The same, evaluations thinned out to History::capacity as well.
  History thinned() const;

 private:
  void close_span();

  History history_;  ///< closed spans only
  LossPoint open_;   ///< the span being filled
  std::uint32_t span_ = 1;
  double loss_sum_ = 0;  ///< since take_mean_loss()
  std::uint64_t loss_count_ = 0;
};

}  // namespace fieldscope
