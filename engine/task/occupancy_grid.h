// Which parts of a radiance field's box may hold something, as far as is known (after Müller et al.
// 2022, section E.2): a density for each cell, forgotten slowly and renewed at random places. Rays
// spend their samples in cells that are occupied. Plain data; copies are snapshots.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/math/ray_walk.h"

namespace fieldscope {

class OccupancyGrid {
 public:
  static constexpr int side = 64;  ///< cells along each axis of [-1, 1]^3
  static constexpr std::size_t cells = std::size_t{side} * side * side;
  /// Cells are renewed in so many turns, one an update.
  static constexpr int turns = 8;

  /// Everything is occupied until it was looked at.
  OccupancyGrid();

  /// A random place in each cell of a turn: `key` decides where.
  std::vector<Vec3> places(std::uint64_t turn, std::uint64_t key) const;
  /// What the density was there, per unit of length.
  void renew(std::uint64_t turn, std::span<const float> densities);

  /// A stretch of a ray, in its t.
  struct Stretch {
    float begin = 0, end = 0;
  };
  /// The ray's stretches through occupied cells, near to far, into `stretches`; returns the length
  /// of them all together.
  float stretches(const FieldRay& ray, std::vector<Stretch>& stretches) const;

  double occupied_share() const;

  /// For checkpoints: a density for each cell, -1 where nothing is known.
  std::span<const float> densities() const { return density_; }
  void restore(std::span<const double> densities);  ///< `cells` of them

 private:
  void mark_occupied();

  std::vector<float> density_;          ///< [z][y][x]: the most that was seen lately; -1: unknown
  std::vector<std::uint8_t> occupied_;  ///< the same with the cells next to them
};

}  // namespace fieldscope
