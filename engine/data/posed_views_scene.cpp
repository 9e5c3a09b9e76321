// Where a scene lies and how large it is, from its cameras alone: posed_views.h says by what rule.
#include <algorithm>
#include <limits>

#include "engine/data/posed_views_formats.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr double one_way = 0.9;  // length of the mean viewing direction from which views look so
constexpr double bound_share = 0.75;  // LLFF's bd_factor: the near plane lies before what is near
constexpr double near_share = 0.9;    // NeRF's: rays begin a little before the nearest point
constexpr double deepest = 8;         // the box reaches so many times as far as the nearest point
const double box_diagonal = 2 * std::sqrt(3.0);

/// All that the rules look at.
struct Cameras {
  const ListedViews& listed;
  const std::vector<Lens>& lenses;
  std::size_t count() const { return listed.views.size(); }
  const FilePose& pose(std::size_t i) const { return listed.views[i].pose; }
  bool bounded() const { return listed.views.front().far > 0; }
  double nearest_bound() const {
    double near = std::numeric_limits<double>::max();
    for (const ListedView& view : listed.views) near = std::min(near, view.near);
    return near;
  }
  double furthest_bound() const {
    double far = 0;
    for (const ListedView& view : listed.views) far = std::max(far, view.far);
    return far;
  }
};

template <class Part>
Point64 mean(const Cameras& cameras, Part&& part) {
  Point64 sum;
  for (std::size_t i = 0; i < cameras.count(); ++i) sum = sum + part(cameras.pose(i));
  return sum * (1 / static_cast<double>(cameras.count()));
}
Point64 mean_place(const Cameras& cameras) {
  return mean(cameras, [](const FilePose& pose) { return pose.origin; });
}
Point64 mean_back(const Cameras& cameras) {
  return mean(cameras, [](const FilePose& pose) { return pose.back; });
}
Point64 mean_up(const Cameras& cameras) {
  return mean(cameras, [](const FilePose& pose) { return pose.up; });
}

Point64 unit(Point64 v) {
  return v * (1 / length(v));
}

/// NeRF's poses_avg: looks along the mean direction from the mean place, held as the cameras are on
/// the average. Nothing where that has no meaning.
std::optional<FilePose> average_pose(const Cameras& cameras) {
  FilePose average;
  average.origin = mean_place(cameras);
  average.back = mean_back(cameras);
  if (length(average.back) < 1e-3) return std::nullopt;
  average.back = unit(average.back);
  average.right = cross(mean_up(cameras), average.back);
  if (length(average.right) < 1e-3) return std::nullopt;
  average.right = unit(average.right);
  average.up = cross(average.back, average.right);
  return average;
}

/// Directions of the rays through the corners of a picture, in the camera's axes and of depth 1.
std::array<Point64, 4> corner_rays(const Lens& lens) {
  const PosedCamera camera = {{}, lens};
  std::array<Point64, 4> rays;
  for (int i = 0; i < 4; ++i) {
    const Vec3 d =
        camera.ray({i % 2 ? lens.width * 1.0 : 0, i / 2 ? lens.height * 1.0 : 0}).direction;
    rays[static_cast<std::size_t>(i)] = Point64{d.x, d.y, d.z} * (-1.0 / d.z);
  }
  return rays;
}

/// Whether all that is seen lies in front of one plane, so that normalised device coordinates hold
/// it: the views look one way, and no ray of theirs runs beside the plane or back.
bool all_look_forward(const Cameras& cameras, const FilePose& average) {
  if (length(mean_back(cameras)) <= one_way) return false;
  for (std::size_t i = 0; i < cameras.count(); ++i) {
    for (const Point64 ray : corner_rays(cameras.lenses[i])) {
      const Point64 direction = unit(cameras.pose(i).to_world(ray));
      if (-dot(direction, average.back) < 0.1) return false;
    }
  }
  return true;
}

