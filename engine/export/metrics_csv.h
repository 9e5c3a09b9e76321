// The table of measurements that scripts read: metrics.csv. Plain data in, text out; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/train/config.h"
#include "engine/train/edit.h"
#include "engine/train/snapshot.h"

namespace fieldscope {

/// One run's part of the table. `history` is borrowed.
struct MetricsRun {
  std::string run;                  ///< what the column `run` says
  RunConfig initial;                ///< before any edit
  std::vector<RecordedEdit> edits;  ///< from which the columns optimizer and activation follow
  const History* history = nullptr;
};

/// Columns run,optimizer,activation,step,epoch,train_seconds,gradient_evaluations,loss,psnr,iou,lr,
/// event: a row for each evaluation (loss: mean minibatch loss since the one before) and a row for
/// each event; empty where a column does not apply.
std::string metrics_csv(std::span<const MetricsRun> runs);

/// A number as short as it reads back exactly enough (9 digits); empty for NaN, `inf` for infinity.
std::string csv_number(double value);

/// Quoted if it holds a comma, a quote or a line break.
std::string csv_text(const std::string& text);

}  // namespace fieldscope
