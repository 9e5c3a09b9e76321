// Triangles with a material and a tint, and the shapes that the scene is built from. Metres.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tools/demo_image/vec3.h"

namespace fieldscope::demo_image {

enum class Material : std::uint8_t {
  kRock,
  kMasonry,  // painted, weathered
  kBoards,   // painted wood
  kSlate,
  kMetal,
  kGlass,
  kGlow,  // emits its tint
  kLeaf,  // lets light through
  kPetal,
  kCloth,
};

struct Triangle {
  Vec3 a, b, c;        // corners
  Vec3 na, nb, nc;     // normals there
  Vec3 tint{1, 1, 1};  // albedo, or radiance for kGlow
  Material material{};
};

// Where a shape is put: rotated about the vertical, then moved.
struct Placement {
  Vec3 origin;
  float yaw = 0;
  Vec3 point(Vec3 p) const { return origin + direction(p); }
  Vec3 direction(Vec3 d) const {
    const float c = std::cos(yaw), s = std::sin(yaw);
    return {c * d.x + s * d.z, d.y, c * d.z - s * d.x};
  }
};

class Mesh {
 public:
  explicit Mesh(Placement placement = {}) : placement_(placement) {}

  void set_placement(Placement placement) { placement_ = placement; }
  void paint(Material material, Vec3 tint);

  void triangle(Vec3 a, Vec3 b, Vec3 c);
  void smooth_triangle(Vec3 a, Vec3 b, Vec3 c, Vec3 na, Vec3 nb, Vec3 nc);
  void quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d);
  void box(Vec3 low, Vec3 high);
  void rod(Vec3 from, Vec3 to, float radius, int sides = 6);
  // A surface of revolution about the y axis: (radius, height) pairs, smooth around.
  void lathe(const std::vector<std::pair<float, float>>& profile, int sides);
  // A ball of `levels` subdivisions of an icosahedron whose radius depends on the direction.
  void ball(Vec3 centre, int levels, const std::function<float(Vec3)>& radius);

  const std::vector<Triangle>& triangles() const { return triangles_; }

 private:
  Placement placement_;
  Material material_{};
  Vec3 tint_{1, 1, 1};
  std::vector<Triangle> triangles_;
};

}  // namespace fieldscope::demo_image
