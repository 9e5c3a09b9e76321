// Inside the reader of posed views: what the readers of the formats hand over, and what is made of
// it. A format is one file; which of them reads a path is decided in posed_views.cpp.
#pragma once

#include <array>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/image_decode.h"
#include "engine/data/posed_views.h"

namespace fieldscope {

/// Largest number of views, and of their pixels together after reduction, that are read: rays are
/// numbered with 32 bits, and more would not fit into memory anyway.
inline constexpr std::size_t max_views = 100'000;
inline constexpr std::size_t max_view_pixels = std::size_t{1} << 31;

/// Points and directions of files, which may be far from the origin.
struct Point64 {
  double x = 0, y = 0, z = 0;
};
inline Point64 operator+(Point64 a, Point64 b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
inline Point64 operator-(Point64 a, Point64 b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
inline Point64 operator*(Point64 a, double s) {
  return {a.x * s, a.y * s, a.z * s};
}
inline double dot(Point64 a, Point64 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Point64 cross(Point64 a, Point64 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline double length(Point64 a) {
  return std::sqrt(dot(a, a));
}
inline Vec3 to_float(Point64 a) {
  return {static_cast<float>(a.x), static_cast<float>(a.y), static_cast<float>(a.z)};
}

/// A Pose in double precision.
struct FilePose {
  Point64 right = {1, 0, 0}, up = {0, 1, 0}, back = {0, 0, 1}, origin;

  Point64 to_camera(Point64 v) const { return {dot(right, v), dot(up, v), dot(back, v)}; }
  Point64 to_world(Point64 v) const { return right * v.x + up * v.y + back * v.z; }
};

/// What a file says of a lens. The size is the one that the numbers are meant for, often that of
/// the full photographs; where it is missing, the pictures' own.
struct FileLens {
  std::optional<double> width, height, fx, fy, cx, cy, angle_x, angle_y;
  double k1 = 0, k2 = 0, k3 = 0, p1 = 0, p2 = 0;
};

/// One view as a file lists it.
struct ListedView {
  std::filesystem::path picture;
  std::string where;  ///< in the file: "row 3", "frame 12"
  FilePose pose;
  FileLens lens;
  int lens_of = -1;          ///< views of the same number share one lens; -1: it has its own
  double near = 0, far = 0;  ///< depth along the viewing axis, in the file's units; 0: not told
  bool held_out = false;
};

struct ListedViews {
  std::filesystem::path file;  ///< to be named in messages
  std::vector<ListedView> views;
  bool own_split = false;    ///< held_out has been told
  bool object_only = false;  ///< the scene is an object between the cameras and nothing else
  bool z_up = false;         ///< the file's convention; otherwise up is as the cameras are held
  std::vector<std::string> warnings;
};

/// Throws a DataError, "cannot read posed views 'file': reason".
[[noreturn]] void refuse_views(const std::filesystem::path& file, const std::string& reason);

/// A text out of a file, short and printable, in quotes.
std::string quoted_text(std::string_view text);
/// A number as messages tell it: "0.25", "1e+300", "nan".
std::string number_text(double number);

/// Refuses axes that are not a rotation, within a hundredth, and makes them one exactly. `columns`
/// are the camera's right, up, back and place. Throws a DataError with the reason alone.
FilePose checked_pose(const std::array<Point64, 4>& columns);

/// The lens before a picture of that size. Throws a DataError with the reason alone.
Lens lens_for(const FileLens& lens, ImageExtent found);

/// poses_bounds.npy in a folder of LLFF, and its pictures, of the folder that suits `longest`.
ListedViews list_llff(const std::filesystem::path& folder, int longest);

/// One of the files that make up a dataset of transforms.
struct TransformsFile {
  std::filesystem::path path;
  enum class Part { all, training, held_out } part = Part::all;
};
/// Blender's, instant-ngp's and nerfstudio's transforms*.json.
ListedViews list_transforms(const std::vector<TransformsFile>& files);

/// Where a dataset's scene lies, from its cameras: all of PosedViews but the pictures. `cameras`
/// belong to listed.views.
struct Scene {
  std::vector<PosedCamera> cameras;  ///< in scene coordinates
  SceneFrame frame;
  Vec3 up;
  float near = 0, far = 0;
  std::optional<ForwardFacing> forward_facing;
};
/// `lenses` are for the pictures as they will be kept. May add to the warnings.
Scene lay_out_scene(ListedViews& listed, const std::vector<Lens>& lenses);

}  // namespace fieldscope
