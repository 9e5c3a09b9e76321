// The stand-ins for stb_image and stb_image_write: every kind of PNG, what is damaged, and back.
// Pictures are made here by the standard's rules, the other way round from how they are read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>

namespace {

using stb_standin::Bytes;
using stb_standin::View;

struct File {
  const Bytes& bytes;
  std::size_t at = 0;

  static int read(void* user, char* to, int count) {
    auto* file = static_cast<File*>(user);
    const std::size_t got =
        std::min(static_cast<std::size_t>(count), file->bytes.size() - file->at);
    std::copy_n(file->bytes.begin() + static_cast<std::ptrdiff_t>(file->at), got, to);
    file->at += got;
    return static_cast<int>(got);
  }
};
constexpr stbi_io_callbacks callbacks = {&File::read, nullptr, nullptr};

struct Decoded {
  int width = 0, height = 0, channels = 0;
  std::vector<int> numbers;  ///< none: refused

  bool operator==(const Decoded&) const = default;
};

template <class Number, class Load>
Decoded decoded_by(const Load& load, const Bytes& bytes) {
  Decoded d;
  File file{bytes};
  const std::unique_ptr<Number, void (*)(void*)> pixels(
      load(&callbacks, &file, &d.width, &d.height, &d.channels, 0), &stbi_image_free);
  if (!pixels) return {};
  const auto count = static_cast<std::size_t>(d.width) * d.height * d.channels;
  d.numbers.assign(pixels.get(), pixels.get() + count);
  return d;
}

Decoded decoded(const Bytes& bytes) {
  return decoded_by<stbi_uc>(&stbi_load_from_callbacks, bytes);
}
Decoded decoded_wide(const Bytes& bytes) {
  return decoded_by<stbi_us>(&stbi_load_16_from_callbacks, bytes);
}

/// Samples as they stand in a file.
struct Plain {
  int width, height, colour, depth;
  bool interlaced = false;
  Bytes palette = {}, transparent = {};

  int channels() const {
    constexpr int channels[] = {1, 0, 3, 1, 2, 0, 4};
    return channels[colour];
  }
  /// Some number for every sample.
  int sample(int x, int y, int channel) const {
    const unsigned mixed = static_cast<unsigned>(x * 7919 + y * 104729 + channel * 1299709 + 12345);
    return static_cast<int>((mixed ^ mixed >> 7) & ((1u << depth) - 1));
  }
};

/// Rows of the pixels at (x0 + i dx, y0 + j dy), each with another filter.
void append_pass(Bytes& to, const Plain& p, int x0, int y0, int dx, int dy) {
  Bytes above;
  const auto pixel = static_cast<std::size_t>(std::max(1, p.channels() * p.depth / 8));
  int filter = 0;
  for (int y = y0; y < p.height && x0 < p.width; y += dy) {
    Bytes row;
    int bits = 0, held = 0;
    const auto put = [&](int number, int count) {
      bits = bits << count | number;
      for (held += count; held >= 8; held -= 8)
        row.push_back(static_cast<unsigned char>(bits >> (held - 8) & 0xff));
    };
    for (int x = x0; x < p.width; x += dx)
      for (int c = 0; c < p.channels(); ++c) {
        if (p.depth == 16) put(p.sample(x, y, c) >> 8, 8);
        put(p.sample(x, y, c) & 0xff, std::min(p.depth, 8));
      }
    if (held > 0) put(0, 8 - held);
    stb_standin::append_filtered(to, filter++ % stb_standin::png_filters, row.data(),
                                 above.empty() ? nullptr : above.data(), row.size(), pixel);
    above = row;
  }
}

Bytes png_of(const Plain& p) {
  Bytes header, rows;
  stb_standin::append_big_endian(header, static_cast<std::uint32_t>(p.width));
  stb_standin::append_big_endian(header, static_cast<std::uint32_t>(p.height));
  for (const int byte : {p.depth, p.colour, 0, 0, p.interlaced ? 1 : 0})
    header.push_back(static_cast<unsigned char>(byte));
  if (p.interlaced) {
    append_pass(rows, p, 0, 0, 8, 8);
    append_pass(rows, p, 4, 0, 8, 8);
    append_pass(rows, p, 0, 4, 4, 8);
    append_pass(rows, p, 2, 0, 4, 4);
    append_pass(rows, p, 0, 2, 2, 4);
    append_pass(rows, p, 1, 0, 2, 2);
    append_pass(rows, p, 0, 1, 1, 2);
  } else {
    append_pass(rows, p, 0, 0, 1, 1);
  }
  const Bytes packed = stb_standin::Deflate::pack(rows);
  Bytes png(stb_standin::png_signature, stb_standin::png_signature + 8);
  stb_standin::append_chunk(png, "IHDR", header);
  if (!p.palette.empty()) stb_standin::append_chunk(png, "PLTE", p.palette);
  if (!p.transparent.empty()) stb_standin::append_chunk(png, "tRNS", p.transparent);
  stb_standin::append_chunk(png, "tEXt", View(header).first(5));  // to be skipped
  stb_standin::append_chunk(png, "IDAT", View(packed).first(packed.size() / 2));
  stb_standin::append_chunk(png, "IDAT", View(packed).subspan(packed.size() / 2));
  stb_standin::append_chunk(png, "IEND", {});
  return png;
}

TEST(StandInPng, EveryColourDepthAndInterlacing) {
  for (const auto& [colour, depths] : std::vector<std::pair<int, std::vector<int>>>{
           {0, {1, 2, 4, 8, 16}}, {2, {8, 16}}, {4, {8, 16}}, {6, {8, 16}}})
    for (const int depth : depths)
      for (const bool interlaced : {false, true})
        for (const auto& [width, height] : {std::pair{1, 1}, {2, 3}, {9, 1}, {13, 11}, {8, 16}}) {
          const Plain p{width, height, colour, depth, interlaced};
          SCOPED_TRACE(std::to_string(colour) + " " + std::to_string(depth) + " " +
                       std::to_string(width) + "x" + std::to_string(height) +
                       (interlaced ? " interlaced" : ""));
          Decoded expected{width, height, p.channels(), {}};
          for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x)
              for (int c = 0; c < p.channels(); ++c)
                expected.numbers.push_back(depth < 8 ? p.sample(x, y, c) * 255 / ((1 << depth) - 1)
                                                     : p.sample(x, y, c));
          const Bytes png = png_of(p);
          File file{png};
          EXPECT_EQ(stbi_is_16_bit_from_callbacks(&callbacks, &file), depth == 16 ? 1 : 0);
          EXPECT_EQ(depth == 16 ? decoded_wide(png) : decoded(png), expected);
        }
}

