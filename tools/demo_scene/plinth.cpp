// What the model stands in: a turned foot of walnut with an inlaid brass ring, and the sea.
#include "tools/demo_scene/scene.h"
#include "tools/demo_scene/shapes.h"

namespace fieldscope::demo_scene {
namespace {

constexpr double kSeaRadius = 0.965;

// A turned profile: solid up to `radius` between two heights, with rounded edges.
double turned(Vec3 p, double radius, double low, double high) {
  constexpr double kRound = 0.016;
  return cylinder(p, radius - kRound, low + kRound, high - kRound) - kRound;
}

double foot(Vec3 p) {
  const double outside = std::min({turned(p, 1.04, -0.78, -0.725), turned(p, 0.99, -0.76, -0.66),
                                   turned(p, 1.03, -0.685, -0.578)});
  return std::max(outside, -cylinder(p, kSeaRadius, kSea - 0.03, 0));
}

Material foot_material(Vec3 p, Vec3&) {
  // Year rings about the axis of a leaning trunk that is not quite round, and fibres across them.
  const Vec3 q{p.x * 0.35 + p.z * 0.5 - 0.4, p.z * 1.3 - p.y * 0.12 + 1.1, 0};
  const double wobble = 0.05 * noise(p * 2.2, 11);
  const double ring = (length(q.x, q.y) + wobble) * 19;
  const double year = ring - std::floor(ring);
  const double dark = smoothstep(0.25, 0.9, year) * (1 - smoothstep(0.9, 1.0, year));
  const double shade = 1 + 0.12 * noise({p.x * 4, p.y * 4, p.z * 22}, 12);
  const Vec3 wood = mix(Vec3{0.215, 0.098, 0.044}, Vec3{0.088, 0.036, 0.017}, dark) * shade;
  return {.albedo = wood, .gloss = 0.5, .polish = 50};
}

double inlay(Vec3 p) {
  return torus(p - Vec3{0, 0, -0.705}, 0.998, 0.026);
}

Material brass(Vec3, Vec3&) {
  return {.albedo = {0.93, 0.58, 0.20}, .gloss = 1, .polish = 40, .metal = true};
}

double sea(Vec3 p) {
  return cylinder(p, kSeaRadius + 0.01, kSea - 0.06, kSea);
}

Material sea_material(Vec3 p, Vec3& normal) {
  // Long swell, and ripples across it; both bend the light only.
  const auto height = [](Vec3 q) {
    return 0.010 * noise({q.x * 5.5 + q.y * 1.5, q.y * 8, 0}, 21) +
           0.0035 * noise({q.x * 13 - q.y * 3, q.y * 15, 3}, 22);
  };
  constexpr double kStep = 0.004;
  const double here = height(p);
  normal = normalize({(here - height(p + Vec3{kStep, 0, 0})) / kStep,
                      (here - height(p + Vec3{0, kStep, 0})) / kStep, 1});

  const double away = coast_distance(p);
  const double ragged = away + 0.035 * noise(p * 7, 23) + 0.015 * noise(p * 17, 24);
  Vec3 water = mix(Vec3{0.10, 0.42, 0.38}, Vec3{0.018, 0.19, 0.24}, smoothstep(0.02, 0.20, ragged));
  water = mix(water, Vec3{0.008, 0.065, 0.125}, smoothstep(0.10, 0.42, ragged));
  // Surf at the coast, and a second line further out that is broken up.
  const double surf = 1 - smoothstep(0.018, 0.034, ragged);
  const double line = 1 - smoothstep(0.006, 0.016, std::abs(ragged - 0.082));
  const double broken = smoothstep(-0.05, 0.25, noise(p * 4.5, 25));
  const double foam = std::max(surf, 0.75 * line * broken);
  return {.albedo = mix(water, Vec3{0.80, 0.86, 0.86}, 0.9 * foam),
          .gloss = 1 - 0.85 * foam,
          .polish = 90,
          .mirror = true};
}

constexpr Part kParts[] = {
    {{0, 0, -0.68}, 1.06, foot, foot_material},
    {{0, 0, -0.705}, 1.03, inlay, brass},
    {{0, 0, kSea - 0.03}, 0.98, sea, sea_material},
};

}  // namespace

std::span<const Part> plinth_parts() {
  return kParts;
}

}  // namespace fieldscope::demo_scene
