#include "tools/demo_image/materials.h"

#include "tools/demo_image/noise.h"
#include "tools/demo_image/shore.h"

namespace fieldscope::demo_image {
namespace {

// Tilts a normal by the slope of a scalar relief, by central differences.
template <class Relief>
Vec3 bump(Vec3 normal, Vec3 p, float step, const Relief& relief) {
  const Vec3 slope{relief(p + Vec3{step, 0, 0}) - relief(p - Vec3{step, 0, 0}),
                   relief(p + Vec3{0, step, 0}) - relief(p - Vec3{0, step, 0}),
                   relief(p + Vec3{0, 0, step}) - relief(p - Vec3{0, 0, step})};
  const Vec3 gradient = slope / (2 * step);
  return normalize(normal - (gradient - normal * dot(gradient, normal)));
}

// Coastal gneiss: veined grey and brown, lichens above the tide, dark and glossy where wet.
void paint_rock(Surface& s, Vec3 tint, bool fine) {
  const Vec3 p = s.position;
  const float broad = fbm3(p * 0.7f, 4, 701);
  const float grain = fbm3(p * 9.0f, 4, 702, 0.65f);
  const float vein = std::abs(fbm3(p * Vec3{1.1f, 3.2f, 1.1f}, 4, 703));
  Vec3 colour =
      mix(Vec3{0.155f, 0.145f, 0.14f}, Vec3{0.34f, 0.325f, 0.30f}, clamp01(0.5f + 0.9f * broad));
  colour = colour * (1 + 0.45f * grain);
  const float streak = fbm3(p * Vec3{1.6f, 0.25f, 1.6f}, 4, 709);  // where water runs down
  colour = mix(colour, colour * Vec3{0.42f, 0.40f, 0.38f}, smoothstep(0.1f, 0.5f, streak));
  colour = mix(Vec3{0.115f, 0.10f, 0.095f}, colour, smoothstep(0.0f, 0.13f, vein));
  const float lichen = fbm3(p * 2.3f, 5, 704, 0.6f);
  const float up = smoothstep(-0.1f, 0.7f, s.normal.y) * smoothstep(0.9f, 2.0f, p.y + 0.6f * broad);
  colour = mix(colour, Vec3{0.58f, 0.33f, 0.055f} * (1 + 0.5f * grain),
               0.85f * up * smoothstep(0.20f, 0.42f, lichen));
  const float pale = fbm3(p * 3.7f + Vec3{9, 0, 4}, 4, 705, 0.6f);
  colour = mix(colour, Vec3{0.55f, 0.55f, 0.48f}, 0.6f * up * smoothstep(0.25f, 0.5f, pale));
  const float moss = smoothstep(0.1f, 0.6f, fbm3(p * 0.9f, 4, 706) + 0.5f * (s.normal.y - 0.7f));
  colour = mix(colour, Vec3{0.10f, 0.125f, 0.03f} * (1 + grain), 0.7f * moss * up);
  const float wet = 1 - smoothstep(0.15f, 0.95f, p.y + 0.35f * broad);
  colour = mix(colour, colour * Vec3{0.30f, 0.29f, 0.26f}, wet);
  s.gloss = 0.5f * wet;
  s.albedo = colour * tint;
  if (fine) {
    s.normal = bump(s.normal, p, 0.012f, [](Vec3 q) {
      const float crack = fbm3(q * 2.6f, 5, 707, 0.6f);
      return 0.085f * fbm3(q * 6.0f, 5, 708, 0.62f) + 0.10f * std::min(std::abs(crack), 0.12f) * 3;
    });
  }
}

void paint_masonry(Surface& s, Vec3 tint) {
  const Vec3 p = s.position;
  const float stain = fbm3(p * Vec3{2.2f, 0.22f, 2.2f}, 5, 711);
  const float blotch = fbm3(p * 1.4f, 5, 712);
  const float grain = fbm3(p * 7.0f, 3, 713);
  s.albedo = tint * (1 + 0.10f * blotch + 0.06f * grain);
  s.albedo =
      mix(s.albedo, s.albedo * Vec3{0.62f, 0.55f, 0.46f}, 0.65f * smoothstep(0.12f, 0.55f, stain));
  // Courses of stone show faintly through the paint.
  const float course = p.y / 0.42f;
  const float joint = std::abs(course - std::floor(course) - 0.5f);
  s.albedo = s.albedo * (1 - 0.10f * smoothstep(0.44f, 0.5f, joint));
  s.normal = bump(s.normal, p, 0.03f, [](Vec3 q) { return 0.012f * fbm3(q * 3.0f, 4, 714); });
}

void paint_leaf(Surface& s, Vec3 tint) {
  s.albedo = tint;
  s.translucency = 0.45f;
}

}  // namespace

Surface prop_surface(const Bvh::Hit& hit, const Ray& ray, bool fine) {
  const Triangle& tri = *hit.triangle;
  Surface s;
  s.position = ray.at(hit.t);
  s.facing = normalize(cross(tri.b - tri.a, tri.c - tri.a));
  s.normal = normalize(tri.na * (1 - hit.u - hit.v) + tri.nb * hit.u + tri.nc * hit.v);
  if (dot(s.facing, ray.direction) > 0) s.facing = -s.facing;
  if (dot(s.normal, s.facing) < 0) s.normal = -s.normal;
  s.albedo = tri.tint;
  switch (tri.material) {
    case Material::kRock:
      paint_rock(s, tri.tint, fine);
      break;
    case Material::kMasonry:
      paint_masonry(s, tri.tint);
      break;
    case Material::kBoards: {
      const float grain = fbm3(s.position * Vec3{9, 1.2f, 9}, 4, 721);
      s.albedo = tri.tint * (1 + 0.22f * grain);
      s.gloss = 0.05f;
      break;
    }
    case Material::kSlate:
      s.albedo = tri.tint * (1 + 0.5f * fbm3(s.position * 5.0f, 4, 722));
      s.albedo = mix(s.albedo, Vec3{0.20f, 0.17f, 0.04f},
                     0.6f * smoothstep(0.2f, 0.5f, fbm3(s.position * 1.5f, 4, 723)));
      s.gloss = 0.25f;
      break;
    case Material::kMetal:
      s.gloss = 0.4f;
      break;
    case Material::kGlass:
      s.gloss = 1;
      break;
    case Material::kGlow:
      s.emission = tri.tint;
      s.albedo = {0.05f, 0.05f, 0.05f};
      break;
    case Material::kLeaf:
      paint_leaf(s, tri.tint);
      break;
    case Material::kPetal:
      s.albedo = tri.tint * (1 + 0.6f * noise3(s.position * 120.0f, 724));
      s.translucency = 0.25f;
      break;
    case Material::kCloth:
      s.translucency = 0.2f;
      break;
  }
  return s;
}

Surface shore_surface(const Heightfield& shore, Vec3 p, bool fine) {
  Surface s;
  s.position = p;
  s.facing = s.normal = shore.normal(p.x, p.z, shore.cell());
  paint_rock(s, {1, 1, 1}, fine);
  const float cover = soil(shore, p.x, p.z);
  const float tone = fbm3(p * 1.3f, 5, 731, 0.6f);
  const Vec3 turf = mix(Vec3{0.075f, 0.10f, 0.022f}, Vec3{0.21f, 0.18f, 0.06f}, 0.5f + 0.7f * tone);
  s.albedo = mix(s.albedo, turf * (1 + 0.5f * fbm3(p * 14.0f, 3, 732)), cover);
  return s;
}

Surface mountain_surface(const Scene& scene, Vec3 p) {
  Surface s;
  s.position = p;
  s.facing = scene.mountains.normal(p.x, p.z, 9);
  const float rough = 1 - s.facing.y;
  const auto relief = [](Vec3 q) {
    return 9.0f * fbm2(q.x / 38 + q.y / 60, q.z / 38 - q.y / 50, 4, 741, 0.6f);
  };
  s.normal = bump(s.facing, p, 2.5f, relief);
  const float raised = p.y - scene.smoothed.height(p.x, p.z);
  const float patch = fbm2(p.x / 260, p.z / 260, 5, 742, 0.6f);
  const float speck = fbm2(p.x / 26, p.z / 26, 4, 743, 0.65f);

  // Bedded rock.
  const float layer = (p.y + 0.18f * p.x + 14 * patch) / 38;
  const float bed = hash01(static_cast<std::uint32_t>(static_cast<int>(std::floor(layer))), 744);
  Vec3 colour = mix(Vec3{0.20f, 0.175f, 0.165f}, Vec3{0.37f, 0.315f, 0.27f},
                    clamp01(bed * 0.7f + 0.3f * patch + 0.2f));
  colour = colour * (1 + 0.45f * speck);
  // Alpine meadow, then forest below it.
  const float meadow =
      smoothstep(0.50f, 0.30f, rough + 0.14f * patch) * smoothstep(620, 380, p.y + 160 * patch);
  colour =
      mix(colour, mix(Vec3{0.115f, 0.13f, 0.04f}, Vec3{0.24f, 0.19f, 0.07f}, 0.5f + 0.6f * speck),
          meadow);
  const float trees = smoothstep(0.54f, 0.38f, rough + 0.10f * speck) *
                      smoothstep(310, 170, p.y + 170 * patch + 40 * speck);
  const float crown = cells2(p.x / 13, p.z / 13, 745).nearest;
  colour = mix(colour, Vec3{0.030f, 0.052f, 0.026f} * (1.6f - 1.3f * crown), trees);
  // Snow lies where it is high, not too steep, and longest in the gullies.
  const float lying = p.y + 190 * patch - 1.1f * raised + 60 * speck;
  const float hold = s.normal.y + 0.10f * speck - 0.0012f * raised;
  const float snow =
      smoothstep(470, 640, lying) * smoothstep(0.56f, 0.70f, hold + 0.00018f * (p.y - 600));
  colour = mix(colour, Vec3{0.86f, 0.87f, 0.90f}, snow);
  s.albedo = colour;
  s.normal = normalize(mix(s.normal, s.facing, 0.55f * snow));
  if (trees > 0.2f) {
    s.normal = bump(s.normal, p, 2.0f,
                    [](Vec3 q) { return -7.0f * cells2(q.x / 13, q.z / 13, 745).nearest; });
  }
  s.gloss = 0;
  return s;
}

Vec3 water_normal(Vec3 p, float distance) {
  // Gusts roughen some stretches and leave others calm.
  const float gust = smoothstep(-0.5f, 0.6f, fbm2(p.x / 38, p.z / 15, 3, 751));
  const float calm = mix(0.18f, 0.75f, gust);
  struct Train {
    float wave, height;
  };
  constexpr Train kTrains[] = {
      {7.0f, 0.030f}, {2.3f, 0.016f}, {0.85f, 0.0085f}, {0.30f, 0.0034f}, {0.12f, 0.0012f}};
  float dx = 0, dz = 0;
  std::uint32_t seed = 752;
  for (const Train& train : kTrains) {
    ++seed;
    const float seen = 1 - smoothstep(0.25f, 1.0f, 0.0014f * distance / train.wave);
    if (seen <= 0) continue;
    const float e = 0.05f;
    const auto at = [&](float u, float v) { return noise2(u, v, seed); };
    // Crests run across the view, a little aslant.
    const float u = (0.93f * p.x + 0.36f * p.z) / (1.9f * train.wave),
                v = (0.93f * p.z - 0.36f * p.x) / train.wave;
    const float du = (at(u + e, v) - at(u - e, v)) / (2 * e) / 1.9f;
    const float dv = (at(u, v + e) - at(u, v - e)) / (2 * e);
    const float steep = seen * calm * train.height / train.wave;
    dx += steep * (0.93f * du - 0.36f * dv) * 2.2f;
    dz += steep * (0.36f * du + 0.93f * dv) * 2.2f;
  }
  return normalize({-dx, 1, -dz});
}

}  // namespace fieldscope::demo_image
