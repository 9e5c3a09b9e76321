// The demo scene: the island of the demo picture as a table-top model, a turned wooden plinth with
// the sea in it, about 2 units wide around the origin, z up. A list of solids, each with its
// distance and its material; plain functions of position, so every view sees the same thing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tools/demo_scene/vec3.h"

namespace fieldscope::demo_scene {

struct Material {
  Vec3 albedo = {};
  double gloss = 0;     // strength of the highlight and of the mirrored sky, 0 to 1
  double polish = 60;   // sharpness of the highlight
  bool mirror = false;  // mirrors the scene too, not only the sky
  bool metal = false;   // what it mirrors takes its colour
  Vec3 glow = {};       // its own light
};

struct Part {
  Vec3 centre;  // a ball that holds all of it
  double radius;
  double (*distance)(Vec3);
  Material (*material)(Vec3 position, Vec3& normal);  // which it may bend
};

// All views lie outside of a ball of this radius around the origin, and the scene inside.
inline constexpr double kReach = 1.32;
inline constexpr double kSea = -0.60;  // height of the water

const std::vector<Part>& scene();

// Parts by what they belong to, for scene().
std::span<const Part> plinth_parts();
std::span<const Part> island_parts();
std::span<const Part> lighthouse_parts();
std::span<const Part> cabin_parts();
std::span<const Part> garden_parts();
std::span<const Part> seaside_parts();

// The coast without its details, for what depends on how far it is.
double coast_distance(Vec3 p);

// Noise of about [-1, 1], one feature a unit, and a fixed random number of a cell in [0, 1).
double noise(Vec3 p, std::uint32_t seed);
double random_of(double a, double b, std::uint32_t seed);

// Rounded to the nearest cell of a row of `period`: which one, and where in it from -1/2 to 1/2.
struct Cell {
  double index, offset;
};
inline Cell cell_of(double x, double period) {
  const double index = std::floor(x / period + 0.5);
  return {index, x / period - index};
}

}  // namespace fieldscope::demo_scene
