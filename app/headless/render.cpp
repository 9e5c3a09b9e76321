// fieldscope render: what a network has learned, a picture at any size here. Radiance fields:
// render_views.h.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>

#include <nlohmann/json.hpp>

#include "app/headless/model_file.h"
#include "app/headless/output_folder.h"
#include "app/headless/progress_line.h"
#include "app/headless/render_views.h"
#include "app/headless/verbs.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/export/png.h"
#include "engine/math/error.h"
#include "engine/task/image_task.h"

namespace fieldscope {
namespace {

/// Between two looks at the clock.
constexpr std::size_t slice_pixels = 8192;

void draw(ImageRendering& rendering, const Options& options) {
  ProgressLine progress(ProgressLine::mode_for(options.quiet), "render");
  const auto begun = std::chrono::steady_clock::now();
  while (!rendering.advance(slice_pixels)) {
    if (!progress.due()) continue;
    ProgressLine::State state;
    state.counts_steps = false;
    state.score = state.loss = std::numeric_limits<double>::quiet_NaN();
    state.share = rendering.share();
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    state.seconds_left = seconds / state.share - seconds;
    progress.show(state);
  }
}

}  // namespace

int run_render(const Options& options) {
  const Model model = read_model("render", options);
  if (model.task == TaskKind::nerf) return render_views(options, model);
  if (model.task != TaskKind::image)
    throw UsageError("'" + options.model.string() +
                     "' is an occupancy field, which has a surface and no picture; use mesh");
  if (!options.path.empty() || options.frames > 0 || options.frames_per_second > 0 ||
      !options.mode.empty())
    throw UsageError("--path, --frames, --fps and --mode are for radiance fields; '" +
                     options.model.string() + "' has learned a picture");
  const auto [width, height] = std::pair{model.width, model.height};
  OutputFolder out(options.out.empty()
                       ? default_output_path("render", options.model.filename().string())
                       : options.out);

  const auto backend =
      make_backend(options.device, std::make_shared<ThreadPool>(options.threads), Precision::f32);
  Buffer buffer = backend->allocate(model.weights.size());
  backend->upload(buffer, std::span<const double>(model.weights));
  ImageRendering rendering(*backend, model.network, buffer, width, height);
  draw(rendering, options);
  const std::filesystem::path path = out.path() / "render.png";
  write_png(path, *rendering.picture());
  if (options.json) {
    const nlohmann::ordered_json json = {
        {"picture", path.string()}, {"width", width}, {"height", height}};
    std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  } else if (!options.quiet) {
    std::printf("%s\n", path.c_str());
  }
  return ExitCode::done;
}

}  // namespace fieldscope
