// The zero level of a field on a grid as a mesh, by marching cubes. Any thread.
#pragma once

#include "engine/geometry/mesh.h"
#include "engine/geometry/sparse_grid.h"

namespace fieldscope {

/// The grid's points fill [-1, 1]^3; whatever lies beyond counts as outside, so that a surface that
/// reaches the box ends in a cap there, a thousandth of a cell further out. Of every edge of the
/// grid whose ends are known and on different sides, the four cells around it must be known: then
/// the mesh is closed, manifold and oriented. Its vertices lie on edges of the grid, where the
/// field between the ends would be 0 if it were linear, but no closer to an end than a thousandth
/// of the edge. Without normals.
Mesh polygonise(const SparseGrid& grid);

/// Whether polygonise() made this vertex for a cap.
bool on_cap(Vec3 vertex);

}  // namespace fieldscope
