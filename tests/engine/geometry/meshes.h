// Meshes for tests, and what a test needs to know about them, independent of the code under test.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <numbers>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "engine/geometry/mesh.h"
#include "engine/math/random.h"

namespace fieldscope::test {

inline Vec3 random_point(std::uint64_t key, std::uint64_t index, float half_width = 1) {
  const auto number = [&](std::uint64_t k) {
    return half_width * static_cast<float>(2 * random_uniform(key, 3 * index + k) - 1);
  };
  return {number(0), number(1), number(2)};
}

/// Anticlockwise seen from outside; `outward` false: a hole of this shape.
inline void add_box(Mesh& mesh, Vec3 low, Vec3 high, bool outward = true) {
  const auto first = static_cast<std::uint32_t>(mesh.vertices.size());
  for (unsigned i = 0; i < 8; ++i) {
    mesh.vertices.push_back({(i & 1) != 0 ? high.x : low.x, (i & 2) != 0 ? high.y : low.y,
                             (i & 4) != 0 ? high.z : low.z});
  }
  constexpr std::uint32_t quads[6][4] = {{0, 2, 3, 1}, {4, 5, 7, 6}, {0, 1, 5, 4},
                                         {2, 6, 7, 3}, {0, 4, 6, 2}, {1, 3, 7, 5}};
  for (const auto& q : quads) {
    for (const Triangle& t : {Triangle{q[0], q[1], q[2]}, Triangle{q[0], q[2], q[3]}}) {
      mesh.triangles.push_back(
          {first + t[0], first + t[outward ? 1 : 2], first + t[outward ? 2 : 1]});
    }
  }
}

inline Mesh octahedron(float radius) {
  Mesh mesh;
  mesh.vertices = {{radius, 0, 0},  {-radius, 0, 0}, {0, radius, 0},
                   {0, -radius, 0}, {0, 0, radius},  {0, 0, -radius}};
  mesh.triangles = {{0, 2, 4}, {2, 1, 4}, {1, 3, 4}, {3, 0, 4},
                    {2, 0, 5}, {1, 2, 5}, {3, 1, 5}, {0, 3, 5}};
  return mesh;
}

/// Around the z axis.
inline Mesh torus(float major, float minor, std::uint32_t around, std::uint32_t across) {
  Mesh mesh;
  for (std::uint32_t i = 0; i < around; ++i) {
    const float u =
        2 * std::numbers::pi_v<float> * static_cast<float>(i) / static_cast<float>(around);
    for (std::uint32_t j = 0; j < across; ++j) {
      const float v =
          2 * std::numbers::pi_v<float> * static_cast<float>(j) / static_cast<float>(across);
      const float radius = major + minor * std::cos(v);
      mesh.vertices.push_back({radius * std::cos(u), radius * std::sin(u), minor * std::sin(v)});
      const std::uint32_t i1 = (i + 1) % around, j1 = (j + 1) % across;
      const std::uint32_t a = i * across + j, b = i1 * across + j, c = i1 * across + j1,
                          d = i * across + j1;
      mesh.triangles.push_back({a, b, c});
      mesh.triangles.push_back({a, c, d});
    }
  }
  return mesh;
}

inline double distance_to_torus(Vec3 p, float major, float minor) {  // negative inside
  return std::hypot(std::hypot(p.x, p.y) - major, p.z) - minor;
}

/// One of the shared scans, brought into [-0.9, 0.9]^3; nothing where it is not there.
inline std::optional<Mesh> shared_scan(const std::string& name) {
  std::ifstream file(std::string(FIELDSCOPE_SHARED) + "/data/mesh/" + name + ".obj");
  if (!file) return std::nullopt;
  Mesh mesh;
  std::string line, word;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    words >> word;
    if (word == "v") {
      Vec3& v = mesh.vertices.emplace_back();
      words >> v.x >> v.y >> v.z;
    } else if (word == "f") {
      Triangle& t = mesh.triangles.emplace_back();
      for (std::uint32_t& corner : t) {
        words >> word;
        corner = static_cast<std::uint32_t>(std::stoul(word)) - 1;  // up to a slash
      }
    }
    word.clear();
  }
  Vec3 low = mesh.vertices.front(), high = low;
  for (const Vec3 v : mesh.vertices) {
    low = {std::min(low.x, v.x), std::min(low.y, v.y), std::min(low.z, v.z)};
    high = {std::max(high.x, v.x), std::max(high.y, v.y), std::max(high.z, v.z)};
  }
  const Vec3 size = high - low, centre = (low + high) * 0.5f;
  const float scale = 1.8f / std::max({size.x, size.y, size.z});
  for (Vec3& v : mesh.vertices) v = (v - centre) * scale;
  return mesh;
}

