// Points of space that an occupancy field learns from, half of them near the surface. Plain
// functions of counter-based random numbers: any thread, any order, the same points.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/geometry/surface_samples.h"

namespace fieldscope {

/// How far from the surface half of the points are: standard deviation along each axis. The box is
/// 2 wide.
inline constexpr double occupancy_spread = 0.02;

/// Number `index` of the points of `key`: those with an even index are uniform in [-1, 1]^3, the
/// others lie near the surface, moved off it by a normal deviate of `spread` along each axis; they
/// too stay in the box.
Vec3 occupancy_point(const SurfaceSampler& surface, std::uint64_t key, std::uint64_t index,
                     double spread);

}  // namespace fieldscope
