// What lengths and distances the codes of deflate stand for (RFC 1951, 3.2.5), for reading and for
// writing. Part of the stand-in for stb.
#pragma once

#include <array>
#include <cstddef>

namespace stb_standin {

constexpr int end_of_block = 256;      ///< smaller codes are bytes, greater ones lengths
constexpr int longest_match = 258;     ///< which has a code of its own, without extra bits
constexpr std::size_t window = 32768;  ///< how far back a match may lie

struct Range {
  int first = 0;  ///< the smallest number that the code stands for
  int bits = 0;   ///< how many bits follow, to be added
};

/// Codes of one number each, then groups of codes with one bit more than the group before.
template <std::size_t n>
constexpr std::array<Range, n> doubling_ranges(int first, std::size_t single, std::size_t group) {
  std::array<Range, n> ranges{};
  for (std::size_t code = 0; code < n; ++code) {
    const int bits = code < single ? 0 : static_cast<int>((code - single) / group) + 1;
    ranges[code] = {first, bits};
    first += 1 << bits;
  }
  return ranges;
}

constexpr std::array<Range, 29> length_ranges = [] {
  auto ranges = doubling_ranges<29>(3, 8, 4);
  ranges[28] = {longest_match, 0};
  return ranges;
}();
constexpr std::array<Range, 30> distance_ranges = doubling_ranges<30>(1, 4, 2);

}  // namespace stb_standin
