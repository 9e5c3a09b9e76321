// A camera with its place in the world: which ray a pixel sees, and where a point lands. Plain
// data.
#pragma once

#include <optional>

#include "engine/math/vec3.h"

namespace fieldscope {

struct Ray {
  Vec3 origin, direction;  ///< the direction is of unit length

  Vec3 at(float t) const { return origin + direction * t; }
};

/// A place on a picture in pixels: (0, 0) is the upper left corner, a pixel's centre lies at one
/// half.
struct PicturePoint {
  double column = 0, row = 0;
};

/// How a camera projects: pinhole with radial and tangential distortion (Brown 1966, as OpenCV and
/// COLMAP write it). With x = X/Z, y = Y/Z (to the right, down), r2 = x^2 + y^2:
/// x' = x (1 + k1 r2 + k2 r2^2 + k3 r2^3) + 2 p1 x y + p2 (r2 + 2 x^2), likewise y';
/// column = fx x' + cx, row = fy y' + cy.
struct Lens {
  int width = 0, height = 0;  ///< of the picture, in pixels
  double fx = 0, fy = 0;      ///< focal lengths in pixels
  double cx = 0, cy = 0;      ///< principal point, as a PicturePoint
  double k1 = 0, k2 = 0, k3 = 0, p1 = 0, p2 = 0;

  bool distorted() const { return k1 != 0 || k2 != 0 || k3 != 0 || p1 != 0 || p2 != 0; }
  /// The same lens before a picture of another size.
  Lens resized(int new_width, int new_height) const;
  /// A pinhole in the middle of a picture with this angle of view, in radians.
  static Lens pinhole(int width, int height, double vertical_angle);

  bool operator==(const Lens&) const = default;
};

/// Camera to world: axes of unit length, in OpenGL's order, so that the camera looks along -back.
struct Pose {
  Vec3 right = {1, 0, 0}, up = {0, 1, 0}, back = {0, 0, 1}, origin;

  Vec3 to_world(Vec3 v) const { return right * v.x + up * v.y + back * v.z; }  ///< a direction
  Vec3 to_camera(Vec3 v) const { return {dot(right, v), dot(up, v), dot(back, v)}; }

  bool operator==(const Pose&) const = default;
};

struct PosedCamera {
  Pose pose;
  Lens lens;

  /// What a place on the picture sees, with the lens' distortion undone (Newton's method; where it
  /// does not converge, outside of what the lens model means, the undistorted ray).
  Ray ray(PicturePoint at) const;
  /// Where a point of the world lands on the picture, also outside of it; nothing behind the camera
  /// and so far to its side that the lens' polynomial turns back there.
  std::optional<PicturePoint> project(Vec3 point) const;

  bool operator==(const PosedCamera&) const = default;
};

}  // namespace fieldscope
