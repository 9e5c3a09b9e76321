#include "app/scene_camera.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace fieldscope {
namespace {

constexpr float pi = std::numbers::pi_v<float>;
/// How near the view comes to looking along the up axis, where there is no left and right.
constexpr float steepest = 0.02f;
constexpr float nearest = 0.02f, farthest = 20;
/// What lies nearer to the camera's plane than this is cut off lines.
constexpr float near_plane = 0.01f;

/// Rodrigues' formula; `axis` is of unit length.
Vec3 turned(Vec3 v, Vec3 axis, float angle) {
  const float c = std::cos(angle), s = std::sin(angle);
  return v * c + cross(axis, v) * s + axis * (dot(axis, v) * (1 - c));
}

}  // namespace

std::optional<PictureLine> project_line(const PosedCamera& camera, Vec3 from, Vec3 to) {
  float a = -camera.pose.to_camera(from - camera.pose.origin).z;
  float b = -camera.pose.to_camera(to - camera.pose.origin).z;
  if (a < near_plane && b < near_plane) return std::nullopt;
  if (a < near_plane) from = from + (to - from) * ((near_plane - a) / (b - a));
  if (b < near_plane) to = to + (from - to) * ((near_plane - b) / (a - b));
  const auto first = camera.project(from), second = camera.project(to);
  if (!first || !second) return std::nullopt;
  return PictureLine{*first, *second};
}

SceneCamera::SceneCamera(const PosedViews& scene, const PosedView& view)
    : pose_(view.camera.pose), up_(normalised(scene.up)) {
  const Lens& lens = view.camera.lens;
  const double half = std::min(lens.width / lens.fx, lens.height / lens.fy) / 2;
  angle_ = static_cast<float>(2 * std::atan(half));
  look_at_the_middle();
}

// The place on the axis of view that is closest to the middle of the box, or well in front of a
// camera that does not look there.
void SceneCamera::look_at_the_middle() {
  const float along = dot(pose_.back, pose_.origin);
  pivot_ = pose_.origin - pose_.back * std::max(along, 0.5f);
}

void SceneCamera::stand(const Pose& pose, double vertical_angle, float aspect) {
  pose_ = pose;
  const double half = std::tan(vertical_angle / 2) * std::min(1.0f, aspect);
  angle_ = static_cast<float>(2 * std::atan(half));
  look_at_the_middle();
}

float SceneCamera::depth() const {
  const float depth = dot(pose_.origin - pivot_, pose_.back);
  return std::clamp(depth, 0.05f, farthest);
}

void SceneCamera::turn(Vec3 axis, float angle) {
  pose_.right = normalised(turned(pose_.right, axis, angle));
  pose_.up = turned(pose_.up, axis, angle);
  pose_.back = normalised(turned(pose_.back, axis, angle));
  // Square again, whatever rounding has done in the course of many turns.
  pose_.up = normalised(pose_.up - pose_.right * dot(pose_.up, pose_.right));
  pose_.back = cross(pose_.right, pose_.up);
  pose_.origin = pivot_ + turned(pose_.origin - pivot_, axis, angle);
}

void SceneCamera::orbit(float dx, float dy) {
  turn(up_, -dx * pi);
  const float height = std::acos(std::clamp(dot(pose_.back, up_), -1.0f, 1.0f));
  // About the level axis, so that pictures that were level stay it.
  Vec3 level = cross(up_, pose_.back);
  level = length(level) > 1e-3f ? normalised(level) : pose_.right;
  const float wanted = std::clamp(height - dy * pi, steepest, pi - steepest);
  // A view that is steeper than that already may only come back.
  const float angle =
      std::fabs(wanted - height) <= std::fabs(dy * pi) + 1e-4f ? wanted - height : 0;
  turn(level, angle);
}

void SceneCamera::pan(float dx, float dy) {
  const float size = 2 * std::tan(angle_ / 2) * depth();
  pose_.origin = pose_.origin - pose_.right * (dx * size) + pose_.up * (dy * size);
}

void SceneCamera::zoom(float steps, ViewPoint about, float aspect) {
  const float before = depth();
  const float after = std::clamp(before * std::pow(0.9f, steps), nearest, farthest);
  const float half = std::tan(angle_ / 2);
  const float x = (2 * about.x - 1) * half * std::max(1.0f, aspect);
  const float y = (1 - 2 * about.y) * half * std::max(1.0f, 1 / aspect);
  pose_.origin = pose_.origin + pose_.to_world({x, y, -1}) * (before - after);
}

void SceneCamera::fly(float right, float up, float forwards) {
  const Vec3 way = pose_.right * right + up_ * up - pose_.back * forwards;
  pose_.origin = pose_.origin + way;
  pivot_ = pivot_ + way;
}

SceneCamera SceneCamera::between(const SceneCamera& from, const SceneCamera& to, float t) {
  if (t >= 1) return to;
  SceneCamera now = to;
  const auto mix = [t](Vec3 a, Vec3 b) { return a + (b - a) * t; };
  now.pose_.origin = mix(from.pose_.origin, to.pose_.origin);
  now.pivot_ = mix(from.pivot_, to.pivot_);
  now.angle_ = from.angle_ + (to.angle_ - from.angle_) * t;
  // Axes by their mean, made square: close enough to the shortest turn for a flight of a moment.
  Vec3 back = mix(from.pose_.back, to.pose_.back);
  if (length(back) < 0.05f) back = back + to.pose_.right * 0.2f;  // half a turn
  now.pose_.back = normalised(back);
  Vec3 right = cross(mix(from.pose_.up, to.pose_.up), now.pose_.back);
  now.pose_.right = length(right) > 1e-4f ? normalised(right) : to.pose_.right;
  now.pose_.up = cross(now.pose_.back, now.pose_.right);
  return now;
}

PosedCamera SceneCamera::posed(int width, int height) const {
  Lens lens;
  lens.width = width;
  lens.height = height;
  lens.fx = lens.fy = std::min(width, height) / (2 * std::tan(static_cast<double>(angle_) / 2));
  lens.cx = width / 2.0;
  lens.cy = height / 2.0;
  return {pose_, lens};
}

}  // namespace fieldscope
