// Bounding volume hierarchy over triangles: nearest hit and any hit along a ray.
// Built once, then read-only: any number of threads may query it.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/demo_image/mesh.h"

namespace fieldscope::demo_image {

class Bvh {
 public:
  struct Hit {
    float t = -1;  // negative: nothing hit
    float u = 0, v = 0;
    const Triangle* triangle = nullptr;
  };

  explicit Bvh(std::vector<Triangle> triangles);

  Hit nearest(const Ray& ray, float t_max) const;
  bool occluded(const Ray& ray, float t_max) const;

 private:
  struct Node {
    Vec3 low, high;
    std::uint32_t first;  // first triangle of a leaf, or the right child (the left one follows)
    std::uint32_t count;  // 0 for an inner node
  };

  void build(std::uint32_t first, std::uint32_t count, std::vector<std::uint32_t>& order,
             const std::vector<Vec3>& centres, const std::vector<Triangle>& source);
  template <bool kAny>
  Hit traverse(const Ray& ray, float t_max) const;

  std::vector<Node> nodes_;
  std::vector<Triangle> triangles_;
};

}  // namespace fieldscope::demo_image
