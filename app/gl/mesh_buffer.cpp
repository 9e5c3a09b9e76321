#include "app/gl/mesh_buffer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace fieldscope::gl {
namespace {

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t mix_bits(std::uint64_t z) {
  z += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

std::vector<Vec3> area_weighted_normals(const Mesh& mesh) {
  std::vector<Vec3> normals(mesh.vertices.size());
  for (const auto& [a, b, c] : mesh.triangles) {
    const Vec3 p = mesh.vertices[a];
    const Vec3 n = cross(mesh.vertices[b] - p, mesh.vertices[c] - p);
    for (const std::uint32_t corner : {a, b, c}) normals[corner] = normals[corner] + n;
  }
  for (Vec3& n : normals) n = normalised(n);
  return normals;
}

// Every edge is walked as often in one direction as in the other, and the volume is positive. Edges
// are not collected: their hashes, signed by direction, add up to zero (or would, of an open mesh,
// once in 2^64), which takes a thousandth of the time.
bool closed_outward(const Mesh& mesh) {
  std::uint64_t balance = 0;
  double volume = 0;
  const auto walk = [&balance](std::uint64_t from, std::uint64_t to) {
    const std::uint64_t edge = from < to ? from << 32 | to : to << 32 | from;
    const std::uint64_t hash = mix_bits(edge);
    balance += from < to ? hash : ~hash + 1;
  };
  for (const auto& [a, b, c] : mesh.triangles) {
    walk(a, b);
    walk(b, c);
    walk(c, a);
    volume += dot(mesh.vertices[a], cross(mesh.vertices[b], mesh.vertices[c]));
  }
  return balance == 0 && volume > 0;
}

std::int16_t to_short(float value) {
  return static_cast<std::int16_t>(std::lround(std::clamp(value, -1.0f, 1.0f) * 32767));
}

}  // namespace

PackedMesh pack(const Mesh& mesh) {
  PackedMesh packed;
  const std::size_t count = mesh.vertices.size();
  const bool given = mesh.normals.size() == count;
  const std::vector<Vec3> computed = given ? std::vector<Vec3>() : area_weighted_normals(mesh);
  const std::vector<Vec3>& normals = given ? mesh.normals : computed;
  packed.has_errors = count > 0 && mesh.errors.size() == count;
  packed.closed = closed_outward(mesh);
  packed.triangles = mesh.triangles;
  packed.vertices.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Vec3 p = mesh.vertices[i], n = normals[i];
    packed.vertices[i] = {p.x,
                          p.y,
                          p.z,
                          {to_short(n.x), to_short(n.y), to_short(n.z), 0},
                          packed.has_errors ? mesh.errors[i] : 0.0f};
  }
  return packed;
}

MeshBuffer::~MeshBuffer() {
  if (!vertex_array_) return;
  glDeleteVertexArrays(1, &vertex_array_);
  glDeleteBuffers(1, &vertices_);
  glDeleteBuffers(1, &corners_);
}

MeshBuffer::MeshBuffer(MeshBuffer&& other) noexcept {
  *this = std::move(other);
}

MeshBuffer& MeshBuffer::operator=(MeshBuffer&& other) noexcept {
  std::swap(vertex_array_, other.vertex_array_);
  std::swap(vertices_, other.vertices_);
  std::swap(corners_, other.corners_);
  std::swap(triangles_, other.triangles_);
  std::swap(has_errors_, other.has_errors_);
  std::swap(closed_, other.closed_);
  std::swap(revision_, other.revision_);
  return *this;
}

void MeshBuffer::upload(const PackedMesh& mesh) {
  if (!vertex_array_) {
    glGenVertexArrays(1, &vertex_array_);
    glGenBuffers(1, &vertices_);
    glGenBuffers(1, &corners_);
  }
  glBindVertexArray(vertex_array_);
  glBindBuffer(GL_ARRAY_BUFFER, vertices_);
  glBufferData(GL_ARRAY_BUFFER,
               static_cast<GLsizeiptr>(mesh.vertices.size() * sizeof(PackedVertex)),
               mesh.vertices.data(), GL_STATIC_DRAW);
  glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, corners_);
  glBufferData(GL_ELEMENT_ARRAY_BUFFER,
               static_cast<GLsizeiptr>(mesh.triangles.size() * sizeof(Triangle)),
               mesh.triangles.data(), GL_STATIC_DRAW);
  const auto attribute = [](GLuint index, GLint size, GLenum type, GLboolean scaled,
                            std::size_t offset) {
    glEnableVertexAttribArray(index);
    glVertexAttribPointer(index, size, type, scaled, sizeof(PackedVertex),
                          reinterpret_cast<const void*>(offset));
  };
  attribute(0, 3, GL_FLOAT, GL_FALSE, offsetof(PackedVertex, x));
  attribute(1, 3, GL_SHORT, GL_TRUE, offsetof(PackedVertex, normal));
  attribute(2, 1, GL_FLOAT, GL_FALSE, offsetof(PackedVertex, error));
  glBindVertexArray(0);
  glBindBuffer(GL_ARRAY_BUFFER, 0);
  triangles_ = static_cast<GLsizei>(mesh.triangles.size());
  has_errors_ = mesh.has_errors;
  closed_ = mesh.closed;
  static std::uint64_t uploads = 0;
  revision_ = ++uploads;
}

void MeshBuffer::draw() const {
  if (empty()) return;
  glBindVertexArray(vertex_array_);
  glDrawElements(GL_TRIANGLES, triangles_ * 3, GL_UNSIGNED_INT, nullptr);
  glBindVertexArray(0);
}

void MeshBuffer::bind_storage(GLuint vertices) const {
  if (empty()) return;
  glBindBufferBase(GL_SHADER_STORAGE_BUFFER, vertices, vertices_);
  glBindBufferBase(GL_SHADER_STORAGE_BUFFER, vertices + 1, corners_);
}

}  // namespace fieldscope::gl
