#include "app/headless/render_views.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>

#include <nlohmann/json.hpp>

#include "app/headless/interrupt.h"
#include "app/headless/output_folder.h"
#include "app/headless/plan.h"
#include "app/headless/progress_line.h"
#include "app/headless/text.h"
#include "app/headless/verbs.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/data/view_paths.h"
#include "engine/experiment/path_rendering.h"
#include "engine/experiment/presets.h"
#include "engine/export/atomic_file.h"
#include "engine/export/camera_path_file.h"
#include "engine/math/error.h"
#include "engine/task/grid_survey.h"

namespace fieldscope {
namespace {

constexpr int default_frames = 120;
constexpr double default_frames_per_second = 30;

/// The cameras of all frames, and the path that they lie on.
struct Way {
  std::string name;  ///< "orbit", "views", or the file's
  CameraPathFile file;
  std::vector<PosedCamera> cameras;
};

double rate_of(const Options& options, double own) {
  return options.frames_per_second > 0 ? options.frames_per_second : own;
}

/// The held-out views' own cameras, one after the other.
Way through_views(const Options& options, const PosedViews& views, int width, int height) {
  if (options.frames > 0)
    throw UsageError("--frames does not go with --path views, which has a frame for each of them");
  const double rate = rate_of(options, default_frames_per_second);
  std::vector<CameraKey> keys;
  std::vector<PosedCamera> cameras;
  for (const PosedView& view : views.held_out) {
    PosedCamera camera = view.camera;
    const double angle = 2 * std::atan(camera.lens.height / (2 * camera.lens.fy));
    keys.push_back({camera.pose, angle, static_cast<double>(keys.size()) / rate});
    camera.lens = camera.lens.resized(width, height);
    cameras.push_back(camera);
  }
  const double seconds = static_cast<double>(keys.size()) / rate;
  return {"views", {CameraPath(std::move(keys), seconds, false), rate}, std::move(cameras)};
}

Way way_of(const Options& options, const PosedViews& views, int width, int height) {
  if (options.path == "views") return through_views(options, views, width, height);
  const bool built_in = options.path.empty() || options.path == "orbit" || options.path == "spiral";
  const auto along = [&](std::string name, CameraPath path, double rate, int frames) {
    Way way{std::move(name), {std::move(path), rate}, {}};
    for (const CameraKey& moment : way.file.path.frames(frames))
      way.cameras.push_back(camera_of(moment, width, height));
    return way;
  };
  if (built_in) {
    const BuiltInPath which = options.path == "orbit"    ? BuiltInPath::orbit
                              : options.path == "spiral" ? BuiltInPath::spiral
                                                         : usual_path(views);
    const int frames = options.frames > 0 ? options.frames : default_frames;
    const double rate = rate_of(options, default_frames_per_second);
    return along(which == BuiltInPath::orbit ? "orbit" : "spiral",
                 built_in_path(views, which, frames / rate), rate, frames);
  }
  std::error_code ignored;
  if (!std::filesystem::exists(options.path, ignored))
    throw DataError("cannot read camera path '" + options.path +
                    "': there is no such file; give one, or orbit, spiral or views");
  CameraPathFile file = read_camera_path(options.path, views.frame);
  const double rate = rate_of(options, file.frames_per_second);
  const double own_frames = std::clamp(std::round(file.path.seconds() * rate), 1.0, 100'000.0);
  return along(options.path, std::move(file.path), rate,
               options.frames > 0 ? options.frames : static_cast<int>(own_frames));
}

/// Of what the camera sees, with depths in the dataset's own units.
nlohmann::ordered_json results_json(const Way& way, const PathRendering::Result& result,
                                    const std::string& mode, double seconds) {
  const Lens& lens = way.cameras.front().lens;
  nlohmann::ordered_json json = {{"path", way.name},
                                 {"mode", mode},
                                 {"frames", result.frames},
                                 {"cancelled", result.cancelled},
                                 {"width", lens.width},
                                 {"height", lens.height},
                                 {"frames_per_second", way.file.frames_per_second},
                                 {"seconds", seconds}};
  json["pictures"] = json["video"] = nullptr;
  if (!result.pictures.empty()) json["pictures"] = result.pictures.string();
  if (!result.video.empty()) json["video"] = result.video.string();
  if (!result.video_problem.empty()) json["video_problem"] = result.video_problem;
  return json;
}

void say(const std::string& line) {
  std::fprintf(stderr, "fieldscope: %s\n", line.c_str());
}

PathRendering::Result follow(PathRendering& rendering, const Options& options,
                             const InterruptGuard& interrupt) {
  ProgressLine progress(ProgressLine::mode_for(options.quiet), "render");
  return rendering.run([&](const PathRendering::Progress& at) {
    if (interrupt.requested()) rendering.cancel();
    if (!progress.due()) return;
    ProgressLine::State state;
    state.counts_steps = false;
    state.score = state.loss = std::numeric_limits<double>::quiet_NaN();
    state.share = at.share;
    state.seconds_left = at.seconds_left;
    state.at = "frame " + std::to_string(std::min(at.done + 1, at.frames)) + " of " +
               std::to_string(at.frames);
    progress.show(state);
  });
}

std::string depth_text(const DepthScale& scale, float unit) {
  char text[120];
  std::snprintf(text, sizeof text, "\ndepth from %.4g to %.4g in units of the dataset, %s%s",
                scale.from / unit, scale.to / unit, colormap_name(scale.map),
                scale.reciprocal ? " along 1/depth" : "");
  return text;
}

}  // namespace

int render_views(const Options& options, const Model& model) {
  if (!options.data)
    throw UsageError("render needs --data FOLDER: the views that '" + options.model.string() +
                     "' learned from");
  const auto views =
      load_posed_views(*options.data, PosedViewsSettings{}, on_threads(options.threads));
  tell_notes(*views, options.quiet);
  check_scene(options, model, *views);
  const Lens& own = views->training.front().camera.lens;
  const bool sized = model.width > 0;
  const Way way =
      way_of(options, *views, sized ? model.width : own.width, sized ? model.height : own.height);
  OutputFolder out(options.out.empty()
                       ? default_output_path("render", options.model.filename().string())
                       : options.out);
  write_camera_path(out.path() / "path.json", way.file, views->frame);

  const auto backend =
      make_backend(options.device, std::make_shared<ThreadPool>(options.threads), Precision::f32);
  RadianceField field{model.network, views, radiance_settings(*views, model.training), nullptr};
  if (field.settings.grid) field.grid = survey_grid(*backend, field, model.weights);
  const ViewMode mode = options.mode.empty() ? ViewMode::colour : find_view_mode(options.mode);
  FrameDrawer drawer(std::make_shared<RayMarcher>(*backend, field, model.weights), mode,
                     way.cameras);
  PathRenderingSettings settings;
  settings.cameras = way.cameras;
  settings.folder = out.path();
  settings.frames_per_second = way.file.frames_per_second;
  PathRendering rendering(std::move(settings),
                          [&](const PosedCamera& camera, const SliceDone& slice_done) {
                            return drawer.draw(camera, slice_done);
                          });
  const auto begun = std::chrono::steady_clock::now();
  const InterruptGuard interrupt;
  const PathRendering::Result result = follow(rendering, options, interrupt);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;

  const std::string mode_name(view_mode_names()[static_cast<std::size_t>(mode)]);
  nlohmann::ordered_json json = results_json(way, result, mode_name, took.count());
  const std::string wanted = result.cancelled ? " of " + std::to_string(way.cameras.size()) : "";
  std::string text = std::to_string(result.frames) + wanted + " frames of " +
                     std::to_string(way.cameras.front().lens.width) + " × " +
                     std::to_string(way.cameras.front().lens.height) + " in " +
                     duration_text(took.count());
  if (drawer.scale()) {
    const float unit = views->frame.scale;
    json["depth"] = {{"from", drawer.scale()->from / unit},
                     {"to", drawer.scale()->to / unit},
                     {"reciprocal", drawer.scale()->reciprocal},
                     {"colormap", colormap_name(drawer.scale()->map)}};
    text += depth_text(*drawer.scale(), unit);
  }
  const std::string said = json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
  write_file(out.path() / "render.json", said + "\n");
  if (!result.video_problem.empty()) say("the video is left out: " + result.video_problem);
  if (result.older_pictures > 0)
    say("'" + result.pictures.string() + "' also holds " + std::to_string(result.older_pictures) +
        " frames of an earlier call");
  if (options.json) {
    std::printf("%s\n", said.c_str());
  } else if (!options.quiet) {
    std::printf("%s\nResults in %s\n", text.c_str(), out.path().c_str());
  }
  return result.cancelled ? ExitCode::fell_short : ExitCode::done;
}

}  // namespace fieldscope
