// What a mesh encloses: inside or outside for any point of space, fast enough to label the points
// of every training step: 0.1 us a point of the box, 2 us close to the surface. Built once, in 80
// ms for 100 000 triangles; the queries are const and may run on any number of threads at once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/geometry/mesh_tree.h"
#include "engine/math/solid_view.h"

namespace fieldscope {

/// Of each cell of a grid over [-1, 1]^3 whether it is inside of a mesh, outside, or touched by its
/// surface. Of closed meshes only: where no surface passes between two points, both have the same
/// winding number, so that one query answers for a whole region of untouched cells.
class SolidGrid {
 public:
  using Cell = SolidCells::Cell;
  static constexpr int side = SolidCells::side;

  SolidGrid(const Mesh& mesh, const MeshTree& tree);

  /// `touched` also for points outside of the grid.
  Cell at(Vec3 p) const { return cells().at(p); }
  /// Valid as long as the grid stays where it is.
  SolidCells cells() const { return {cells_}; }

 private:
  void touch(Vec3 a, Vec3 b, Vec3 c);
  void fill(std::size_t first, Cell value, std::vector<std::size_t>& stack);

  std::vector<Cell> cells_;
};

/// Whether each edge is passed as often in one direction as in the other, whatever the triangles
/// look like otherwise: what makes the winding number a whole number. By a random number for each
/// edge that is added and subtracted; wrong with a probability of 2^-64.
bool winds_evenly(const Mesh& mesh);

class Solid {
 public:
  /// Copies what it needs. A mesh with holes is one too, just slower: its holes are closed softly.
  explicit Solid(const Mesh& mesh);

  bool inside(Vec3 p) const;
  /// 1 inside, 0 outside.
  void label(std::span<const Vec3> points, std::span<float> labels) const;

  const MeshTree& tree() const { return tree_; }
  /// What the queries go by; valid as long as the solid stays where it is.
  SolidView view() const { return {grid_ ? grid_->cells() : SolidCells(), tree_.winding()}; }

 private:
  MeshTree tree_;
  std::optional<SolidGrid> grid_;
};

}  // namespace fieldscope
