#include "engine/math/colormap.h"

#include <algorithm>
#include <cmath>

namespace fieldscope {
namespace {

// Least maximum-error polynomials of degree 7 in t, one row a channel, fitted to the published
// viridis and magma (van der Walt & Smith 2015). Greatest deviation 0.006 and 0.013 of full scale.
using Polynomials = float[3][8];
constexpr Polynomials viridis = {
    {0.26098f, 1.05852f, -14.07281f, 73.69561f, -210.47019f, 315.72404f, -228.06988f, 62.86093f},
    {0.00357f, 1.49926f, -0.87241f, -1.19159f, 5.00239f, -4.60666f, 0.41400f, 0.65629f},
    {0.32425f, 2.05867f, -10.16447f, 41.49254f, -117.22500f, 191.62824f, -162.59731f, 54.62346f},
};
constexpr Polynomials magma = {
    {0.00654f, -0.34774f, 16.66891f, -74.67177f, 182.90735f, -240.38470f, 156.17040f, -39.35687f},
    {-0.01125f, 1.40833f, -12.72479f, 60.72016f, -145.45028f, 186.15070f, -117.83551f, 28.72233f},
    {0.00132f, 1.57491f, 14.43095f, -95.84808f, 243.76701f, -331.52607f, 238.00799f, -69.67106f},
};

Rgb evaluate(const Polynomials& polynomials, float t) {
  Rgb colour;
  for (std::size_t c = 0; c < 3; ++c) {
    float sum = 0;
    for (int k = 7; k >= 0; --k) sum = sum * t + polynomials[c][k];
    colour[c] = std::clamp(sum, 0.0f, 1.0f);
  }
  return colour;
}

float srgb_encoded(float linear) {
  linear = std::clamp(linear, 0.0f, 1.0f);
  return linear <= 0.0031308f ? 12.92f * linear : 1.055f * std::pow(linear, 1 / 2.4f) - 0.055f;
}

/// Oklab (Ottosson 2020) to display RGB.
Rgb from_oklab(float lightness, float a, float b) {
  const float l = std::pow(lightness + 0.3963377774f * a + 0.2158037573f * b, 3.0f);
  const float m = std::pow(lightness - 0.1055613458f * a - 0.0638541728f * b, 3.0f);
  const float s = std::pow(lightness - 0.0894841775f * a - 1.2914855480f * b, 3.0f);
  return {srgb_encoded(4.0767416621f * l - 3.3077115913f * m + 0.2309699292f * s),
          srgb_encoded(-1.2684380046f * l + 2.6097574011f * m - 0.3413193965f * s),
          srgb_encoded(-0.0041960863f * l - 0.7034186147f * m + 1.7076147010f * s)};
}

/// Two arms of equal lightness and chroma, so that neither sign looks larger than the other:
/// lightness falls and chroma grows linearly from white at the middle.
Rgb diverging(float t) {
  const float side = 2 * t - 1;
  const float strength = std::fabs(side);
  const float hue = side < 0 ? 4.45f : 0.52f;  // radians in Oklab's a-b plane: blue, red
  const float chroma = 0.155f * strength;
  return from_oklab(0.985f - 0.47f * strength, chroma * std::cos(hue), chroma * std::sin(hue));
}

}  // namespace

const char* colormap_name(Colormap map) {
  switch (map) {
    case Colormap::viridis:
      return "viridis";
    case Colormap::magma:
      return "magma";
    case Colormap::diverging:
      return "diverging";
  }
  return "";
}

Rgb colormap(Colormap map, float t) {
  if (std::isnan(t)) return {0.5f, 0.5f, 0.5f};
  t = std::clamp(t, 0.0f, 1.0f);
  switch (map) {
    case Colormap::viridis:
      return evaluate(viridis, t);
    case Colormap::magma:
      return evaluate(magma, t);
    case Colormap::diverging:
      return diverging(t);
  }
  return {};
}

std::vector<std::uint8_t> colormap_table(Colormap map, int size) {
  size = std::max(size, 2);
  std::vector<std::uint8_t> table;
  table.reserve(static_cast<std::size_t>(size) * 3);
  for (int i = 0; i < size; ++i) {
    for (const float value : colormap(map, static_cast<float>(i) / static_cast<float>(size - 1))) {
      table.push_back(static_cast<std::uint8_t>(std::lround(value * 255)));
    }
  }
  return table;
}

}  // namespace fieldscope
