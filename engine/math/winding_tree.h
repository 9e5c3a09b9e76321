// The part of a mesh's tree (engine/geometry/mesh_tree.h) that tells how often the surface winds
// around a point: views of arrays that lie where the code that reads them runs, on the host or on a
// device. On a device sums and products may fuse: there the numbers differ by what rounding makes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>

#include "engine/math/portable.h"
#include "engine/math/vec3.h"

namespace fieldscope {

struct WindingTree {
  // Nodes lie in depth-first order: the first child of node i is node i + 1, the second one is the
  // first one's `next`. A leaf has no child: its next is i + 1. So a walk needs no stack.
  struct Node {
    Vec3 low, high;
    std::uint32_t next = 0;   ///< the first node behind this one's subtree
    std::uint32_t block = 0;  ///< of a leaf: where its triangles are
  };

  /// The far field of a node's triangles about `centre`. Of the tensors only the part that is
  /// symmetric and free of traces counts, since 1/r is harmonic.
  struct alignas(32) FarField {
    Vec3 centre;
    float radius_squared = 0;
    Vec3 dipole;                        ///< the sum of areas times normals
    std::array<float, 6> quadrupole{};  ///< coefficients of xx yy zz xy xz yz
    std::array<float, 10> octupole{};   ///< of xxx yyy zzz xxy xxz xyy yyz xzz yzz xyz
    std::uint32_t next = 0;             ///< as the node's: one cache line less to fetch

    FIELDSCOPE_HOST_DEVICE double solid_angle(Vec3 to_centre, float distance_squared) const {
      const float inverse = 1 / ::sqrtf(distance_squared);
      const auto [x, y, z] = to_centre * inverse;
      const float second = quadrupole[0] * x * x + quadrupole[1] * y * y + quadrupole[2] * z * z +
                           quadrupole[3] * x * y + quadrupole[4] * x * z + quadrupole[5] * y * z;
      const float third = x * x * (octupole[0] * x + octupole[3] * y + octupole[4] * z) +
                          y * y * (octupole[5] * x + octupole[1] * y + octupole[6] * z) +
                          z * z * (octupole[7] * x + octupole[8] * y + octupole[2] * z) +
                          octupole[9] * x * y * z;
      const float first = dipole.x * x + dipole.y * y + dipole.z * z;
      return (first + inverse * (second + inverse * third)) * (inverse * inverse);
    }
  };

  /// The triangles of one leaf, side by side for vector instructions. Empty places hold a triangle
  /// without area.
  struct Block {
    static constexpr int places = 8;
    std::array<std::array<std::array<float, places>, 3>, 3> corners{};  ///< [corner][axis][place]
    std::array<std::uint32_t, places> triangles{};
    std::uint32_t count = 0;

    FIELDSCOPE_HOST_DEVICE Vec3 corner(int k, std::uint32_t place) const {
      return {corners[k][0][place], corners[k][1][place], corners[k][2][place]};
    }
  };

  std::span<const Node> nodes;
  std::span<const FarField> far_fields;  ///< of each node
  std::span<const Block> blocks;

  /// See MeshTree::winding_number().
  FIELDSCOPE_HOST_DEVICE double winding_number(Vec3 p, float accuracy) const;

  /// Whole numbers and halves are far enough apart for less accuracy: an error below 0.05.
  FIELDSCOPE_HOST_DEVICE bool inside(Vec3 p) const { return winding_number(p, 1.5f) > 0.5; }

 private:
  class HalfAngles;
};

/// Sums halves of solid angles as the argument of a product of complex numbers: one arctangent for
/// all. A product of two whose arguments have the same sign may pass pi, and is then counted.
class WindingTree::HalfAngles {
 public:
  /// van Oosterom, Strackee, "The solid angle of a plane triangle", 1983, for all of a block.
  FIELDSCOPE_HOST_DEVICE void add(const Block& block, Vec3 p) {
    float numerator[Block::places], denominator[Block::places];
    for (int i = 0; i < Block::places; ++i) {
      const Vec3 a = block.corner(0, i) - p, b = block.corner(1, i) - p, c = block.corner(2, i) - p;
      const float la = length(a), lb = length(b), lc = length(c);
      numerator[i] = dot(a, cross(b, c));
      denominator[i] = la * lb * lc + dot(a, b) * lc + dot(b, c) * la + dot(c, a) * lb;
    }
    // Of constant length: a device has these numbers in registers, which have no indices.
    for (int i = 0; i < Block::places; ++i)
      if (static_cast<std::uint32_t>(i) < block.count) multiply(denominator[i], numerator[i]);
    const double size = ::fabs(real_) + ::fabs(imaginary_);
    real_ /= size;
    imaginary_ /= size;
  }

  FIELDSCOPE_HOST_DEVICE double sum() const {
    return ::atan2(imaginary_, real_) + 2 * std::numbers::pi * static_cast<double>(turns_);
  }

 private:
  FIELDSCOPE_HOST_DEVICE void multiply(double real, double imaginary) {
    if (real == 0 && imaginary == 0) return;  // at a corner of the triangle: no angle
    const double product = real_ * imaginary + imaginary_ * real;
    if (imaginary_ > 0 && imaginary > 0 && product < 0) ++turns_;
    if (imaginary_ < 0 && imaginary < 0 && product > 0) --turns_;
    real_ = real_ * real - imaginary_ * imaginary;
    imaginary_ = product;
  }

  double real_ = 1, imaginary_ = 0;
  int turns_ = 0;
};

FIELDSCOPE_HOST_DEVICE double WindingTree::winding_number(Vec3 p, float accuracy) const {
  double far = 0;
  HalfAngles near;
  const float threshold = accuracy * accuracy;
  const auto count = static_cast<std::uint32_t>(far_fields.size());
  for (std::uint32_t i = 0; i < count;) {
    const FarField& field = far_fields[i];
    const Vec3 r = field.centre - p;
    const float squared = dot(r, r);
    if (squared > threshold * field.radius_squared) {
      far += field.solid_angle(r, squared);
      i = field.next;
    } else {
      if (field.next == i + 1) near.add(blocks[nodes[i].block], p);
      ++i;
    }
  }
  return (far + 2 * near.sum()) / (4 * std::numbers::pi);
}

}  // namespace fieldscope
