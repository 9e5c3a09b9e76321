// A float 3-vector and a ray: plain values, shared by every file of the demo image generator.
#pragma once

#include <algorithm>
#include <cmath>

namespace fieldscope::demo_image {

inline constexpr float kPi = 3.14159265358979f;

struct Vec3 {
  float x = 0, y = 0, z = 0;
};

inline Vec3 operator+(Vec3 a, Vec3 b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
inline Vec3 operator-(Vec3 a, Vec3 b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
inline Vec3 operator*(Vec3 a, Vec3 b) {
  return {a.x * b.x, a.y * b.y, a.z * b.z};
}
inline Vec3 operator*(Vec3 a, float s) {
  return {a.x * s, a.y * s, a.z * s};
}
inline Vec3 operator*(float s, Vec3 a) {
  return a * s;
}
inline Vec3 operator/(Vec3 a, float s) {
  return a * (1.0f / s);
}
inline Vec3 operator-(Vec3 a) {
  return {-a.x, -a.y, -a.z};
}
inline Vec3& operator+=(Vec3& a, Vec3 b) {
  return a = a + b;
}
inline Vec3& operator*=(Vec3& a, Vec3 b) {
  return a = a * b;
}

inline float dot(Vec3 a, Vec3 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Vec3 cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline float length(Vec3 a) {
  return std::sqrt(dot(a, a));
}
inline Vec3 normalize(Vec3 a) {
  return a / std::max(length(a), 1e-20f);
}
inline float mix(float a, float b, float t) {
  return a + (b - a) * t;
}
inline Vec3 mix(Vec3 a, Vec3 b, float t) {
  return a + (b - a) * t;
}
inline Vec3 exp(Vec3 a) {
  return {std::exp(a.x), std::exp(a.y), std::exp(a.z)};
}
inline float clamp01(float x) {
  return std::clamp(x, 0.0f, 1.0f);
}
inline float smoothstep(float lo, float hi, float x) {
  const float t = clamp01((x - lo) / (hi - lo));
  return t * t * (3 - 2 * t);
}
inline Vec3 reflect(Vec3 d, Vec3 n) {
  return d - n * (2 * dot(d, n));
}

// Two unit vectors that complete `n` to an orthonormal basis.
inline void make_basis(Vec3 n, Vec3& s, Vec3& t) {
  const Vec3 helper = std::abs(n.y) < 0.9f ? Vec3{0, 1, 0} : Vec3{1, 0, 0};
  s = normalize(cross(helper, n));
  t = cross(n, s);
}

struct Ray {
  Vec3 origin, direction;
  Vec3 at(float t) const { return origin + direction * t; }
};

}  // namespace fieldscope::demo_image
