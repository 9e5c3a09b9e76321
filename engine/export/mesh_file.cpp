#include "engine/export/mesh_file.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "engine/export/atomic_file.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

static_assert(std::endian::native == std::endian::little, "the PLY files are little endian");

constexpr std::string_view program = "Fieldscope " FIELDSCOPE_VERSION;

void check(const std::filesystem::path& path, const char* what, std::size_t count,
           const Mesh& mesh) {
  if (count == 0 || count == mesh.vertices.size()) return;
  throw UsageError("cannot write mesh '" + path.string() + "': it has " +
                   std::to_string(mesh.vertices.size()) + " vertices and " + std::to_string(count) +
                   " " + what);
}

template <class Number>
void append_bytes(std::string& bytes, Number number) {
  const auto raw = std::bit_cast<std::array<char, sizeof number>>(number);
  bytes.append(raw.data(), raw.size());
}

std::string ply_header(const Mesh& mesh, bool with_colours) {
  std::string text = "ply\nformat binary_little_endian 1.0\ncomment written by ";
  text += program;
  text += "\nelement vertex " + std::to_string(mesh.vertices.size()) +
          "\nproperty float x\nproperty float y\nproperty float z\n";
  if (!mesh.normals.empty()) text += "property float nx\nproperty float ny\nproperty float nz\n";
  if (with_colours) text += "property uchar red\nproperty uchar green\nproperty uchar blue\n";
  if (!mesh.errors.empty()) text += "property float error\n";
  return text + "element face " + std::to_string(mesh.triangles.size()) +
         "\nproperty list uchar int vertex_indices\nend_header\n";
}

/// `word`, then three numbers, then the end of the line.
void append_line(std::string& text, std::string_view word, const std::array<double, 3>& numbers) {
  text += word;
  for (const double number : numbers) {
    char digits[32];
    const auto [end, error] =
        std::to_chars(digits, digits + sizeof digits, number, std::chars_format::general, 9);
    text += ' ';
    text.append(digits, end);
  }
  text += '\n';
}

}  // namespace

void write_ply(const std::filesystem::path& path, const Mesh& mesh, const MeshFrame& frame,
               std::span<const std::array<std::uint8_t, 3>> colours) {
  check(path, "normals", mesh.normals.size(), mesh);
  check(path, "colours", colours.size(), mesh);
  check(path, "errors", mesh.errors.size(), mesh);
  std::string bytes = ply_header(mesh, !colours.empty());
  bytes.reserve(bytes.size() + 31 * mesh.vertices.size() + 13 * mesh.triangles.size());
  for (std::size_t v = 0; v < mesh.vertices.size(); ++v) {
    for (const double x : frame.to_source(mesh.vertices[v])) {
      append_bytes(bytes, static_cast<float>(x));
    }
    if (!mesh.normals.empty()) append_bytes(bytes, mesh.normals[v]);
    if (!colours.empty()) append_bytes(bytes, colours[v]);
    if (!mesh.errors.empty()) {
      append_bytes(bytes, static_cast<float>(frame.scale * mesh.errors[v]));
    }
  }
  for (const Triangle& t : mesh.triangles) {
    bytes += char{3};
    append_bytes(bytes, t);
  }
  write_file(path, bytes);
}

void write_obj(const std::filesystem::path& path, const Mesh& mesh, const MeshFrame& frame) {
  check(path, "normals", mesh.normals.size(), mesh);
  std::string text = "# written by ";
  text += program;
  text += '\n';
  text.reserve(text.size() + 64 * mesh.vertices.size() + 40 * mesh.triangles.size());
  for (const Vec3 p : mesh.vertices) append_line(text, "v", frame.to_source(p));
  for (const Vec3 n : mesh.normals) append_line(text, "vn", {n.x, n.y, n.z});
  for (const Triangle& t : mesh.triangles) {
    text += 'f';
    for (const std::uint32_t v : t) {
      const std::string corner = std::to_string(v + 1);
      text += ' ';
      text += corner;
      if (!mesh.normals.empty()) {
        text += "//";
        text += corner;
      }
    }
    text += '\n';
  }
  write_file(path, text);
}

std::vector<std::array<std::uint8_t, 3>> error_colours(const Mesh& mesh, Colormap map,
                                                       float limit) {
  std::vector<std::array<std::uint8_t, 3>> colours;
  colours.reserve(mesh.errors.size());
  for (const float error : mesh.errors) {
    const Rgb colour = colormap(map, error / limit);
    std::array<std::uint8_t, 3> bytes{};
    std::transform(colour.begin(), colour.end(), bytes.begin(), [](float channel) {
      return static_cast<std::uint8_t>(std::lround(std::clamp(channel, 0.0f, 1.0f) * 255));
    });
    colours.push_back(bytes);
  }
  return colours;
}

}  // namespace fieldscope
