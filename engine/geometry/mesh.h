// A triangle mesh in memory: plain host data, no thread of its own. Fields live in [-1, 1]^3; what
// comes from a file is brought there, and its frame leads back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/math/surface_view.h"
#include "engine/math/vec3.h"

namespace fieldscope {

struct Mesh {
  std::vector<Vec3> vertices;
  std::vector<Triangle> triangles;
  std::vector<Vec3> normals;  ///< unit, outward, one for each vertex; or empty
  std::vector<float> errors;  ///< distance of each vertex to the true surface; or empty
};

/// Where a mesh of [-1, 1]^3 was in its file: source = centre + scale * p.
struct MeshFrame {
  std::array<double, 3> centre{};
  double scale = 1;

  std::array<double, 3> to_source(Vec3 p) const {
    return {centre[0] + scale * p.x, centre[1] + scale * p.y, centre[2] + scale * p.z};
  }
  bool operator==(const MeshFrame&) const = default;
};

/// How triangles hang together, by their indices.
struct MeshTopology {
  std::size_t boundary_edges = 0;      ///< in one triangle only: the mesh is open there
  std::size_t non_manifold_edges = 0;  ///< in more than two triangles
  std::size_t misdirected_edges = 0;   ///< in two triangles that do not agree on what is outside
  std::size_t pinched_vertices = 0;    ///< whose triangles are more than one fan
  std::size_t components = 0;          ///< of triangles that share vertices
  std::size_t unused_vertices = 0;

  bool closed() const { return boundary_edges == 0; }
  /// Closed, manifold and oriented: what a printer or a solid modeller wants.
  bool solid() const {
    return closed() && non_manifold_edges == 0 && misdirected_edges == 0 && pinched_vertices == 0;
  }
};

/// In time proportional to the triangles. An edge from a vertex to itself counts as none.
MeshTopology topology_of(std::span<const Triangle> triangles, std::size_t vertices);
MeshTopology topology_of(const Mesh& mesh);

/// Positive where triangles are anticlockwise seen from outside; of closed meshes only.
double signed_volume(const Mesh& mesh);

/// Total area: of each triangle half the length of its edges' cross product, added up.
double surface_area(const Mesh& mesh);

/// Sets `normals` to the mean of the faces around each vertex, weighted by their angles there
/// (Thürmer and Wüthrich 1998); zero where no face has an area.
void compute_normals(Mesh& mesh);

}  // namespace fieldscope
