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

  /// Whole numbers and halves are far enough apart for less accuracy: an error below 0.05.
  bool inside(Vec3 p) const { return winding_number(p, 1.5f) > 0.5; }

  /// The point of the surface that is closest to p; false where none is closer than `at_most`.
  Nearest nearest(Vec3 p, float at_most = std::numeric_limits<float>::infinity()) const;

  /// The first point of the surface, from either side, on the way from `origin` along `direction`,
  /// which may have any length but 0.
  std::optional<RayHit> first_hit(Vec3 origin, Vec3 direction) const;

 private:
  // Nodes lie in depth-first order: the first child of node i is node i + 1, the second one is the
  // first one's `next`. A leaf has no child: its next is i + 1.
  struct Node {
    Vec3 low, high;
    std::uint32_t next = 0;   ///< the first node behind this one's subtree
    std::uint32_t block = 0;  ///< of a leaf: where its triangles are
  };
  /// The far field of a node's triangles about `centre`, in the order of the nodes. Of the tensors
  /// only the part that is symmetric and free of traces counts, since 1/r is harmonic.
  struct alignas(32) FarField {
    Vec3 centre;
    float radius_squared = 0;
    Vec3 dipole;                        ///< the sum of areas times normals
    std::array<float, 6> quadrupole{};  ///< coefficients of xx yy zz xy xz yz
    std::array<float, 10> octupole{};   ///< of xxx yyy zzz xxy xxz xyy yyz xzz yzz xyz
    std::uint32_t next = 0;             ///< as the node's: one cache line less to fetch

    double solid_angle(Vec3 to_centre, float distance_squared) const;
  };
  /// The triangles of one leaf, side by side for vector instructions. Empty places hold a triangle
  /// without area.
  struct Block {
    static constexpr int places = 8;
    std::array<std::array<std::array<float, places>, 3>, 3> corners{};  ///< [corner][axis][place]
    std::array<std::uint32_t, places> triangles{};
    std::uint32_t count = 0;

    Vec3 corner(int k, std::uint32_t place) const {
      return {corners[k][0][place], corners[k][1][place], corners[k][2][place]};
    }
  };
  class HalfAngles;
  friend class MeshTreeBuilder;

  std::vector<Node> nodes_;
  std::vector<FarField> far_fields_;
  std::vector<Block> blocks_;
};

}  // namespace fieldscope
