// Counter-based random numbers: a value depends only on (key, index), so that any thread or device
// computes any of them, in any order, with the same result. The generator is the finaliser of
// SplitMix64 (Steele, Lea, Flood 2014) applied to a Weyl sequence.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/math/portable.h"

namespace fieldscope {

FIELDSCOPE_HOST_DEVICE std::uint64_t mix_bits(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

/// What a stream of random numbers is for. Streams with different purposes are independent.
enum class Stream : std::uint64_t {
  weights = 1,
  batches = 2,
  probes = 3,
  points = 4,
  frequencies = 5,
  grid = 6
};

/// The key of one stream: of the experiment's seed, its purpose and an index (step, epoch, tensor).
FIELDSCOPE_HOST_DEVICE std::uint64_t random_key(std::uint64_t seed, Stream stream,
                                                std::uint64_t index) {
  std::uint64_t key = mix_bits(seed + 0x9E3779B97F4A7C15ull);
  key = mix_bits(key ^ (static_cast<std::uint64_t>(stream) * 0xD6E8FEB86659FD93ull));
  return mix_bits(key ^ (index * 0xA0761D6478BD642Full + 0xE7037ED1A0B428DBull));
}

FIELDSCOPE_HOST_DEVICE std::uint64_t random_bits(std::uint64_t key, std::uint64_t index) {
  return mix_bits(key + (index + 1) * 0x9E3779B97F4A7C15ull);
}

/// Uniform in [0, 1), a multiple of 2^-53.
FIELDSCOPE_HOST_DEVICE double random_uniform(std::uint64_t key, std::uint64_t index) {
  return static_cast<double>(random_bits(key, index) >> 11) * 0x1.0p-53;
}

/// +1 or -1 with equal probability (Rademacher).
FIELDSCOPE_HOST_DEVICE double random_sign(std::uint64_t key, std::uint64_t index) {
  return (random_bits(key, index) >> 63) != 0 ? 1.0 : -1.0;
}

/// Standard normal: Box and Muller, "A note on the generation of random normal deviates", 1958.
FIELDSCOPE_HOST_DEVICE double random_normal(std::uint64_t key, std::uint64_t index) {
  const double radius = ::sqrt(-2 * ::log(1 - random_uniform(key, 2 * index)));
  return radius * ::cos(6.28318530717958647692 * random_uniform(key, 2 * index + 1));
}

/// Uniform integer in [0, bound), bound > 0, by multiplication with a 64-bit fraction; the bias is
/// below bound / 2^32.
FIELDSCOPE_HOST_DEVICE std::uint64_t random_below(std::uint64_t key, std::uint64_t index,
                                                  std::uint64_t bound) {
  return ((random_bits(key, index) >> 32) * bound) >> 32;
}

}  // namespace fieldscope
