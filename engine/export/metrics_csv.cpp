#include "engine/export/metrics_csv.h"

#include <cmath>
#include <cstdio>

namespace fieldscope {
namespace {

struct Names {
  std::string optimizer, activation;
};

/// Who was in force for what was measured after `step` steps. An edit recorded at step s changes
/// the steps from s on: it shows in measurements after s, and in its own event row.
Names names_at(const MetricsRun& run, std::uint64_t step, bool event) {
  Names names{run.initial.optimizer.id, run.initial.field.activation};
  for (const RecordedEdit& recorded : run.edits) {
    if (event ? recorded.step > step : recorded.step >= step) break;
    if (const auto* optimizer = std::get_if<SwitchOptimizer>(&recorded.edit)) {
      names.optimizer = optimizer->optimizer.id;
    } else if (const auto* activation = std::get_if<SwitchActivation>(&recorded.edit)) {
      names.activation = activation->field.activation;
    }
  }
  return names;
}

std::string row(const MetricsRun& run, const Progress& at, const QualityPoint* quality,
                const std::string& event) {
  const Names names = names_at(run, at.step, quality == nullptr);
  std::string line = csv_text(run.run) + "," + csv_text(names.optimizer) + "," +
                     csv_text(names.activation) + "," + std::to_string(at.step) + "," +
                     csv_number(at.epoch) + "," + csv_number(at.train_seconds) + "," +
                     csv_number(at.gradient_evaluations) + ",";
  if (quality) {
    line += csv_number(quality->epoch_loss) + "," + csv_number(quality->psnr) + "," +
            csv_number(quality->iou) + "," + csv_number(quality->lr);
  } else {
    line += ",,,";
  }
  return line + "," + csv_text(event) + "\n";
}

}  // namespace

std::string csv_number(double value) {
  if (std::isnan(value)) return "";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string metrics_csv(std::span<const MetricsRun> runs) {
  std::string table =
      "run,optimizer,activation,step,epoch,train_seconds,gradient_evaluations,loss,psnr,iou,lr,"
      "event\n";
  for (const MetricsRun& run : runs) {
    if (!run.history) continue;
    auto event = run.history->events.begin();
    const auto events_end = run.history->events.end();
    for (const QualityPoint& point : run.history->quality) {
      for (; event != events_end && event->at.step < point.at.step; ++event) {
        table += row(run, event->at, nullptr, event->label);
      }
      table += row(run, point.at, &point, "");
    }
    for (; event != events_end; ++event) table += row(run, event->at, nullptr, event->label);
  }
  return table;
}

}  // namespace fieldscope