/// Where the viewing axes come closest: the least sum of squared distances to them. `pull`, far
/// below all else, keeps it near the cameras along directions that the axes leave open.
Point64 convergence(const Cameras& cameras) {
  constexpr double pull = 1e-9;
  const Point64 start = mean_place(cameras);
  double a[3][3] = {}, b[3] = {};
  for (std::size_t i = 0; i < cameras.count(); ++i) {
    const double d[] = {cameras.pose(i).back.x, cameras.pose(i).back.y, cameras.pose(i).back.z};
    const Point64 from = cameras.pose(i).origin - start;
    const double o[] = {from.x, from.y, from.z};
    for (int r = 0; r < 3; ++r) {
      for (int c = 0; c < 3; ++c) {
        const double projector = (r == c ? 1 : 0) - d[r] * d[c];
        a[r][c] += projector + (r == c ? pull : 0);
        b[r] += projector * o[c];
      }
    }
  }
  // Cramer's rule: the matrix is symmetric.
  const Point64 rows[] = {
      {a[0][0], a[0][1], a[0][2]}, {a[1][0], a[1][1], a[1][2]}, {a[2][0], a[2][1], a[2][2]}};
  const Point64 x = cross(rows[1], rows[2]), y = cross(rows[2], rows[0]),
                z = cross(rows[0], rows[1]);
  const double determinant = dot(rows[0], x);
  return start + (x * b[0] + y * b[1] + z * b[2]) * (1 / determinant);
}

/// The root mean square distance of the cameras from their middle.
double spread(const Cameras& cameras) {
  const Point64 middle = mean_place(cameras);
  double sum = 0;
  for (std::size_t i = 0; i < cameras.count(); ++i) {
    const Point64 d = cameras.pose(i).origin - middle;
    sum += dot(d, d);
  }
  return std::sqrt(sum / static_cast<double>(cameras.count()));
}

/// Depths between which a forward-facing scene lies. Where the file does not tell, a guess from
/// where the views converge, or where they do not, from how far apart the cameras are.
void forward_bounds(const Cameras& cameras, const FilePose& average, double& near, double& far,
                    std::vector<std::string>& warnings) {
  if (cameras.bounded()) {
    near = cameras.nearest_bound();
    far = std::min(cameras.furthest_bound(), deepest * near);
    return;
  }
  warnings.push_back(
      "the file does not say how near and far the scene is: guessed from the cameras");
  double turned = 0;  // mean squared sine between the views and their mean direction
  for (std::size_t i = 0; i < cameras.count(); ++i) {
    const double cosine = dot(cameras.pose(i).back, average.back);
    turned += 1 - cosine * cosine;
  }
  turned /= static_cast<double>(cameras.count());
  const double depth = -dot(convergence(cameras) - average.origin, average.back);
  const double middle = turned > 1e-4 && depth > spread(cameras) ? depth : 10 * spread(cameras);
  near = middle / 2;
  far = near * deepest;
}

/// Least and largest coordinates.
struct Bounds {
  Point64 least = {1e300, 1e300, 1e300}, largest = {-1e300, -1e300, -1e300};

  void add(Point64 p) {
    least = {std::min(least.x, p.x), std::min(least.y, p.y), std::min(least.z, p.z)};
    largest = {std::max(largest.x, p.x), std::max(largest.y, p.y), std::max(largest.z, p.z)};
  }
  Point64 middle() const { return (least + largest) * 0.5; }
  double half() const {
    const Point64 size = largest - least;
    return std::max({size.x, size.y, size.z}) / 2;
  }
};

/// In double precision: what SceneFrame is.
struct Frame64 {
  FilePose frame;
  double scale = 1;

  Point64 to_scene(Point64 file) const { return frame.to_camera(file - frame.origin) * scale; }
};

/// Forward-facing scenes. Returns the frame.
Frame64 lay_out_forward(const Cameras& cameras, const FilePose& average, Scene& scene,
                        std::vector<std::string>& warnings) {
  double near = 0, far = 0;
  forward_bounds(cameras, average, near, far, warnings);
  Bounds box;  // in the average camera's axes, file units
  double longest_ray = 1;
  for (std::size_t i = 0; i < cameras.count(); ++i) {
    const FilePose& pose = cameras.pose(i);
    for (const Point64 ray : corner_rays(cameras.lenses[i])) {
      longest_ray = std::max(longest_ray, length(ray));
      for (const double depth : {near_share * near, far}) {
        box.add(average.to_camera(pose.origin + pose.to_world(ray * depth) - average.origin));
      }
    }
  }
  Frame64 frame{average, 1 / box.half()};
  frame.frame.origin = average.origin + average.to_world(box.middle());
  scene.near = static_cast<float>(near_share * near * frame.scale);
  scene.far = static_cast<float>(far * longest_ray * frame.scale);
  scene.up = {0, 1, 0};
  ForwardFacing forward;
  forward.origin = to_float(frame.to_scene(average.origin));
  forward.near = static_cast<float>(bound_share * near * frame.scale);
  const Lens& lens = cameras.lenses.front();
  forward.fx = static_cast<float>(2 * lens.fx / lens.width);
  forward.fy = static_cast<float>(2 * lens.fy / lens.height);
  scene.forward_facing = forward;
  return frame;
}

