// Where a scene of posed views is looked at from: a camera that turns about a pivot, with the
// scene's own up axis, and that can stand exactly where one of the photographs was taken. Plain
// values; any thread. (Meshes have a Camera, which knows y as up and nothing of photographs.)
#pragma once

#include "app/camera.h"
#include "engine/data/posed_views.h"
#include "engine/geometry/posed_camera.h"

namespace fieldscope {

/// A segment on a picture, in its pixels.
struct PictureLine {
  PicturePoint from, to;
};
/// Where the segment between two points of the world lands on a camera's picture, as far as it lies
/// in front of the camera.
std::optional<PictureLine> project_line(const PosedCamera& camera, Vec3 from, Vec3 to);

class SceneCamera {
 public:
  SceneCamera() = default;
  /// Where `view` was taken, turning about the middle of the scene.
  SceneCamera(const PosedViews& scene, const PosedView& view);

  // Movements are in fractions of the view's shorter side, to the right and downwards, as those of
  // Camera.

  /// Turns about the pivot; half a turn across the view.
  void orbit(float dx, float dy);
  /// What lies at the depth of the pivot follows the pointer.
  void pan(float dx, float dy);
  /// Nearer (positive) or farther by tenths; what is at `about` and as deep as the pivot stays
  /// there.
  void zoom(float steps, ViewPoint about, float aspect);
  /// Flies along the view's axes: to the right, up (the scene's), forwards; scene units. The pivot
  /// comes along.
  void fly(float right, float up, float forwards);
  /// Turns about `point` from now on; the view stays what it is.
  void set_pivot(Vec3 point) { pivot_ = point; }
  /// Stands there, turning about what it has before it in the middle of the scene. `vertical_angle`
  /// is of view, in radians, across a picture whose width is `aspect` times its height.
  void stand(const Pose& pose, double vertical_angle, float aspect);
  /// A step of the way from one camera to another; `t` in [0, 1].
  static SceneCamera between(const SceneCamera& from, const SceneCamera& to, float t);

  const Pose& pose() const { return pose_; }
  Vec3 pivot() const { return pivot_; }
  /// Of view, across the shorter side of a picture, in radians.
  float angle() const { return angle_; }
  /// The camera with a pinhole in the middle of a picture of this size.
  PosedCamera posed(int width, int height) const;

  bool operator==(const SceneCamera&) const = default;

 private:
  float depth() const;
  void look_at_the_middle();
  void turn(Vec3 axis, float angle);

  Pose pose_;
  Vec3 pivot_, up_ = {0, 0, 1};
  float angle_ = 0.7f;
};

}  // namespace fieldscope