TEST(StandInPng, PalettesAndTransparentColours) {
  const Bytes colours = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120};
  Plain p{7, 5, 3, 2, false, colours, {}};
  Decoded d = decoded(png_of(p));
  EXPECT_EQ(d.channels, 3);
  ASSERT_EQ(d.numbers.size(), 7u * 5 * 3);
  EXPECT_EQ(d.numbers[0], 10 + 30 * p.sample(0, 0, 0));
  p.transparent = {128};
  d = decoded(png_of(p));
  EXPECT_EQ(d.channels, 4);
  ASSERT_EQ(d.numbers.size(), 7u * 5 * 4);
  for (int x = 0; x < 7; ++x)
    EXPECT_EQ(d.numbers[static_cast<std::size_t>(4 * x + 3)], p.sample(x, 0, 0) == 0 ? 128 : 255);
  p.palette.resize(3);
  EXPECT_EQ(decoded(png_of(p)), Decoded());

  Plain grey{7, 5, 0, 4, false, {}, {0, 3}};
  d = decoded(png_of(grey));
  EXPECT_EQ(d.channels, 2);
  ASSERT_EQ(d.numbers.size(), 7u * 5 * 2);
  for (int x = 0; x < 7; ++x)
    EXPECT_EQ(d.numbers[static_cast<std::size_t>(2 * x + 1)], grey.sample(x, 0, 0) == 3 ? 0 : 255);
}

/// An element that is changed makes a refusal, whatever else it does.
TEST(StandInPng, EveryChangedByteIsRefused) {
  const Bytes png = png_of({9, 7, 2, 8});
  const Decoded original = decoded(png);
  for (std::size_t i = 0; i < png.size(); ++i)
    for (const int flip : {1, 0x10, 0x80, 0xff}) {
      Bytes changed = png;
      changed[i] ^= static_cast<unsigned char>(flip);
      EXPECT_EQ(decoded(changed), Decoded()) << i;
    }
  for (std::size_t length = 0; length < png.size(); ++length)
    EXPECT_EQ(decoded(Bytes(png.begin(), png.begin() + static_cast<std::ptrdiff_t>(length))),
              Decoded())
        << length;
}

