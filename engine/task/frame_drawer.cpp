#include "engine/task/frame_drawer.h"

#include <algorithm>
#include <chrono>

namespace fieldscope {
namespace {

// Slices short enough to show how far it is and to end soon when asked to; a GPU takes long ones.
constexpr std::size_t first_slice = std::size_t{1} << 14, longest_slice = std::size_t{1} << 24;
constexpr double slice_seconds = 0.05;

// Depths are scouted in few small pictures: a scale has to hold for all frames of a video.
constexpr std::size_t most_scouts = 8;
constexpr int scout_side = 48;

}  // namespace

FrameDrawer::FrameDrawer(std::shared_ptr<RayMarcher> marcher, ViewMode mode,
                         std::span<const PosedCamera> cameras)
    : marcher_(std::move(marcher)), mode_(mode), slice_(first_slice) {
  if (mode_ != ViewMode::depth) return;
  const std::size_t count = std::min(most_scouts, cameras.size());
  for (std::size_t i = 0; i < count; ++i) {
    PosedCamera scout = cameras[i * cameras.size() / count];
    int width = 0, height = 0;
    fit_size(scout.lens.width, scout.lens.height, scout_side, &width, &height);
    scout.lens = scout.lens.resized(width, height);
    scouts_.push_back(scout);
  }
}

RenderedView FrameDrawer::render(const PosedCamera& camera, const SliceDone& slice_done) {
  using Clock = std::chrono::steady_clock;
  ViewRendering rendering(marcher_, camera);
  for (;;) {
    const auto begun = Clock::now();
    const bool whole = rendering.advance(slice_);
    const double took = std::chrono::duration<double>(Clock::now() - begun).count();
    if (took > 2 * slice_seconds) slice_ = std::max(slice_ / 2, first_slice / 16);
    if (took < slice_seconds / 2 && !whole) slice_ = std::min(slice_ * 2, longest_slice);
    slice_done(rendering.share());
    if (whole) return rendering.view();
  }
}

void FrameDrawer::find_scale(const SliceDone& slice_done) {
  std::vector<RenderedView> views;
  for (const PosedCamera& scout : scouts_)
    views.push_back(render(scout, [&](double) { slice_done(0); }));
  scale_ = depth_scale(views);
}

Image FrameDrawer::draw(const PosedCamera& camera, const SliceDone& slice_done) {
  if (mode_ == ViewMode::depth && !scale_) find_scale(slice_done);
  return view_picture(render(camera, slice_done), mode_, scale_.value_or(DepthScale{}));
}

}  // namespace fieldscope
