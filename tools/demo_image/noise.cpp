#include "tools/demo_image/noise.h"

namespace fieldscope::demo_image {
namespace {

struct Lattice {
  std::uint32_t cell;
  float fraction;
};

Lattice split(float x) {
  const float f = std::floor(x);
  return {static_cast<std::uint32_t>(static_cast<std::int32_t>(f)), x - f};
}

float fade(float t) {
  return t * t * t * (t * (t * 6 - 15) + 10);
}

// A corner's contribution: dot product of its pseudo-random gradient with the offset to it.
float corner2(std::uint32_t h, float x, float y) {
  const float gx = static_cast<float>(h & 0xffffu) / 32767.5f - 1;
  const float gy = static_cast<float>(h >> 16) / 32767.5f - 1;
  return gx * x + gy * y;
}

float corner3(std::uint32_t h, float x, float y, float z) {
  const float gx = static_cast<float>(h & 0x3ffu) / 511.5f - 1;
  const float gy = static_cast<float>((h >> 10) & 0x3ffu) / 511.5f - 1;
  const float gz = static_cast<float>((h >> 20) & 0x3ffu) / 511.5f - 1;
  return gx * x + gy * y + gz * z;
}

}  // namespace

std::uint32_t hash(std::uint32_t x) {
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x *= 0xc2b2ae35u;
  x ^= x >> 16;
  return x;
}

std::uint32_t hash(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  std::uint32_t h = a * 0x9e3779b1u + b * 0x632be5abu + c * 0x85157af5u + d * 0xa136aaadu;
  h ^= (b * 0x2545f491u) >> 7;
  return hash(h + 0x7f4a7c15u);
}

float hash01(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return static_cast<float>(hash(a, b, c, d) >> 8) * (1.0f / 16777216.0f);
}

float noise2(float x, float y, std::uint32_t seed) {
  const Lattice a = split(x), b = split(y);
  const auto corner = [&](std::uint32_t i, std::uint32_t j) {
    return corner2(hash(a.cell + i, b.cell + j, seed), a.fraction - static_cast<float>(i),
                   b.fraction - static_cast<float>(j));
  };
  const float u = fade(a.fraction), v = fade(b.fraction);
  return 1.3f * mix(mix(corner(0, 0), corner(1, 0), u), mix(corner(0, 1), corner(1, 1), u), v);
}

float noise3(Vec3 p, std::uint32_t seed) {
  const Lattice a = split(p.x), b = split(p.y), c = split(p.z);
  const auto corner = [&](std::uint32_t i, std::uint32_t j, std::uint32_t k) {
    return corner3(hash(a.cell + i, b.cell + j, c.cell + k, seed),
                   a.fraction - static_cast<float>(i), b.fraction - static_cast<float>(j),
                   c.fraction - static_cast<float>(k));
  };
  const float u = fade(a.fraction), v = fade(b.fraction), w = fade(c.fraction);
  const auto slice = [&](std::uint32_t k) {
    return mix(mix(corner(0, 0, k), corner(1, 0, k), u), mix(corner(0, 1, k), corner(1, 1, k), u),
               v);
  };
  return 1.2f * mix(slice(0), slice(1), w);
}

float fbm2(float x, float y, int octaves, std::uint32_t seed, float gain) {
  float sum = 0, amplitude = 1, total = 0;
  for (int i = 0; i < octaves; ++i) {
    sum += amplitude * noise2(x, y, seed + static_cast<std::uint32_t>(i));
    total += amplitude;
    amplitude *= gain;
    // Turning each octave hides the lattice's axes; (0.8, 0.6) is a unit vector.
    const float turned = 2.03f * (0.8f * x - 0.6f * y);
    y = 2.03f * (0.6f * x + 0.8f * y);
    x = turned;
  }
  return 1.6f * sum / total;
}

float fbm3(Vec3 p, int octaves, std::uint32_t seed, float gain) {
  float sum = 0, amplitude = 1, total = 0;
  for (int i = 0; i < octaves; ++i) {
    sum += amplitude * noise3(p, seed + static_cast<std::uint32_t>(i));
    total += amplitude;
    amplitude *= gain;
    p = 2.03f * Vec3{0.8f * p.x - 0.6f * p.z, p.y, 0.6f * p.x + 0.8f * p.z} + Vec3{0, 7.3f, 0};
  }
  return 1.6f * sum / total;
}

float ridged2(float x, float y, int octaves, std::uint32_t seed) {
  float sum = 0, amplitude = 1, total = 0, weight = 1;
  for (int i = 0; i < octaves; ++i) {
    const float crest = 1 - std::abs(noise2(x, y, seed + static_cast<std::uint32_t>(i)));
    const float value = crest * crest * weight;
    sum += amplitude * value;
    total += amplitude;
    weight = clamp01(value * 1.4f);
    amplitude *= 0.5f;
    const float turned = 2.07f * (0.8f * x - 0.6f * y);
    y = 2.07f * (0.6f * x + 0.8f * y);
    x = turned;
  }
  return sum / total;
}

Cell cells2(float x, float y, std::uint32_t seed) {
  const Lattice a = split(x), b = split(y);
  Cell best{9, 9, 0};
  for (int j = -1; j <= 1; ++j) {
    for (int i = -1; i <= 1; ++i) {
      const std::uint32_t h = hash(a.cell + static_cast<std::uint32_t>(i),
                                   b.cell + static_cast<std::uint32_t>(j), seed);
      const float dx = static_cast<float>(i) + hash01(h, 1) - a.fraction;
      const float dy = static_cast<float>(j) + hash01(h, 2) - b.fraction;
      const float d = std::sqrt(dx * dx + dy * dy);
      if (d < best.nearest) {
        best = {d, best.nearest, h};
      } else if (d < best.second) {
        best.second = d;
      }
    }
  }
  return best;
}

}  // namespace fieldscope::demo_image
