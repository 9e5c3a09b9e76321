// The zero level of a field over [-1, 1]^3 as a mesh, from as few of its values as it takes. The
// extraction never calls the field: it says where it wants to know it next, and whoever owns it
// evaluates the field there, on any device and in slices of any length:
//
//   while (!extraction.done()) extraction.give(values_at(extraction.wanted(65536)));
//   Mesh mesh = extraction.take();
//
// One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/geometry/mesh.h"
#include "engine/geometry/sparse_grid.h"

namespace fieldscope {

struct ExtractionSettings {
  /// Cells an axis, 8 to 512; rounded up to a multiple of the number of cells that one cell of the
  /// coarse grid becomes (at most 8 with the default `coarse`).
  int resolution = 128;
  /// The first grid, all of which is evaluated, has less than twice as many cells an axis, at least
  /// as many if the resolution is. It halves its cells until the resolution is reached.
  int coarse = 48;
  /// A cell without change of sign is looked into where the least absolute value at its corners is
  /// below this times the difference of its greatest and least value: 0 trusts signs alone.
  float caution = 0.5f;
  /// Of a mesh with more vertices than this times the square of the resolution, which is noise and
  /// no surface, normals are the mean of the faces: four values a vertex would cost more than all
  /// of the grid.
  float tangle = 12;
};

/// Grids from coarse to fine, each with half of the cells: of the next grid those parts are
/// evaluated where this one's cells, or one of their 26 neighbours, change sign or come close.
/// Where the surface then leaves these parts, it is followed. So what the coarse grid sees of a
/// surface is found whole, and the mesh is the one that the full grid would give, closed, manifold
/// and oriented for any values; see polygonise() for its vertices and for what happens at the box.
/// Values above 0 are inside; what is not a number counts as outside.
///
/// The normals point down the field's gradient, from differences between the corners of a
/// tetrahedron a quarter of a cell around each vertex; where these vanish, and on caps, they are
/// the mean of the faces by area.
class SurfaceExtraction {
 public:
  /// Throws UsageError for settings out of range.
  explicit SurfaceExtraction(const ExtractionSettings& settings);

  int resolution() const { return resolution_; }

  /// Where the field is wanted next: 1 to `at_most` points, none once done. Valid until give();
  /// asked again before, it answers the same.
  std::span<const Vec3> wanted(std::size_t at_most);
  /// The field's values at the points last wanted. Mostly just stores them; the last ones of a grid
  /// may take half a second at a resolution of 512.
  void give(std::span<const float> values);

  bool done() const { return stage_ == Stage::done; }
  /// How much of the work is done, from 0 to 1; never falls. An estimate until the last grid.
  double share() const { return share_; }
  std::size_t evaluations() const { return evaluations_; }  ///< values given so far

  /// The mesh, once done; empty where the field has no surface.
  Mesh take();

 private:
  enum class Stage { grid, normals, done };

  float cell_size() const { return 2 / static_cast<float>(cells_); }
  void want_points(std::size_t at_most);
  void want_normals(std::size_t at_most);
  void store(std::span<const float> values);
  void request(const BitGrid& points);
  void advance();
  bool follow_surface();
  BitGrid cells_to_refine() const;
  void refine();
  void finish_grid();
  void finish_normals();
  void update_share();

  ExtractionSettings settings_;
  int resolution_ = 0;  ///< after rounding
  int cells_ = 0;       ///< an axis of the present grid
  Stage stage_ = Stage::grid;

  SparseGrid grid_;
  BitGrid blocks_;   ///< parts of the grid that are evaluated: 2^3 cells each
  BitGrid missing_;  ///< points of the grid whose value is still wanted
  // The next point to ask for, in the order of BitGrid::for_each.
  int row_ = 0;                      ///< y + z * side
  int column_ = 0;                   ///< where in it to go on
  std::size_t position_ = 0;         ///< in grid_.values
  std::vector<std::size_t> places_;  ///< in grid_.values, of the points last wanted

  std::vector<Vec3> wanted_;
  std::size_t evaluations_ = 0;
  std::size_t left_ = 0;  ///< of this grid or the normals
  double share_ = 0;
  Mesh mesh_;
};

}  // namespace fieldscope
