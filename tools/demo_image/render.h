// Turns the scene into pixels: light transport, haze, glow, and the grade.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/demo_image/scene.h"

namespace fieldscope::demo_image {

struct Settings {
  int size = 512;   // pixels a side
  int samples = 6;  // samples a pixel and side: 6 means 36 a pixel
  int threads = 2;  // the picture does not depend on it
};

// Linear radiance, size * size, top row first.
std::vector<Vec3> render(const Scene& scene, const Settings& settings);

// Glow around lights, tone curve, grade and sRGB: three bytes a pixel.
std::vector<std::uint8_t> develop(const std::vector<Vec3>& radiance, int size);

}  // namespace fieldscope::demo_image
