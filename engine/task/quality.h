// How good a field is, in numbers: what evaluations measure and curves show. Plain data.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>

namespace fieldscope {

/// NaN where it does not apply to the task.
struct Quality {
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();

  double mse = none;          ///< image: over all numbers of the picture
  double psnr = none;         ///< dB; NeRF: mean over the held-out views
  double ssim = none;         ///< NeRF: the same
  double bce = none;          ///< occupancy: mean over the held-out points
  double iou = none;          ///< intersection over union of what is inside, on the same points
  double accuracy = none;     ///< share of them that are told right
  double uniform_iou = none;  ///< IoU on those of them that are uniform in the box

  /// The number that task_info() calls the metric.
  double score() const { return std::isnan(iou) ? psnr : iou; }
};

struct RenderedView;

/// How good a radiance field is at one view of its scene.
struct ViewQuality {
  std::size_t view = 0;  ///< index into PosedViews::held_out
  double psnr = 0, ssim = 0;
  std::shared_ptr<const RenderedView> rendered;
};

}  // namespace fieldscope
