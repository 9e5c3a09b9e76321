// How the zero level of a field passes through one cell of a grid, for every pattern of signs at
// its corners (Lorensen, Cline, "Marching cubes", 1987). The table is computed, not written down.
//
// Neighbouring cells see the same lines on the face between them: where all four of its edges are
// crossed, the corners inside are separated, whatever else the cells look like. And no triangle has
// an edge within a face other than these lines. Therefore each edge is in exactly two triangles and
// each vertex in one fan: the surface is closed, manifold and oriented for any signs at all.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace fieldscope {

/// Corner c of a cell lies at (c & 1, c >> 1 & 1, c >> 2 & 1). Edge e runs along axis e / 4 from
/// corner cube_edge_corner[e]; e % 4 counts its places along the other two axes, the lower one
/// first.
inline constexpr std::array<std::uint8_t, 12> cube_edge_corner{0, 2, 4, 6, 0, 1, 4, 5, 0, 1, 2, 3};

/// Edges of the cell that each triangle has its corners on, anticlockwise seen from outside of the
/// surface. Bit c of `inside` says whether corner c is inside.
std::span<const std::array<std::uint8_t, 3>> cube_triangles(unsigned inside);

}  // namespace fieldscope
