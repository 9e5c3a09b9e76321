// Unpacks zlib streams (RFC 1950 and 1951). Part of the stand-in for stb.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <stb/standin/deflate_tables.h>
#include <stb/standin/png_parts.h>

namespace stb_standin {

/// Why a picture cannot be read.
struct Refusal {
  const char* reason;
};

class Inflate {
 public:
  /// The contents of a stream of exactly `size` bytes. Throws Refusal for any other.
  static Bytes unpack(View stream, std::size_t size) {
    if (stream.size() < 6 || (stream[0] & 0xf) != 8 || (stream[0] * 256 + stream[1]) % 31 != 0 ||
        (stream[1] & 0x20) != 0)
      throw Refusal{"not a zlib stream"};
    Inflate inflate(stream.subspan(2), size);
    while (!inflate.block()) {
    }
    if (inflate.out_.size() != size) throw Refusal{"too few pixels"};
    const View rest = inflate.rest();
    if (rest.size() < 4 || big_endian(rest) != adler32(inflate.out_))
      throw Refusal{"wrong checksum of the pixels"};
    return std::move(inflate.out_);
  }

 private:
  Inflate(View in, std::size_t size) : in_(in), size_(size) {}

  static constexpr int longest_code = 15;

  /// A canonical Huffman code: for every 15 bits that may come next, the symbol that they begin
  /// with and its length. Bits without a symbol have length 0.
  class Code {
   public:
    explicit Code(std::span<const unsigned char> lengths) : table_(1 << longest_code) {
      std::array<unsigned, longest_code + 2> next{};
      for (const unsigned char length : lengths)
        if (length > 0) ++next[length + 1u];
      for (std::size_t length = 1; length < next.size(); ++length)
        next[length] = length < 2 ? 0 : (next[length - 1] + next[length]) << 1;
      for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
        const unsigned length = lengths[symbol];
        if (length == 0) continue;
        const unsigned code = next[length]++;
        if (code >> length != 0) throw Refusal{"wrong lengths of codes"};
        // The first bit of a code comes first, in the lowest place.
        unsigned reversed = 0;
        for (unsigned bit = 0; bit < length; ++bit)
          reversed |= (code >> bit & 1) << (length - 1 - bit);
        for (std::size_t i = reversed; i < table_.size(); i += std::size_t{1} << length)
          table_[i] = {static_cast<std::uint16_t>(symbol), static_cast<std::uint16_t>(length)};
      }
    }

    int symbol(Inflate& from) const {
      const Entry entry = table_[from.peek(longest_code)];
      if (entry.length == 0) throw Refusal{"bits without a meaning"};
      from.drop(entry.length);
      return entry.symbol;
    }

   private:
    struct Entry {
      std::uint16_t symbol = 0, length = 0;
    };
    std::vector<Entry> table_;
  };

  /// The next bits, zeros behind the end.
  unsigned peek(int count) {
    while (held_ < count) {
      const std::uint64_t byte = at_ < in_.size() ? in_[at_] : 0;
      ++at_;
      bits_ |= byte << held_;
      held_ += 8;
    }
    return static_cast<unsigned>(bits_ & ((1u << count) - 1));
  }
  void drop(int count) {
    bits_ >>= count;
    held_ -= count;
    // What was dropped must have been there.
    if (at_ > in_.size() && static_cast<std::size_t>(held_ / 8) < at_ - in_.size())
      throw Refusal{"the pixels end too soon"};
  }
  unsigned take(int count) {
    const unsigned result = peek(count);
    drop(count);
    return result;
  }
  /// From the next whole byte on.
  View rest() {
    drop(held_ % 8);
    at_ -= static_cast<std::size_t>(held_ / 8);
    bits_ = 0;
    held_ = 0;
    return in_.subspan(std::min(at_, in_.size()));
  }

  /// Whether that was the last one.
  bool block() {
    const bool last = take(1) != 0;
    switch (take(2)) {
      case 0:
        stored();
        break;
      case 1:
        fixed();
        break;
      case 2:
        dynamic();
        break;
      default:
        throw Refusal{"a block of an unknown kind"};
    }
    return last;
  }

  void stored() {
    const View header = rest();
    if (header.size() < 4) throw Refusal{"the pixels end too soon"};
    const std::size_t size = header[0] + 256u * header[1], check = header[2] + 256u * header[3];
    if ((size ^ check) != 0xffff || header.size() < 4 + size)
      throw Refusal{"a stored block of a wrong size"};
    make_room(size);
    const View bytes = header.subspan(4, size);
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    at_ += 4 + size;
  }

  void fixed() {
    std::array<unsigned char, 288> lengths{};
    for (std::size_t i = 0; i < lengths.size(); ++i)
      lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    std::array<unsigned char, 30> distances{};
    distances.fill(5);
    matches(Code(lengths), Code(distances));
  }

  void dynamic() {
    const std::size_t symbols = take(5) + 257, distances = take(5) + 1, given = take(4) + 4;
    constexpr unsigned char order[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                       11, 4,  12, 3, 13, 2, 14, 1, 15};
    std::array<unsigned char, 19> code_lengths{};
    for (std::size_t i = 0; i < given; ++i)
      code_lengths[order[i]] = static_cast<unsigned char>(take(3));
    const Code code(code_lengths);
    Bytes lengths;
    while (lengths.size() < symbols + distances) {
      const int symbol = code.symbol(*this);
      if (symbol < 16) {
        lengths.push_back(static_cast<unsigned char>(symbol));
        continue;
      }
      if (symbol == 16 && lengths.empty()) throw Refusal{"wrong lengths of codes"};
      const unsigned char repeated = symbol == 16 ? lengths.back() : 0;
      const unsigned count = symbol == 16 ? 3 + take(2) : symbol == 17 ? 3 + take(3) : 11 + take(7);
      lengths.insert(lengths.end(), count, repeated);
    }
    if (lengths.size() > symbols + distances) throw Refusal{"wrong lengths of codes"};
    matches(Code(std::span(lengths).first(symbols)), Code(std::span(lengths).subspan(symbols)));
  }

  void matches(const Code& symbols, const Code& distances) {
    for (;;) {
      const int symbol = symbols.symbol(*this);
      if (symbol == end_of_block) return;
      if (symbol < end_of_block) {
        make_room(1);
        out_.push_back(static_cast<unsigned char>(symbol));
        continue;
      }
      const std::size_t length = number(length_ranges, symbol - end_of_block - 1);
      const std::size_t distance = number(distance_ranges, distances.symbol(*this));
      if (distance > out_.size()) throw Refusal{"a match before the beginning"};
      make_room(length);
      for (std::size_t i = 0; i < length; ++i) out_.push_back(out_[out_.size() - distance]);
    }
  }

  std::size_t number(std::span<const Range> ranges, int code) {
    if (static_cast<std::size_t>(code) >= ranges.size()) throw Refusal{"an unknown code"};
    const Range range = ranges[static_cast<std::size_t>(code)];
    return static_cast<std::size_t>(range.first) + take(range.bits);
  }

  void make_room(std::size_t count) const {
    if (count > size_ - out_.size()) throw Refusal{"too many pixels"};
  }

  View in_;
  std::size_t size_;
  Bytes out_;
  std::size_t at_ = 0;      ///< the next byte of in_
  std::uint64_t bits_ = 0;  ///< taken from in_, not yet used, the next one lowest
  int held_ = 0;            ///< how many those are
};

}  // namespace stb_standin
