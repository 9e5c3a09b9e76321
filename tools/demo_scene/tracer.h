// Turns the scene into pictures by sphere tracing: along a ray, steps as long as the distance to
// the nearest solid. What a point sends out depends on the view only where it is glossy.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/demo_scene/cameras.h"

namespace fieldscope::demo_scene {

struct Settings {
  int size = 128;   // pixels a side
  int samples = 6;  // samples a pixel and side: 6 means 36 a pixel
  int threads = 2;  // the picture does not depend on it
};

/// Four bytes a pixel, the top row first: sRGB colour that is not multiplied by alpha, and the
/// share of the pixel that the scene covers. Where that is nothing, all four are 0.
std::vector<std::uint8_t> render(const Camera& camera, const Settings& settings);

}  // namespace fieldscope::demo_scene
