#include "engine/data/view_pictures.h"

#include <algorithm>

#include "engine/data/area_mean.h"

namespace fieldscope {
namespace {

/// Adds `weight` times a row of pixels to the sums, [pixels][channels]; colours times their alpha.
void add_row(const std::uint8_t* in, std::size_t pixels, int channels, float weight, float* sums) {
  const auto count = pixels * static_cast<std::size_t>(channels);
  if (channels % 2 == 1) {
    for (std::size_t i = 0; i < count; ++i) sums[i] += weight * static_cast<float>(in[i]);
    return;
  }
  const std::size_t colours = static_cast<std::size_t>(channels) - 1;
  for (std::size_t i = 0; i < count; i += colours + 1) {
    const float alpha = weight * static_cast<float>(in[i + colours]);
    for (std::size_t c = 0; c < colours; ++c) sums[i + c] += alpha * static_cast<float>(in[i + c]);
    sums[i + colours] += alpha;
  }
}

/// One pixel: the sums that its columns take up.
void put_pixel(const float* sums, const Taps& taps, int channels, std::uint8_t* out) {
  float total[4] = {};
  for (std::size_t k = 0; k < taps.weights.size(); ++k) {
    const float* in = sums + (static_cast<std::size_t>(taps.first) + k) * channels;
    for (int c = 0; c < channels; ++c) total[c] += static_cast<float>(taps.weights[k]) * in[c];
  }
  const bool alpha = channels % 2 == 0;
  const float whole = alpha ? total[channels - 1] : 1;
  for (int c = 0; c < channels; ++c) {
    const bool colour = !alpha || c < channels - 1;
    const float value = !colour ? whole : whole > 0 ? total[c] / whole : 0;
    out[c] = static_cast<std::uint8_t>(std::min(value + 0.5f, 255.0f));
  }
}

}  // namespace

DecodedBytes reduced(const DecodedBytes& picture, int width, int height) {
  if (width == picture.width && height == picture.height) return picture;
  const int channels = picture.channels;
  DecodedBytes result{width, height, channels, {}};
  result.numbers.resize(static_cast<std::size_t>(width) * height * channels);
  std::vector<Taps> columns;
  for (int x = 0; x < width; ++x) columns.push_back(covered(picture.width, width, x));
  const auto across = static_cast<std::size_t>(picture.width);
  const std::size_t stride = across * channels;
  std::vector<float> sums(stride);
  std::uint8_t* out = result.numbers.data();
  for (int y = 0; y < height; ++y) {
    const Taps row = covered(picture.height, height, y);
    std::fill(sums.begin(), sums.end(), 0.0f);
    for (std::size_t k = 0; k < row.weights.size(); ++k) {
      const std::size_t source = static_cast<std::size_t>(row.first) + k;
      add_row(picture.numbers.data() + source * stride, across, channels,
              static_cast<float>(row.weights[k]), sums.data());
    }
    for (int x = 0; x < width; ++x, out += channels) {
      put_pixel(sums.data(), columns[static_cast<std::size_t>(x)], channels, out);
    }
  }
  return result;
}

DecodedBytes as_colour(DecodedBytes picture) {
  const auto pixels = static_cast<std::size_t>(picture.width) * picture.height;
  const int from = picture.channels;
  bool opaque = true;
  if (from % 2 == 0) {
    for (std::size_t i = 1; i <= pixels && opaque; ++i) {
      opaque = picture.numbers[i * from - 1] == 255;
    }
  }
  const int to = opaque ? 3 : 4;
  if (from == to) return picture;
  DecodedBytes result{picture.width, picture.height, to, {}};
  result.numbers.resize(pixels * to);
  const bool grey = from <= 2;
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint8_t* in = picture.numbers.data() + i * from;
    std::uint8_t* out = result.numbers.data() + i * to;
    for (int c = 0; c < 3; ++c) out[c] = in[grey ? 0 : c];
    if (to == 4) out[3] = in[from - 1];
  }
  return result;
}

}  // namespace fieldscope
