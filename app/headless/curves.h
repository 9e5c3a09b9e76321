// Runs' histories as curves for the figure: what the window and the verbs export alike. Pure
// functions; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/export/plot.h"
#include "engine/train/snapshot.h"

namespace fieldscope {

enum class CurveAxis { step, epoch, seconds, gradients };
const char* curve_axis_label(CurveAxis axis);
double along(CurveAxis axis, const Progress& at);

/// The score at each evaluation. The one before the first step is left out when more than two
/// follow: it says nothing of the training and flattens the rest.
std::vector<PlotPoint> quality_points(const History& history, CurveAxis axis);

/// Minibatch losses as at most `most` spans: their mean, with least and greatest as the band.
std::vector<PlotPoint> loss_points(const History& history, CurveAxis axis, std::size_t most = 160);

std::vector<PlotMark> event_marks(const History& history, CurveAxis axis);

/// Mean of several runs' curves at the first one's places, as far as all of them reach; the band
/// runs from the least to the greatest. A single curve is returned as it is.
std::vector<PlotPoint> mean_curve(std::span<const std::vector<PlotPoint>> curves);

/// One run as the two plots show it: several histories when it was made from several seeds.
struct CurveRun {
  std::string label;
  std::uint32_t colour = 0;
  LineStyle style = LineStyle::solid;
  std::vector<const History*> histories;  ///< borrowed; marks come from the first
};

Plot quality_plot(std::span<const CurveRun> runs, CurveAxis axis, TaskKind task);
Plot loss_plot(std::span<const CurveRun> runs, CurveAxis axis, TaskKind task);

}  // namespace fieldscope