/// What is wrong with the mesh as the boundary of a solid; empty where nothing is.
inline std::string flaw_of_solid(const Mesh& mesh) {
  using Edge = std::pair<std::uint32_t, std::uint32_t>;
  std::vector<std::pair<Edge, std::uint32_t>> edges;  // with the triangle's third corner
  std::vector<bool> used(mesh.vertices.size());
  for (const Triangle& t : mesh.triangles) {
    for (int k = 0; k < 3; ++k) {
      if (t[k] >= mesh.vertices.size()) return "a triangle without a vertex";
      used[t[k]] = true;
      if (t[k] == t[(k + 1) % 3]) return "a triangle with a corner twice";
      edges.push_back({{t[k], t[(k + 1) % 3]}, t[(k + 2) % 3]});
    }
  }
  if (std::find(used.begin(), used.end(), false) != used.end()) return "a vertex without triangle";
  std::sort(edges.begin(), edges.end());
  const auto position = [&](Edge edge) {
    return std::lower_bound(edges.begin(), edges.end(), std::pair{edge, std::uint32_t{0}});
  };
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const Edge edge = edges[i].first;
    if (i > 0 && edges[i - 1].first == edge) return "an edge twice in the same direction";
    const auto opposite = position({edge.second, edge.first});
    if (opposite == edges.end() || opposite->first != Edge{edge.second, edge.first}) {
      return "an edge in one triangle only";
    }
  }
  // Around each vertex, from triangle to triangle, one must come through all of its triangles.
  for (std::size_t i = 0; i < edges.size();) {
    const std::uint32_t vertex = edges[i].first.first;
    std::size_t end = i;
    while (end < edges.size() && edges[end].first.first == vertex) ++end;
    std::size_t steps = 0, at = i;
    do {
      at = static_cast<std::size_t>(position({vertex, edges[at].second}) - edges.begin());
      ++steps;
    } while (at != i && steps <= end - i);
    if (steps != end - i) return "a vertex with several fans";
    i = end;
  }
  return "";
}

/// By the divergence theorem.
inline double volume_of(const Mesh& mesh) {
  double sum = 0;
  for (const Triangle& t : mesh.triangles) {
    const Vec3 a = mesh.vertices[t[0]], b = mesh.vertices[t[1]], c = mesh.vertices[t[2]];
    sum += dot(a, cross(b, c)) / 6.0;
  }
  return sum;
}

inline double area_of(const Mesh& mesh) {
  double sum = 0;
  for (const Triangle& t : mesh.triangles) {
    const Vec3 a = mesh.vertices[t[0]];
    sum += length(cross(mesh.vertices[t[1]] - a, mesh.vertices[t[2]] - a)) / 2.0;
  }
  return sum;
}

/// Vertices - edges + faces of a closed mesh: 2 a sphere, less 2 a handle.
inline long euler_characteristic(const Mesh& mesh) {
  return static_cast<long>(mesh.vertices.size()) - static_cast<long>(mesh.triangles.size()) / 2;
}

}  // namespace fieldscope::test
