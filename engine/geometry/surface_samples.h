// Random points on a surface, and how far two surfaces are from each other. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/geometry/mesh.h"
#include "engine/geometry/mesh_tree.h"
#include "engine/math/parallel.h"
#include "engine/math/surface_view.h"

namespace fieldscope {

/// Points of a mesh's surface, uniform by area. The mesh must outlive it and stay as it is, and
/// have a triangle. Thread-safe.
class SurfaceSampler {
 public:
  explicit SurfaceSampler(const Mesh& mesh);
  explicit SurfaceSampler(Mesh&&) = delete;

  /// Depends on (key, index) only; see engine/math/random.h.
  Vec3 sample(std::uint64_t key, std::uint64_t index) const { return view().point(key, index); }

  /// What the points are drawn from; valid as long as the sampler stays where it is.
  SurfaceView view() const { return {areas_, mesh_.triangles, mesh_.vertices}; }
  double area() const { return areas_.back(); }

 private:
  const Mesh& mesh_;
  std::vector<double> areas_;  ///< of each triangle and all before it
};

/// Distances from points of one surface to the closest point of the other, in the units of the
/// vertices. Means are over samples uniform by area; maxima over these and the vertices, so that
/// they are lower bounds, exact where the greatest distance is taken at a vertex.
struct SurfaceDistances {
  double mean_a_to_b = 0, mean_b_to_a = 0;
  double max_a_to_b = 0, max_b_to_a = 0;

  /// The mean of both directed means (as by Mescheder and others, "Occupancy Networks", 2019).
  double chamfer() const { return (mean_a_to_b + mean_b_to_a) / 2; }
  /// The greater one of both directed maxima.
  double hausdorff() const { return max_a_to_b > max_b_to_a ? max_a_to_b : max_b_to_a; }
};

/// With `samples` points on each surface. The result does not depend on how `parallel` divides.
/// Infinite where just one of the meshes is empty, 0 where both are.
SurfaceDistances surface_distances(const Mesh& a, const MeshTree& tree_a, const Mesh& b,
                                   const MeshTree& tree_b, std::size_t samples, std::uint64_t key,
                                   const Parallel& parallel = serially);

}  // namespace fieldscope
