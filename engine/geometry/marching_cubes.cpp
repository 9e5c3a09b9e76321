#include "engine/geometry/marching_cubes.h"

#include <stdexcept>
#include <utility>
#include <vector>

namespace fieldscope {
namespace {

using CubeTriangle = std::array<std::uint8_t, 3>;
using Loop = std::vector<std::uint8_t>;  // edges of the cell, one after the other around a piece

// Corners of the six faces, anticlockwise seen from outside of the cell.
constexpr std::uint8_t faces[6][4] = {{0, 4, 6, 2}, {1, 3, 7, 5}, {0, 1, 5, 4},
                                      {2, 6, 7, 3}, {0, 2, 3, 1}, {4, 5, 7, 6}};

std::uint8_t edge_between(unsigned a, unsigned b) {
  const unsigned low = a < b ? a : b, axis_bit = a ^ b;
  for (std::uint8_t e = 0; e < 12; ++e) {
    if (cube_edge_corner[e] == low && 1u << e / 4 == axis_bit) return e;
  }
  throw std::logic_error("not an edge of a cell");
}

bool on_face(std::uint8_t edge, int face) {
  const unsigned a = cube_edge_corner[edge], b = a | 1u << edge / 4;
  unsigned ends = 0;
  for (const unsigned corner : faces[face]) ends += corner == a || corner == b ? 1 : 0;
  return ends == 2;
}

bool share_face(std::uint8_t a, std::uint8_t b) {
  for (int face = 0; face < 6; ++face) {
    if (on_face(a, face) && on_face(b, face)) return true;
  }
  return false;
}

/// Where the surface goes on each face: from the crossing that leads to a run of corners inside to
/// the one that leaves it. The surface's outside is then on the right, seen from outside of the
/// cell.
std::vector<Loop> loops_of(unsigned inside) {
  constexpr std::uint8_t none = 255;
  std::array<std::uint8_t, 12> next;
  next.fill(none);
  for (const auto& face : faces) {
    const auto is_inside = [&](int k) { return (inside >> face[k % 4] & 1) != 0; };
    for (int k = 0; k < 4; ++k) {
      if (is_inside(k) || !is_inside(k + 1)) continue;
      int last = k + 1;
      while (is_inside(last + 1)) ++last;
      next[edge_between(face[k], face[(k + 1) % 4])] =
          edge_between(face[last % 4], face[(last + 1) % 4]);
    }
  }
  std::vector<Loop> loops;
  for (std::uint8_t first = 0; first < 12; ++first) {
    if (next[first] == none) continue;
    Loop& loop = loops.emplace_back();
    for (std::uint8_t edge = first; next[edge] != none;) {
      loop.push_back(edge);
      edge = std::exchange(next[edge], none);
    }
  }
  return loops;
}

/// Divides the part of a loop from place `first` to place `last` into triangles, none of which has
/// a new edge within a face of the cell. False if there is no such division.
bool triangulate(const Loop& loop, std::size_t first, std::size_t last,
                 std::vector<CubeTriangle>& triangles) {
  if (last - first < 2) return true;
  const auto allowed = [&](std::size_t a, std::size_t b) {
    return b - a == 1 || !share_face(loop[a], loop[b]);
  };
  const std::size_t kept = triangles.size();
  for (std::size_t tip = first + 1; tip < last; ++tip) {
    if (!allowed(first, tip) || !allowed(tip, last)) continue;
    triangles.push_back({loop[first], loop[tip], loop[last]});
    if (triangulate(loop, first, tip, triangles) && triangulate(loop, tip, last, triangles)) {
      return true;
    }
    triangles.resize(kept);
  }
  return false;
}

std::array<std::vector<CubeTriangle>, 256> make_table() {
  std::array<std::vector<CubeTriangle>, 256> table;
  for (unsigned inside = 0; inside < 256; ++inside) {
    for (const Loop& loop : loops_of(inside)) {
      if (!triangulate(loop, 0, loop.size() - 1, table[inside])) {
        throw std::logic_error("a loop of marching cubes without triangulation");
      }
    }
  }
  return table;
}

}  // namespace

std::span<const CubeTriangle> cube_triangles(unsigned inside) {
  static const auto table = make_table();
  return table[inside];
}

}  // namespace fieldscope
