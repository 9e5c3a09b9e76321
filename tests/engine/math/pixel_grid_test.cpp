#include "engine/math/pixel_grid.h"

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

TEST(PixelGrids, BeginAndEndAtTheEdgesRowByRow) {
  const PixelGrid grid = {5, 3};
  EXPECT_EQ(grid.count(), 15u);
  for (std::uint64_t row = 0; row < 3; ++row)
    for (std::uint64_t column = 0; column < 5; ++column) {
      double at[2];
      grid.coordinates(5 * row + column, at);
      EXPECT_EQ(at[0], static_cast<double>(row) - 1);
      EXPECT_EQ(at[1], static_cast<double>(column) / 2 - 1);
    }
}

TEST(PixelGrids, OfOnePixelAreTheMiddle) {
  const PixelGrid grid = {1, 1};
  float at[2] = {7, 7};
  grid.coordinates(0, at);
  EXPECT_EQ(at[0], 0);
  EXPECT_EQ(at[1], 0);
}

TEST(PixelGrids, AreComputedInDoubleAndRoundedOnce) {
  const PixelGrid grid = {1000, 777};
  for (std::uint64_t pixel = 0; pixel < grid.count(); pixel += 101) {
    double exact[2];
    float at[2];
    grid.coordinates(pixel, exact);
    grid.coordinates(pixel, at);
    for (const int k : {0, 1}) ASSERT_EQ(at[k], static_cast<float>(exact[k]));
    ASSERT_EQ(exact[1], -1 + 2.0 * static_cast<double>(pixel % 1000) / 999);
  }
}

}  // namespace
}  // namespace fieldscope
