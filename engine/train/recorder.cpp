#include "engine/train/recorder.h"

#include <algorithm>
#include <limits>

namespace fieldscope {

Recorder::Recorder(History history) : history_(std::move(history)) {
  const std::uint64_t measured = history_.quality.empty() ? 0 : history_.quality.back().at.step;
  for (const LossPoint& point : history_.loss) {
    span_ = std::max(span_, point.steps);
    if (point.at.step <= measured) continue;
    loss_sum_ += point.mean * point.steps;
    loss_count_ += point.steps;
  }
}

void Recorder::add_loss(const Progress& at, double loss) {
  loss_sum_ += loss;
  ++loss_count_;
  if (open_.steps == 0) {
    open_ = {at, loss, loss, loss, 1};
  } else {
    open_.at = at;
    ++open_.steps;
    open_.mean += (loss - open_.mean) / open_.steps;
    open_.min = std::min(open_.min, loss);
    open_.max = std::max(open_.max, loss);
  }
  if (open_.steps >= span_) close_span();
}

void Recorder::close_span() {
  std::vector<LossPoint>& points = history_.loss;
  points.push_back(open_);
  open_ = {};
  if (points.size() < History::capacity) return;
  for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
    const LossPoint &a = points[i], &b = points[i + 1];
    const std::uint32_t steps = a.steps + b.steps;
    points[i / 2] = {b.at, (a.mean * a.steps + b.mean * b.steps) / steps, std::min(a.min, b.min),
                     std::max(a.max, b.max), steps};
  }
  // A restored list may be odd: its newest span stays as it is.
  if (points.size() % 2 != 0) points[points.size() / 2] = points.back();
  points.resize((points.size() + 1) / 2);
  span_ *= 2;
}

double Recorder::take_mean_loss() {
  const double mean = loss_count_ == 0 ? std::numeric_limits<double>::quiet_NaN()
                                       : loss_sum_ / static_cast<double>(loss_count_);
  loss_sum_ = 0;
  loss_count_ = 0;
  return mean;
}

History Recorder::history() const {
  History history = history_;
  if (open_.steps > 0) history.loss.push_back(open_);
  return history;
}

History Recorder::thinned() const {
  History history = this->history();
  std::vector<QualityPoint>& points = history.quality;
  if (points.size() > History::capacity) {
    // Every stride-th, counted back from the newest, which always stays.
    const std::size_t stride = (points.size() + History::capacity - 1) / History::capacity;
    std::vector<QualityPoint> kept;
    for (std::size_t i = (points.size() - 1) % stride; i < points.size(); i += stride)
      kept.push_back(points[i]);
    points = std::move(kept);
  }
  return history;
}

}  // namespace fieldscope
