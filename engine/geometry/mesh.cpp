#include "engine/geometry/mesh.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fieldscope {
namespace {

using Point = std::array<double, 3>;

Point point(Vec3 p) {
  return {p.x, p.y, p.z};
}
Point difference(const Point& a, const Point& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}
Point cross_product(const Point& a, const Point& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
double dot_product(const Point& a, const Point& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
double norm(const Point& a) {
  return std::sqrt(dot_product(a, a));
}

/// Sets that grow together (union by the smaller number, with path halving).
class Sets {
 public:
  explicit Sets(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::uint32_t{0});
  }
  std::uint32_t root(std::uint32_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void unite(std::uint32_t a, std::uint32_t b) {
    a = root(a);
    b = root(b);
    if (a < b) std::swap(a, b);
    parent_[a] = b;
  }

 private:
  std::vector<std::uint32_t> parent_;
};

/// One side of a triangle, filed under the lower of its two vertices.
struct Side {
  std::uint32_t high;         ///< the other vertex
  std::uint32_t low_corner;   ///< 3 triangle + k, at the lower vertex
  std::uint32_t high_corner;  ///< the same at the other one
  bool upwards;               ///< the triangle goes from the lower to the higher number
};

/// All sides, those of vertex v from first[v] to first[v + 1]: a counting sort by the lower vertex.
struct Sides {
  std::vector<std::size_t> first;
  std::vector<Side> sides;
};

Sides sides_of(std::span<const Triangle> triangles, std::size_t vertices) {
  Sides all;
  all.first.assign(vertices + 2, 0);
  for (const Triangle& t : triangles) {
    for (int k = 0; k < 3; ++k) {
      const std::uint32_t a = t[k], b = t[(k + 1) % 3];
      if (a != b) ++all.first[std::min(a, b) + 2];
    }
  }
  std::partial_sum(all.first.begin(), all.first.end(), all.first.begin());
  all.sides.resize(all.first.back());
  for (std::size_t i = 0; i < triangles.size(); ++i) {
    for (std::uint32_t k = 0; k < 3; ++k) {
      const std::uint32_t next = (k + 1) % 3;
      const std::uint32_t a = triangles[i][k], b = triangles[i][next];
      if (a == b) continue;
      const auto corner = static_cast<std::uint32_t>(3 * i);
      all.sides[all.first[std::min(a, b) + 1]++] = a < b
                                                       ? Side{b, corner + k, corner + next, true}
                                                       : Side{a, corner + next, corner + k, false};
    }
  }
  return all;
}

/// Counts one edge, which is the sides from `begin` to `end`, and joins the corners that meet
/// there.
void add_edge(const Side* begin, const Side* end, MeshTopology& topology, Sets& fans) {
  const auto triangles = end - begin;
  topology.boundary_edges += triangles == 1;
  topology.non_manifold_edges += triangles > 2;
  topology.misdirected_edges += triangles == 2 && begin[0].upwards == begin[1].upwards;
  for (const Side* side = begin + 1; side < end; ++side) {
    fans.unite(begin->low_corner, side->low_corner);
    fans.unite(begin->high_corner, side->high_corner);
  }
}

}  // namespace

MeshTopology topology_of(std::span<const Triangle> triangles, std::size_t vertices) {
  MeshTopology topology;
  Sides all = sides_of(triangles, vertices);
  Sets fans(3 * triangles.size());
  for (std::size_t v = 0; v < vertices; ++v) {
    Side* begin = all.sides.data() + all.first[v];
    Side* const end = all.sides.data() + all.first[v + 1];
    std::sort(begin, end, [](const Side& a, const Side& b) { return a.high < b.high; });
    while (begin < end) {
      Side* last = begin;
      while (last < end && last->high == begin->high) ++last;
      add_edge(begin, last, topology, fans);
      begin = last;
    }
  }

  // Every set of corners is a fan of one vertex.
  std::vector<std::uint32_t> fans_at(vertices, 0);
  Sets parts(vertices);
  for (std::uint32_t i = 0; i < triangles.size(); ++i) {
    const Triangle& t = triangles[i];
    for (std::uint32_t k = 0; k < 3; ++k) fans_at[t[k]] += fans.root(3 * i + k) == 3 * i + k;
    parts.unite(t[0], t[1]);
    parts.unite(t[0], t[2]);
  }
  for (std::uint32_t v = 0; v < vertices; ++v) {
    topology.unused_vertices += fans_at[v] == 0;
    topology.pinched_vertices += fans_at[v] > 1;
    topology.components += fans_at[v] > 0 && parts.root(v) == v;
  }
  return topology;
}

MeshTopology topology_of(const Mesh& mesh) {
  return topology_of(mesh.triangles, mesh.vertices.size());
}

double signed_volume(const Mesh& mesh) {
  double six_volumes = 0;
  for (const Triangle& t : mesh.triangles) {
    six_volumes +=
        dot_product(point(mesh.vertices[t[0]]),
                    cross_product(point(mesh.vertices[t[1]]), point(mesh.vertices[t[2]])));
  }
  return six_volumes / 6;
}

double surface_area(const Mesh& mesh) {
  double two_areas = 0;
  for (const Triangle& t : mesh.triangles) {
    const Point a = point(mesh.vertices[t[0]]);
    two_areas += norm(cross_product(difference(point(mesh.vertices[t[1]]), a),
                                    difference(point(mesh.vertices[t[2]]), a)));
  }
  return two_areas / 2;
}

void compute_normals(Mesh& mesh) {
  std::vector<Point> sums(mesh.vertices.size(), Point{});
  for (const Triangle& t : mesh.triangles) {
    const std::array<Point, 3> p = {point(mesh.vertices[t[0]]), point(mesh.vertices[t[1]]),
                                    point(mesh.vertices[t[2]])};
    const Point normal = cross_product(difference(p[1], p[0]), difference(p[2], p[0]));
    const double length = norm(normal);
    if (!(length > 0)) continue;
    for (int k = 0; k < 3; ++k) {
      // Twice the area is the same from every corner: |u x v|.
      const Point u = difference(p[(k + 1) % 3], p[k]), v = difference(p[(k + 2) % 3], p[k]);
      const double weight = std::atan2(length, dot_product(u, v)) / length;
      for (int axis = 0; axis < 3; ++axis) sums[t[k]][axis] += weight * normal[axis];
    }
  }
  mesh.normals.assign(mesh.vertices.size(), Vec3{});
  for (std::size_t v = 0; v < sums.size(); ++v) {
    const double length = norm(sums[v]);
    if (!(length > 0)) continue;
    mesh.normals[v] = {static_cast<float>(sums[v][0] / length),
                       static_cast<float>(sums[v][1] / length),
                       static_cast<float>(sums[v][2] / length)};
  }
}

}  // namespace fieldscope
