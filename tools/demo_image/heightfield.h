// A square grid of heights over the ground plane, with ray intersection by marching.
// Owned by the scene; read-only while rendering, so any number of threads may use it.
#pragma once

#include <vector>

#include "tools/demo_image/vec3.h"

namespace fieldscope::demo_image {

class Heightfield {
 public:
  // `heights` has n * n entries, row by row along z; entry (0, 0) lies at (x0, z0); metres.
  Heightfield(int n, float x0, float z0, float cell, std::vector<float> heights);

  bool contains(float x, float z) const;
  float height(float x, float z) const;  // bilinear; clamped at the border
  Vec3 normal(float x, float z, float step) const;
  float cell() const { return cell_; }

  // Distance along the ray to the surface in (t_min, t_max), or a negative number.
  // `slope` bounds how steep the surface is: larger is safer and slower.
  float intersect(const Ray& ray, float t_min, float t_max, float slope) const;

 private:
  int n_;
  float x0_, z0_, cell_, highest_;
  std::vector<float> heights_;
};

}  // namespace fieldscope::demo_image
