#include "tools/demo_image/shore.h"

#include <utility>

#include "tools/demo_image/noise.h"
#include "tools/demo_image/parallel.h"

namespace fieldscope::demo_image {
namespace {

constexpr int kN = 2048;
constexpr float kX0 = -36, kZ0 = 2, kCell = 84.0f / (kN - 1);

// A rounded plateau: 1 inside, 0 outside, with a ragged outline.
float plateau(float x, float z, Vec3 centre, float rx, float rz, float soft) {
  const float u = (x - centre.x) / rx, v = (z - centre.z) / rz;
  const float ragged = 0.30f * fbm2(x / 6.5f, z / 6.5f, 4, 401);
  return 1 - smoothstep(1 - soft, 1 + soft, std::sqrt(u * u + v * v) + ragged);
}

// Pulls the ground level towards a building's floor.
void level_ground(float& h, float x, float z, Vec3 place, float radius) {
  const float d = std::sqrt((x - place.x) * (x - place.x) + (z - place.z) * (z - place.z));
  h = mix(place.y, h, smoothstep(radius, radius * 2.2f, d));
}

float ground(float x, float z) {
  float h = -4.5f;
  h += 9.6f * plateau(x, z, {18, 0, 57}, 25, 9.5f, 0.42f);
  h += 1.2f * plateau(x, z, {11, 0, 55}, 9, 5, 0.6f);
  h += 9.25f * plateau(x, z, {-4.7f, 0, 6.9f}, 6.5f, 5.7f, 0.45f);  // the meadow in front
  h += 5.4f * plateau(x, z, {7.6f, 0, 25}, 3.2f, 1.8f, 0.6f);       // skerries
  h += 5.0f * plateau(x, z, {-3.5f, 0, 34}, 2.6f, 1.3f, 0.6f);
  h += 4.9f * plateau(x, z, {-15.0f, 0, 50}, 4.5f, 1.6f, 0.6f);

  // Slabs of rock along tilted beds, and joints between blocks.
  const float bed = (h + 0.32f * x + 0.16f * z + 0.6f * fbm2(x / 4, z / 4, 3, 411)) / 1.05f;
  const float within = bed - std::floor(bed);
  float rock = 0.85f * (smoothstep(0.30f, 0.80f, within) - within);
  const Cell joint = cells2(x / 2.9f + 0.3f * fbm2(x, z, 2, 413), z / 1.7f, 412);
  rock -= 0.75f * (1 - smoothstep(0.0f, 0.13f, joint.second - joint.nearest));
  rock += 0.7f * (hash01(joint.id, 3) - 0.5f);
  rock += 0.45f * fbm2(x / 2.4f, z / 2.4f, 6, 414, 0.55f);
  h += rock * smoothstep(-3.5f, 0.5f, h) * (z < 20 ? 0.45f : 1.0f);

  level_ground(h, x, z, kLighthouse, 2.9f);
  level_ground(h, x, z, kCabin, 3.4f);
  return h;
}

}  // namespace

Heightfield make_shore(int threads) {
  std::vector<float> heights(static_cast<std::size_t>(kN) * kN);
  parallel_rows(kN, threads, [&](int j) {
    for (int i = 0; i < kN; ++i) {
      heights[static_cast<std::size_t>(j * kN + i)] =
          ground(kX0 + kCell * static_cast<float>(i), kZ0 + kCell * static_cast<float>(j));
    }
  });
  return {kN, kX0, kZ0, kCell, std::move(heights)};
}

float soil(const Heightfield& shore, float x, float z) {
  const float h = shore.height(x, z);
  const float patch = fbm2(x / 3.1f, z / 3.1f, 4, 421);
  const float flat = shore.normal(x, z, 0.35f).y;
  const bool meadow = z < 20;  // it hangs over its edges
  const float above = meadow ? 2.2f : 3.6f, steep = meadow ? 0.52f : 0.70f;
  return smoothstep(above - 0.5f, above + 0.4f, h + 0.8f * patch) *
         smoothstep(steep, steep + 0.16f, flat + 0.12f * patch);
}

}  // namespace fieldscope::demo_image
