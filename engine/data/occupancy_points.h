// The points that occupancy runs learn from by default and are measured on, of a mesh on the host.
#pragma once

#include <cstdint>

#include "engine/geometry/surface_samples.h"
#include "engine/math/occupancy_points.h"

namespace fieldscope {

/// How far from the surface half of the points are: standard deviation along each axis. The box is
/// 2 wide.
inline constexpr double occupancy_spread = 0.02;

inline Vec3 occupancy_point(const SurfaceSampler& surface, std::uint64_t key, std::uint64_t index,
                            double spread) {
  return occupancy_point(surface.view(), key, index, spread);
}

}  // namespace fieldscope
