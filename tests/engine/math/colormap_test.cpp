#include "engine/math/colormap.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

/// CIE lightness L* of a display colour, from its relative luminance.
double lightness(const Rgb& colour) {
  const auto linear = [](double v) {
    return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  };
  const double y =
      0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
  return y > 0.008856 ? 116 * std::cbrt(y) - 16 : 903.3 * y;
}

TEST(Colormap, MagnitudeMapsGrowEvenlyInLightness) {
  for (const Colormap map : {Colormap::viridis, Colormap::magma}) {
    SCOPED_TRACE(colormap_name(map));
    const double first = lightness(colormap(map, 0)), last = lightness(colormap(map, 1));
    EXPECT_GT(last - first, 70);
    for (int i = 0; i < 32; ++i) {
      const float t = static_cast<float>(i) / 32;
      const double rise = lightness(colormap(map, t + 1.0f / 32)) - lightness(colormap(map, t));
      EXPECT_GT(rise, 0.3 * (last - first) / 32) << t;
      EXPECT_LT(rise, 2.0 * (last - first) / 32) << t;
    }
  }
}

TEST(Colormap, KnownEndsOfViridis) {
  const Rgb low = colormap(Colormap::viridis, 0), high = colormap(Colormap::viridis, 1);
  EXPECT_NEAR(low[0], 0.267, 0.01);
  EXPECT_NEAR(low[1], 0.005, 0.01);
  EXPECT_NEAR(low[2], 0.329, 0.01);
  EXPECT_NEAR(high[0], 0.993, 0.01);
  EXPECT_NEAR(high[1], 0.906, 0.01);
  EXPECT_NEAR(high[2], 0.144, 0.01);
}

TEST(Colormap, DivergingIsBalancedAndNeutralAtZero) {
  const Rgb zero = colormap(Colormap::diverging, 0.5f);
  EXPECT_NEAR(zero[0], zero[1], 0.005);
  EXPECT_NEAR(zero[1], zero[2], 0.005);
  EXPECT_GT(zero[0], 0.95f);
  for (const float d : {0.1f, 0.25f, 0.4f, 0.5f}) {
    const Rgb below = colormap(Colormap::diverging, 0.5f - d);
    const Rgb above = colormap(Colormap::diverging, 0.5f + d);
    EXPECT_NEAR(lightness(below), lightness(above), 6) << d;
    EXPECT_GT(below[2], below[0]) << "blue below zero";
    EXPECT_GT(above[0], above[2]) << "red above zero";
  }
}

TEST(Colormap, ClampsAndSurvivesNaN) {
  EXPECT_EQ(colormap(Colormap::magma, -3), colormap(Colormap::magma, 0));
  EXPECT_EQ(colormap(Colormap::magma, 3), colormap(Colormap::magma, 1));
  EXPECT_EQ(colormap(Colormap::magma, std::numeric_limits<float>::quiet_NaN()),
            (Rgb{0.5f, 0.5f, 0.5f}));
}

TEST(Colormap, TableSpansTheWholeRange) {
  const auto table = colormap_table(Colormap::viridis, 16);
  ASSERT_EQ(table.size(), 48u);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(table[c], colormap(Colormap::viridis, 0)[c] * 255, 0.51);
    EXPECT_NEAR(table[45 + c], colormap(Colormap::viridis, 1)[c] * 255, 0.51);
  }
}

}  // namespace
}  // namespace fieldscope
