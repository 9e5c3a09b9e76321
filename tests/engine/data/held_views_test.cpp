// The held datasets of posed views, one of each format: what is read of them.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "engine/data/posed_views.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;

fs::path held(const std::string& name) {
  return fs::path(FIELDSCOPE_SHARED) / "data" / "nerf" / name;
}

#define SKIP_WITHOUT(name) \
  if (!fs::exists(held(name))) GTEST_SKIP() << "no " << (name) << " here"
// Without stb_image a build reads PNG only.
#define SKIP_WITHOUT_JPEG() \
  if (image_extensions().size() == 1) GTEST_SKIP() << "built without stb_image: reads PNG only"

TEST(HeldViews, Fern) {
  SKIP_WITHOUT("fern");
  const auto fern = load_posed_views(held("fern"), {0, 8}, on_threads());
  EXPECT_EQ(fern->name, "fern");
  EXPECT_EQ(fern->extent(), "17 views of 504 × 378, 3 held out");
  EXPECT_EQ(fern->held_out[0].name, "image000.png");
  EXPECT_EQ(fern->held_out[1].name, "image008.png");
  EXPECT_NEAR(fern->training[0].camera.lens.fx, 407.566, 1e-3);
  EXPECT_TRUE(fern->warnings.empty());
  EXPECT_FALSE(fern->has_alpha);
  EXPECT_EQ(fern->up, (Vec3{0, 1, 0}));
  ASSERT_TRUE(fern->forward_facing);
  EXPECT_NEAR(fern->forward_facing->fx, 407.566 / 252, 1e-5);
  EXPECT_NEAR(fern->forward_facing->fy, 407.566 / 189, 1e-5);
  EXPECT_NEAR(fern->forward_facing->near / fern->near, 0.75 / 0.9, 1e-5);
  // The nearest bound of all rows, in the file's units.
  EXPECT_NEAR(fern->near / fern->frame.scale, 0.9 * 16.98529618, 1e-3);
  EXPECT_EQ(load_posed_views(held("fern/poses_bounds.npy"), {})->extent(),
            "17 views of 400 × 300, 3 held out");
}

TEST(HeldViews, Lego) {
  SKIP_WITHOUT("lego_100");
  const auto lego = load_posed_views(held("lego_100"), {});
  EXPECT_EQ(lego->name, "lego_100");
  EXPECT_EQ(lego->extent(), "100 views of 100 × 100, 25 held out");
  EXPECT_TRUE(lego->has_alpha);
  EXPECT_FALSE(lego->forward_facing);
  EXPECT_NEAR(lego->training[0].camera.lens.fx, 138.889, 1e-3);
  EXPECT_NEAR(1 / lego->frame.scale, 4.0311 * 0.36, 1e-3);
  EXPECT_EQ(lego->up, (Vec3{0, 0, 1}));
  EXPECT_LT(length(lego->frame.frame.origin), 1e-4);
  const Vec3 first = lego->frame.to_file(lego->training[0].camera.pose.origin);
  EXPECT_LT(length(first - Vec3{-0.05379832f, 3.84547043f, 1.20808232f}), 1e-5);
  const auto some = load_posed_views(held("lego_100/transforms_val.json"), {});
  EXPECT_EQ(some->extent(), "8 views of 100 × 100, 2 held out");
  EXPECT_EQ(some->name, "transforms_val.json");
}

TEST(HeldViews, Fox) {
  SKIP_WITHOUT("fox");
  SKIP_WITHOUT_JPEG();
  const auto fox = load_posed_views(held("fox"), {}, on_threads());
  EXPECT_EQ(fox->name, "fox");
  EXPECT_EQ(fox->extent(), "43 views of 225 × 400, 7 held out");
  EXPECT_TRUE(fox->warnings.empty());
  EXPECT_FALSE(fox->forward_facing);
  const Lens& lens = fox->training[0].camera.lens;
  EXPECT_NEAR(lens.fx, 1375.52 * 225 / 1080, 1e-9);
  EXPECT_NEAR(lens.cy, 965.268 * 400 / 1920, 1e-9);
  EXPECT_EQ(lens.k2, -0.0805099);
  for (const PosedView& view : fox->training) {
    const Vec3 at = view.camera.pose.origin;
    EXPECT_LT(std::max({std::abs(at.x), std::abs(at.y), std::abs(at.z)}), 1);
  }
  EXPECT_GT(fox->up.z, 0.99f);
}

TEST(HeldViews, FoxWithMissingPictures) {
  SKIP_WITHOUT("fox");
  SKIP_WITHOUT_JPEG();
  const auto fox = load_posed_views(held("fox/transforms_with_missing.json"), {}, on_threads());
  EXPECT_EQ(fox->extent(), "43 views of 225 × 400, 7 held out");
  ASSERT_EQ(fox->warnings.size(), 1u);
  EXPECT_EQ(fox->warnings[0],
            "17 of 67 frames skipped: no image (0005.jpg, 0016.jpg, 0017.jpg, ...)");
}

}  // namespace
}  // namespace fieldscope
