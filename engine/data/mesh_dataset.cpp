#include "engine/data/mesh_dataset.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "engine/math/counted.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

std::string edges(std::size_t count) {
  return counted(count, "edge", "edges");
}

std::uint64_t fnv1a(std::uint64_t hash, std::span<const std::byte> bytes) {
  for (const std::byte byte : bytes) {
    hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3u;
  }
  return hash;
}

}  // namespace

MeshFrame fit_frame(const SourceMesh& source, double margin) {
  if (!(margin >= 0 && margin < 1)) {
    throw UsageError("the margin around a mesh must be at least 0 and less than 1");
  }
  MeshFrame frame;
  double longest = 0;
  for (int axis = 0; axis < 3; ++axis) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const Triangle& t : source.triangles) {
      for (const std::uint32_t v : t) {
        low = std::min(low, source.vertices[v][axis]);
        high = std::max(high, source.vertices[v][axis]);
      }
    }
    // Halved first, so that the largest numbers do not overflow.
    frame.centre[axis] = low / 2 + high / 2;
    longest = std::max(longest, high / 2 - low / 2);
  }
  if (source.triangles.empty() || !(longest >= std::numeric_limits<double>::min())) {
    throw DataError("the mesh has no extent: all its vertices lie in one point; give another one");
  }
  frame.scale = longest / (1 - margin);
  return frame;
}

Mesh normalised_mesh(const SourceMesh& source, const MeshFrame& frame) {
  constexpr std::uint32_t unused = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> number(source.vertices.size(), unused);
  for (const Triangle& t : source.triangles) {
    for (const std::uint32_t v : t) number[v] = 0;
  }
  Mesh mesh;
  for (std::size_t v = 0; v < number.size(); ++v) {
    if (number[v] == unused) continue;
    number[v] = static_cast<std::uint32_t>(mesh.vertices.size());
    const auto coordinate = [&](int axis) {
      return static_cast<float>((source.vertices[v][axis] - frame.centre[axis]) / frame.scale);
    };
    mesh.vertices.push_back({coordinate(0), coordinate(1), coordinate(2)});
  }
  mesh.triangles.reserve(source.triangles.size());
  for (const Triangle& t : source.triangles) {
    mesh.triangles.push_back({number[t[0]], number[t[1]], number[t[2]]});
  }
  return mesh;
}

std::vector<std::string> mesh_warnings(const MeshTopology& topology, double volume) {
  std::vector<std::string> warnings;
  if (!topology.closed()) {
    warnings.push_back(
        "open: " + counted(topology.boundary_edges, "boundary edge", "boundary edges") +
        "; what is inside is decided by winding number");
  }
  if (topology.non_manifold_edges > 0) {
    warnings.push_back(edges(topology.non_manifold_edges) +
                       (topology.non_manifold_edges == 1 ? " is" : " are") +
                       " shared by more than two triangles");
  }
  if (topology.misdirected_edges > 0) {
    warnings.push_back("triangles disagree on what is outside along " +
                       edges(topology.misdirected_edges));
  }
  if (topology.closed() && volume < 0) warnings.push_back("inside out: turned round");
  return warnings;
}

void turn_round(Mesh& mesh) {
  for (Triangle& t : mesh.triangles) std::swap(t[1], t[2]);
  for (Vec3& normal : mesh.normals) normal = normal * -1;
}

std::uint64_t content_hash(const Mesh& mesh) {
  static_assert(sizeof(Vec3) == 3 * sizeof(float));  // no padding in between
  std::uint64_t hash = 0xcbf29ce484222325u;
  const std::uint64_t vertices = mesh.vertices.size();
  hash = fnv1a(hash, std::as_bytes(std::span(&vertices, 1)));
  hash = fnv1a(hash, std::as_bytes(std::span(mesh.vertices)));
  return fnv1a(hash, std::as_bytes(std::span(mesh.triangles)));
}

}  // namespace fieldscope
