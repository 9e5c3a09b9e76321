// What a mesh encloses (engine/geometry/solid.h), for whoever asks of a point whether it is inside:
// views of arrays that lie where the code that reads them runs, on the host or on a device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/math/portable.h"
#include "engine/math/vec3.h"
#include "engine/math/winding_tree.h"

namespace fieldscope {

/// The cells of a SolidGrid, row by row, z slowest.
struct SolidCells {
  enum class Cell : std::uint8_t { unknown, touched, outside, inside };
  static constexpr int side = 96;  ///< cells an axis
  static constexpr float size = 2.f / side;

  std::span<const Cell> cells;  ///< none: the mesh has holes

  FIELDSCOPE_HOST_DEVICE static std::size_t index(int x, int y, int z) {
    return (static_cast<std::size_t>(z) * side + static_cast<std::size_t>(y)) * side +
           static_cast<std::size_t>(x);
  }

  /// `touched` also for points outside of the grid.
  FIELDSCOPE_HOST_DEVICE Cell at(Vec3 p) const {
    if (!(::fabsf(p.x) <= 1 && ::fabsf(p.y) <= 1 && ::fabsf(p.z) <= 1)) return Cell::touched;
    return cells[index(along(p.x), along(p.y), along(p.z))];
  }

 private:
  FIELDSCOPE_HOST_DEVICE static int along(float x) {
    const int cell = static_cast<int>((x + 1) / size);
    return cell < side ? cell : side - 1;
  }
};

struct SolidView {
  SolidCells grid;
  WindingTree tree;

  FIELDSCOPE_HOST_DEVICE bool inside(Vec3 p) const {
    using Cell = SolidCells::Cell;
    const Cell cell = grid.cells.empty() ? Cell::touched : grid.at(p);
    return cell == Cell::touched ? tree.inside(p) : cell == Cell::inside;
  }
};

}  // namespace fieldscope
