#include "engine/data/mesh_file.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <new>

#include "engine/data/mesh_formats.h"
#include "engine/data/whole_file.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{1} << 31;

struct MeshFormat {
  const char* extension;
  bool (*recognises)(std::string_view bytes);  ///< null: nothing but the ending tells
  SourceMesh (*read)(std::string bytes);
};

constexpr MeshFormat formats[] = {
    {".obj", nullptr, &read_obj},
    {".ply", &looks_like_ply, &read_ply},
    {".stl", &looks_like_stl, &read_stl},
};

const MeshFormat& format_of(std::string_view bytes, const std::filesystem::path& path) {
  for (const MeshFormat& format : formats) {
    if (format.recognises && format.recognises(bytes)) return format;
  }
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const MeshFormat* found = std::find_if(std::begin(formats), std::end(formats),
                                         [&](const auto& f) { return ending == f.extension; });
  if (found == std::end(formats)) {
    refuse_mesh("it is not a mesh in a known format; give an OBJ, PLY or STL file");
  }
  return *found;
}

}  // namespace

void refuse_mesh(const std::string& reason) {
  throw DataError(reason);
}

SourceMesh read_mesh_file(const std::filesystem::path& path) {
  const auto refuse = [&](const std::string& reason) {
    throw DataError("cannot read mesh '" + path.string() + "': " + reason);
  };
  SourceMesh mesh;
  try {
    std::string bytes = read_whole_file(path, "mesh", most_bytes);
    try {
      if (bytes.empty()) refuse_mesh("the file is empty; give an OBJ, PLY or STL file");
      const MeshFormat& format = format_of(bytes, path);
      mesh = format.read(std::move(bytes));
    } catch (const DataError& error) {
      refuse(error.what());
    }
  } catch (const std::bad_alloc&) {
    refuse("it needs more memory than there is; simplify it first");
  }
  return mesh;
}

const std::vector<std::string>& mesh_extensions() {
  static const std::vector<std::string> extensions = [] {
    std::vector<std::string> all;
    for (const MeshFormat& format : formats) all.emplace_back(format.extension);
    return all;
  }();
  return extensions;
}

}  // namespace fieldscope