/// The same behind right checksums of chunks, so that it gets as far as it can.
TEST(StandInPng, ChangedPixelsBehindRightChecksumsAreRefused) {
  for (const bool stored : {false, true}) {
    const Plain p{9, 7, 0, 8, true};
    Bytes rows;
    append_pass(rows, {9, 7, 0, 8}, 0, 0, 1, 1);
    Bytes packed = stb_standin::Deflate::pack(rows);
    if (stored) {
      const auto size = static_cast<unsigned char>(rows.size());
      packed = {0x78, 1, 1, size, 0, static_cast<unsigned char>(~size), 0xff};
      packed.insert(packed.end(), rows.begin(), rows.end());
      stb_standin::append_big_endian(packed, stb_standin::adler32(rows));
    }
    const auto unpacks = [&](const Bytes& stream) {
      try {
        return stb_standin::Inflate::unpack(stream, rows.size()) == rows;
      } catch (const stb_standin::Refusal&) {
        return false;
      }
    };
    ASSERT_TRUE(unpacks(packed));
    int unharmed = 0;
    for (std::size_t i = 0; i < packed.size(); ++i)
      for (int byte = 0; byte < 256; ++byte) {
        Bytes changed = packed;
        changed[i] = static_cast<unsigned char>(byte);
        unharmed += unpacks(changed) ? 1 : 0;
      }
    // The right byte each time; in the header, other levels and windows; bits that pad the end.
    EXPECT_LT(unharmed, static_cast<int>(packed.size()) + 256);
    for (std::size_t length = 0; length < packed.size(); ++length)
      EXPECT_FALSE(
          unpacks(Bytes(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(length))));
  }
}

/// Random bits as blocks with codes of their own: nothing but refusals, and no harm.
TEST(StandInPng, RandomStreamsAreRefused) {
  std::uint64_t state = 1;
  for (int round = 0; round < 20000; ++round) {
    Bytes stream = {0x78, 0x01};
    for (int i = 0; i < 80; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      stream.push_back(static_cast<unsigned char>(state >> 56));
    }
    stream[2] = static_cast<unsigned char>((stream[2] & 0xf8) | 4 | round % 2);
    EXPECT_THROW(stb_standin::Inflate::unpack(stream, 1000), stb_standin::Refusal);
  }
}

TEST(StandInPng, WhatIsWrittenReadsBack) {
  for (const int channels : {1, 2, 3, 4})
    for (const auto& [width, height] : {std::pair{1, 1}, {3, 2}, {40, 30}, {300, 200}}) {
      Decoded picture{width, height, channels, {}};
      Bytes pixels;
      for (int i = 0; i < width * height * channels; ++i) {
        pixels.push_back(static_cast<unsigned char>(i % 3 == 0 ? i * 37 >> 5 : i / 7));
        picture.numbers.push_back(pixels.back());
      }
      Bytes png;
      const auto append = [](void* to, void* data, int size) {
        const auto* bytes = static_cast<const unsigned char*>(data);
        static_cast<Bytes*>(to)->insert(static_cast<Bytes*>(to)->end(), bytes, bytes + size);
      };
      ASSERT_EQ(stbi_write_png_to_func(append, &png, width, height, channels, pixels.data(), 0), 1);
      EXPECT_EQ(decoded(png), picture);
    }
}

TEST(StandInPng, OtherFilesAreRefusedWithTheReason) {
  const std::string name = std::string(FIELDSCOPE_TEST_FIXTURES) + "/images/rgb.jpg";
  std::ifstream in(name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(decoded(Bytes(text.begin(), text.end())), Decoded());
  EXPECT_NE(std::string(stbi_failure_reason()).find("this build has no stb_image"),
            std::string::npos);
}

/// As zlib packs, with codes of their own in every block.
TEST(StandInPng, LargePicture) {
  std::ifstream in(FIELDSCOPE_SOURCE "/assets/demo/lighthouse.png", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const Decoded d = decoded(Bytes(text.begin(), text.end()));
  ASSERT_EQ(d.numbers.size(), 512u * 512 * 3);
  const Bytes pixels(d.numbers.begin(), d.numbers.end());
  EXPECT_EQ(decoded(stb_standin::encode_png(512, 512, 3, pixels.data(), 512 * 3)), d);
}

}  // namespace
