#include "app/gui/run_view.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace fieldscope::gui {
namespace {

// The recorded measurements, and at the end the newest look, so that the curve ends where the tile
// stands.
void fill_quality(const Snapshot& snapshot, XAxis axis, std::vector<PlotPoint>& points) {
  const auto add = [&](const QualityPoint& q) {
    points.push_back({on_axis(q.at, axis), q.score(), q.score(), q.score()});
  };
  const std::vector<QualityPoint>& recorded = snapshot.history->quality;
  for (const auto& q : recorded) add(q);
  const auto& now = snapshot.quality;
  if (now && !recorded.empty() && now->at.step > recorded.back().at.step &&
      std::isfinite(now->score()))  // a diverged run's curve ends where it was last one
    add(*now);
}

void fill_loss(const History& history, XAxis axis, std::vector<PlotPoint>& points) {
  for (const auto& l : history.loss) points.push_back({on_axis(l.at, axis), l.mean, l.min, l.max});
}

// Milliseconds of training time a step, from where successive points lie.
void fill_cost(const History& history, XAxis axis, std::vector<PlotPoint>& points) {
  const auto& loss = history.loss;
  for (std::size_t i = 1; i < loss.size(); ++i) {
    const double steps =
        static_cast<double>(loss[i].at.step) - static_cast<double>(loss[i - 1].at.step);
    if (steps <= 0) continue;
    const double ms = 1000 * (loss[i].at.train_seconds - loss[i - 1].at.train_seconds) / steps;
    if (ms > 0) points.push_back({on_axis(loss[i].at, axis), ms, ms, ms});
  }
}

// Recorded events name edits as files do, by ids. People read the knobs' names.
std::map<std::string, std::string> names_of_edits(const Snapshot& snapshot) {
  std::map<std::string, std::string> names;
  RunConfig config = snapshot.initial;
  for (const RecordedEdit& recorded : snapshot.edits) {
    names.insert_or_assign(describe(recorded.edit), describe(recorded.edit, config));
    follow(config, recorded.edit);
  }
  return names;
}

}  // namespace

const char* view_mode_name(ViewMode mode) {
  switch (mode) {
    case ViewMode::reconstruction:
      return "Reconstruction";
    case ViewMode::absolute_error:
      return "Absolute error";
    case ViewMode::signed_error:
      return "Signed error";
    case ViewMode::versus_run:
      return "Against a run";
  }
  return "";
}

const char* x_axis_name(XAxis axis) {
  switch (axis) {
    case XAxis::step:
      return "step";
    case XAxis::epoch:
      return "epoch";
    case XAxis::seconds:
      return "training seconds";
    case XAxis::gradients:
      return "gradient evaluations";
  }
  return "";
}

const char* x_axis_id(XAxis axis) {
  switch (axis) {
    case XAxis::step:
      return "step";
    case XAxis::epoch:
      return "epoch";
    case XAxis::seconds:
      return "seconds";
    case XAxis::gradients:
      return "gradients";
  }
  return "";
}

double on_axis(const Progress& at, XAxis axis) {
  switch (axis) {
    case XAxis::step:
      return static_cast<double>(at.step);
    case XAxis::epoch:
      return at.epoch;
    case XAxis::seconds:
      return at.train_seconds;
    case XAxis::gradients:
      return at.gradient_evaluations;
  }
  return 0;
}

const char* metric_name(Metric metric) {
  switch (metric) {
    case Metric::quality:
      return "Quality";
    case Metric::loss:
      return "Loss";
    case Metric::curvature:
      return "Curvature";
    case Metric::cost:
      return "Cost";
  }
  return "";
}

void RunView::take_look() {
  constexpr std::size_t kept = 32;
  if (!snapshot->quality) {
    looks.clear();
    return;
  }
  const QualityPoint& now = *snapshot->quality;
  if (!looks.empty() && looks.back().at.step > now.at.step) looks.clear();  // it was reset
  if (!looks.empty() && looks.back().at.step == now.at.step) looks.pop_back();
  looks.push_back(now);
  if (looks.size() > kept) looks.erase(looks.begin());
}

void RunView::note_progress(double now) {
  constexpr double moment = 1;
  if (snapshot->progress.step != last_step_) moved_at_ = now;
  last_step_ = snapshot->progress.step;
  waits = snapshot->status == RunStatus::waiting && now - moved_at_ > moment;
}

bool RunView::quality_is_old() const {
  constexpr double moment = 1;  // of training, seconds: quicker than that nobody reads
  if (!snapshot->quality) return false;
  const Progress &now = snapshot->progress, &then = snapshot->quality->at;
  return static_cast<double>(now.step) > 1.1 * static_cast<double>(then.step) &&
         now.train_seconds > then.train_seconds + moment;
}

double RunView::gradients_per_step() const {
  constexpr std::uint64_t span = 1000;
  if (!snapshot->history) return snapshot->gradients_per_step;
  const History& history = *snapshot->history;
  const std::uint64_t now = snapshot->progress.step;
  std::uint64_t from = now > span ? now - span : 0;
  if (!history.events.empty()) from = std::max(from, history.events.back().at.step);
  const auto first = std::lower_bound(
      history.loss.begin(), history.loss.end(), from,
      [](const LossPoint& point, std::uint64_t step) { return point.at.step < step; });
  Progress start;  // before the first point: the beginning
  if (first != history.loss.end() && from > 0) start = first->at;
  if (now <= start.step) return snapshot->gradients_per_step;
  return (snapshot->progress.gradient_evaluations - start.gradient_evaluations) /
         static_cast<double>(now - start.step);
}

std::optional<double> RunView::quality_at(double x, XAxis axis) const {
  const bool recent = !looks.empty() && on_axis(looks.front().at, axis) <= x;
  const std::vector<QualityPoint>& points = recent ? looks : snapshot->history->quality;
  const auto after = std::lower_bound(
      points.begin(), points.end(), x,
      [axis](const QualityPoint& point, double at) { return on_axis(point.at, axis) < at; });
  if (after == points.end()) return std::nullopt;
  const double right = on_axis(after->at, axis);
  if (right == x) return after->score();
  if (after == points.begin()) return std::nullopt;
  const auto before = after - 1;
  const double left = on_axis(before->at, axis);
  return before->score() + (after->score() - before->score()) * (x - left) / (right - left);
}

const RunView::Curve& RunView::curve(Metric metric, XAxis axis) {
  Curve& curve = curves_[static_cast<std::size_t>(metric)];
  const auto history = snapshot ? snapshot->history : nullptr;
  if (curve.of == history && curve.axis == axis) return curve;
  curve.of = history;
  curve.axis = axis;
  curve.points.clear();
  curve.marks.clear();
  if (!history) return curve;
  if (metric == Metric::quality) fill_quality(*snapshot, axis, curve.points);
  if (metric == Metric::loss) fill_loss(*history, axis, curve.points);
  if (metric == Metric::cost) fill_cost(*history, axis, curve.points);
  const auto names = names_of_edits(*snapshot);
  for (const auto& event : history->events) {
    const auto name = names.find(event.label);
    curve.marks.push_back(
        {on_axis(event.at, axis), name == names.end() ? event.label : name->second});
  }
  return curve;
}

}  // namespace fieldscope::gui
