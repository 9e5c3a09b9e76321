#include "engine/task/view_rendering.h"

#include <algorithm>

namespace fieldscope {
namespace {

/// Rays that are on their way at once, at most.
constexpr std::size_t most_rays = 4096;
/// And at least, if there are so many left: each round of fewer would cost the field's weights
/// being laid out for it more than its few samples.
constexpr std::size_t least_rays = 64;

}  // namespace

Image RenderedView::picture() const {
  return {width, height, 3, colour};
}

ViewRendering::ViewRendering(std::shared_ptr<RayMarcher> marcher, const PosedCamera& camera,
                             int first_stride)
    : marcher_(std::move(marcher)),
      camera_(camera),
      first_stride_(first_stride),
      stride_(first_stride) {
  view_.width = camera.lens.width;
  view_.height = camera.lens.height;
  view_.stride = 0;
  const std::size_t count =
      static_cast<std::size_t>(view_.width) * static_cast<std::size_t>(view_.height);
  view_.colour.resize(3 * count);
  view_.opacity.resize(count);
  view_.depth.resize(count);
  begin_pass();
}

/// Those of the grid of this stride that no coarser one had.
void ViewRendering::begin_pass() {
  pixels_.clear();
  next_ = 0;
  const bool first = stride_ == first_stride_;
  for (int y = 0; y < view_.height; y += stride_)
    for (int x = 0; x < view_.width; x += stride_)
      if (first || x % (2 * stride_) != 0 || y % (2 * stride_) != 0)
        pixels_.push_back(static_cast<std::uint32_t>(y * view_.width + x));
}

/// A pixel and those that show it until they have been rendered themselves.
void ViewRendering::put(std::uint32_t pixel, const RayColour& seen) {
  const int x = static_cast<int>(pixel) % view_.width, y = static_cast<int>(pixel) / view_.width;
  const int right = std::min(x + stride_, view_.width), low = std::min(y + stride_, view_.height);
  for (int row = y; row < low; ++row)
    for (int column = x; column < right; ++column) {
      const std::size_t at = static_cast<std::size_t>(row) * static_cast<std::size_t>(view_.width) +
                             static_cast<std::size_t>(column);
      std::copy_n(seen.colour, 3, view_.colour.data() + 3 * at);
      view_.opacity[at] = seen.opacity;
      view_.depth[at] = seen.depth;
    }
}

bool ViewRendering::advance(std::size_t evaluations) {
  std::size_t spent = 0;
  while (next_ < pixels_.size() && spent < std::max<std::size_t>(evaluations, 1)) {
    const std::size_t affordable = (evaluations - spent) / marcher_->field().settings.samples;
    const std::size_t count =
        std::min(std::clamp(affordable, least_rays, most_rays), pixels_.size() - next_);
    rays_.clear();
    for (std::size_t i = next_; i < next_ + count; ++i) {
      const std::uint32_t width = static_cast<std::uint32_t>(view_.width);
      rays_.push_back(marcher_->ray(camera_, {pixels_[i] % width + 0.5, pixels_[i] / width + 0.5}));
    }
    seen_.resize(count);
    // Rays that meet nothing cost something too.
    spent += marcher_->march(rays_, seen_) + count;
    for (std::size_t i = 0; i < count; ++i) put(pixels_[next_ + i], seen_[i]);
    next_ += count;
    done_ += count;
  }
  if (next_ < pixels_.size()) return false;
  view_.stride = stride_;
  if (stride_ <= 1) return true;
  stride_ /= 2;
  begin_pass();
  return false;
}

double ViewRendering::share() const {
  return static_cast<double>(done_) / static_cast<double>(view_.opacity.size());
}

}  // namespace fieldscope
