// A surface of triangles, for whoever draws points of it: views of arrays that lie where the code
// that reads them runs, on the host or on a device. The points are the same bits on both.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/math/portable.h"
#include "engine/math/random.h"
#include "engine/math/vec3.h"

namespace fieldscope {

/// Indices of three vertices, anticlockwise when seen from outside.
using Triangle = std::array<std::uint32_t, 3>;

struct SurfaceView {
  std::span<const double> areas;  ///< of each triangle and all before it; at least one
  std::span<const Triangle> triangles;
  std::span<const Vec3> vertices;

  /// Uniform by area; depends on (key, index) only, see random.h.
  FIELDSCOPE_HOST_DEVICE Vec3 point(std::uint64_t key, std::uint64_t index) const {
    const Triangle& t = triangles[first_beyond(random_uniform(key, 3 * index) * areas.back())];
    // Uniform in the triangle: the root spreads the lines parallel to one edge by their length.
    const double root = ::sqrt(random_uniform(key, 3 * index + 1));
    const double along = random_uniform(key, 3 * index + 2);
    const auto part = [this](std::uint32_t vertex, double weight) {
      return rounded_product(vertices[vertex], static_cast<float>(weight));
    };
    return part(t[0], 1 - root) + part(t[1], root * (1 - along)) + part(t[2], root * along);
  }

 private:
  /// The first triangle with which the area exceeds `area`; the last one if none does.
  FIELDSCOPE_HOST_DEVICE std::size_t first_beyond(double area) const {
    std::size_t first = 0, count = areas.size() - 1;
    while (count > 0) {
      const std::size_t half = count / 2;
      if (area < areas[first + half]) {
        count = half;
      } else {
        first += half + 1;
        count -= half + 1;
      }
    }
    return first;
  }
};

}  // namespace fieldscope
