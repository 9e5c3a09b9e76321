// Which parts of a radiance field's box may hold something, as far as is known (after Müller et al.
// 2022, section E.2): a density for each cell, forgotten slowly and renewed at random places. Rays
// spend their samples in cells that are occupied.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/geometry/field_ray.h"

namespace fieldscope {

class OccupancyGrid {
 public:
  static constexpr int side = 64;  ///< cells along each axis of [-1, 1]^3

  /// A stretch of a ray, in its t.
  struct Stretch {
    float begin = 0, end = 0;
  };
  /// The ray's stretches through occupied cells, near to far, into `stretches`.
  void stretches(const FieldRay& ray, std::vector<Stretch>& stretches) const;

 private:
  std::vector<float> density_;  ///< [side^3]: of the most that was seen lately
  std::vector<bool> occupied_;
};

}  // namespace fieldscope
