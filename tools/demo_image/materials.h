// What surfaces look like: colour and relief as pure functions of position.
#pragma once

#include "tools/demo_image/scene.h"

namespace fieldscope::demo_image {

struct Surface {
  Vec3 position, normal;  // the normal includes fine relief
  Vec3 facing;            // the geometric normal
  Vec3 albedo{0.5f, 0.5f, 0.5f};
  Vec3 emission;
  float gloss = 0;         // strength of a mirror-like reflection at grazing angles
  float translucency = 0;  // share of light that passes through
};

// `fine` adds relief that only direct views need.
Surface prop_surface(const Bvh::Hit& hit, const Ray& ray, bool fine);
Surface shore_surface(const Heightfield& shore, Vec3 position, bool fine);
Surface mountain_surface(const Scene& scene, Vec3 position);

// Normal of the rippled water; `distance` from the camera fades what a pixel cannot show.
Vec3 water_normal(Vec3 position, float distance);

}  // namespace fieldscope::demo_image