/// Scenes that are looked at from around, or from within.
Frame64 lay_out_around(const Cameras& cameras, bool object_only, bool z_up, Scene& scene,
                       std::vector<std::string>& warnings) {
  Frame64 frame;
  frame.frame.origin = convergence(cameras);
  double nearest = std::numeric_limits<double>::max(), furthest = 0, sum = 0, tangent = 1e300;
  std::size_t away = 0;
  for (std::size_t i = 0; i < cameras.count(); ++i) {
    const Point64 from = cameras.pose(i).origin - frame.frame.origin;
    nearest = std::min(nearest, length(from));
    furthest = std::max(furthest, length(from));
    sum += length(from);
    away += dot(from, cameras.pose(i).back) < 0;
    const Lens& lens = cameras.lenses[i];
    tangent = std::min({tangent, lens.width / (2 * lens.fx), lens.height / (2 * lens.fy)});
  }
  const bool outward = 2 * away > cameras.count();
  if (outward) {
    warnings.push_back("the cameras look away from each other: how large the scene is, is a guess");
  }
  if (object_only && !outward) {
    const double half = sum / static_cast<double>(cameras.count()) * tangent;
    frame.scale = 1 / half;
    scene.near = static_cast<float>(std::max(0.05, nearest / half - box_diagonal / 2));
    scene.far = static_cast<float>(furthest / half + box_diagonal / 2);
  } else {
    double half = outward ? 4 * furthest : 1.1 * furthest;
    scene.near = 0.05f;
    if (cameras.bounded()) {
      if (outward) half = 1.1 * (furthest + cameras.furthest_bound());
      const double near = near_share * cameras.nearest_bound() / half;
      scene.near = static_cast<float>(std::min(near, box_diagonal / 2));  // some of the box is left
    }
    frame.scale = 1 / half;
    scene.far = static_cast<float>(box_diagonal);
  }
  const Point64 up = mean_up(cameras);
  scene.up = !z_up && length(up) > 1e-3 ? to_float(unit(up)) : Vec3{0, 0, 1};
  return frame;
}

PosedCamera in_scene(const FilePose& pose, const Lens& lens, const Frame64& frame) {
  const auto turned = [&](Point64 axis) { return to_float(frame.frame.to_camera(axis)); };
  PosedCamera camera;
  camera.pose = {turned(pose.right), turned(pose.up), turned(pose.back),
                 to_float(frame.to_scene(pose.origin))};
  camera.lens = lens;
  return camera;
}

}  // namespace

Scene lay_out_scene(ListedViews& listed, const std::vector<Lens>& lenses) {
  const Cameras cameras{listed, lenses};
  if (spread(cameras) <= 1e-9 * (1e-9 + length(mean_place(cameras)))) {
    refuse_views(listed.file, "all " + std::to_string(cameras.count()) +
                                  " cameras stand at one place, from which depth cannot be seen; "
                                  "give views from several places");
  }
  Scene scene;
  const std::optional<FilePose> average = average_pose(cameras);
  const Frame64 frame =
      average && all_look_forward(cameras, *average)
          ? lay_out_forward(cameras, *average, scene, listed.warnings)
          : lay_out_around(cameras, listed.object_only, listed.z_up, scene, listed.warnings);
  for (std::size_t i = 0; i < cameras.count(); ++i) {
    scene.cameras.push_back(in_scene(cameras.pose(i), lenses[i], frame));
  }
  const auto axis = [](Point64 a) { return to_float(a); };
  scene.frame.frame = {axis(frame.frame.right), axis(frame.frame.up), axis(frame.frame.back),
                       axis(frame.frame.origin)};
  scene.frame.scale = static_cast<float>(frame.scale);
  bool sound = std::isnormal(scene.frame.scale) && scene.near > 0 && scene.far > scene.near;
  for (const PosedCamera& camera : scene.cameras) {
    sound = sound && std::isfinite(length(camera.pose.origin));
  }
  if (!sound) {
    refuse_views(listed.file,
                 "no box fits its cameras (their places and bounds do not belong "
                 "together); check the poses");
  }
  return scene;
}

}  // namespace fieldscope
