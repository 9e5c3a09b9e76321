// What a run learns of a mesh: its surface in [-1, 1]^3, the frame that leads back to the file, and
// what people should know about it. Plain host data; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/data/mesh_file.h"
#include "engine/data/occupancy_points.h"
#include "engine/geometry/mesh.h"
#include "engine/geometry/solid.h"
#include "engine/math/parallel.h"

namespace fieldscope {

/// How far a mesh stays away from the faces of [-1, 1]^3.
inline constexpr double mesh_margin = 0.02;

/// Centres the bounding box of the triangles and brings its longest half axis to 1 - margin.
/// Throws DataError when all triangles lie in one point, UsageError unless 0 <= margin < 1.
MeshFrame fit_frame(const SourceMesh& source, double margin = mesh_margin);

/// The triangles in the frame, in their order, with the vertices that they use.
Mesh normalised_mesh(const SourceMesh& source, const MeshFrame& frame);

/// What people should know, one line each; `volume` is the signed one.
std::vector<std::string> mesh_warnings(const MeshTopology& topology, double volume);

/// Turns all triangles, and normals where there are any, the other way.
void turn_round(Mesh& mesh);

/// Tells meshes apart by vertices and triangles, in their order (64-bit FNV-1a).
std::uint64_t content_hash(const Mesh& mesh);

/// What an occupancy run learns: what a mesh encloses.
class MeshDataset final : public Dataset {
 public:
  /// Points that no run learns from, drawn as those that it learns from with the preset's spread:
  /// the same for all runs, whatever their seed.
  static constexpr std::size_t held_out_points = std::size_t{1} << 18;
  struct Labelled {
    std::vector<Vec3> points;  ///< see occupancy_point(): those with an even index are uniform
    std::vector<std::uint8_t> inside;  ///< 1 or 0
  };

  /// Brings the mesh into the box and tells what is inside of it. A closed mesh that is inside out
  /// is turned round. Throws DataError as fit_frame() does, and what `progress` throws.
  MeshDataset(const SourceMesh& source, const Parallel& parallel,
              const LoadProgress& progress = {});
  MeshDataset(const MeshDataset&) = delete;
  MeshDataset& operator=(const MeshDataset&) = delete;

  TaskKind task() const override { return TaskKind::occupancy; }
  std::string extent() const override;

  const Mesh& mesh() const { return mesh_; }         ///< in [-1, 1]^3, with normals
  const MeshFrame& frame() const { return frame_; }  ///< back to the file's coordinates
  const MeshTopology& topology() const { return topology_; }
  const Solid& solid() const { return solid_; }
  const SurfaceSampler& surface() const { return surface_; }
  /// What points are drawn from and labelled by; valid as long as the dataset is there.
  MeshView view() const { return {surface_.view(), solid_.view()}; }
  const Labelled& held_out() const { return held_out_; }
  /// What reading left out or mended and what is unusual about the mesh, one line each.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  struct Prepared;
  MeshDataset(Prepared prepared, const Parallel& parallel, const LoadProgress& progress);
  void label_held_out(const Parallel& parallel, const LoadProgress& progress);

  std::vector<std::string> notes_;
  MeshFrame frame_;
  Mesh mesh_;
  MeshTopology topology_;
  Solid solid_;
  SurfaceSampler surface_;  ///< of mesh_, which must not move: hence no copies
  Labelled held_out_;
};

/// Reads a file into a dataset, with the threads that `parallel` brings. Throws DataError naming
/// the file.
std::shared_ptr<const MeshDataset> load_mesh_dataset(const std::filesystem::path& path,
                                                     const Parallel& parallel = on_threads(),
                                                     const LoadProgress& progress = {});

}  // namespace fieldscope
