// Reads PNG pictures of every colour type, depth and interlacing (PNG, second edition). Part of the
// stand-in for stb.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <stb/standin/inflate.h>
#include <stb/standin/png_parts.h>

namespace stb_standin {

struct Picture {
  std::size_t width = 0, height = 0, channels = 0;
  int depth = 8;                       ///< 8 or 16
  std::vector<std::uint16_t> samples;  ///< [height][width][channels]
};

/// `Source` has a function read(unsigned char* to, std::size_t count) that returns how many bytes
/// it got.
template <class Source>
class PngReader {
 public:
  explicit PngReader(Source& source) : source_(source) {}

  /// What the header says: size and depth are those of the picture, without samples; channels are
  /// those of the file. Throws Refusal, as read does.
  Picture header() {
    std::array<unsigned char, 8> signature{};
    read(signature.data(), signature.size());
    if (std::string_view(reinterpret_cast<char*>(signature.data()), 8) != png_signature)
      throw Refusal{"not a PNG file, and this build has no stb_image to read others"};
    const Chunk ihdr = next_chunk();
    if (ihdr.name != "IHDR" || ihdr.data.size() != 13) throw Refusal{"a damaged header"};
    const View h = ihdr.data;
    Picture picture{big_endian(h), big_endian(h.subspan(4)), 0, h[8] == 16 ? 16 : 8, {}};
    bits_ = h[8];
    colour_ = h[9];
    interlaced_ = h[12] == 1;
    constexpr std::size_t channels[] = {1, 0, 3, 1, 2, 0, 4};
    picture.channels = colour_ < 7 ? channels[colour_] : 0;
    const bool few = bits_ == 1 || bits_ == 2 || bits_ == 4;
    const bool right_bits = colour_ == grey      ? few || bits_ == 8 || bits_ == 16
                            : colour_ == palette ? few || bits_ == 8
                                                 : bits_ == 8 || bits_ == 16;
    constexpr std::size_t longest_side = 1 << 24;
    if (picture.channels == 0 || !right_bits || h[10] != 0 || h[11] != 0 || h[12] > 1 ||
        picture.width == 0 || picture.height == 0 || picture.width > longest_side ||
        picture.height > longest_side)
      throw Refusal{"a damaged header"};
    return picture;
  }

  Picture read() {
    Picture picture = header();
    Bytes packed, colours, alphas;
    bool have_alphas = false;
    for (Chunk chunk = next_chunk(); chunk.name != "IEND"; chunk = next_chunk()) {
      if (chunk.name == "IDAT") {
        packed.insert(packed.end(), chunk.data.begin(), chunk.data.end());
      } else if (chunk.name == "PLTE") {
        colours = std::move(chunk.data);
      } else if (chunk.name == "tRNS") {
        alphas = std::move(chunk.data);
        have_alphas = true;
      } else if ((chunk.name[0] & 0x20) == 0) {
        throw Refusal{"a chunk of an unknown kind that must not be skipped"};
      }
    }
    unpack(picture, packed);
    if (colour_ == palette) {
      look_up(picture, colours, have_alphas ? &alphas : nullptr);
    } else {
      if (have_alphas && (colour_ == grey || colour_ == rgb)) add_alpha(picture, alphas);
      widen(picture);
    }
    return picture;
  }

 private:
  enum Colour : unsigned char { grey = 0, rgb = 2, palette = 3 };

  struct Chunk {
    std::string name;
    Bytes data;
  };

  void read(unsigned char* to, std::size_t count) {
    if (source_.read(to, count) != count) throw Refusal{"the file ends too soon"};
  }

  Chunk next_chunk() {
    std::array<unsigned char, 8> head{};
    read(head.data(), head.size());
    const std::size_t size = big_endian(head);
    Chunk chunk{{head.begin() + 4, head.end()}, {}};
    // Piece by piece, so that a size that is not true costs no memory.
    while (chunk.data.size() < size) {
      const std::size_t had = chunk.data.size(), more = std::min<std::size_t>(size - had, 1 << 16);
      chunk.data.resize(had + more);
      read(chunk.data.data() + had, more);
    }
    std::array<unsigned char, 4> crc{};
    read(crc.data(), crc.size());
    if (big_endian(crc) != crc32(chunk.data, crc32(View(head).subspan(4))))
      throw Refusal{"wrong checksum of a chunk"};
    return chunk;
  }

  /// Pixels (first_x + i step_x, first_y + j step_y): all, or one of the seven passes of Adam7.
  struct Pass {
    std::size_t first_x = 0, first_y = 0, step_x = 1, step_y = 1;
    std::size_t columns(const Picture& p) const {
      return p.width > first_x ? (p.width - first_x - 1) / step_x + 1 : 0;
    }
    std::size_t rows(const Picture& p) const {
      return p.height > first_y ? (p.height - first_y - 1) / step_y + 1 : 0;
    }
  };

