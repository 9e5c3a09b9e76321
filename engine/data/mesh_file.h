// Triangle meshes from files, as they are there: plain host data, no thread of its own. What a run
// learns of one is made by mesh_dataset.h.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/geometry/mesh.h"

namespace fieldscope {

/// In the units and axes of its file.
struct SourceMesh {
  std::vector<std::array<double, 3>> vertices;  ///< finite; some may be in no triangle
  std::vector<Triangle> triangles;              ///< at least one, each of three different places
  std::vector<std::string> notes;               ///< what people should know, one line each
};

/// Reads OBJ, PLY (ascii, binary of both byte orders) and STL (ascii, binary), told apart by
/// content first and by the name's ending where that leaves doubt. Polygons are cut into triangles
/// as fans around their first vertex. Triangles with two vertices at one place are left out.
/// Vertices at exactly equal places are joined in STL, which has no indices, and in the other
/// formats if that closes boundaries. Each of these but the joining in STL leaves a note.
/// Throws DataError naming the file, the reason, the vertex or face, and what to do.
SourceMesh read_mesh_file(const std::filesystem::path& path);

/// Endings of the files that can be read, lower case with the dot.
const std::vector<std::string>& mesh_extensions();

}  // namespace fieldscope
