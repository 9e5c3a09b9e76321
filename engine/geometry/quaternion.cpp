#include "engine/geometry/quaternion.h"

#include <cmath>

namespace fieldscope {

Quaternion operator*(const Quaternion& a, const Quaternion& b) {
  return {
      a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
      a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}

Quaternion normalised(const Quaternion& q) {
  const double length = std::sqrt(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z);
  return {q.w / length, q.x / length, q.y / length, q.z / length};
}

Quaternion exp(const RotationVector& v) {
  const double angle = std::hypot(v[0], v[1], v[2]);
  const double s = angle > 1e-12 ? std::sin(angle) / angle : 1;
  return {std::cos(angle), s * v[0], s * v[1], s * v[2]};
}

RotationVector log(const Quaternion& q) {
  const double sign = q.w < 0 ? -1 : 1, sine = std::hypot(q.x, q.y, q.z);
  const double s = sign * (sine > 1e-12 ? std::atan2(sine, sign * q.w) / sine : 1);
  return {s * q.x, s * q.y, s * q.z};
}

Quaternion quaternion_of(const Pose& pose) {
  const Vec3 &r = pose.right, &u = pose.up, &b = pose.back;
  const double xx = r.x, yy = u.y, zz = b.z;
  // By the largest of the four numbers, so that nothing small is divided by (Shepperd 1978).
  const double trace = xx + yy + zz;
  Quaternion q;
  if (trace >= xx && trace >= yy && trace >= zz) {
    q = {1 + trace, double{u.z} - b.y, double{b.x} - r.z, double{r.y} - u.x};
  } else if (xx >= yy && xx >= zz) {
    q = {double{u.z} - b.y, 1 + xx - yy - zz, double{r.y} + u.x, double{b.x} + r.z};
  } else if (yy >= zz) {
    q = {double{b.x} - r.z, double{r.y} + u.x, 1 + yy - xx - zz, double{u.z} + b.y};
  } else {
    q = {double{r.y} - u.x, double{b.x} + r.z, double{u.z} + b.y, 1 + zz - xx - yy};
  }
  return normalised(q);
}

Pose pose_of(const Quaternion& q, Vec3 origin) {
  const auto vec = [](double x, double y, double z) {
    return Vec3{static_cast<float>(x), static_cast<float>(y), static_cast<float>(z)};
  };
  const auto [w, x, y, z] = normalised(q);
  return {vec(1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)),
          vec(2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)),
          vec(2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)), origin};
}

}  // namespace fieldscope
