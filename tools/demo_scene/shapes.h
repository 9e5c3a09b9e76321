// Signed distances of simple solids about the origin, negative inside. Bounds from below are enough
// for sphere tracing; most of these are exact (formulas: Quilez,
// iquilezles.org/articles/distfunctions).
#pragma once

#include "tools/demo_scene/vec3.h"

namespace fieldscope::demo_scene {

// Rotation about the upright axis, by a direction rather than an angle: nothing to compute per
// point.
struct Turn {
  double cosine, sine;
  Vec3 operator()(Vec3 p) const {
    return {cosine * p.x + sine * p.y, cosine * p.y - sine * p.x, p.z};
  }
};

// What is inside both of two distances at a right angle: a profile and a thickness.
inline double extruded(double a, double b) {
  return std::min(std::max(a, b), 0.0) + length(std::max(a, 0.0), std::max(b, 0.0));
}

inline double ball(Vec3 p, double radius) {
  return length(p) - radius;
}

inline double box(Vec3 p, Vec3 half) {
  const Vec3 d{std::abs(p.x) - half.x, std::abs(p.y) - half.y, std::abs(p.z) - half.z};
  return length(Vec3{std::max(d.x, 0.0), std::max(d.y, 0.0), std::max(d.z, 0.0)}) +
         std::min(std::max({d.x, d.y, d.z}), 0.0);
}

inline double rounded_box(Vec3 p, Vec3 half, double round) {
  return box(p, {half.x - round, half.y - round, half.z - round}) - round;
}

inline double ellipsoid(Vec3 p, Vec3 radii) {
  const Vec3 q{p.x / radii.x, p.y / radii.y, p.z / radii.z};
  const Vec3 g{q.x / radii.x, q.y / radii.y, q.z / radii.z};
  const double k = length(q);
  return k * (k - 1) / std::max(length(g), 1e-9);
}

// Upright, between two heights.
inline double cylinder(Vec3 p, double radius, double low, double high) {
  return extruded(length(p.x, p.y) - radius, std::max(low - p.z, p.z - high));
}

// An upright frustum between two heights.
inline double frustum(Vec3 p, double low, double high, double radius_low, double radius_high) {
  const double slope = (radius_low - radius_high) / (high - low);
  const double side =
      (length(p.x, p.y) - (radius_low - slope * (p.z - low))) / std::sqrt(1 + slope * slope);
  return extruded(side, std::max(low - p.z, p.z - high));
}

// A ring that lies flat.
inline double torus(Vec3 p, double radius, double tube) {
  return length(length(p.x, p.y) - radius, p.z) - tube;
}

inline double capsule(Vec3 p, Vec3 a, Vec3 b, double radius) {
  const Vec3 along = b - a;
  return length(p - a - along * clamp01(dot(p - a, along) / dot(along, along))) - radius;
}

// A flat triangle: counterclockwise corners (x, y).
inline double triangle(double x, double y, const double (&corner)[3][2]) {
  double nearest = 1e30, inside = 1e30;
  for (int i = 0; i < 3; ++i) {
    const auto& a = corner[i];
    const auto& b = corner[(i + 1) % 3];
    const double ex = b[0] - a[0], ey = b[1] - a[1], px = x - a[0], py = y - a[1];
    const double t = clamp01((px * ex + py * ey) / (ex * ex + ey * ey));
    nearest = std::min(nearest, length(px - ex * t, py - ey * t));
    inside = std::min(inside, ex * py - ey * px);
  }
  return inside > 0 ? -nearest : nearest;
}

// The union of two solids with their seam filled over a width `k`.
inline double smooth_union(double a, double b, double k) {
  const double h = std::max(k - std::abs(a - b), 0.0) / k;
  return std::min(a, b) - h * h * k / 4;
}

}  // namespace fieldscope::demo_scene
