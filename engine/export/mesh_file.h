// Meshes as files that other programs open: in the coordinates of the file that the mesh was
// learned from, whole or not at all. Plain host data; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "engine/geometry/mesh.h"
#include "engine/math/colormap.h"

namespace fieldscope {

/// Binary little-endian PLY with x, y, z and what there is of: normals (nx, ny, nz), `colours`
/// (red, green, blue of each vertex) and errors (error, in the file's units). Throws UsageError
/// when normals, colours or errors are neither none nor one for each vertex, DataError naming the
/// file when writing fails.
void write_ply(const std::filesystem::path& path, const Mesh& mesh, const MeshFrame& frame,
               std::span<const std::array<std::uint8_t, 3>> colours = {});

/// Of each vertex, its error in false colour, `limit` at the map's end.
std::vector<std::array<std::uint8_t, 3>> error_colours(const Mesh& mesh, Colormap map, float limit);

/// OBJ text with normals where there are any; numbers have nine digits, more than floats hold.
/// Throws as write_ply().
void write_obj(const std::filesystem::path& path, const Mesh& mesh, const MeshFrame& frame);

}  // namespace fieldscope
