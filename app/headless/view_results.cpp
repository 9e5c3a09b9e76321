#include "app/headless/view_results.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <set>

#include "app/headless/output_folder.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/export/atomic_file.h"
#include "engine/export/figure.h"
#include "engine/export/png.h"
#include "engine/task/view_picture.h"

namespace fieldscope {
namespace {

/// Of the field, between two looks at the clock and at the keyboard.
constexpr std::size_t slice_evaluations = 1 << 14;

/// Who has asked for the end still gets the first view, and as many more as this is enough for.
constexpr auto patience = std::chrono::seconds(2);

const PosedView& view_of(const RunResult& result, const ViewQuality& quality) {
  return dynamic_cast<const PosedViews&>(*result.dataset).held_out[quality.view];
}

/// Views of different folders may have the same name.
std::vector<std::string> file_names(const RunResult& result) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const ViewQuality& quality : result.views) {
    const std::filesystem::path own = view_of(result, quality).name;
    std::string name = file_name_part(own.stem().string());
    if (!taken.insert(name).second) name += "-" + std::to_string(quality.view);
    names.push_back(name);
  }
  return names;
}

}  // namespace

void add_views(RunResult& result, std::shared_ptr<ThreadPool> pool, const InterruptGuard& interrupt,
               bool quiet) {
  if (!result.radiance) return;
  const auto backend = make_backend(result.plan.config.device, std::move(pool), Precision::f32);
  std::vector<std::size_t> all;
  while (all.size() < result.radiance->views->held_out.size()) all.push_back(all.size());
  ViewsMeasurement measurement(
      std::make_shared<RayMarcher>(*backend, *result.radiance,
                                   std::span<const double>(result.weights)),
      std::move(all));
  ProgressLine progress(ProgressLine::mode_for(quiet), result.plan.label + ": held-out views");
  using Clock = std::chrono::steady_clock;
  const auto begun = Clock::now();
  std::optional<Clock::time_point> latest;  // once the end has been asked for
  while (!measurement.advance(slice_evaluations)) {
    if (interrupt.requested()) {
      if (!latest) latest = Clock::now() + patience;
      if (!measurement.views().empty() && Clock::now() > *latest) break;
    }
    if (!progress.due()) continue;
    ProgressLine::State state;
    state.counts_steps = false;
    state.score = state.loss = std::numeric_limits<double>::quiet_NaN();
    state.share = measurement.share();
    const std::chrono::duration<double> took = Clock::now() - begun;
    state.seconds_left = state.share > 0 ? took.count() / state.share - took.count()
                                         : std::numeric_limits<double>::quiet_NaN();
    progress.show(state);
  }
  result.views = measurement.views();
}

void write_views(const std::filesystem::path& folder, const RunResult& result) {
  if (result.views.empty()) return;
  std::vector<Image> errors;
  std::vector<RenderedView> rendered;
  for (const ViewQuality& quality : result.views) {
    const Image truth = view_of(result, quality).picture(result.radiance->settings.background);
    errors.push_back(absolute_error(quality.rendered->picture(), truth));
    rendered.push_back(*quality.rendered);
  }
  // One scale for all views, so that they compare.
  const double error_limit = error_scale(errors);
  const DepthScale depths = depth_scale(rendered);
  const std::vector<std::string> names = file_names(result);
  const std::filesystem::path pictures = folder / "views";
  make_folder(pictures);
  std::string table = "view,psnr,ssim\n";
  for (std::size_t i = 0; i < result.views.size(); ++i) {
    const ViewQuality& quality = result.views[i];
    write_png(pictures / (names[i] + ".png"), quality.rendered->picture());
    write_png(pictures / (names[i] + "-error.png"), false_colour(errors[i], error_limit));
    write_png(pictures / (names[i] + "-depth.png"),
              view_picture(*quality.rendered, ViewMode::depth, depths));
    char numbers[64];
    std::snprintf(numbers, sizeof numbers, ",%.6g,%.6g\n", quality.psnr, quality.ssim);
    table += names[i] + numbers;
  }
  write_file(folder / "views.csv", table);
}

std::string views_text(const RunResult& result) {
  if (result.views.empty()) return "";
  const auto [worst, best] =
      std::minmax_element(result.views.begin(), result.views.end(),
                          [](const auto& a, const auto& b) { return a.psnr < b.psnr; });
  const Quality mean = mean_of_views(result.views);
  const std::size_t all = result.radiance->views->held_out.size();
  const std::string of = result.views.size() < all ? " of " + std::to_string(all) : "";
  char text[160];
  std::snprintf(text, sizeof text, "%zu%s held-out %s: PSNR %.2f dB (%.2f to %.2f), SSIM %.4f\n",
                result.views.size(), of.c_str(), all == 1 ? "view" : "views", mean.psnr,
                worst->psnr, best->psnr, mean.ssim);
  return text;
}

}  // namespace fieldscope
