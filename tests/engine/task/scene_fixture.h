// Posed views of a scene known in closed form: a sphere whose colour is its normal, seen from all
// around, cut out.
#pragma once

#include <cmath>
#include <memory>

#include "engine/data/posed_views.h"

namespace fieldscope::test {

/// Looks at the origin, z up.
inline PosedCamera camera_at(Vec3 eye, int width, int height) {
  PosedCamera camera;
  camera.pose.origin = eye;
  camera.pose.back = normalised(eye);
  camera.pose.right = normalised(cross({0, 0, 1}, camera.pose.back));
  camera.pose.up = cross(camera.pose.back, camera.pose.right);
  camera.lens = Lens::pinhole(width, height, 0.7);
  return camera;
}

inline constexpr float ball_radius = 0.6f;

inline PosedView ball_view(Vec3 from, int side) {
  PosedView view;
  view.camera = camera_at(from, side, side);
  view.channels = 4;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const Ray ray = view.camera.ray({x + 0.5, y + 0.5});
      const float b = dot(ray.origin, ray.direction);
      const float under = b * b - dot(ray.origin, ray.origin) + ball_radius * ball_radius;
      const Vec3 n = under > 0 ? normalised(ray.at(-b - std::sqrt(under))) : Vec3{};
      for (const float c : {n.x, n.y, n.z})
        view.pixels.push_back(static_cast<std::uint8_t>(std::lround(127.5f + 127.5f * c)));
      view.pixels.push_back(under > 0 ? 255 : 0);
    }
  return view;
}

inline std::shared_ptr<PosedViews> ball_views(int count = 10, int side = 16) {
  auto views = std::make_shared<PosedViews>();
  views->name = "ball";
  for (int i = 0; i < count; ++i) {
    const float angle = 2.4f * static_cast<float>(i);
    const float z = -0.6f + 1.5f * static_cast<float>(i) / static_cast<float>(count);
    const float r = std::sqrt(1 - z * z);
    const Vec3 from = Vec3{r * std::cos(angle), r * std::sin(angle), z} * 3;
    (i % 5 == 2 ? views->held_out : views->training).push_back(ball_view(from, side));
    (i % 5 == 2 ? views->held_out : views->training).back().name = "r_" + std::to_string(i);
  }
  views->near = 0.5f;
  views->far = 6;
  views->has_alpha = true;
  return views;
}

}  // namespace fieldscope::test
