// Inside the mesh reader: the table of formats, and what their readers share. A format is one file
// and one line in the table of mesh_file.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/data/mesh_file.h"

namespace fieldscope {

/// Throws a DataError with nothing but the reason and what to do: read_mesh_file() adds the name.
[[noreturn]] void refuse_mesh(const std::string& reason);

/// Takes what the readers find, checks it, and makes a mesh of it. Vertices and faces are numbered
/// in messages as the format numbers them.
class MeshBuilder {
 public:
  explicit MeshBuilder(std::uint64_t first_number) : first_(first_number) {}

  void reserve_vertices(std::size_t count) { mesh_.vertices.reserve(count); }
  void reserve_triangles(std::size_t count) { mesh_.triangles.reserve(count); }

  /// Refuses what is not finite.
  void add_vertex(double x, double y, double z);
  /// Indices from 0; they may be of vertices still to come. Refuses what can be none.
  void add_face(std::span<const std::int64_t> corners);

  std::size_t vertices() const { return mesh_.vertices.size(); }
  std::uint64_t faces() const { return faces_; }

  enum class Joining { if_it_closes, always };
  /// Refuses meshes without faces and faces without vertices.
  SourceMesh finish(Joining joining);

 private:
  SourceMesh mesh_;
  std::uint64_t first_;
  std::uint64_t faces_ = 0;
  std::uint64_t polygons_ = 0;
  std::uint64_t degenerate_ = 0;
  std::int64_t highest_index_ = -1;
  std::uint64_t face_of_highest_ = 0;
};

/// Words between white space.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  /// Empty at the end.
  std::string_view next();
  void skip_line();
  std::size_t bytes_left() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

/// The number that a word is, "nan" and "inf" included; refuses others, saying where.
double mesh_number(std::string_view word, const std::string& where);

/// A word of a file as a message can show it.
std::string shown(std::string_view word);

bool looks_like_ply(std::string_view bytes);
bool looks_like_stl(std::string_view bytes);
SourceMesh read_obj(std::string bytes);
SourceMesh read_ply(std::string bytes);
SourceMesh read_stl(std::string bytes);

}  // namespace fieldscope
