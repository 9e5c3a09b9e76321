// Hash-based noise: pure functions of position and seed, identical on every machine (integer
// arithmetic, and + - * / floor sqrt on floats; no tables, no state, no std::random). Compile with
// -ffp-contract=off: fused multiply-adds would change the last bits, and erosion amplifies them.
#pragma once

#include <cstdint>

#include "tools/demo_image/vec3.h"

namespace fieldscope::demo_image {

// Integer hash with full avalanche: the finaliser of MurmurHash3 (Appleby, public domain).
std::uint32_t hash(std::uint32_t x);
std::uint32_t hash(std::uint32_t a, std::uint32_t b, std::uint32_t c = 0, std::uint32_t d = 0);

// Uniform in [0, 1), from the same hash.
float hash01(std::uint32_t a, std::uint32_t b = 0, std::uint32_t c = 0, std::uint32_t d = 0);

// Gradient noise, about [-1, 1], zero mean, one feature a unit of length.
float noise2(float x, float y, std::uint32_t seed);
float noise3(Vec3 p, std::uint32_t seed);

// Sums of octaves, each twice as fine and `gain` as strong; normalised to about [-1, 1].
float fbm2(float x, float y, int octaves, std::uint32_t seed, float gain = 0.5f);
float fbm3(Vec3 p, int octaves, std::uint32_t seed, float gain = 0.5f);

// Sharp crests: octaves of 1 - |noise|, each weighted by the one above. About [0, 1].
float ridged2(float x, float y, int octaves, std::uint32_t seed);

// Cellular noise in the plane: distances to the nearest and second nearest random site, and the
// nearest cell's own hash.
struct Cell {
  float nearest, second;
  std::uint32_t id;
};
Cell cells2(float x, float y, std::uint32_t seed);

}  // namespace fieldscope::demo_image
