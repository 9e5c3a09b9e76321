// What a run learns of a mesh: its surface in [-1, 1]^3, the frame that leads back to the file, and
// what people should know about it. Plain host data; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/data/mesh_file.h"
#include "engine/geometry/mesh.h"

namespace fieldscope {

/// How far a mesh stays away from the faces of [-1, 1]^3.
inline constexpr double mesh_margin = 0.02;

/// Centres the bounding box of the triangles and brings its longest half axis to 1 - margin.
/// Throws DataError when all triangles lie in one point, UsageError unless 0 <= margin < 1.
MeshFrame fit_frame(const SourceMesh& source, double margin = mesh_margin);

/// The triangles in the frame, in their order, with the vertices that they use.
Mesh normalised_mesh(const SourceMesh& source, const MeshFrame& frame);

/// What people should know, one line each; `volume` is the signed one.
std::vector<std::string> mesh_warnings(const MeshTopology& topology, double volume);

/// Turns all triangles, and normals where there are any, the other way.
void turn_round(Mesh& mesh);

/// Tells meshes apart by vertices and triangles, in their order (64-bit FNV-1a).
std::uint64_t content_hash(const Mesh& mesh);

}  // namespace fieldscope
