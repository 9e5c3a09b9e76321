// A tetrahedron in every format that the mesh reader knows.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace fieldscope::test {

inline constexpr std::array<std::array<double, 3>, 4> tetrahedron_vertices = {
    {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
inline constexpr std::array<std::array<int, 3>, 4> tetrahedron_faces = {
    {{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}}};

inline constexpr const char* obj_tetrahedron =
    "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n";

template <class Number>
void append(std::string& bytes, Number number, bool big_endian = false) {
  char raw[sizeof number];
  std::memcpy(raw, &number, sizeof number);
  if (big_endian) std::reverse(raw, raw + sizeof number);
  bytes.append(raw, sizeof number);
}

/// `encoding` as the header names it.
inline std::string ply_tetrahedron(const std::string& encoding) {
  std::string bytes = "ply\nformat " + encoding +
                      " 1.0\nelement vertex 4\nproperty float x\nproperty double y\n"
                      "property float z\nproperty uchar red\nelement face 4\n"
                      "property list uchar short vertex_indices\nend_header\n";
  const bool ascii = encoding == "ascii", big = encoding == "binary_big_endian";
  for (const auto& p : tetrahedron_vertices) {
    if (ascii) {
      for (const double x : p) bytes += std::to_string(x) + " ";
      bytes += "255\n";
    } else {
      append(bytes, static_cast<float>(p[0]), big);
      append(bytes, p[1], big);
      append(bytes, static_cast<float>(p[2]), big);
      append(bytes, std::uint8_t{255}, big);
    }
  }
  for (const auto& face : tetrahedron_faces) {
    bytes += ascii ? '3' : '\3';
    for (const int v : face) {
      if (ascii) {
        bytes += " " + std::to_string(v);
      } else {
        append(bytes, static_cast<std::int16_t>(v), big);
      }
    }
    if (ascii) bytes += '\n';
  }
  return bytes;
}

inline std::string ascii_stl_tetrahedron() {
  std::string text = "solid a facet\n";
  for (const auto& face : tetrahedron_faces) {
    text += "facet normal nan 0 0\n OUTER loop\n";
    for (const int v : face) {
      text += "  vertex";
      for (const double x : tetrahedron_vertices[v]) text += " " + std::to_string(x);
      text += "\n";
    }
    text += " endloop\nendfacet\n";
  }
  return text + "endsolid a facet\n";
}

inline std::string binary_stl_tetrahedron() {
  std::string bytes(80, ' ');
  append(bytes, std::uint32_t{4});
  for (const auto& face : tetrahedron_faces) {
    bytes.append(12, '\0');  // the normal
    for (const int v : face) {
      for (const double x : tetrahedron_vertices[v]) append(bytes, static_cast<float>(x));
    }
    bytes.append(2, '\0');
  }
  return bytes;
}

/// Names of files and their bytes.
inline std::vector<std::pair<std::string, std::string>> tetrahedra() {
  return {{"t.obj", obj_tetrahedron},
          {"ascii.ply", ply_tetrahedron("ascii")},
          {"little.ply", ply_tetrahedron("binary_little_endian")},
          {"big.ply", ply_tetrahedron("binary_big_endian")},
          {"ascii.stl", ascii_stl_tetrahedron()},
          {"binary.stl", binary_stl_tetrahedron()}};
}

}  // namespace fieldscope::test
