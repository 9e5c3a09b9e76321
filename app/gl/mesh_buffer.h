// A triangle mesh on the graphics card. Packing needs no OpenGL and can be done by a worker; the
// buffer belongs to the view that shows it and lives on the thread that owns the GL context.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <glad/gl.h>

#include "engine/geometry/mesh.h"

namespace fieldscope::gl {

struct PackedVertex {
  float x, y, z;
  std::array<std::int16_t, 4> normal;  // 32767 is 1; the last is padding
  float error;
};
static_assert(sizeof(PackedVertex) == 24);  // the wire's shader counts words

// A mesh as the graphics card takes it.
struct PackedMesh {
  std::vector<PackedVertex> vertices;
  std::vector<Triangle> triangles;
  bool has_errors = false;
  bool closed = false;  // and anticlockwise from outside: no back is ever seen
};

// Any thread. A mesh without normals gets means over the faces around each vertex, weighted by
// their areas; without errors, zeros.
PackedMesh pack(const Mesh& mesh);

class MeshBuffer {
 public:
  MeshBuffer() = default;
  ~MeshBuffer();
  MeshBuffer(MeshBuffer&& other) noexcept;
  MeshBuffer& operator=(MeshBuffer&& other) noexcept;

  void upload(const PackedMesh& mesh);
  void draw() const;
  // For shaders that look vertices up: positions at `vertices`, corners at the next binding.
  void bind_storage(GLuint vertices) const;

  bool empty() const { return triangles_ == 0; }
  std::size_t triangles() const { return static_cast<std::size_t>(triangles_); }
  bool has_errors() const { return has_errors_; }
  bool closed() const { return closed_; }
  // Another one after each upload, whatever the buffer; 0: nothing was uploaded.
  std::uint64_t revision() const { return revision_; }

 private:
  GLuint vertex_array_ = 0, vertices_ = 0, corners_ = 0;
  GLsizei triangles_ = 0;
  bool has_errors_ = false, closed_ = false;
  std::uint64_t revision_ = 0;
};

}  // namespace fieldscope::gl
