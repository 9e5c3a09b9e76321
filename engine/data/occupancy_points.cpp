#include "engine/data/occupancy_points.h"

#include <algorithm>

#include "engine/math/random.h"

namespace fieldscope {

Vec3 occupancy_point(const SurfaceSampler& surface, std::uint64_t key, std::uint64_t index,
                     double spread) {
  const std::uint64_t own = mix_bits(key + 0x5851F42D4C957F2Dull);  // not the sampler's numbers
  const auto along = [&](auto number) {
    return Vec3{static_cast<float>(number(3 * index)), static_cast<float>(number(3 * index + 1)),
                static_cast<float>(number(3 * index + 2))};
  };
  // Number i of the deviates takes numbers 2i and 2i + 1: these, too, leave those of other points.
  if (index % 2 == 0)
    return along([&](std::uint64_t i) { return 2 * random_uniform(own, 2 * i) - 1; });
  const Vec3 p = surface.sample(key, index) +
                 along([&](std::uint64_t i) { return spread * random_normal(own, i); });
  const auto kept = [](float x) { return std::clamp(x, -1.0f, 1.0f); };
  return {kept(p.x), kept(p.y), kept(p.z)};
}

}  // namespace fieldscope
