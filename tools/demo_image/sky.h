// Evening light: the sun, the clear sky's gradient, and clouds marched once into a map of
// directions. Read-only after construction. Radiances are linear Rec. 709 with sunlit white near 2.
#pragma once

#include <vector>

#include "tools/demo_image/vec3.h"

namespace fieldscope::demo_image {

Vec3 sun_direction();
Vec3 sun_light();  // radiance of a white matte surface facing the sun

// The sky without clouds; also the light that fills shadows.
Vec3 clear_sky(Vec3 direction);

// What distant things fade towards, in a direction near the horizon.
Vec3 haze_colour(Vec3 direction);

class Sky {
 public:
  // `rows`: height of the cloud map in texels; marched on `threads` threads.
  Sky(int rows, int threads);

  Vec3 radiance(Vec3 direction) const;

 private:
  struct Texel {
    Vec3 light;
    float transmittance = 1;
  };
  Texel clouds(Vec3 direction) const;

  int columns_, rows_;
  std::vector<Texel> map_;
};

}  // namespace fieldscope::demo_image
