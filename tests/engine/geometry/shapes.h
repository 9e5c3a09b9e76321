// Small meshes that several tests need.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/geometry/mesh.h"

namespace fieldscope::test {

/// Of corners (+-1, +-1, +-1) * half: 8 vertices, 12 triangles, anticlockwise from outside.
inline Mesh cube(float half = 1) {
  Mesh mesh;
  for (int i = 0; i < 8; ++i) {
    mesh.vertices.push_back({i & 1 ? half : -half, i & 2 ? half : -half, i & 4 ? half : -half});
  }
  mesh.triangles = {{0, 2, 1}, {1, 2, 3}, {4, 5, 6}, {5, 7, 6}, {0, 1, 4}, {1, 5, 4},
                    {2, 6, 3}, {3, 6, 7}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}};
  return mesh;
}

/// A sphere of `rings` x `sectors` patches.
inline Mesh sphere(std::uint32_t rings, std::uint32_t sectors, float radius = 1) {
  Mesh mesh;
  const float pi = 3.14159265f;
  mesh.vertices = {{0, 0, radius}, {0, 0, -radius}};
  for (std::uint32_t r = 1; r < rings; ++r) {
    const float theta = pi * static_cast<float>(r) / static_cast<float>(rings);
    for (std::uint32_t s = 0; s < sectors; ++s) {
      const float phi = 2 * pi * static_cast<float>(s) / static_cast<float>(sectors);
      mesh.vertices.push_back({radius * std::sin(theta) * std::cos(phi),
                               radius * std::sin(theta) * std::sin(phi), radius * std::cos(theta)});
    }
  }
  const auto at = [&](std::uint32_t r, std::uint32_t s) {
    return 2 + (r - 1) * sectors + s % sectors;
  };
  for (std::uint32_t s = 0; s < sectors; ++s) {
    mesh.triangles.push_back({0, at(1, s), at(1, s + 1)});
    mesh.triangles.push_back({1, at(rings - 1, s + 1), at(rings - 1, s)});
    for (std::uint32_t r = 1; r + 1 < rings; ++r) {
      mesh.triangles.push_back({at(r, s), at(r + 1, s), at(r + 1, s + 1)});
      mesh.triangles.push_back({at(r, s), at(r + 1, s + 1), at(r, s + 1)});
    }
  }
  return mesh;
}

}  // namespace fieldscope::test
