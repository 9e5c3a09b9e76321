// Draws what one camera after the other sees of a radiance field, whole pictures in slices, all
// with the same colour scale. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/task/view_picture.h"

namespace fieldscope {

/// Told between two slices of a picture how much of it is done. May throw to end it.
using SliceDone = std::function<void(double share)>;

class FrameDrawer {
 public:
  /// `cameras` are those that will be drawn: what the scale of depths is found with.
  FrameDrawer(std::shared_ptr<RayMarcher> marcher, ViewMode mode,
              std::span<const PosedCamera> cameras);

  /// Throws what `slice_done` throws.
  Image draw(const PosedCamera& camera, const SliceDone& slice_done);

  /// Of depth, once something has been drawn.
  const std::optional<DepthScale>& scale() const { return scale_; }

 private:
  RenderedView render(const PosedCamera& camera, const SliceDone& slice_done);
  void find_scale(const SliceDone& slice_done);

  std::shared_ptr<RayMarcher> marcher_;
  ViewMode mode_;
  std::vector<PosedCamera> scouts_;  ///< some of the cameras before small pictures
  std::optional<DepthScale> scale_;
  std::size_t slice_;  ///< evaluations of the field, as many as take about as long as they should
};

}  // namespace fieldscope
