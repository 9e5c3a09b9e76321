// Photographs with their cameras, what a radiance field learns from: plain host data, read once,
// shared between runs. All cameras live in scene coordinates, where the scene's box is [-1, 1]^3.
//
// Where the box lies follows from the cameras alone; no axis is turned but in the first case:
// - Forward-facing scenes, whose views look one way (their mean direction is longer than 0.9, and
// no
//   ray leaves the half space in front): the axes are those of the average camera (NeRF's
//   recenter_poses), the box is the least cube around what all views see between 0.9 of the nearest
//   bound and the furthest one, or 8 times the nearest if that is less. Bounds that the file does
//   not tell are guessed from where the views converge, with a warning. The near plane of
//   normalised device coordinates is at 0.75 of the nearest bound (LLFF's bd_factor).
// - Others have the point closest to all viewing axes (least squares) as their centre.
//   Objects (Blender's scenes: a camera_angle_x and no fl_x; or aabb_scale <= 1): the half side is
//   the mean distance of the cameras times the tangent of half their smaller angle of view, so that
//   what fits into the pictures fits into the box. near and far reach over the sphere around it.
//   Captures contain their cameras: the half side is 1.1 times the largest distance of a camera
//   from the centre; near is 0.05, or 0.9 of the nearest bound; far is the box's diagonal.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/data/image.h"
#include "engine/geometry/posed_camera.h"
#include "engine/math/parallel.h"

namespace fieldscope {

struct PosedView {
  std::string name;  ///< of the picture's file, without folder
  PosedCamera camera;
  int channels = 3;                  ///< 3 RGB, 4 RGBA with straight alpha
  std::vector<std::uint8_t> pixels;  ///< [height][width][channels]

  /// Red, green, blue in [0, 1] of one pixel, over a background of brightness `background`.
  std::array<float, 3> colour(std::size_t pixel, float background) const;
  /// Whether the picture shows anything there: not where it is cut out.
  bool covered(std::size_t pixel) const { return channels < 4 || pixels[4 * pixel + 3] > 0; }
  /// The whole picture over that background, 3 channels.
  Image picture(float background) const;
};

/// Normalised device coordinates of forward-facing scenes (Mildenhall et al. 2020, appendix C):
/// cameras near `origin` look along -z, and everything from the plane `near` in front of it to
/// infinity becomes [-1, 1]^3.
struct ForwardFacing {
  Vec3 origin;
  float near = 1;        ///< distance of the near plane from the origin, scene units
  float fx = 1, fy = 1;  ///< focal lengths over half the picture's width and height

  bool operator==(const ForwardFacing&) const = default;
};

/// How scene coordinates came from the file's: scene = scale R^T (file - origin), with R's columns
/// the axes of `frame`.
struct SceneFrame {
  Pose frame;
  float scale = 1;

  Vec3 to_scene(Vec3 file) const { return frame.to_camera(file - frame.origin) * scale; }
  Vec3 to_file(Vec3 scene) const { return frame.to_world(scene * (1 / scale)) + frame.origin; }
};

/// How posed views are read.
struct PosedViewsSettings {
  /// Larger pictures are reduced by area-weighted means, with their lenses, to this longer side;
  /// 0: none are. Of LLFF's folders images, images_2, images_4, images_8 the one with the smallest
  /// pictures that are at least as large is read, or the one with the largest where none are.
  int longest = 400;
  /// Where the dataset does not say which views to hold out: those with index 0, 8, 16, ...
  int hold_out_every = 8;
};

struct PosedViews final : Dataset {
  PosedViewsSettings settings;      ///< that it was read with
  std::vector<PosedView> training;  ///< at least one
  std::vector<PosedView> held_out;  ///< at least one
  SceneFrame frame;
  Vec3 up = {0, 0, 1};      ///< of the world, scene units: what orbits turn about
  float near = 0, far = 0;  ///< along rays from the cameras, scene units
  std::optional<ForwardFacing> forward_facing;  ///< where the views all look one way
  bool has_alpha = false;                       ///< some view has: backgrounds make a difference
  /// What was left out and why, a line each: "17 of 67 frames skipped: no image (0005.jpg, ...)".
  std::vector<std::string> warnings;

  TaskKind task() const override { return TaskKind::nerf; }
  /// Training views and those held out beside them: "100 views of 100 × 100, 25 held out".
  std::string extent() const override;
};

/// The files that tell of posed views and whose they are, for messages: one of them must be there.
std::string_view posed_views_files();

/// Whether a path looks like posed views: a folder with poses_bounds.npy or transforms*.json, or
/// a file of such a name.
bool is_posed_views(const std::filesystem::path& path);

/// Reads a folder in the format of LLFF, of NeRF's Blender scenes or of instant-ngp and nerfstudio,
/// or one of their files: poses_bounds.npy, transforms.json and transforms_train.json mean their
/// folder, any other transforms*.json just the views that it lists. Blender's test views are held
/// out (where there are none the validation views), so are nerfstudio's test_filenames. Lenses
/// follow the pictures found, whatever size the files speak of; pictures are kept with 8 bits, RGBA
/// only where something is not opaque. Throws DataError, one line that says what is wrong where,
/// UsageError for settings out of range, and what `progress` throws, which is called by the calling
/// thread only.
std::shared_ptr<const PosedViews> load_posed_views(const std::filesystem::path& path,
                                                   const PosedViewsSettings& settings,
                                                   const Parallel& parallel = serially,
                                                   const LoadProgress& progress = {});

}  // namespace fieldscope
