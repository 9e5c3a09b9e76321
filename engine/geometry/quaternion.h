// Unit quaternions: rotations that can be interpolated. Plain data; pure functions.
#pragma once

#include <array>

#include "engine/geometry/posed_camera.h"

namespace fieldscope {

/// Half of a rotation about an axis: its direction times half the angle. Angular velocities too.
using RotationVector = std::array<double, 3>;

struct Quaternion {
  double w = 1, x = 0, y = 0, z = 0;

  Quaternion conjugate() const { return {w, -x, -y, -z}; }
};

Quaternion operator*(const Quaternion& a, const Quaternion& b);
Quaternion normalised(const Quaternion& q);

/// exp of the quaternion without real part.
Quaternion exp(const RotationVector& v);
/// The inverse: of q and -q, which are the same rotation, the shorter one.
RotationVector log(const Quaternion& q);

/// Of the rotation that takes (right, up, back) from the coordinate axes to the pose's.
Quaternion quaternion_of(const Pose& pose);
/// The pose with that rotation at `origin`.
Pose pose_of(const Quaternion& q, Vec3 origin);

}  // namespace fieldscope
