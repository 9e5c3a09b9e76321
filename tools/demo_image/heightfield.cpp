#include "tools/demo_image/heightfield.h"

#include <utility>

namespace fieldscope::demo_image {

Heightfield::Heightfield(int n, float x0, float z0, float cell, std::vector<float> heights)
    : n_(n), x0_(x0), z0_(z0), cell_(cell), heights_(std::move(heights)) {
  highest_ = *std::max_element(heights_.begin(), heights_.end());
}

bool Heightfield::contains(float x, float z) const {
  const float size = cell_ * static_cast<float>(n_ - 1);
  return x >= x0_ && z >= z0_ && x <= x0_ + size && z <= z0_ + size;
}

float Heightfield::height(float x, float z) const {
  const float limit = static_cast<float>(n_) - 1.001f;
  const float u = std::clamp((x - x0_) / cell_, 0.0f, limit);
  const float v = std::clamp((z - z0_) / cell_, 0.0f, limit);
  const int i = static_cast<int>(u), j = static_cast<int>(v);
  const float* row = heights_.data() + static_cast<std::size_t>(j) * static_cast<std::size_t>(n_) +
                     static_cast<std::size_t>(i);
  const float a = u - static_cast<float>(i), b = v - static_cast<float>(j);
  return mix(mix(row[0], row[1], a), mix(row[n_], row[n_ + 1], a), b);
}

Vec3 Heightfield::normal(float x, float z, float step) const {
  const float dx = height(x + step, z) - height(x - step, z);
  const float dz = height(x, z + step) - height(x, z - step);
  return normalize({-dx, 2 * step, -dz});
}

float Heightfield::intersect(const Ray& ray, float t_min, float t_max, float slope) const {
  // Clip the ray to the box around the field first.
  const float size = cell_ * static_cast<float>(n_ - 1);
  const auto clip = [&](float origin, float direction, float lo, float hi) {
    if (std::abs(direction) < 1e-9f) {
      if (origin < lo || origin > hi) t_max = -1;
      return;
    }
    const float a = (lo - origin) / direction, b = (hi - origin) / direction;
    t_min = std::max(t_min, std::min(a, b));
    t_max = std::min(t_max, std::max(a, b));
  };
  clip(ray.origin.x, ray.direction.x, x0_, x0_ + size);
  clip(ray.origin.z, ray.direction.z, z0_, z0_ + size);
  clip(ray.origin.y, ray.direction.y, -1e9f, highest_ + 0.01f);

  const float horizontal =
      std::sqrt(ray.direction.x * ray.direction.x + ray.direction.z * ray.direction.z);
  const float closing = 1 / (slope * horizontal + std::abs(ray.direction.y) + 1e-6f);
  float t = t_min, previous = t_min;
  while (t < t_max) {
    const Vec3 p = ray.at(t);
    const float gap = p.y - height(p.x, p.z);
    if (gap < 0) {
      for (int i = 0; i < 10; ++i) {
        const float middle = 0.5f * (previous + t);
        const Vec3 q = ray.at(middle);
        (q.y < height(q.x, q.z) ? t : previous) = middle;
      }
      return t;
    }
    previous = t;
    // Half a cell at least (nothing finer is stored), a pixel's width far away.
    t += std::max({gap * closing, 0.35f * cell_, 2e-4f * t});
  }
  return -1;
}

}  // namespace fieldscope::demo_image
