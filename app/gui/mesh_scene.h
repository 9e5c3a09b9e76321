// Meshes as the window shows them: what a person chose to see, and each mesh on its way to the
// graphics card. UI thread only.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>

#include "app/camera.h"
#include "app/gl/mesh_tile.h"
#include "app/gui/future.h"
#include "engine/experiment/command.h"
#include "engine/train/snapshot.h"

namespace fieldscope::gui {

inline constexpr int mesh_mode_count = 3;
const char* mesh_mode_name(MeshMode mode);  // "Shaded"
const char* mesh_mode_id(MeshMode mode);    // the same in reports

// How all tiles look at meshes.
struct MeshChoices {
  MeshMode mode = MeshMode::shaded;
  bool wire = false;
  bool section = false;            // cut open, with the occupancy on the cut
  int axis = 0;                    // across the section
  std::array<float, 3> offsets{};  // where the section is, for each axis
  float error_limit = 0;           // end of the colour scale, in the box; 0: follows the errors
  Colormap error_map = Colormap::viridis;
  Camera camera;  // of all linked tiles

  SectionPlane plane() const { return {axis, offsets[static_cast<std::size_t>(axis)]}; }
  // What lies on the camera's side of the section is cut away, so that the cut is always seen.
  CutPlane cut_for(const Camera& seen_from) const;
};

// Lengths in the box in percent of its side: "0.8 %".
inline double percent_of_box(double length) {
  return 50 * length;
}

// What is known of a mesh beside its triangles.
struct MeshLabel {
  int resolution = 0;  // cells an axis
  std::uint64_t step = 0;
  std::uint64_t edits = 0;  // before it, which change weights too

  bool same_weights(const MeshLabel& other) const {
    return step == other.step && edits == other.edits;
  }
};

// Packed beside the window's thread, uploaded by it.
class ShownMesh {
 public:
  // The newest counts; one that is still being packed comes before it. Null: nothing from now on.
  void show(std::shared_ptr<const Mesh> mesh, const MeshLabel& label,
            const std::function<void()>& wake);
  // Once a frame.
  void collect(const std::function<void()>& wake);

  bool waits() const { return packed_.valid(); }
  bool has_news() const { return ready(packed_); }

  // What is on the graphics card; null: nothing yet.
  const Mesh* mesh() const { return shown_.get(); }
  const MeshLabel& label() const { return shown_label_; }
  const gl::MeshBuffer& buffer() const { return buffer_; }

 private:
  void pack(const std::function<void()>& wake);

  std::shared_ptr<const Mesh> wanted_, packing_, shown_;
  MeshLabel wanted_label_, packing_label_, shown_label_;
  std::future<gl::PackedMesh> packed_;
  gl::MeshBuffer buffer_;
};

// A run's surface in its tile.
struct ShownSurface {
  ShownMesh mesh;
  gl::SectionTexture section;
  std::optional<SectionPlane> section_plane;  // of the values in `section`
  std::shared_ptr<const Surface> newest;
  gl::MeshTile tile;
  std::optional<Camera> own_camera;  // where the tile is not linked
  std::optional<MeshMode> own_mode;  // where it differs from the window's
  ShowSurface asked{0, 0, {}};       // what the run was last told

  void take(const Snapshot& snapshot, const std::function<void()>& wake);
  // Another dataset: what was shown is gone, and the run knows nothing of our wishes.
  void forget();
};

SectionImage section_image(const Section& section);

// The first point of the mesh on the ray that is not cut away: on the surface, or on the cut where
// that goes through the inside.
std::optional<Vec3> first_seen(const Mesh& mesh, const Ray& ray,
                               const std::optional<CutPlane>& cut);

}  // namespace fieldscope::gui
