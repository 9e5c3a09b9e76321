#include "app/camera.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace fieldscope {
namespace {

constexpr float pi = std::numbers::pi_v<float>;
constexpr float radians = pi / 180;
constexpr float steepest = 89.5f * radians;  // straight down has no up
constexpr float nearest = 0.02f, farthest = 60;
constexpr float reach = 1.75f;  // half the diagonal of [-1, 1]^3, and a little

// Half of the view's extent at distance 1, across its shorter side.
float half_extent() {
  return std::tan(Camera::field_of_view * radians / 2);
}

// The same for both sides.
void half_extents(float aspect, float& x, float& y) {
  x = half_extent() * std::max(1.0f, aspect);
  y = half_extent() * std::max(1.0f, 1 / aspect);
}

}  // namespace

Camera::Camera() : distance_(1 / (0.85f * std::sin(field_of_view * radians / 2))) {
  look_from(28, 16);
}

Vec3 Camera::right() const {
  return {std::cos(yaw_), 0, -std::sin(yaw_)};
}

Vec3 Camera::up() const {
  return {-std::sin(pitch_) * std::sin(yaw_), std::cos(pitch_), -std::sin(pitch_) * std::cos(yaw_)};
}

Vec3 Camera::backward() const {
  return {std::cos(pitch_) * std::sin(yaw_), std::sin(pitch_), std::cos(pitch_) * std::cos(yaw_)};
}

Vec3 Camera::to_space(Vec3 v) const {
  return right() * v.x + up() * v.y + backward() * v.z;
}

Vec3 Camera::eye() const {
  return target_ + backward() * distance_;
}

void Camera::orbit(float dx, float dy) {
  // Where the target lies from the pivot in the view stays as it is: the pivot does not move there.
  const Vec3 from_pivot = target_ - pivot_;
  const Vec3 seen = {dot(from_pivot, right()), dot(from_pivot, up()), dot(from_pivot, backward())};
  yaw_ = std::remainder(yaw_ - dx * pi, 2 * pi);
  pitch_ = std::clamp(pitch_ + dy * pi, -steepest, steepest);
  target_ = pivot_ + to_space(seen);
}

void Camera::pan(float dx, float dy) {
  const float size = 2 * half_extent() * distance_;
  target_ = target_ - right() * (dx * size) + up() * (dy * size);
}

void Camera::zoom(float steps, ViewPoint about, float aspect) {
  const float before = distance_;
  distance_ = std::clamp(distance_ * std::pow(0.9f, steps), nearest, farthest);
  float x = 0, y = 0;
  half_extents(aspect, x, y);
  const float nearer = before - distance_;
  target_ = target_ + right() * ((2 * about.x - 1) * x * nearer) +
            up() * ((1 - 2 * about.y) * y * nearer);
}

void Camera::set_pivot(Vec3 point) {
  const Vec3 from = eye();
  pivot_ = point;
  // Panning and zooming are at the pivot's depth from now on; the eye stays.
  distance_ = std::clamp(dot(from - point, backward()), nearest, farthest);
  target_ = from - backward() * distance_;
}

void Camera::look_from(float yaw_degrees, float pitch_degrees) {
  yaw_ = std::remainder(yaw_degrees * radians, 2 * pi);
  pitch_ = std::clamp(pitch_degrees * radians, -steepest, steepest);
}

void Camera::fit(std::span<const Vec3> points, float aspect, float filled) {
  if (points.empty()) return;
  float x = 0, y = 0;
  half_extents(aspect, x, y);
  x *= filled;
  y *= filled;
  // The eye must lie behind four planes through the points, one for each edge of the view; each is
  // as far out as its outermost point (cf. the smallest frustum of fixed direction).
  const Vec3 r = right(), u = up(), b = backward();
  constexpr float none = -1e30f;
  float left = none, rightmost = none, bottom = none, top = none;
  for (const Vec3& p : points) {
    const float px = dot(p, r), py = dot(p, u), pz = dot(p, b);
    rightmost = std::max(rightmost, px + x * pz);
    left = std::max(left, -px + x * pz);
    top = std::max(top, py + y * pz);
    bottom = std::max(bottom, -py + y * pz);
  }
  const float ex = (rightmost - left) / 2, ey = (top - bottom) / 2;
  const float ez = std::max((rightmost + left) / (2 * x), (top + bottom) / (2 * y));
  float middle = 0;
  for (const Vec3& p : points) middle += dot(p, b) / static_cast<float>(points.size());
  distance_ = std::clamp(ez - middle, nearest, farthest);
  target_ = r * ex + u * ey + b * (ez - distance_);
  pivot_ = target_;
}

Matrix4 Camera::view() const {
  const Vec3 r = right(), u = up(), b = backward(), e = eye();
  return {r.x, u.x, b.x, 0, r.y,        u.y,        b.y,        0,
          r.z, u.z, b.z, 0, -dot(e, r), -dot(e, u), -dot(e, b), 1};
}

Matrix4 Camera::projection(float aspect) const {
  float x = 0, y = 0;
  half_extents(aspect, x, y);
  const float away = length(eye());
  const float near = std::max({away - reach, distance_ * 0.05f, 0.004f});
  const float far = std::max(away + reach, near * 1.01f);
  const float depth = near - far;
  return {
      1 / x, 0, 0, 0, 0, 1 / y, 0, 0, 0, 0, (far + near) / depth, -1, 0, 0, 2 * far * near / depth,
      0};
}

Ray Camera::ray(ViewPoint at, float aspect) const {
  float x = 0, y = 0;
  half_extents(aspect, x, y);
  const Vec3 in_view = {(2 * at.x - 1) * x, (1 - 2 * at.y) * y, -1};
  return {eye(), normalised(to_space(in_view))};
}

std::array<float, 4> transformed(const Matrix4& m, Vec3 p) {
  std::array<float, 4> result{};
  for (std::size_t row = 0; row < 4; ++row)
    result[row] = m[row] * p.x + m[4 + row] * p.y + m[8 + row] * p.z + m[12 + row];
  return result;
}

Matrix4 operator*(const Matrix4& first, const Matrix4& second) {
  Matrix4 product{};
  for (std::size_t column = 0; column < 4; ++column)
    for (std::size_t row = 0; row < 4; ++row)
      for (std::size_t k = 0; k < 4; ++k)
        product[column * 4 + row] += first[k * 4 + row] * second[column * 4 + k];
  return product;
}

}  // namespace fieldscope
