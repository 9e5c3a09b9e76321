#include "app/gui/video_export.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "app/gui/future.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/experiment/run.h"
#include "engine/math/error.h"

namespace fieldscope::gui {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

VideoExport::VideoExport(VideoOrder order, std::shared_ptr<ThreadPool> pool,
                         std::function<void()> wake)
    : order_(std::move(order)), pool_(std::move(pool)), wake_(std::move(wake)), begun_(now()) {
  tell(0, {});
  outcome_ = std::async(std::launch::async, [this] {
    Outcome outcome = work();
    wake_();
    return outcome;
  });
}

VideoExport::~VideoExport() {
  cancel();
  if (outcome_.valid()) outcome_.wait();
}

void VideoExport::cancel() {
  cancelled_ = true;
}

bool VideoExport::ended() const {
  return ready(outcome_);
}

VideoExport::Progress VideoExport::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

VideoExport::Outcome VideoExport::work() {
  lower_priority(Run::niceness);
  Outcome outcome;
  try {
    for (std::size_t take = 0; take < order_.takes.size() && !cancelled_; ++take) {
      PathRendering::Result result = render(take);
      if (result.frames > 0) outcome.results.push_back(std::move(result));
    }
  } catch (const Cancelled&) {
  } catch (const std::exception& error) {
    outcome.problem = error.what();
  }
  outcome.cancelled = cancelled_;
  return outcome;
}

PathRendering::Result VideoExport::render(std::size_t index) {
  const VideoOrder::Take& take = order_.takes[index];
  FrozenField frozen = take.field.get();  // between two steps of its run
  if (cancelled_) throw Cancelled();
  // As tiles see it from a camera that is no photograph's.
  frozen.field.settings.free_camera = true;
  const auto backend = make_backend(frozen.device, pool_, Precision::f32);
  FrameDrawer drawer(std::make_shared<RayMarcher>(*backend, frozen.field, frozen.weights),
                     order_.mode, order_.cameras);
  PathRenderingSettings settings;
  settings.cameras = order_.cameras;
  settings.folder = take.folder;
  settings.frames_per_second = order_.path.frames_per_second;
  PathRendering rendering(settings, [&](const PosedCamera& camera, const SliceDone& slice_done) {
    return drawer.draw(camera, slice_done);
  });
  PathRendering::Result result = rendering.run([&](const PathRendering::Progress& at) {
    if (cancelled_) rendering.cancel();
    tell(index, at);
  });
  std::error_code not_empty;
  if (result.frames == 0)
    std::filesystem::remove(take.folder, not_empty);
  else
    write_camera_path(take.folder / "path.json", order_.path, frozen.field.views->frame);
  return result;
}

void VideoExport::tell(std::size_t take, const PathRendering::Progress& at) {
  const auto takes = static_cast<double>(order_.takes.size());
  Progress progress;
  progress.label = order_.takes[take].label;
  progress.frames = static_cast<int>(order_.cameras.size());
  progress.frame = std::min(at.done + 1, progress.frames);
  progress.share = (static_cast<double>(take) + at.share) / takes;
  const double taken = now() - begun_;
  progress.seconds_left = progress.share > 0 ? taken / progress.share - taken
                                             : std::numeric_limits<double>::quiet_NaN();
  {
    const std::lock_guard lock(mutex_);
    progress_ = std::move(progress);
  }
  wake_();
}

}  // namespace fieldscope::gui
