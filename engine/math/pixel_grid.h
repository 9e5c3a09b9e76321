// A picture's pixels as points of the square [-1, 1]^2: coordinates (row, column), each
// linspace(-1, 1) with end points included (MATHS section 6). Computed where they are needed, never
// stored, and the same bits on every device: the only product is exact, so that fusing it changes
// nothing.
#pragma once

#include <cstdint>

#include "engine/math/portable.h"

namespace fieldscope {

struct PixelGrid {
  std::uint64_t width = 0, height = 0;

  std::uint64_t count() const { return width * height; }

  FIELDSCOPE_HOST_DEVICE double row(std::uint64_t i) const { return place(i, height); }
  FIELDSCOPE_HOST_DEVICE double column(std::uint64_t i) const { return place(i, width); }

  /// The coordinates [2] of a pixel; pixels are numbered row by row.
  template <class T>
  FIELDSCOPE_HOST_DEVICE void coordinates(std::uint64_t pixel, T* at) const {
    const std::uint64_t i = pixel / width;
    at[0] = static_cast<T>(row(i));
    at[1] = static_cast<T>(column(pixel - i * width));
  }

 private:
  /// Number i of linspace(-1, 1, count); the middle for a single one.
  FIELDSCOPE_HOST_DEVICE static double place(std::uint64_t i, std::uint64_t count) {
    if (count == 1) return 0;
    return -1 + 2 * static_cast<double>(i) / static_cast<double>(count - 1);
  }
};

}  // namespace fieldscope
