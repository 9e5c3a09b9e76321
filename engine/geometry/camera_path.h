// A way of a camera through a scene: key frames and what lies between them. Plain host data, never
// changed; any thread.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "engine/geometry/posed_camera.h"

namespace fieldscope {

/// A moment of a camera's way.
struct CameraKey {
  Pose pose;
  double vertical_angle = 0.7;  ///< of view, radians
  double time = 0;              ///< seconds from the beginning
};

/// The camera of a key before a picture of that size.
inline PosedCamera camera_of(const CameraKey& key, int width, int height) {
  return {key.pose, Lens::pinhole(width, height, key.vertical_angle)};
}

/// Passes through its keys with continuous velocity: positions by cubic Hermite splines, whose
/// velocity at a key is that of the parabola through it and its neighbours (Catmull-Rom for uneven
/// times); orientations by their counterpart for unit quaternions (Kim, Kim, Shin, SIGGRAPH 1995),
/// whose angular velocity is found in the same way; the focal length by its logarithm.
class CameraPath {
 public:
  /// At least one key, with ascending times in [0, seconds]; rotations orthonormal to 0.001. A
  /// closed one goes on from the last key, which lies before `seconds`, to the first. Throws
  /// UsageError.
  CameraPath(std::vector<CameraKey> keys, double seconds, bool closed);

  const std::vector<CameraKey>& keys() const { return keys_; }
  double seconds() const { return seconds_; }
  bool closed() const { return closed_; }

  /// Where the camera is after this share of the time. An open path stands still before its first
  /// key and after its last one; a closed one repeats.
  CameraKey at(double share) const;
  /// `count` moments in equal steps: from the first to the last of an open path; once around a
  /// closed one, whose end is its beginning.
  std::vector<CameraKey> frames(int count) const;

 private:
  /// Numbers that are interpolated by cubics: position and logarithm of the focal length.
  using State = std::array<double, 4>;
  struct Knot {
    State state, velocity;
    std::array<double, 4> rotation;          ///< unit quaternion w, x, y, z
    std::array<double, 3> angular_velocity;  ///< half of it, in the camera's own axes
  };
  struct Neighbours {
    double before, after;  ///< seconds to the next keys; 0: there is none
  };

  double span(std::size_t key) const;  ///< seconds from this key to the next one
  Neighbours around(std::size_t key) const;
  void find_velocities();
  CameraKey between(std::size_t from, double share) const;

  std::vector<CameraKey> keys_;
  std::vector<Knot> knots_;
  double seconds_;
  bool closed_;
};

/// What a forward-facing scene is shown with (Mildenhall et al. 2020, the spiral of their code):
/// twice around the mean camera, as wide as 90% of the cameras' offsets from it, looking at a point
/// whose distance lies between near and far, nearer to near. `near` and `far` in scene units along
/// the rays; throws UsageError without cameras.
CameraPath spiral_path(std::span<const PosedCamera> cameras, float near, float far, double seconds);

/// Once around (0, 0, 0) about the axis `up`, at the mean distance and elevation of the cameras,
/// beginning on their side; as wide an angle as they have or, if that is not enough, as shows the
/// unit ball. Throws UsageError without cameras.
CameraPath orbit_path(std::span<const PosedCamera> cameras, Vec3 up, double seconds);

}  // namespace fieldscope
