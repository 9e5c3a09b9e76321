#pragma once

#include <cstddef>

namespace fieldscope {

/// Points of an epoch.
inline constexpr std::size_t occupancy_epoch = 50'000;
/// How far from the surface half of the points are: standard deviation along each axis.
inline constexpr double occupancy_spread = 0.02;

}  // namespace fieldscope
