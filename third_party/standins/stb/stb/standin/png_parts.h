// What reading and writing PNG have in common. Part of the stand-in for stb.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

namespace stb_standin {

using Bytes = std::vector<unsigned char>;
using View = std::span<const unsigned char>;

/// CRC-32 of a chunk (PNG, annex D); `crc` goes on from what came before.
inline std::uint32_t crc32(View bytes, std::uint32_t crc = 0) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t n = 0; n < 256; ++n) {
      t[n] = n;
      for (int bit = 0; bit < 8; ++bit)
        t[n] = (t[n] & 1) != 0 ? 0xedb88320u ^ t[n] >> 1 : t[n] >> 1;
    }
    return t;
  }();
  crc = ~crc;
  for (const unsigned char byte : bytes) crc = table[(crc ^ byte) & 0xff] ^ crc >> 8;
  return ~crc;
}

/// Of a zlib stream's contents (RFC 1950).
inline std::uint32_t adler32(View bytes) {
  std::uint32_t a = 1, b = 0;
  while (!bytes.empty()) {
    const View part = bytes.first(bytes.size() < 5000 ? bytes.size() : 5000);  // no overflow
    for (const unsigned char byte : part) b += a += byte;
    a %= 65521;
    b %= 65521;
    bytes = bytes.subspan(part.size());
  }
  return b << 16 | a;
}

inline std::uint32_t big_endian(View bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
}

inline void append_big_endian(Bytes& to, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    to.push_back(static_cast<unsigned char>(number >> shift & 0xff));
}

constexpr const char* png_signature = "\x89PNG\r\n\x1a\n";
constexpr int png_filters = 5;

/// What a filter expects of a byte, from those left of it, above, and above left (PNG, 9.2).
inline int foretold(int filter, int left, int above, int corner) {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) / 2;
    case 4: {
      const int to_left = std::abs(above - corner), to_above = std::abs(left - corner);
      const int to_corner = std::abs(left + above - 2 * corner);
      if (to_left <= to_above && to_left <= to_corner) return left;
      return to_above <= to_corner ? above : corner;
    }
    default:
      return 0;
  }
}

}  // namespace stb_standin
