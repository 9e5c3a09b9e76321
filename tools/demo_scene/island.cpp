// Rock, grass and sand: the island of two levels, its beach, an arch in the sea and boulders.
#include "tools/demo_scene/scene.h"
#include "tools/demo_scene/shapes.h"

namespace fieldscope::demo_scene {
namespace {

struct Level {
  double x, y, radius_low, radius_high, top;
};
constexpr Level kLevels[] = {
    {-0.14, 0.10, 0.50, 0.37, -0.20},
    {0.29, -0.15, 0.44, 0.35, -0.40},
    {-0.50, -0.20, 0.20, 0.13, -0.47},
};

double levels(Vec3 p) {
  double d = 1e30;
  for (const Level& level : kLevels) {
    constexpr double kRound = 0.03;
    const double solid = frustum(p - Vec3{level.x, level.y, 0}, -0.78, level.top - kRound,
                                 level.radius_low - kRound, level.radius_high - kRound) -
                         kRound;
    d = smooth_union(d, solid, 0.06);
  }
  return d;
}

// Moves points sideways only: cliffs become rugged, with ledges, and what is level stays level.
Vec3 weathered(Vec3 p) {
  const double ledge = p.z * 11 + 0.5 * noise(p * 3, 31);
  const double fraction = ledge - std::floor(ledge);
  const double overhang = 1 + 0.035 * (smoothstep(0.0, 0.25, fraction) - fraction);
  const Vec3 coarse = p * 3.1, fine{p.x * 8, p.y * 8, p.z * 6};
  return {p.x * overhang + 0.055 * noise(coarse, 32) + 0.022 * noise(fine, 33),
          p.y * overhang + 0.055 * noise(coarse, 34) + 0.022 * noise(fine, 35),
          p.z + 0.010 * noise({p.x * 5, p.y * 5, 0}, 36)};
}

double beach(Vec3 p) {
  return 0.8 * ellipsoid(p - Vec3{-0.13, -0.45, -0.63}, {0.36, 0.27, 0.085});
}

double rocks(Vec3 p) {
  const double coarse = levels(p);
  if (coarse > 0.2) return 0.8 * (coarse - 0.1);  // far enough for its details not to matter
  return 0.5 * levels(weathered(p));
}

Material rock_material(Vec3 p, Vec3& normal) {
  const double bands = noise({p.x * 1.5, p.y * 1.5, p.z * 16 + noise(p * 4, 41)}, 42);
  const double grain = noise(p * 15, 43);
  Vec3 rock = mix(Vec3{0.17, 0.142, 0.125}, Vec3{0.44, 0.375, 0.31}, clamp01(0.5 + 0.75 * bands));
  rock = rock * (1 + 0.22 * grain);
  const double lichen = smoothstep(0.28, 0.5, noise(p * 6, 44)) * smoothstep(-0.48, -0.36, p.z);
  rock = mix(rock, Vec3{0.55, 0.36, 0.11}, 0.55 * lichen);
  const double wet = 1 - smoothstep(kSea + 0.025, kSea + 0.055, p.z + 0.02 * noise(p * 8, 45));
  rock = rock * mix(1, 0.38, wet);

  const double ragged = 0.12 * noise(p * 9, 46);
  const double grown =
      smoothstep(0.62, 0.78, normal.z + ragged) * smoothstep(-0.53, -0.49, p.z + 0.1 * ragged);
  const double meadow = noise(p * 5, 47) + 0.5 * noise(p * 16, 48);
  Vec3 grass = mix(Vec3{0.085, 0.20, 0.035}, Vec3{0.25, 0.36, 0.07}, 0.5 + 0.5 * meadow);
  // Flowers, one in some of the cells of a grid.
  const Cell x = cell_of(p.x, 0.045), y = cell_of(p.y, 0.045);
  const double chance = random_of(x.index, y.index, 49);
  const double dx = x.offset - 0.5 * (random_of(x.index, y.index, 50) - 0.5);
  const double dy = y.offset - 0.5 * (random_of(x.index, y.index, 51) - 0.5);
  if (chance < 0.22 && length(dx, dy) < 0.24) {
    grass = chance < 0.08 ? Vec3{0.85, 0.60, 0.10} : Vec3{0.72, 0.22, 0.42};
  }
  return {.albedo = mix(rock, grass, grown), .gloss = 0.5 * wet, .polish = 30};
}

Material sand_material(Vec3 p, Vec3&) {
  const double ripples = noise({p.x * 9 + p.y * 6, p.y * 22, 0}, 52);
  const double wet = 1 - smoothstep(kSea + 0.012, kSea + 0.03, p.z + 0.006 * noise(p * 9, 53));
  return {.albedo = Vec3{0.66, 0.50, 0.29} * (1 + 0.07 * ripples) * mix(1, 0.6, wet),
          .gloss = 0.4 * wet};
}

double arch(Vec3 p) {
  constexpr Turn kTurn{0.8, -0.6};
  const Vec3 q = kTurn(p - Vec3{0.47, 0.56, -0.66});
  // Stout at the feet, one more than the other, and slim where the sea has eaten most.
  const double stout = 1 - smoothstep(0.0, 0.20, q.z);
  const double tube = 0.062 + stout * std::clamp(0.055 - 0.10 * q.x, 0.035, 0.08);
  const double ring = length(length(q.x * 0.95, q.z * 0.80) - 0.225, q.y * 0.85) - tube;
  const double d = std::max(ring, -q.z);  // its lower half would come out below the plinth
  if (d > 0.15) return 0.7 * (d - 0.05);
  const double ledges = noise({p.x * 3, p.y * 3, p.z * 17}, 53);
  return 0.55 * (d + 0.030 * noise(p * 7.5, 54) + 0.014 * noise(p * 16, 55) + 0.012 * ledges);
}

double boulders(Vec3 p) {
  struct Boulder {
    Vec3 centre, radii;
  };
  constexpr Boulder kBoulders[] = {
      {{-0.70, 0.20, -0.62}, {0.10, 0.075, 0.11}}, {{-0.60, 0.33, -0.62}, {0.06, 0.06, 0.06}},
      {{0.30, -0.69, -0.62}, {0.11, 0.08, 0.10}},  {{0.43, -0.63, -0.62}, {0.06, 0.07, 0.065}},
      {{0.22, 0.70, -0.63}, {0.07, 0.06, 0.07}},   {{-0.42, -0.52, -0.60}, {0.06, 0.055, 0.055}},
      {{0.71, 0.30, -0.63}, {0.075, 0.06, 0.065}},
  };
  double d = 1e30;
  for (const Boulder& b : kBoulders) d = std::min(d, ellipsoid(p - b.centre, b.radii));
  if (d > 0.1) return 0.7 * (d - 0.04);
  return 0.6 * (d + 0.03 * noise(p * 9, 56) + 0.01 * noise(p * 22, 57));
}

constexpr Part kParts[] = {
    {{0.0, 0.0, -0.49}, 0.85, rocks, rock_material},
    {{-0.13, -0.45, -0.63}, 0.37, beach, sand_material},
    {{0.47, 0.56, -0.60}, 0.42, arch, rock_material},
    {{0.0, 0.05, -0.62}, 0.90, boulders, rock_material},
};

}  // namespace

double coast_distance(Vec3 p) {
  return std::min({levels(weathered(p)), beach(p) / 0.8, arch(p) / 0.55, boulders(p) / 0.6});
}

std::span<const Part> island_parts() {
  return kParts;
}

}  // namespace fieldscope::demo_scene
