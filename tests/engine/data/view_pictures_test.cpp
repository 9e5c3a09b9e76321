// 8-bit pictures of views: reduced by area, colours weighted by alpha.
#include "engine/data/view_pictures.h"

#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "engine/data/image.h"
#include "engine/math/random.h"

namespace fieldscope {
namespace {

DecodedBytes noise(int width, int height, int channels) {
  DecodedBytes picture{width, height, channels, {}};
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(width) * height * channels; ++i)
    picture.numbers.push_back(static_cast<std::uint8_t>(256 * random_uniform(3, i)));
  return picture;
}

TEST(ViewPictures, AreMeansOverAreas) {
  for (const int channels : {1, 3}) {
    const DecodedBytes source = noise(23, 17, channels);
    Image floats{23, 17, channels, {}};
    for (const std::uint8_t byte : source.numbers)
      floats.pixels.push_back(static_cast<float>(byte) / 255);
    for (const auto& [width, height] : {std::pair{7, 5}, {22, 17}, {23, 3}, {1, 1}, {23, 17}}) {
      const DecodedBytes result = reduced(source, width, height);
      const Image expected = resize_image(floats, width, height);
      ASSERT_EQ(result.numbers.size(), expected.pixels.size());
      for (std::size_t i = 0; i < result.numbers.size(); ++i)
        ASSERT_NEAR(result.numbers[i], 255 * expected.pixels[i], 0.501);
    }
  }
}

TEST(ViewPictures, WhatIsTransparentDoesNotShineThrough) {
  // An opaque red pixel, a half transparent blue one, and two that are not seen at all.
  const DecodedBytes source{2, 2, 4, {200, 0, 0, 255, 0, 0, 100, 128, 0, 255, 0, 0, 9, 99, 255, 0}};
  const DecodedBytes result = reduced(source, 1, 1);
  const double weight = 255 + 128;
  EXPECT_EQ(result.numbers[0], std::lround(200 * 255 / weight));
  EXPECT_EQ(result.numbers[1], 0);
  EXPECT_EQ(result.numbers[2], std::lround(100 * 128 / weight));
  EXPECT_EQ(result.numbers[3], std::lround(weight / 4));
  const DecodedBytes nothing{2, 1, 2, {9, 0, 200, 0}};
  EXPECT_EQ(reduced(nothing, 1, 1).numbers, (std::vector<std::uint8_t>{0, 0}));
}

TEST(ViewPictures, BecomeColoursWithAlphaOnlyWhereItIsNeeded) {
  using Bytes = std::vector<std::uint8_t>;
  EXPECT_EQ(as_colour({2, 1, 1, {5, 6}}).numbers, (Bytes{5, 5, 5, 6, 6, 6}));
  EXPECT_EQ(as_colour({1, 1, 2, {5, 255}}).numbers, (Bytes{5, 5, 5}));
  EXPECT_EQ(as_colour({1, 1, 2, {5, 254}}).numbers, (Bytes{5, 5, 5, 254}));
  EXPECT_EQ(as_colour({1, 1, 3, {1, 2, 3}}).numbers, (Bytes{1, 2, 3}));
  const DecodedBytes opaque = as_colour({2, 1, 4, {1, 2, 3, 255, 4, 5, 6, 255}});
  EXPECT_EQ(opaque.channels, 3);
  EXPECT_EQ(opaque.numbers, (Bytes{1, 2, 3, 4, 5, 6}));
  const DecodedBytes clear = as_colour({2, 1, 4, {1, 2, 3, 255, 4, 5, 6, 0}});
  EXPECT_EQ(clear.channels, 4);
  EXPECT_EQ(clear.numbers, (Bytes{1, 2, 3, 255, 4, 5, 6, 0}));
}

TEST(ViewPictures, SixteenBitsBecomeEight) {
  const auto path = std::filesystem::path(FIELDSCOPE_TEST_FIXTURES) / "images" / "grey16.png";
  const DecodedImage floats = decode_image(path, max_image_pixels);
  const DecodedBytes bytes = decode_image_bytes(path, max_image_pixels);
  ASSERT_EQ(bytes.numbers.size(), floats.numbers.size());
  ASSERT_EQ(bytes.channels, floats.channels);
  for (std::size_t i = 0; i < bytes.numbers.size(); ++i)
    ASSERT_NEAR(bytes.numbers[i], 255 * floats.numbers[i], 0.501);
  const ImageExtent extent = image_extent(path, max_image_pixels);
  EXPECT_EQ(extent.width, bytes.width);
  EXPECT_EQ(extent.height, bytes.height);
}

}  // namespace
}  // namespace fieldscope
