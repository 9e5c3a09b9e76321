// A bounding volume hierarchy over the triangles of a mesh: inside or outside, the closest point of
// the surface, what a ray hits first. Built once; the queries are const and may run on any number
// of threads at once.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "engine/geometry/mesh.h"
#include "engine/math/winding_tree.h"

namespace fieldscope {

struct Nearest {
  Vec3 point;
  float distance = std::numeric_limits<float>::infinity();
  std::uint32_t triangle = 0;

  explicit operator bool() const { return distance < std::numeric_limits<float>::infinity(); }
};

struct RayHit {
  Vec3 point;
  float distance = 0;  ///< from the ray's origin
  std::uint32_t triangle = 0;
};

class MeshTree {
 public:
  /// Copies what it needs of the mesh: 15 MB and 60 ms for 100 000 triangles.
  explicit MeshTree(const Mesh& mesh);

  /// How often the surface winds around p: 1 inside and 0 outside of a closed mesh whose triangles
  /// are anticlockwise seen from outside; in between where it has holes. The sum of the triangles'
  /// solid angles over 4 pi (Jacobson, Kavan, Sorkine-Hornung, "Robust inside-outside segmentation
  /// using generalized winding numbers", 2013); triangles further away than `accuracy` times the
  /// radius of the ball around them are replaced by an expansion about their centre up to second
  /// order (Barill, Dickson, Schmidt, Levin, Jacobson, "Fast winding numbers for soups and clouds",
  /// 2018). With the accuracy of 2 the error is below 0.01 on scans.
  double winding_number(Vec3 p, float accuracy = 2) const;

  /// See WindingTree::inside().
  bool inside(Vec3 p) const;

  /// The point of the surface that is closest to p; false where none is closer than `at_most`.
  Nearest nearest(Vec3 p, float at_most = std::numeric_limits<float>::infinity()) const;

  /// The first point of the surface, from either side, on the way from `origin` along `direction`,
  /// which may have any length but 0.
  std::optional<RayHit> first_hit(Vec3 origin, Vec3 direction) const;

  /// What tells inside from outside; valid as long as the tree stays where it is.
  WindingTree winding() const { return {nodes_, far_fields_, blocks_}; }

 private:
  using Node = WindingTree::Node;
  using Block = WindingTree::Block;
  friend class MeshTreeBuilder;

  std::vector<Node> nodes_;
  std::vector<WindingTree::FarField> far_fields_;  ///< of the nodes
  std::vector<Block> blocks_;
};

}  // namespace fieldscope
