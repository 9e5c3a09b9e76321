// What a camera sees of a radiance field: colour, opacity and depth of each pixel by volume
// rendering, coarse at first and finer from pass to pass, in slices, on a copy of the weights:
// whoever draws it goes on training meanwhile. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/data/posed_views.h"
#include "engine/geometry/posed_camera.h"
#include "engine/task/ray_marching.h"

namespace fieldscope {

/// Pixels row by row from the upper left.
struct RenderedView {
  int width = 0, height = 0;
  std::vector<float> colour;   ///< [height][width][3], over the background
  std::vector<float> opacity;  ///< [height][width], in [0, 1]
  std::vector<float> depth;    ///< [height][width], scene units along the ray; 0: nothing there
  /// Every so many pixels, along rows and columns, have been rendered; the others hold what their
  /// nearest one does. 1: all of them.
  int stride = 1;

  /// `colour` as a picture with 3 channels.
  Image picture() const;
};

class ViewRendering {
 public:
  /// The first pass renders every `first_stride`-th pixel of rows and columns, the next ones twice
  /// as many of each, until all are there: for that it must be a power of two.
  ViewRendering(std::shared_ptr<RayMarcher> marcher, const PosedCamera& camera,
                int first_stride = 1);

  /// Does a slice of about so many evaluations of the field (at least those of 64 rays). True when
  /// the picture is complete.
  bool advance(std::size_t evaluations);
  double share() const;
  /// The picture as it is now: between two passes, the last complete one with the finer pixels
  /// that are there. stride == 0 before the first pass is complete.
  const RenderedView& view() const { return view_; }

 private:
  void begin_pass();
  void put(std::uint32_t pixel, const RayColour& seen);

  std::shared_ptr<RayMarcher> marcher_;
  PosedCamera camera_;
  int first_stride_;
  int stride_;                         ///< of the present pass
  std::vector<std::uint32_t> pixels_;  ///< of the present pass
  std::size_t next_ = 0, done_ = 0;
  std::vector<FieldRay> rays_;
  std::vector<RayColour> seen_;
  RenderedView view_;
};

}  // namespace fieldscope
