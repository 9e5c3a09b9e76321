// Where the scene is seen from. OpenGL's axes, as in NeRF's Blender scenes: a camera looks along
// its -z, its y is up; the world's z is up.
#pragma once

#include <string>
#include <vector>

#include "tools/demo_scene/vec3.h"

namespace fieldscope::demo_scene {

inline constexpr double kFieldOfView = 0.6911112070083618;  // radians; as wide as in NeRF's scenes
inline constexpr double kDistance = 4;                      // of all cameras from the origin

struct Camera {
  Vec3 right, up, back, position;

  /// Through a point of the picture, from (0, 0) in its upper left corner to (1, 1).
  Ray ray(double u, double v) const;
};

struct Split {
  std::string name;  // train, val or test
  std::vector<Camera> cameras;
};

/// 48 cameras to train on and 4 to validate, spread over the upper hemisphere; and 8 to test on,
/// once around the scene, up and down.
std::vector<Split> splits();

/// The text of transforms_NAME.json.
std::string transforms_json(const Split& split);

}  // namespace fieldscope::demo_scene
