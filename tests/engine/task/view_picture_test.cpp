#include "engine/task/view_picture.h"

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

/// 200 x 1: nothing in the left half, depths from 1 to 2 in the right one.
RenderedView ramp() {
  RenderedView view;
  view.width = 200;
  view.height = 1;
  for (int i = 0; i < 200; ++i) {
    const float depth = i < 100 ? 0 : 1 + static_cast<float>(i - 100) / 99;
    view.depth.push_back(depth);
    view.opacity.push_back(depth > 0 ? 1 : 0);
    view.colour.insert(view.colour.end(), {0.1f, 0.2f, static_cast<float>(i) / 200});
  }
  return view;
}

TEST(ViewPicture, ShowsColoursAndOpacity) {
  const RenderedView view = ramp();
  const Image colour = view_picture(view, ViewMode::colour);
  EXPECT_EQ(colour.channels, 3);
  EXPECT_EQ(colour.pixels, view.colour);
  const Image opacity = view_picture(view, ViewMode::opacity);
  EXPECT_EQ(opacity.channels, 1);
  EXPECT_EQ(opacity.pixels, view.opacity);
  EXPECT_EQ(view_mode_names()[static_cast<std::size_t>(ViewMode::opacity)], "opacity");
}

TEST(ViewPicture, DepthHasAScale) {
  RenderedView view = ramp();
  const DepthScale scale = depth_scale({&view, 1});
  EXPECT_NEAR(scale.from, 1.01, 0.002);
  EXPECT_NEAR(scale.to, 1.99, 0.002);
  const auto expect_colour = [&](int x, const Rgb& colour) {
    const Image image = view_picture(view, ViewMode::depth, scale);
    for (int k = 0; k < 3; ++k)
      EXPECT_NEAR(image.at(x, 0)[k], colour[static_cast<std::size_t>(k)], 1e-5);
  };
  const Rgb grey = colormap(scale.map, std::nanf(""));
  expect_colour(0, grey);
  expect_colour(100, colormap(scale.map, 0));
  expect_colour(199, colormap(scale.map, 1));
  view.opacity[199] = 0.25f;
  Rgb faint = colormap(scale.map, 1);
  for (std::size_t k = 0; k < 3; ++k) faint[k] = 0.75f * grey[k] + 0.25f * faint[k];
  expect_colour(199, faint);
}

TEST(ViewPicture, FarDepthsLeaveRoomForNearOnes) {
  RenderedView view = ramp();
  EXPECT_FALSE(depth_scale({&view, 1}).reciprocal);
  for (std::size_t i = 150; i < 200; ++i) view.depth[i] = 1000;
  const DepthScale scale = depth_scale({&view, 1});
  EXPECT_TRUE(scale.reciprocal);
  EXPECT_FLOAT_EQ(scale.place(scale.from), 0);
  EXPECT_FLOAT_EQ(scale.place(scale.to), 1);
  EXPECT_NEAR(scale.place(2 * scale.from), 0.5, 0.01);
}

TEST(ViewPicture, NothingHasSomeScale) {
  RenderedView view = ramp();
  view.opacity.assign(200, 0);
  EXPECT_LT(depth_scale({&view, 1}).from, depth_scale({&view, 1}).to);
  EXPECT_LT(depth_scale({}).from, depth_scale({}).to);
  view = ramp();
  for (float& depth : view.depth) depth = 3;
  EXPECT_LT(depth_scale({&view, 1}).from, depth_scale({&view, 1}).to);
}

}  // namespace
}  // namespace fieldscope
