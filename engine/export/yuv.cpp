#include "engine/export/yuv.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fieldscope {
namespace {

using Colour = std::array<float, 3>;

constexpr Colour luma = {0.2126f, 0.7152f, 0.0722f};  // BT.709

/// Pixels outside of the image are those of its edge.
Colour pixel(const Image& image, int x, int y) {
  const float* p = image.at(std::clamp(x, 0, image.width - 1), std::clamp(y, 0, image.height - 1));
  Colour colour{};
  for (int k = 0; k < 3; ++k)
    colour[k] = std::fmin(std::fmax(p[image.channels == 3 ? k : 0], 0.0f), 1.0f);
  return colour;
}

float luma_of(const Colour& colour) {
  return luma[0] * colour[0] + luma[1] * colour[1] + luma[2] * colour[2];
}

std::uint8_t rounded(float value) {
  return static_cast<std::uint8_t>(std::lround(value));
}

YuvPlane plane(int width, int height) {
  return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
}

/// Of the pixels that a chroma sample stands for.
Colour mean_around(const Image& image, int x, int y) {
  Colour mean{};
  constexpr float across[] = {0.25f, 0.5f, 0.25f};
  for (int row = 0; row < 2; ++row)
    for (int column = 0; column < 3; ++column) {
      const Colour colour = pixel(image, x + column - 1, y + row);
      for (int k = 0; k < 3; ++k) mean[k] += 0.5f * across[column] * colour[k];
    }
  return mean;
}

}  // namespace

YuvPicture yuv_picture(const Image& image) {
  const int width = (image.width + 1) / 2, height = (image.height + 1) / 2;  // of the chroma
  YuvPicture picture{plane(2 * width, 2 * height), plane(width, height), plane(width, height)};
  std::size_t i = 0;
  for (int y = 0; y < picture.y.height; ++y)
    for (int x = 0; x < picture.y.width; ++x)
      picture.y.bytes[i++] = rounded(16 + 219 * luma_of(pixel(image, x, y)));
  i = 0;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x, ++i) {
      const Colour colour = mean_around(image, 2 * x, 2 * y);
      const float grey = luma_of(colour);
      picture.cb.bytes[i] = rounded(128 + 112 * (colour[2] - grey) / (1 - luma[2]));
      picture.cr.bytes[i] = rounded(128 + 112 * (colour[0] - grey) / (1 - luma[0]));
    }
  return picture;
}

}  // namespace fieldscope
