#include "engine/geometry/posed_camera.h"

#include <cmath>

namespace fieldscope {
namespace {

/// A direction as the lens sees it: X/Z and Y/Z, to the right and down.
struct Plane {
  double x = 0, y = 0;
};

/// What the lens makes of it, with the derivatives: dx'/dx, dx'/dy = dy'/dx, dy'/dy.
struct Distorted {
  Plane at;
  double xx = 1, xy = 0, yy = 1;
};

Distorted distort(const Lens& lens, Plane p) {
  const double r2 = p.x * p.x + p.y * p.y;
  const double radial = 1 + r2 * (lens.k1 + r2 * (lens.k2 + r2 * lens.k3));
  const double slope = lens.k1 + r2 * (2 * lens.k2 + r2 * 3 * lens.k3);  // of radial over r2
  Distorted d;
  d.at.x = p.x * radial + 2 * lens.p1 * p.x * p.y + lens.p2 * (r2 + 2 * p.x * p.x);
  d.at.y = p.y * radial + lens.p1 * (r2 + 2 * p.y * p.y) + 2 * lens.p2 * p.x * p.y;
  d.xx = radial + 2 * p.x * p.x * slope + 2 * lens.p1 * p.y + 6 * lens.p2 * p.x;
  d.xy = 2 * p.x * p.y * slope + 2 * lens.p1 * p.x + 2 * lens.p2 * p.y;
  d.yy = radial + 2 * p.y * p.y * slope + 6 * lens.p1 * p.y + 2 * lens.p2 * p.x;
  return d;
}

/// Whether the polynomial still means a lens there. Further out it may turn back, and would put
/// what lies far beside the picture into the middle of it.
bool within_model(const Lens& lens, Plane p) {
  const Distorted d = distort(lens, p);
  if (d.xx * d.yy - d.xy * d.xy <= 0) return false;
  // Along the radius from the middle: r' must grow with r.
  const double furthest = p.x * p.x + p.y * p.y;
  const double most =
      furthest * (3 * std::abs(lens.k1) +
                  furthest * (5 * std::abs(lens.k2) + furthest * 7 * std::abs(lens.k3)));
  if (most < 1) return true;
  constexpr int steps = 32;
  for (int i = 1; i <= steps; ++i) {
    const double r2 = furthest * i / steps;
    if (1 + r2 * (3 * lens.k1 + r2 * (5 * lens.k2 + r2 * 7 * lens.k3)) <= 0) return false;
  }
  return true;
}

double off(Plane a, Plane b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

/// The inverse of distort(), or what it was given where there is none.
Plane undistort(const Lens& lens, Plane wanted) {
  constexpr double close = 1e-12;  // far below a thousandth of a pixel
  Plane p = wanted;
  Distorted now = distort(lens, p);
  for (int i = 0; i < 50 && off(now.at, wanted) > close; ++i) {
    const double determinant = now.xx * now.yy - now.xy * now.xy;
    if (determinant == 0) return wanted;
    const double ex = wanted.x - now.at.x, ey = wanted.y - now.at.y;
    const Plane step = {(now.yy * ex - now.xy * ey) / determinant,
                        (now.xx * ey - now.xy * ex) / determinant};
    // A step that does not come closer was too long, beyond the bend of the polynomial.
    double length = 1;
    for (; length > 1e-4; length /= 2) {
      const Plane next = {p.x + length * step.x, p.y + length * step.y};
      const Distorted there = distort(lens, next);
      if (off(there.at, wanted) < off(now.at, wanted)) {
        p = next;
        now = there;
        break;
      }
    }
    if (length <= 1e-4) break;
  }
  return off(now.at, wanted) < 1e-9 && within_model(lens, p) ? p : wanted;
}

double dot64(Vec3 a, double x, double y, double z) {
  return a.x * x + a.y * y + a.z * z;
}

}  // namespace

Lens Lens::resized(int new_width, int new_height) const {
  const double across = static_cast<double>(new_width) / width;
  const double down = static_cast<double>(new_height) / height;
  Lens lens = *this;  // distortion is in units of the focal length
  lens.width = new_width;
  lens.height = new_height;
  lens.fx *= across;
  lens.cx *= across;
  lens.fy *= down;
  lens.cy *= down;
  return lens;
}

Lens Lens::pinhole(int width, int height, double vertical_angle) {
  const double focal = height / (2 * std::tan(vertical_angle / 2));
  Lens lens;
  lens.width = width;
  lens.height = height;
  lens.fx = lens.fy = focal;
  lens.cx = width / 2.0;
  lens.cy = height / 2.0;
  return lens;
}

Ray PosedCamera::ray(PicturePoint at) const {
  Plane p = {(at.column - lens.cx) / lens.fx, (at.row - lens.cy) / lens.fy};
  if (lens.distorted()) p = undistort(lens, p);
  const double scale = 1 / std::sqrt(p.x * p.x + p.y * p.y + 1);
  const double right = p.x * scale, up = -p.y * scale, back = -scale;
  const auto world = [&](float Vec3::*axis) {
    return static_cast<float>(pose.right.*axis * right + pose.up.*axis * up +
                              pose.back.*axis * back);
  };
  return {pose.origin, {world(&Vec3::x), world(&Vec3::y), world(&Vec3::z)}};
}

std::optional<PicturePoint> PosedCamera::project(Vec3 point) const {
  const double x = static_cast<double>(point.x) - pose.origin.x;
  const double y = static_cast<double>(point.y) - pose.origin.y;
  const double z = static_cast<double>(point.z) - pose.origin.z;
  const double depth = -dot64(pose.back, x, y, z);
  if (!(depth > 0)) return std::nullopt;
  Plane p = {dot64(pose.right, x, y, z) / depth, -dot64(pose.up, x, y, z) / depth};
  if (lens.distorted()) {
    if (!within_model(lens, p)) return std::nullopt;
    p = distort(lens, p).at;
  }
  return PicturePoint{lens.fx * p.x + lens.cx, lens.fy * p.y + lens.cy};
}

}  // namespace fieldscope
