// A point or direction in space.
#pragma once

#include <cmath>

#include "engine/math/portable.h"

namespace fieldscope {

struct Vec3 {
  float x = 0, y = 0, z = 0;

  bool operator==(const Vec3&) const = default;
};

FIELDSCOPE_HOST_DEVICE Vec3 operator+(Vec3 a, Vec3 b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
FIELDSCOPE_HOST_DEVICE Vec3 operator-(Vec3 a, Vec3 b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
FIELDSCOPE_HOST_DEVICE Vec3 operator*(Vec3 a, float s) {
  return {a.x * s, a.y * s, a.z * s};
}
/// a * s, each product rounded before anything is added to it: where a device may fuse the two,
/// sums of `a * s` have other bits than the host's.
FIELDSCOPE_HOST_DEVICE Vec3 rounded_product(Vec3 a, float s) {
#if defined(__CUDA_ARCH__)
  return {__fmul_rn(a.x, s), __fmul_rn(a.y, s), __fmul_rn(a.z, s)};
#else
  return a * s;
#endif
}
FIELDSCOPE_HOST_DEVICE float dot(Vec3 a, Vec3 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
FIELDSCOPE_HOST_DEVICE Vec3 cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
FIELDSCOPE_HOST_DEVICE float length(Vec3 a) {
  return ::sqrtf(dot(a, a));
}
/// The zero vector stays what it is.
FIELDSCOPE_HOST_DEVICE Vec3 normalised(Vec3 a) {
  const float l = length(a);
  return l > 0 ? a * (1 / l) : a;
}

}  // namespace fieldscope
