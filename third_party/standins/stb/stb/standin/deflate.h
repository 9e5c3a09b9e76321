// Packs zlib streams (RFC 1950 and 1951): matches of what came before, in fixed codes. Part of the
// stand-in for stb.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <stb/standin/deflate_tables.h>
#include <stb/standin/png_parts.h>

namespace stb_standin {

class Deflate {
 public:
  static Bytes pack(View in) {
    Deflate deflate(in);
    deflate.matches();
    append_big_endian(deflate.out_, adler32(in));
    return std::move(deflate.out_);
  }

 private:
  explicit Deflate(View in) : in_(in), out_{0x78, 0x01}, earlier_(in.size(), none) {
    newest_.fill(none);
  }

  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  static constexpr std::size_t shortest = 3;
  static constexpr int tries = 64;  ///< earlier places with the same beginning that are looked at

  struct Match {
    std::size_t length = 0, distance = 0;
  };

  void matches() {
    put(1, 1);  // the last block
    put(1, 2);  // of fixed codes
    for (std::size_t at = 0; at < in_.size();) {
      const Match match = longest(at);
      const std::size_t length = std::max<std::size_t>(match.length, 1);
      if (match.length == 0) {
        put_symbol(in_[at]);
      } else {
        const int code = code_of(length_ranges, match.length);
        put_symbol(end_of_block + 1 + code);
        put_extra(length_ranges, code, match.length);
        const int distance = code_of(distance_ranges, match.distance);
        put_code(distance, 5);
        put_extra(distance_ranges, distance, match.distance);
      }
      for (const std::size_t end = at + length; at < end; ++at) remember(at);
    }
    put_symbol(end_of_block);
    put(0, 7);  // up to a whole byte
  }

  /// Of the next three bytes.
  std::size_t hash(std::size_t at) const {
    const std::uint32_t bytes =
        in_[at] | std::uint32_t{in_[at + 1]} << 8 | std::uint32_t{in_[at + 2]} << 16;
    return bytes * 2654435761u >> 17;
  }
  void remember(std::size_t at) {
    if (at + shortest > in_.size()) return;
    std::size_t& newest = newest_[hash(at)];
    earlier_[at] = newest;
    newest = at;
  }
  Match longest(std::size_t at) const {
    Match best;
    if (at + shortest > in_.size()) return best;
    const std::size_t most = std::min<std::size_t>(longest_match, in_.size() - at);
    std::size_t from = newest_[hash(at)];
    for (int i = 0; i < tries && from != none && at - from <= window; ++i, from = earlier_[from]) {
      std::size_t length = 0;
      while (length < most && in_[from + length] == in_[at + length]) ++length;
      if (length >= shortest && length > best.length) best = {length, at - from};
    }
    return best;
  }

  static int code_of(std::span<const Range> ranges, std::size_t number) {
    const auto after =
        std::upper_bound(ranges.begin(), ranges.end(), static_cast<int>(number),
                         [](int wanted, const Range& range) { return wanted < range.first; });
    return static_cast<int>(after - ranges.begin()) - 1;
  }

  /// The lowest bit first.
  void put(unsigned bits, int count) {
    bits_ |= std::uint64_t{bits} << held_;
    for (held_ += count; held_ >= 8; held_ -= 8, bits_ >>= 8)
      out_.push_back(static_cast<unsigned char>(bits_ & 0xff));
  }
  /// Codes have their highest bit first.
  void put_code(int code, int length) {
    for (int bit = length - 1; bit >= 0; --bit) put(static_cast<unsigned>(code) >> bit & 1, 1);
  }
  void put_symbol(int symbol) {
    if (symbol < 144) return put_code(48 + symbol, 8);
    if (symbol < 256) return put_code(256 + symbol, 9);
    if (symbol < 280) return put_code(symbol - 256, 7);
    put_code(symbol - 88, 8);
  }
  void put_extra(std::span<const Range> ranges, int code, std::size_t number) {
    const Range range = ranges[static_cast<std::size_t>(code)];
    put(static_cast<unsigned>(number) - static_cast<unsigned>(range.first), range.bits);
  }

  View in_;
  Bytes out_;
  std::array<std::size_t, 32768> newest_{};  ///< by hash: the last place that began so
  std::vector<std::size_t> earlier_;         ///< by place: the one before it with the same hash
  std::uint64_t bits_ = 0;
  int held_ = 0;
};

}  // namespace stb_standin
