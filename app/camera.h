// Where a mesh or a scene is looked at from: an orbit camera, y up. Plain values without OpenGL, so
// that the window and the verbs share them; linked views hold one camera. Any thread.
#pragma once

#include <array>
#include <span>

#include "engine/geometry/posed_camera.h"
#include "engine/math/vec3.h"

namespace fieldscope {

/// Column-major, as OpenGL takes it: element (row, column) is m[column * 4 + row].
using Matrix4 = std::array<float, 16>;

/// A point of a view: (0, 0) is its top left corner, (1, 1) its bottom right.
struct ViewPoint {
  float x = 0.5f, y = 0.5f;
};

class Camera {
 public:
  /// The field of view across the shorter side of a view, in degrees: what fits a square fits any.
  static constexpr float field_of_view = 35;

  /// From the front (+z), a little from the right and from above, fitted to the unit sphere.
  Camera();

  // Movements are in fractions of the view's shorter side, to the right and downwards.

  /// Turns about the pivot; half a turn across the view.
  void orbit(float dx, float dy);
  /// What lies at the depth of the target follows the pointer.
  void pan(float dx, float dy);
  /// Nearer (positive) or farther by tenths; what is at `about` stays there. `aspect` is the view's
  /// width over its height.
  void zoom(float steps, ViewPoint about, float aspect);
  /// Turns about `point` from now on; the view stays what it is.
  void set_pivot(Vec3 point);
  /// Turns to look along angles in degrees: yaw 0 from +z, 90 from +x; pitch positive from above.
  void look_from(float yaw_degrees, float pitch_degrees);
  /// Moves so that `points` fill `filled` of the tighter side of a view, keeping the direction.
  void fit(std::span<const Vec3> points, float aspect = 1, float filled = 0.85f);

  Vec3 eye() const;
  Vec3 target() const { return target_; }
  Vec3 pivot() const { return pivot_; }
  float distance() const { return distance_; }
  // The view's axes in space: unit, right-handed, `backward` points from the target to the eye.
  Vec3 right() const;
  Vec3 up() const;
  Vec3 backward() const;

  /// Space to view: the eye at the origin, looking along -z.
  Matrix4 view() const;
  /// View to clip space; near and far enclose [-1, 1]^3.
  Matrix4 projection(float aspect) const;
  /// Through the pointer, from the eye.
  Ray ray(ViewPoint at, float aspect) const;

  bool operator==(const Camera&) const = default;

 private:
  Vec3 to_space(Vec3 in_view_axes) const;

  Vec3 target_, pivot_;
  float distance_ = 1;
  float yaw_ = 0, pitch_ = 0;  // radians
};

/// column vector (p, 1) transformed, not divided: x, y, z, w.
std::array<float, 4> transformed(const Matrix4& matrix, Vec3 p);
/// First `second`, then `first`.
Matrix4 operator*(const Matrix4& first, const Matrix4& second);

}  // namespace fieldscope
