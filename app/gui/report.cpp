#include "app/gui/report.h"

#include <cmath>
#include <fstream>
#include <numbers>

#include <nlohmann/json.hpp>

namespace fieldscope::gui {
namespace {

using nlohmann::json;

json number(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

json describe_curvature(const Snapshot& s) {
  json out = {{"busy", s.curvature_busy},
              {"share", number(s.curvature_share)},
              {"stage", s.curvature_stage},
              {"problem", s.curvature_problem},
              {"every", s.curvature_every},
              {"exact", false},
              {"seconds", nullptr},
              {"step", s.curvature_at.step},
              {"kappa_raw", nullptr},
              {"spread_raw", nullptr},
              {"points", s.history ? s.history->curvature.size() : 0},
              {"largest", nullptr},
              {"landscape", s.landscape != nullptr}};
  if (!s.curvature) return out;
  const CurvatureReport& report = *s.curvature;
  out["exact"] = report.exact;
  out["seconds"] = number(report.seconds);
  if (!report.conditioned.empty()) {
    const Conditioned& raw = report.conditioned.front();
    if (raw.condition) out["kappa_raw"] = number(raw.condition->kappa);
    out["spread_raw"] = number(raw.spread);
  }
  if (!report.largest.empty()) out["largest"] = number(report.largest.front().value);
  return out;
}

json describe_surface(const Workspace& work, const RunView& run) {
  const ShownSurface& surface = run.surface;
  const Mesh* shown = surface.mesh.mesh();
  return {{"triangles", shown ? shown->triangles.size() : 0},
          {"resolution", surface.mesh.label().resolution},
          {"step", surface.mesh.label().step},
          {"drawn", surface.newest != nullptr},
          {"mean_error", surface.newest ? number(surface.newest->mean_error) : json(nullptr)},
          {"section", surface.section_plane == work.meshes.plane()},
          {"mode", mesh_mode_id(work.mode_of(run))},
          {"own_camera", surface.own_camera.has_value()},
          {"tile_refined", surface.tile.refined()}};
}

json describe_camera(const Camera& camera) {
  constexpr double degrees = 180 / std::numbers::pi;
  const Vec3 b = camera.backward(), p = camera.pivot(), t = camera.target();
  return {{"yaw", number(degrees * std::atan2(b.x, b.z))},
          {"pitch", number(degrees * std::asin(b.y))},
          {"distance", number(camera.distance())},
          {"target", {t.x, t.y, t.z}},
          {"pivot", {p.x, p.y, p.z}}};
}

json describe_meshes(const Workspace& work) {
  const MeshChoices& m = work.meshes;
  return {{"mode", mesh_mode_id(m.mode)},
          {"wire", m.wire},
          {"section", m.section},
          {"axis", m.axis},
          {"offset", m.plane().offset},
          {"error_limit_percent", number(percent_of_box(work.mesh_error_limit()))},
          {"truth_triangles", work.true_mesh.mesh() ? work.true_mesh.mesh()->triangles.size() : 0},
          {"camera", describe_camera(m.camera)}};
}

json describe_view(const Workspace& work, const RunView& run) {
  const ShownView& shown = run.scene;
  const Snapshot& s = *run.snapshot;
  return {{"stride", shown.view ? shown.view->stride : 0},
          {"width", shown.view ? shown.view->width : 0},
          {"height", shown.view ? shown.view->height : 0},
          {"step", shown.at.step},
          {"serial", shown.serial},
          {"psnr", shown.psnr ? number(*shown.psnr) : json(nullptr)},
          {"here", work.scene() && shown.view && shown.camera == work.scene_camera()},
          {"mode", scene_mode_id(work.scene_mode_of(run))},
          {"measured", s.views.size()},
          {"busy", s.view_busy}};
}

json describe_path(const Workspace& work) {
  const ScenePath& path = work.camera_path;
  json out = {{"kind", path.kind() == ScenePath::Kind::key_frames ? "key frames"
                       : path.built_in() == BuiltInPath::orbit    ? "orbit"
                                                                  : "spiral"},
              {"open", work.settings.path_open},
              {"seconds", number(path.seconds())},
              {"loop", path.loops()},
              {"position", number(path.position())},
              {"playing", path.playing()},
              {"frames_per_second", number(path.frames_per_second())},
              {"keys", json::array()},
              {"video", nullptr}};
  for (const CameraKey& key : path.keys()) {
    const Vec3 e = key.pose.origin;
    out["keys"].push_back({{"time", number(key.time)}, {"eye", {e.x, e.y, e.z}}});
  }
  if (const VideoExport* video = work.video()) {
    const VideoExport::Progress now = video->progress();
    out["video"] = {{"label", now.label},
                    {"frame", now.frame},
                    {"frames", now.frames},
                    {"share", number(now.share)},
                    {"seconds_left", number(now.seconds_left)}};
  }
  return out;
}

json describe_scene(const Workspace& work) {
  const PosedViews* scene = work.scene();
  if (!scene) return nullptr;
  const SceneCamera& camera = work.scenes.camera;
  const Vec3 e = camera.pose().origin, b = camera.pose().back, p = camera.pivot();
  json through = nullptr;
  if (const auto& view = work.scenes.through)
    through = {
        {"held_out", view->held_out}, {"index", view->index}, {"name", view->of(*scene).name}};
  return {{"views", scene->training.size()},
          {"held_out", scene->held_out.size()},
          {"warnings", scene->warnings},
          {"mode", scene_mode_id(work.scenes.mode)},
          {"cameras", work.scenes.cameras},
          {"through", through},
          {"flies", work.scenes.flight.has_value()},
          {"photograph", work.scene_pictures.nearest ? work.scene_pictures.nearest->of(*scene).name
                                                     : std::string()},
          {"path", describe_path(work)},
          {"depth_scale",
           {work.scene_pictures.scale.near / scene->frame.scale,
            work.scene_pictures.scale.far / scene->frame.scale}},
          {"eye", {e.x, e.y, e.z}},
          {"back", {b.x, b.y, b.z}},
          {"pivot", {p.x, p.y, p.z}}};
}

json describe_run(Workspace& work, RunView& run) {
  const Snapshot& s = *run.snapshot;
  json out = {{"id", run.id},
              {"label", run.label},
              {"optimizer", s.config.optimizer.id},
              {"activation", s.config.field.activation},
              {"knobs", s.config.optimizer.knobs},
              {"training", s.config.training},
              {"status", status_name(s.status)},
              {"device", s.config.device},
              {"refusal", s.refusal},
              {"message", s.message},
              {"step", s.progress.step},
              {"epoch", number(s.progress.epoch)},
              {"train_seconds", number(s.progress.train_seconds)},
              {"loss", number(s.loss)},
              {"gradients_per_step", number(run.gradients_per_step())},
              {"state_bytes", s.state_bytes},
              {"kept_step", s.kept_step ? json(*s.kept_step) : json(nullptr)},
              {"kept_loss", number(s.kept_loss)},
              {"psnr", s.quality ? number(s.quality->psnr) : json(nullptr)},
              {"measured_step", s.quality ? json(s.quality->at.step) : json(nullptr)},
              {"old", run.quality_is_old()},
              {"iou", s.quality ? number(s.quality->iou) : json(nullptr)},
              {"colour", run.colour},
              {"selected", work.selected() == &run},
              {"picture", run.picture != nullptr},
              {"surface", describe_surface(work, run)},
              {"view", describe_view(work, run)},
              {"curvature", describe_curvature(s)},
              {"events", json::array()},
              {"loss_curve", json::array()}};
  if (!s.history) return out;
  for (const auto& event : s.history->events)
    out["events"].push_back({{"step", event.at.step}, {"label", event.label}});
  // The last of the curve is enough to see that it goes on across a switch.
  const auto& loss = s.history->loss;
  const std::size_t first = loss.size() > 256 ? loss.size() - 256 : 0;
  for (std::size_t i = first; i < loss.size(); ++i)
    out["loss_curve"].push_back({loss[i].at.step, number(loss[i].mean)});
  return out;
}

json describe_frames(const FrameStats::Summary& s) {
  return {{"frames", s.frames}, {"p50_ms", s.p50}, {"p95_ms", s.p95},
          {"p99_ms", s.p99},    {"max_ms", s.max}, {"over_33_ms", s.over_33}};
}

}  // namespace

void Report::write(Window& window, Workspace& work, bool at_once) {
  if (!wanted() || (!at_once && window.ui().now - written_ < 0.1)) return;
  written_ = window.ui().now;
  json out;
  out["serial"] = ++serial_;
  out["dataset"] = {{"name", work.dataset().name},
                    {"task", task_info(work.task()).id},
                    {"width", work.picture() ? work.picture()->image.width : 0},
                    {"height", work.picture() ? work.picture()->image.height : 0},
                    {"loading", work.loading()}};
  out["device_uploads"] = work.device_uploads();
  out["dataset"]["share"] = nullptr;
  if (const LoadWatch* watch = work.load_watch())
    if (const auto share = watch->share()) out["dataset"]["share"] = *share;
  out["meshes"] = describe_meshes(work);
  out["scene"] = describe_scene(work);
  out["theme"] = window.ui().colours.dark ? "dark" : "light";
  out["scale"] = window.scale();
  out["view"] = view_mode_name(work.view);
  out["metric"] = metric_name(work.metric);
  out["curvature_view"] = curvature_show_id(work.curvature.show);
  out["x_axis"] = x_axis_id(work.x_axis);
  out["zoom"] = work.zoom.zoom;
  out["pacing"] = pacing_name(work.pacing());
  out["full_tile"] = work.full_tile;
  out["help_open"] = work.help_open;
  out["dialog_open"] = work.open_dialog.is_open();
  out["show_truth"] = work.show_truth;
  out["renderer"] = window.renderer();
  out["frames"] = describe_frames(window.stats().summary());
  out["toasts"] = work.toasts.log();
  out["runs"] = json::array();
  for (auto& run : work.runs()) out["runs"].push_back(describe_run(work, *run));
  out["widgets"] = json::object();
  for (const auto& entry : window.widgets().entries())
    out["widgets"][entry.id] = {entry.min.x, entry.min.y, entry.max.x, entry.max.y};
  std::filesystem::path beside = file_;
  beside += ".new";
  {
    std::ofstream stream(beside);
    // A label may hold any bytes of a file name: replace what is no UTF-8.
    stream << out.dump(1, ' ', false, json::error_handler_t::replace);
    if (!stream) return;
  }
  std::error_code error;
  std::filesystem::rename(beside, file_, error);
}

}  // namespace fieldscope::gui
