// How a camera's ray goes through a radiance field from near to far, and what it sees (MATHS
// section 2). Shared by both engines: one body of code for a loop over rays and a kernel with a
// thread a ray.
#pragma once

#include <cstddef>

#include "engine/math/vec3.h"
#include "engine/math/volume_rendering.h"

namespace fieldscope {

/// What a camera's ray is to a radiance field, a straight line through the field's box [-1, 1]^3:
/// points origin + t direction for t in [near, far], in the field's coordinates.
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

  FIELDSCOPE_HOST_DEVICE Vec3 at(float t) const { return origin + direction * t; }
  /// From the camera, in scene units.
  FIELDSCOPE_HOST_DEVICE float distance(float t) const {
    if (!device_coordinates) return t;
    constexpr float furthest = 0.999f;  // the plane at infinity is nowhere
    const float s = t < furthest ? t : furthest;
    return distance_near + slope * s / (1 - s);
  }
};

/// A sample along a ray.
struct RaySample {
  float t = 0;
  float length = 0;  ///< what its density counts for
};

/// Numbers a sample that the field sees: the place, then the unit direction of view.
inline constexpr std::size_t radiance_coordinates = 6;

/// to [radiance_coordinates].
template <class T>
FIELDSCOPE_HOST_DEVICE void put_field_input(Vec3 place, Vec3 view, T* to) {
  to[0] = place.x;
  to[1] = place.y;
  to[2] = place.z;
  to[3] = view.x;
  to[4] = view.y;
  to[5] = view.z;
}

struct RayColour {
  float colour[3] = {0, 0, 0};
  float opacity = 0;
  float depth = 0;  ///< distance from the camera in scene units; 0 where there is nothing
};

/// What a ray has met so far.
struct RayWalk {
  double transmittance = 1, depth = 0;
  double colour[3] = {0, 0, 0};

  /// The next sample, of which the field gives `raw` [4].
  template <class T>
  FIELDSCOPE_HOST_DEVICE void pass(const FieldRay& ray, const RaySample& sample,
                                   DensityActivation density, const T* raw) {
    const double alpha = opacity_of(density, raw[3], sample.length);
    const double weight = transmittance * alpha;
    for (int k = 0; k < 3; ++k) colour[k] += weight * logistic_jet(raw[k]).f;
    depth += weight * ray.distance(sample.t);
    transmittance *= 1 - alpha + transmittance_floor;
  }

  /// What comes may still be seen. Not where something is not a number: dark for good, and shown as
  /// such.
  FIELDSCOPE_HOST_DEVICE bool goes_on() const {
    constexpr double dark = 1e-3;
    return transmittance > dark;
  }

  FIELDSCOPE_HOST_DEVICE RayColour seen(float background) const {
    RayColour seen;
    for (int k = 0; k < 3; ++k)
      seen.colour[k] = static_cast<float>(colour[k] + transmittance * background);
    const double opacity = 1 - transmittance;
    seen.opacity = static_cast<float>(opacity < 0 ? 0 : opacity > 1 ? 1 : opacity);
    constexpr double nothing = 1e-2;
    seen.depth = opacity > nothing ? static_cast<float>(depth / opacity) : 0;
    return seen;
  }
};

}  // namespace fieldscope
