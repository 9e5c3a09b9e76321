// The surface of an occupancy field, where its logit is 0, as a mesh, with each vertex' distance to
// the true surface; and the field on a plane through the box. In slices, on a copy of the weights:
// whoever draws it goes on training meanwhile. One thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/data/mesh_dataset.h"
#include "engine/geometry/surface_extraction.h"
#include "engine/task/field_at_points.h"

namespace fieldscope {

/// The plane where coordinate `axis` has the value `offset`.
struct SectionPlane {
  int axis = 2;      ///< 0 x, 1 y, 2 z
  float offset = 0;  ///< in [-1, 1]

  bool operator==(const SectionPlane&) const = default;
};

/// Throws UsageError unless the plane passes through the box.
void check_section(const SectionPlane& plane);

/// Probabilities of being inside, on the square that the plane cuts out of the box.
struct Section {
  static constexpr int side = 160;  ///< samples along each of its axes, end points included

  SectionPlane plane;
  /// [side][side]: a row runs along the first of the other two axes (x before y before z), rows
  /// along the second one.
  std::vector<float> probabilities;

  /// Of sample (column, row) in the box.
  static Vec3 point(const SectionPlane& plane, int column, int row);
};

struct SurfaceSettings {
  ExtractionSettings grid;
  std::optional<SectionPlane> section;
};

/// What came of it.
struct Surface {
  Mesh mesh;  ///< in [-1, 1]^3, with normals and, where the true surface is known, errors
  int resolution = 0;
  std::size_t evaluations = 0;           ///< of the field
  double mean_error = 0, max_error = 0;  ///< over the vertices, in units of the box
  std::optional<Section> section;
};

class SurfaceDrawing {
 public:
  /// Weights w[P] (copied) of a network of an occupancy task; they may come from another backend's
  /// memory as numbers. Without `truth` the mesh has no errors. Throws UsageError for settings out
  /// of range.
  SurfaceDrawing(Backend& backend, const Network& network, std::span<const double> weights,
                 std::shared_ptr<const MeshDataset> truth, const SurfaceSettings& settings);

  /// Does a slice: evaluates the field at `points` places, or asks the true surface about as many
  /// vertices. True when that was the last one.
  bool advance(std::size_t points);
  double share() const;
  /// Once advance() has returned true.
  std::shared_ptr<const Surface> take();

 private:
  std::span<const float> logits(std::span<const Vec3> points);
  bool advance_section(std::size_t points);
  bool advance_errors(std::size_t points);

  FieldAtPoints field_;
  std::shared_ptr<const MeshDataset> truth_;
  SurfaceExtraction extraction_;
  std::vector<Vec3> section_points_;
  std::shared_ptr<Surface> surface_;
  bool extracted_ = false;
  std::size_t section_done_ = 0, errors_done_ = 0;
};

}  // namespace fieldscope
