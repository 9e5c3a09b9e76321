// Diagnoses of curvature as files: tables for scripts, JSON, and the figure of the condition number
// over training (the paper's Figure 2). Plain data in, text and plots out; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/export/plot.h"
#include "engine/train/snapshot.h"

namespace fieldscope {

struct CurvatureRun {
  std::string label;  ///< what the column `run` says, and the curves
  std::uint32_t colour = 0;
  const History* history = nullptr;  ///< borrowed
};

/// One row a diagnosis: run,step,epoch,train_seconds,exact, then kappa_ and spread_ of each
/// conditioning, rank_share,negative_share,lambda_max,lambda_min,trace,trace_error,hv_zero,
/// hv_near_zero,seconds. Empty where something was not computed: kappa never holds an estimate.
std::string curvature_csv(std::span<const CurvatureRun> runs);

/// All of one report but the density's grid and the heat map.
std::string curvature_json(const CurvatureReport& report);

/// Rows kind,lambda,value,error: `eigenvalue` (value: 1, if the whole spectrum is known), `top`
/// (error: its residual) and `density`.
std::string spectrum_csv(const CurvatureReport& report);

/// The density with its error band; a logarithmic axis.
Plot spectrum_plot(const CurvatureReport& report, const std::string& label);

/// Over training: solid the raw matrix, dotted the one that `conditioned` names, one colour a run.
/// Condition numbers where all diagnoses are exact, else spreads, as the title says.
Plot conditioning_plot(std::span<const CurvatureRun> runs, const std::string& conditioned);

/// Shares of Hv's entries that are nearly zero, over training.
Plot hv_plot(std::span<const CurvatureRun> runs);

}  // namespace fieldscope