  void unpack(Picture& picture, View packed) const {
    std::vector<Pass> passes = {{}};
    if (interlaced_)
      passes = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
    const std::size_t pixel_bits = picture.channels * bits_;
    std::size_t size = 0;
    for (const Pass& pass : passes)
      if (pass.columns(picture) > 0)
        size += pass.rows(picture) * (1 + (pass.columns(picture) * pixel_bits + 7) / 8);
    Bytes bytes = Inflate::unpack(packed, size);

    picture.samples.resize(picture.width * picture.height * picture.channels);
    unsigned char* row = bytes.data();
    for (const Pass& pass : passes) {
      const std::size_t columns = pass.columns(picture), width = (columns * pixel_bits + 7) / 8;
      if (columns == 0) continue;
      const unsigned char* above = nullptr;
      for (std::size_t j = 0; j < pass.rows(picture); ++j, row += 1 + width) {
        unfilter(row[0], row + 1, above, width, std::max<std::size_t>(pixel_bits / 8, 1));
        above = row + 1;
        std::uint16_t* line =
            &picture.samples[(pass.first_y + j * pass.step_y) * picture.width * picture.channels];
        for (std::size_t i = 0; i < columns; ++i)
          for (std::size_t c = 0; c < picture.channels; ++c)
            line[(pass.first_x + i * pass.step_x) * picture.channels + c] =
                sample(row + 1, i * picture.channels + c);
      }
    }
  }

  /// Adds to each byte what its neighbours foretell (PNG, 9.2). `above` is nullptr in the first
  /// row.
  static void unfilter(int filter, unsigned char* row, const unsigned char* above,
                       std::size_t width, std::size_t pixel) {
    if (filter >= png_filters) throw Refusal{"an unknown filter"};
    for (std::size_t i = 0; i < width; ++i) {
      const int a = i >= pixel ? row[i - pixel] : 0, b = above ? above[i] : 0;
      const int c = i >= pixel && above ? above[i - pixel] : 0;
      row[i] = static_cast<unsigned char>(row[i] + foretold(filter, a, b, c));
    }
  }

  std::uint16_t sample(const unsigned char* row, std::size_t i) const {
    if (bits_ == 16) return static_cast<std::uint16_t>(row[2 * i] << 8 | row[2 * i + 1]);
    if (bits_ == 8) return row[i];
    const std::size_t bit = i * bits_;  // the first sample in the highest bits
    return static_cast<std::uint16_t>(row[bit / 8] >> (8 - bits_ - bit % 8) & ((1 << bits_) - 1));
  }

  static void look_up(Picture& picture, const Bytes& colours, const Bytes* alphas) {
    const std::size_t channels = alphas ? 4 : 3, count = colours.size() / 3;
    std::vector<std::uint16_t> samples;
    samples.reserve(picture.samples.size() * channels);
    for (const std::size_t index : picture.samples) {
      if (index >= count) throw Refusal{"a pixel whose colour is not in the palette"};
      for (std::size_t c = 0; c < 3; ++c) samples.push_back(colours[index * 3 + c]);
      if (alphas) samples.push_back(index < alphas->size() ? (*alphas)[index] : 255);
    }
    picture.samples = std::move(samples);
    picture.channels = channels;
  }

  /// One colour is transparent.
  void add_alpha(Picture& picture, const Bytes& key) const {
    if (key.size() != 2 * picture.channels) throw Refusal{"a damaged transparent colour"};
    const std::uint16_t opaque = static_cast<std::uint16_t>((1 << bits_) - 1);
    std::vector<std::uint16_t> samples;
    samples.reserve(picture.width * picture.height * (picture.channels + 1));
    for (std::size_t i = 0; i < picture.samples.size(); i += picture.channels) {
      bool same = true;
      for (std::size_t c = 0; c < picture.channels; ++c) {
        samples.push_back(picture.samples[i + c]);
        same = same && picture.samples[i + c] == (key[2 * c] << 8 | key[2 * c + 1]);
      }
      samples.push_back(same ? 0 : opaque);
    }
    picture.samples = std::move(samples);
    ++picture.channels;
  }

  /// Samples of less than 8 bits fill the range of those.
  void widen(Picture& picture) const {
    if (bits_ >= 8) return;
    const int factor = 255 / ((1 << bits_) - 1);
    for (std::uint16_t& s : picture.samples) s = static_cast<std::uint16_t>(s * factor);
  }

  Source& source_;
  unsigned char bits_ = 8;  ///< a sample
  unsigned char colour_ = grey;
  bool interlaced_ = false;
};

}  // namespace stb_standin
