// The near ground: the lighthouse's island, the meadow in front, and where things stand on them.
#pragma once

#include "tools/demo_image/heightfield.h"

namespace fieldscope::demo_image {

inline constexpr Vec3 kLighthouse{8.6f, 5.3f, 53};
inline constexpr Vec3 kCabin{1.4f, 4.5f, 55};

Heightfield make_shore(int threads);

// How much soil and grass cover the rock at a place, in [0, 1].
float soil(const Heightfield& shore, float x, float z);

}  // namespace fieldscope::demo_image
