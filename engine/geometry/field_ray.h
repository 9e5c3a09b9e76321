// What a camera's ray is to a radiance field: a straight line through the field's box [-1, 1]^3.
#pragma once

#include "engine/math/vec3.h"

namespace fieldscope {

/// Points origin + t direction for t in [near, far], in the field's coordinates.
struct FieldRay {
  Vec3 origin, direction;
  float near = 0, far = 0;  ///< equal where the ray misses the box
  /// Length of a unit of t as the density sees it.
  float length = 1;
  Vec3 view;  ///< unit direction in scene coordinates: what the colour depends on
  /// In normalised device coordinates, the distance from the camera that t stands for is
  /// distance_near + slope t / (1 - t); otherwise t itself.
  bool device_coordinates = false;
  float distance_near = 0, slope = 0;

  Vec3 at(float t) const { return origin + direction * t; }
  /// From the camera, in scene units.
  float distance(float t) const {
    if (!device_coordinates) return t;
    constexpr float furthest = 0.999f;  // the plane at infinity is nowhere
    const float s = t < furthest ? t : furthest;
    return distance_near + slope * s / (1 - s);
  }
};

}  // namespace fieldscope
