#include "app/headless/curves.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fieldscope {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The curve's value at x by linear interpolation; x within its range.
double value_at(const std::vector<PlotPoint>& curve, double x) {
  const auto after =
      std::lower_bound(curve.begin(), curve.end(), x,
                       [](const PlotPoint& point, double at) { return point.x < at; });
  if (after == curve.end()) return curve.back().y;
  if (after == curve.begin() || after->x == x) return after->y;
  const PlotPoint& before = *(after - 1);
  const double share = (x - before.x) / (after->x - before.x);
  return before.y + share * (after->y - before.y);
}

using PointsOf = std::vector<PlotPoint> (*)(const History&, CurveAxis);

Plot plot_of(std::span<const CurveRun> runs, CurveAxis axis, PointsOf points_of) {
  Plot plot;
  plot.x_label = curve_axis_label(axis);
  for (const CurveRun& run : runs) {
    PlotSeries series;
    series.label = run.label;
    series.colour = run.colour;
    series.style = run.style;
    std::vector<std::vector<PlotPoint>> curves;
    for (const History* history : run.histories) curves.push_back(points_of(*history, axis));
    series.points = mean_curve(curves);
    if (!run.histories.empty()) series.marks = event_marks(*run.histories.front(), axis);
    plot.series.push_back(std::move(series));
  }
  return plot;
}

}  // namespace

const char* curve_axis_label(CurveAxis axis) {
  switch (axis) {
    case CurveAxis::step:
      return "step";
    case CurveAxis::epoch:
      return "epoch";
    case CurveAxis::seconds:
      return "training time (s)";
    case CurveAxis::gradients:
      return "gradient evaluations";
  }
  return "";
}

double along(CurveAxis axis, const Progress& at) {
  switch (axis) {
    case CurveAxis::step:
      return static_cast<double>(at.step);
    case CurveAxis::epoch:
      return at.epoch;
    case CurveAxis::seconds:
      return at.train_seconds;
    case CurveAxis::gradients:
      return at.gradient_evaluations;
  }
  return 0;
}

std::vector<PlotPoint> quality_points(const History& history, CurveAxis axis) {
  std::vector<PlotPoint> points;
  for (const QualityPoint& point : history.quality) {
    if (point.at.step == 0 && history.quality.size() > 3) continue;
    points.push_back({along(axis, point.at), point.score(), nan, nan});
  }
  return points;
}

std::vector<PlotPoint> loss_points(const History& history, CurveAxis axis, std::size_t most) {
  std::vector<PlotPoint> points;
  const std::size_t group =
      std::max<std::size_t>((history.loss.size() + most - 1) / std::max<std::size_t>(most, 1), 1);
  for (std::size_t begin = 0; begin < history.loss.size(); begin += group) {
    const std::size_t end = std::min(begin + group, history.loss.size());
    double sum = 0, steps = 0;
    double low = history.loss[begin].min, high = history.loss[begin].max;
    for (std::size_t i = begin; i < end; ++i) {
      const LossPoint& span = history.loss[i];
      sum += span.mean * span.steps;
      steps += span.steps;
      low = std::min(low, span.min);
      high = std::max(high, span.max);
    }
    points.push_back({along(axis, history.loss[end - 1].at), sum / steps, low, high});
  }
  return points;
}

std::vector<PlotMark> event_marks(const History& history, CurveAxis axis) {
  std::vector<PlotMark> marks;
  for (const EventMark& event : history.events)
    marks.push_back({along(axis, event.at), event.label});
  return marks;
}

std::vector<PlotPoint> mean_curve(std::span<const std::vector<PlotPoint>> curves) {
  if (curves.empty()) return {};
  if (curves.size() == 1) return curves.front();
  double begin = -std::numeric_limits<double>::infinity();
  double end = std::numeric_limits<double>::infinity();
  for (const auto& curve : curves) {
    if (curve.empty()) return {};
    begin = std::max(begin, curve.front().x);
    end = std::min(end, curve.back().x);
  }
  std::vector<PlotPoint> mean;
  for (const PlotPoint& place : curves.front()) {
    if (place.x < begin || place.x > end) continue;
    PlotPoint point{place.x, 0, std::numeric_limits<double>::infinity(),
                    -std::numeric_limits<double>::infinity()};
    for (const auto& curve : curves) {
      const double value = value_at(curve, place.x);
      point.y += value / static_cast<double>(curves.size());
      point.low = std::min(point.low, value);
      point.high = std::max(point.high, value);
    }
    mean.push_back(point);
  }
  return mean;
}

Plot quality_plot(std::span<const CurveRun> runs, CurveAxis axis, TaskKind task) {
  Plot plot = plot_of(runs, axis, quality_points);
  constexpr const char* titles[] = {"PSNR of the whole image (dB)", "IoU, held-out points",
                                    "PSNR of held-out views (dB)"};
  plot.title = titles[static_cast<std::size_t>(task)];
  return plot;
}

Plot loss_plot(std::span<const CurveRun> runs, CurveAxis axis, TaskKind task) {
  Plot plot = plot_of(runs, axis, [](const History& history, CurveAxis along_axis) {
    return loss_points(history, along_axis);
  });
  plot.title = task == TaskKind::occupancy ? "Training loss (binary cross entropy)"
                                           : "Training loss (mean squared error)";
  plot.log_y = true;
  return plot;
}

}  // namespace fieldscope
