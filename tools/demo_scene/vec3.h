// A double 3-vector and a ray: plain values, shared by every file of the demo scene generator.
#pragma once

#include <algorithm>
#include <cmath>

namespace fieldscope::demo_scene {

inline constexpr double kPi = 3.14159265358979323846;

struct Vec3 {
  double x = 0, y = 0, z = 0;
};

inline constexpr Vec3 operator+(Vec3 a, Vec3 b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
inline constexpr Vec3 operator-(Vec3 a, Vec3 b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
inline constexpr Vec3 operator*(Vec3 a, Vec3 b) {
  return {a.x * b.x, a.y * b.y, a.z * b.z};
}
inline constexpr Vec3 operator*(Vec3 a, double s) {
  return {a.x * s, a.y * s, a.z * s};
}
inline constexpr Vec3 operator/(Vec3 a, double s) {
  return {a.x / s, a.y / s, a.z / s};
}
inline constexpr Vec3 operator-(Vec3 a) {
  return {-a.x, -a.y, -a.z};
}
inline Vec3& operator+=(Vec3& a, Vec3 b) {
  return a = a + b;
}

inline double dot(Vec3 a, Vec3 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Vec3 cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline double length(double x, double y) {
  return std::sqrt(x * x + y * y);
}
inline double length(Vec3 a) {
  return std::sqrt(dot(a, a));
}
inline Vec3 normalize(Vec3 a) {
  return a / std::max(length(a), 1e-30);
}
inline double mix(double a, double b, double t) {
  return a + (b - a) * t;
}
inline Vec3 mix(Vec3 a, Vec3 b, double t) {
  return a + (b - a) * t;
}
inline double clamp01(double x) {
  return std::clamp(x, 0.0, 1.0);
}
inline double smoothstep(double low, double high, double x) {
  const double t = clamp01((x - low) / (high - low));
  return t * t * (3 - 2 * t);
}
inline Vec3 reflect(Vec3 d, Vec3 n) {
  return d - n * (2 * dot(d, n));
}

struct Ray {
  Vec3 origin, direction;
  Vec3 at(double t) const { return origin + direction * t; }
};

}  // namespace fieldscope::demo_scene
