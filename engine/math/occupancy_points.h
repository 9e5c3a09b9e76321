// Points of space that an occupancy field learns from, half of them near a mesh's surface, with
// what they are told to be. Functions of counter-based random numbers: any thread, any order, the
// same points. On a device their coordinates differ from the host's only where its logarithm or
// cosine does and a float rounds the other way; labels, within rounding of the surface.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/math/portable.h"
#include "engine/math/random.h"
#include "engine/math/solid_view.h"
#include "engine/math/surface_view.h"

namespace fieldscope {

/// Number `index` of the points of `key`: those with an even index are uniform in [-1, 1]^3, the
/// others lie near the surface, moved off it by a normal deviate of `spread` along each axis; they
/// too stay in the box.
FIELDSCOPE_HOST_DEVICE Vec3 occupancy_point(const SurfaceView& surface, std::uint64_t key,
                                            std::uint64_t index, double spread) {
  const std::uint64_t own = mix_bits(key + 0x5851F42D4C957F2Dull);  // not the surface's numbers
  const auto along = [&](auto number) {
    return Vec3{static_cast<float>(number(3 * index)), static_cast<float>(number(3 * index + 1)),
                static_cast<float>(number(3 * index + 2))};
  };
  // Number i of the deviates takes numbers 2i and 2i + 1: these, too, leave those of other points.
  if (index % 2 == 0)
    return along([&](std::uint64_t i) { return 2 * random_uniform(own, 2 * i) - 1; });
  const Vec3 p = surface.point(key, index) +
                 along([&](std::uint64_t i) { return spread * random_normal(own, i); });
  const auto kept = [](float x) { return x < -1 ? -1 : x > 1 ? 1 : x; };
  return {kept(p.x), kept(p.y), kept(p.z)};
}

/// A mesh as its points are drawn and labelled.
struct MeshView {
  SurfaceView surface;
  SolidView solid;

  /// do_each(array) for each of the arrays, of whatever type.
  template <class DoEach>
  void for_arrays(DoEach&& do_each) {
    do_each(surface.areas);
    do_each(surface.triangles);
    do_each(surface.vertices);
    do_each(solid.grid.cells);
    do_each(solid.tree.nodes);
    do_each(solid.tree.far_fields);
    do_each(solid.tree.blocks);
  }
  /// Of all arrays.
  std::size_t bytes() const {
    std::size_t bytes = 0;
    MeshView(*this).for_arrays([&](const auto& array) { bytes += array.size_bytes(); });
    return bytes;
  }
};

/// A minibatch: the points `first` to first + size - 1 of `key`.
struct OccupancyPoints {
  std::uint64_t key = 0, first = 0;
  std::size_t size = 0;
  double spread = 0;  ///< see occupancy_point()

  /// Point i to coordinates [size][3], and to targets [size] 1 inside and 0 outside.
  template <class T>
  FIELDSCOPE_HOST_DEVICE void draw(const MeshView& mesh, std::size_t i, T* coordinates,
                                   T* targets) const {
    const Vec3 p = occupancy_point(mesh.surface, key, first + i, spread);
    coordinates[3 * i] = p.x;
    coordinates[3 * i + 1] = p.y;
    coordinates[3 * i + 2] = p.z;
    targets[i] = mesh.solid.inside(p) ? T(1) : T(0);
  }
};

}  // namespace fieldscope
