#include "tools/demo_scene/scene.h"

#include "tools/demo_image/noise.h"

namespace fieldscope::demo_scene {
namespace {

std::uint32_t bits_of(double cell) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(cell));
}

std::vector<Part> all_parts() {
  std::vector<Part> all;
  for (const auto parts : {plinth_parts(), island_parts(), lighthouse_parts(), cabin_parts(),
                           garden_parts(), seaside_parts()}) {
    all.insert(all.end(), parts.begin(), parts.end());
  }
  return all;
}

}  // namespace

const std::vector<Part>& scene() {
  static const std::vector<Part> all = all_parts();
  return all;
}

double noise(Vec3 p, std::uint32_t seed) {
  return static_cast<double>(demo_image::noise3(
      {static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)}, seed));
}

double random_of(double a, double b, std::uint32_t seed) {
  return static_cast<double>(demo_image::hash01(bits_of(a), bits_of(b), seed));
}

}  // namespace fieldscope::demo_scene
