#include "engine/export/summary.h"

#include <cmath>

#include <nlohmann/json.hpp>

namespace fieldscope {
namespace {

using Json = nlohmann::ordered_json;

Json point_json(const QualityPoint& point, TaskKind task) {
  Json json;
  if (task != TaskKind::occupancy) {
    json["psnr"] = point.psnr;
    json["mse"] = point.mse;
    if (task == TaskKind::nerf) json["ssim"] = point.ssim;
  } else {
    json["iou"] = point.iou;
    json["uniform_iou"] = point.uniform_iou;
    json["accuracy"] = point.accuracy;
    json["bce"] = point.bce;
  }
  json["step"] = point.at.step;
  json["epoch"] = point.at.epoch;
  json["train_seconds"] = point.at.train_seconds;
  return json;
}

/// The evaluation with the greatest score, the first of equals; nullptr if there is none.
const QualityPoint* best_of(const History& history) {
  const QualityPoint* best = nullptr;
  for (const QualityPoint& point : history.quality) {
    if (!std::isnan(point.score()) && (!best || point.score() > best->score())) best = &point;
  }
  return best;
}

/// Whole numbers without a fraction: a batch is 512, not 512.0.
Json knobs_json(const KnobValues& knobs) {
  Json json = Json::object();
  for (const auto& [id, value] : knobs) {
    const bool whole = value == std::floor(value) && std::fabs(value) < 1e15;
    json[id] = whole ? Json(static_cast<long long>(value)) : Json(value);
  }
  return json;
}

Json config_json(const RunConfig& config) {
  return {
      {"activation", {{"id", config.field.activation}, {"knobs", knobs_json(config.field.knobs)}}},
      {"optimizer", {{"id", config.optimizer.id}, {"knobs", knobs_json(config.optimizer.knobs)}}},
      {"hidden", config.field.hidden},
      {"training", knobs_json(config.training)},
      {"seed", config.seed},
      {"device", config.device}};
}

Json run_json(const SummaryRun& run) {
  Json json = {{"run", run.run}, {"label", run.label}};
  if (!run.folder.empty()) json["folder"] = run.folder;
  json["status"] = run.status;
  if (!run.message.empty()) json["message"] = run.message;
  json["seed"] = run.initial.seed;
  json["config"] = config_json(run.initial);
  const bool measured = run.history && !run.history->quality.empty();
  json["final"] = measured ? point_json(run.history->quality.back(), run.initial.task) : Json();
  const QualityPoint* best = measured ? best_of(*run.history) : nullptr;
  json["best"] = best ? point_json(*best, run.initial.task) : Json();
  json["steps"] = run.progress.step;
  json["epochs"] = run.progress.epoch;
  json["train_seconds"] = run.progress.train_seconds;
  json["gradient_evaluations"] = run.progress.gradient_evaluations;
  json["samples_per_second"] = run.samples_per_second;
  if (run.initial.task == TaskKind::nerf) json["rays_per_second"] = run.samples_per_second;
  json["parameters"] = run.parameters;
  json["state_bytes"] = run.state_bytes;
  json["peak_memory_bytes"] = run.peak_memory_bytes;
  if (run.surface) {
    const SummarySurface& s = *run.surface;
    json["surface"] = {{"resolution", s.resolution}, {"vertices", s.vertices},
                       {"triangles", s.triangles},   {"solid", s.solid},
                       {"mean_error", s.mean_error}, {"max_error", s.max_error},
                       {"chamfer", s.chamfer},       {"hausdorff", s.hausdorff}};
  }
  if (run.views) {
    Json views = Json::array();
    for (const SummaryViews::View& view : run.views->views)
      views.push_back({{"view", view.name}, {"psnr", view.psnr}, {"ssim", view.ssim}});
    json["held_out"] = {{"psnr", run.views->psnr}, {"ssim", run.views->ssim}, {"views", views}};
  }
  Json edits = Json::array();
  for (const RecordedEdit& edit : run.edits) {
    edits.push_back({{"step", edit.step}, {"edit", describe(edit.edit)}});
  }
  json["edits"] = edits;
  return json;
}

}  // namespace

std::string summary_json(const SummaryHeader& header, std::span<const SummaryRun> runs) {
  Json json = {{"program", "fieldscope"},
               {"version", header.version},
               {"command", header.command},
               {"task", header.task},
               {"data", {{"source", header.data}}}};
  if (header.width > 0) {
    json["data"]["width"] = header.width;
    json["data"]["height"] = header.height;
    json["data"]["original_width"] = header.original_width;
    json["data"]["original_height"] = header.original_height;
  }
  if (header.triangles > 0) json["data"]["triangles"] = header.triangles;
  if (!header.extent.empty()) json["data"]["views"] = header.extent;
  if (!header.notes.empty()) json["data"]["notes"] = header.notes;
  if (!header.options_json.empty()) json["config"] = Json::parse(header.options_json);
  json["device"] = header.device;
  json["threads"] = header.threads;
  if (header.peak_memory_bytes > 0) json["peak_memory_bytes"] = header.peak_memory_bytes;
  json["runs"] = Json::array();
  for (const SummaryRun& run : runs) json["runs"].push_back(run_json(run));
  // File names need not be UTF-8, JSON must.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fieldscope
