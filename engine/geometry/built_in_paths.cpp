// The camera paths that a scene has without anybody drawing one: see camera_path.h.

#include <algorithm>
#include <cmath>

#include "engine/geometry/camera_path.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

/// Key frames of one turn: a spline through so many is a circle to 1e-5 of its radius.
constexpr int keys_a_turn = 36;

void check(std::span<const PosedCamera> cameras) {
  if (cameras.empty()) throw UsageError("a camera path needs cameras to begin with");
}

double vertical_angle(const Lens& lens) {
  return 2 * std::atan(lens.height / (2 * lens.fy));
}

double mean_angle(std::span<const PosedCamera> cameras) {
  double total = 0;
  for (const PosedCamera& camera : cameras) total += vertical_angle(camera.lens);
  return total / static_cast<double>(cameras.size());
}

/// At `origin`, looking along -back, with `up` as far up as it goes.
Pose upright(Vec3 origin, Vec3 back, Vec3 up) {
  back = normalised(back);
  Vec3 right = cross(up, back);
  if (length(right) < 1e-4f * length(up))  // looks straight up or down
    right = std::fabs(back.x) < 0.9f ? cross({1, 0, 0}, back) : cross({0, 1, 0}, back);
  right = normalised(right);
  return {right, cross(back, right), back, origin};
}

Pose mean_pose(std::span<const PosedCamera> cameras) {
  Vec3 origin, back, up;
  for (const PosedCamera& camera : cameras) {
    origin = origin + camera.pose.origin;
    back = back + camera.pose.back;
    up = up + camera.pose.up;
  }
  const float share = 1 / static_cast<float>(cameras.size());
  if (length(back) * share < 1e-3f) back = cameras.front().pose.back;  // they look all ways
  return upright(origin * share, back, up);
}

/// What that share of the numbers lies below, between neighbours in proportion.
float quantile(std::vector<float> numbers, double share) {
  std::sort(numbers.begin(), numbers.end());
  const double at = share * static_cast<double>(numbers.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, numbers.size() - 1);
  return std::lerp(numbers[below], numbers[above],
                   static_cast<float>(at - static_cast<double>(below)));
}

/// How far the cameras of a spiral look: between the nearest and the farthest, in terms of what
/// moves in the picture. Where nothing is known of near, as far as the scene's middle.
double focus_distance(const Pose& mean, float near, float far) {
  if (!(near > 0)) return std::max(length(mean.origin), 1e-3f);
  constexpr double share = 0.75;
  const double close = 0.9 * near, distant = 5.0 * std::max(near, far);
  return 1 / ((1 - share) / close + share / distant);
}

/// Of view, that shows the unit ball from there in both directions of a picture, but no more than
/// half as much again as the cameras see: closer by, it would distort.
double angle_for_ball(std::span<const PosedCamera> cameras, double distance) {
  const double own = mean_angle(cameras);
  if (distance <= 1) return own;
  const Lens& lens = cameras.front().lens;
  const double narrow = std::min(1.0, static_cast<double>(lens.width) / lens.height);
  const double needed = 2 * std::atan(std::tan(std::asin(1 / distance)) / narrow);
  return std::clamp(needed, own, std::min(1.5 * own, 0.9 * M_PI));
}

/// Where the cameras are, seen from the middle along `up`: of unit length.
Vec3 side_of(std::span<const PosedCamera> cameras, Vec3 up) {
  const auto flat = [&](Vec3 v) { return v - up * dot(v, up); };
  Vec3 total;
  for (const PosedCamera& camera : cameras) total = total + flat(camera.pose.origin);
  for (const Vec3 side : {total, flat(cameras.front().pose.origin), flat({1, 0, 0})})
    if (length(side) > 1e-3f) return normalised(side);
  return normalised(flat({0, 1, 0}));
}

}  // namespace

CameraPath spiral_path(std::span<const PosedCamera> cameras, float near, float far,
                       double seconds) {
  check(cameras);
  constexpr int turns = 2, count = turns * keys_a_turn;
  const Pose mean = mean_pose(cameras);
  std::array<std::vector<float>, 3> offsets;
  for (const PosedCamera& camera : cameras) {
    const Vec3 offset = mean.to_camera(camera.pose.origin - mean.origin);
    offsets[0].push_back(std::fabs(offset.x));
    offsets[1].push_back(std::fabs(offset.y));
    offsets[2].push_back(std::fabs(offset.z));
  }
  const Vec3 radii = {quantile(offsets[0], 0.9), quantile(offsets[1], 0.9),
                      quantile(offsets[2], 0.9)};
  const Vec3 focus = mean.origin - mean.back * static_cast<float>(focus_distance(mean, near, far));
  std::vector<CameraKey> keys;
  for (int i = 0; i < count; ++i) {
    const auto angle = static_cast<float>(2 * M_PI * i / keys_a_turn);
    const Vec3 at = {std::cos(angle) * radii.x, -std::sin(angle) * radii.y,
                     -std::sin(angle / 2) * radii.z};
    const Vec3 origin = mean.origin + mean.to_world(at);
    keys.push_back(
        {upright(origin, origin - focus, mean.up), mean_angle(cameras), seconds * i / count});
  }
  return {std::move(keys), seconds, true};
}

CameraPath orbit_path(std::span<const PosedCamera> cameras, Vec3 up, double seconds) {
  check(cameras);
  up = length(up) > 0 ? normalised(up) : Vec3{0, 0, 1};
  double distance = 0, elevation = 0;
  for (const PosedCamera& camera : cameras) {
    distance += length(camera.pose.origin);
    const float height = dot(normalised(camera.pose.origin), up);
    elevation += std::asin(std::clamp(height, -1.0f, 1.0f));
  }
  distance /= static_cast<double>(cameras.size());
  elevation /= static_cast<double>(cameras.size());
  if (distance < 1e-3) distance = 2;  // cameras in the middle have no place to orbit at
  constexpr double steepest = 80 * M_PI / 180;
  elevation = std::clamp(elevation, -steepest, steepest);

  const Vec3 side = side_of(cameras, up), across = cross(up, side);
  const auto radius = static_cast<float>(distance * std::cos(elevation));
  const Vec3 height = up * static_cast<float>(distance * std::sin(elevation));
  std::vector<CameraKey> keys;
  for (int i = 0; i < keys_a_turn; ++i) {
    const auto angle = static_cast<float>(2 * M_PI * i / keys_a_turn);
    const Vec3 origin = height + (side * std::cos(angle) + across * std::sin(angle)) * radius;
    keys.push_back({upright(origin, origin, up), angle_for_ball(cameras, distance),
                    seconds * i / keys_a_turn});
  }
  return {std::move(keys), seconds, true};
}

}  // namespace fieldscope
