#include "app/headless/bench_report.h"

#include <cstdio>

#include <nlohmann/json.hpp>

#include "app/headless/device_peak.h"
#include "app/headless/names.h"
#include "app/headless/plan.h"
#include "app/headless/text.h"
#include "engine/backend/devices.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

using Json = nlohmann::ordered_json;

constexpr int batches[] = {512, 4096, 16384, 65536};
constexpr int ray_batches[] = {64, 1024};
/// At which activations are compared by default.
constexpr int comparing_batch = 16384, comparing_ray_batch = 64;
constexpr int default_repeats = 9;

std::string formatted(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string milliseconds(double seconds) {
  const double ms = seconds * 1000;
  return formatted(ms < 9.995 ? "%.3f" : ms < 99.95 ? "%.2f" : "%.1f", ms);
}

std::string percent(double share) {
  return formatted("%.1f%%", 100 * share);
}

/// "sine", or "sine:omega=20" where a knob is not as it comes.
std::string short_name(const FieldSpec& field) {
  FieldSpec plain;
  plain.activation = field.activation;
  return resolve_field(plain).knobs == field.knobs ? field.activation : activation_text(field);
}

/// A CPU has no choice.
std::string precision_text(const BenchPlan& plan) {
  if (cuda_index(plan.device) < 0) return "float32";
  const Knob& knob = *find_knob(training_knobs(plan.task), "precision");
  const auto asked = plan.training.find(knob.id);
  return format_knob(knob, asked == plan.training.end() ? knob.default_value : asked->second);
}

double samples_per_second(const BenchPlan& plan, const BenchRow& row) {
  return static_cast<double>(plan.groups[row.group].batch) / row.best_seconds;
}

}  // namespace

BenchPlan plan_bench(const Options& options) {
  std::vector<FieldSpec> fields = options.activations;
  if (fields.empty()) {
    for (const std::string& id : activation_ids()) {
      FieldSpec field;
      field.activation = id;
      if (!options.hidden.empty()) field.hidden = options.hidden;
      fields.push_back(field);
    }
  }
  std::vector<int> sizes = options.batches;
  const TaskKind task = find_task(options.task).kind;
  const bool rays = task == TaskKind::nerf;
  if (sizes.empty() && rays) sizes.assign(std::begin(ray_batches), std::end(ray_batches));
  if (sizes.empty()) sizes.assign(std::begin(batches), std::end(batches));
  const bool selected = options.all || !options.activations.empty() || !options.batches.empty();

  BenchPlan plan;
  plan.task = task;
  plan.training = options.training;
  for (const FieldSpec& field : fields) {
    for (const int batch : sizes) {
      const bool compared = batch == (rays ? comparing_ray_batch : comparing_batch);
      if (!selected && field.activation != "sine" && !compared) continue;
      plan.groups.push_back({resolve_field(field), static_cast<std::size_t>(batch)});
      for (std::size_t i = 0; i + 1 < plan.groups.size(); ++i) {
        if (plan.groups[i].field == plan.groups.back().field &&
            plan.groups[i].batch == plan.groups.back().batch)
          throw UsageError("activation: " + activation_text(field) + " is given twice");
      }
    }
  }
  plan.workloads = options.workloads.empty() ? default_workloads() : options.workloads;
  plan.repeats = options.repeats > 0 ? options.repeats : default_repeats;
  plan.device = find_device(options.device);
  return plan;
}

std::string bench_table(const BenchPlan& plan, const BenchResult& result,
                        const BenchMachine& machine) {
  std::string text =
      (machine.gpu.empty() ? "" : machine.gpu + "; ") + machine.name + ", " + machine.simd + ", " +
      std::to_string(machine.threads) + (machine.threads == 1 ? " thread" : " threads") + "; " +
      precision_text(plan) + ", " + hidden_text(plan.groups.front().field.hidden) +
      (plan.task == TaskKind::image ? "" : ", " + std::string(task_info(plan.task).name)) + "\n";
  text += DevicePeak::name(plan.device) + " " + formatted("%.1f", result.best_peak) +
          " GFLOP/s, best of " + std::to_string(result.peaks) + " (median " +
          formatted("%.1f", result.median_peak) + ")" +
          (result.best_copy > 0 ? "; copy " + formatted("%.0f", result.best_copy) + " GB/s" : "") +
          "\n\n";
  std::vector<std::vector<std::string>> table;
  std::size_t group = plan.groups.size();
  for (const BenchRow& row : result.rows) {
    const BenchGroup& of = plan.groups[row.group];
    if (row.group != group) {
      if (!table.empty()) table.push_back({""});
      table.push_back({short_name(of.field) + ", batch " + std::to_string(of.batch), "ms", "median",
                       plan.task == TaskKind::nerf ? "rays/s" : "samples/s", "GFLOP/s", "of peak",
                       "paired"});
    }
    group = row.group;
    table.push_back({"  " + plan.workloads[row.workload].name, milliseconds(row.best_seconds),
                     milliseconds(row.median_seconds), rate_text(samples_per_second(plan, row)),
                     formatted("%.1f", row.best_gflops()),
                     percent(row.best_gflops() / result.best_peak), percent(row.paired_share())});
  }
  text += table_text(table);
  text +=
      "\nof peak: best time against best peak. paired: each time against the peak measured "
      "right before and after it, median.\n";
  if (machine.peak_resident_bytes > 0) {
    text += "Peak memory " +
            formatted("%.0f", static_cast<double>(machine.peak_resident_bytes) / 1e6) +
            " MB resident\n";
  }
  return text;
}

std::string bench_json(const BenchPlan& plan, const BenchResult& result,
                       const BenchMachine& machine) {
  Json json = {{"program", "fieldscope"}, {"version", FIELDSCOPE_VERSION}, {"command", "bench"}};
  json["machine"] = {{"name", machine.name}, {"simd", machine.simd}, {"threads", machine.threads}};
  json["device"] = machine.gpu.empty() ? "CPU, " + machine.simd : machine.gpu;
  json["threads"] = machine.threads;
  json["task"] = task_info(plan.task).id;
  json["precision"] = precision_text(plan);
  json["hidden"] = plan.groups.front().field.hidden;
  json["repeats"] = plan.repeats;
  json["peak_memory_bytes"] = machine.peak_resident_bytes;
  json["peak"] = DevicePeak::name(plan.device);
  json["peak_gflops"] = {
      {"best", result.best_peak}, {"median", result.median_peak}, {"measurements", result.peaks}};
  if (result.best_copy > 0) json["peak_copy_gigabytes_per_second"] = result.best_copy;
  json["interrupted"] = result.interrupted;
  json["rows"] = Json::array();
  for (const BenchRow& row : result.rows) {
    const BenchGroup& group = plan.groups[row.group];
    json["rows"].push_back({{"activation", group.field.activation},
                            {"activation_knobs", group.field.knobs},
                            {"batch", group.batch},
                            {"workload", plan.workloads[row.workload].name},
                            {"ms", 1000 * row.best_seconds},
                            {"median_ms", 1000 * row.median_seconds},
                            {"samples_per_second", samples_per_second(plan, row)},
                            {"flops", row.flops},
                            {"gflops", row.best_gflops()},
                            {"share_of_peak", row.best_gflops() / result.best_peak},
                            {"paired_share_of_peak", row.paired_share()},
                            {"pieces", row.pieces},
                            {"composed", row.composed}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fieldscope
