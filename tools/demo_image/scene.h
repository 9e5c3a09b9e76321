// The whole scene, and what a ray meets in it. Read-only once made.
#pragma once

#include "tools/demo_image/bvh.h"
#include "tools/demo_image/heightfield.h"
#include "tools/demo_image/sky.h"

namespace fieldscope::demo_image {

struct Scene {
  Heightfield mountains;
  Heightfield smoothed;  // see make_smoothed
  Heightfield shore;
  Bvh props;
  Sky sky;
};

// `sky_rows` sets how finely clouds are resolved; a little more than the picture's own rows is
// enough.
Scene make_scene(int sky_rows, int threads);

struct Hit {
  enum class Kind { kNone, kWater, kShore, kProp, kMountain };
  Kind kind = Kind::kNone;
  float t = 1e9f;
  Bvh::Hit prop;
};

Hit intersect(const Scene& scene, const Ray& ray);

// Whether something near (within `reach` metres) or, for far points, a ridge is in the way.
bool blocked_near(const Scene& scene, const Ray& ray, float reach);
bool blocked_far(const Scene& scene, const Ray& ray);

}  // namespace fieldscope::demo_image
