// Rays through a radiance field whose samples are laid out: what Backend::march() sees along them.
#pragma once

#include <span>

#include "engine/math/ray_walk.h"

namespace fieldscope {

struct RayBundle {
  std::span<const FieldRay> rays;
  std::span<const RaySample> samples;  ///< [rays][each], near to far
  std::size_t each = 0;                ///< samples of a ray
  DensityActivation density = DensityActivation::softplus;
  float background = 0;  ///< brightness behind everything

  /// Samples that the field is evaluated at before it is asked which rays go on.
  static constexpr std::size_t round = 16;
};

}  // namespace fieldscope
