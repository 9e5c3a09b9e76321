// Cameras: rays and projections are each other's inverses, with and without distortion.
#include "engine/geometry/posed_camera.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

constexpr double radian = std::numbers::pi / 180;

/// Of instant-ngp's fox: a telephone held upright.
Lens fox() {
  Lens lens;
  lens.width = 1080;
  lens.height = 1920;
  lens.fx = 1375.52;
  lens.fy = 1374.49;
  lens.cx = 554.558;
  lens.cy = 965.268;
  lens.k1 = 0.0578421;
  lens.k2 = -0.0805099;
  lens.p1 = -0.000980296;
  lens.p2 = 0.00015575;
  return lens;
}

Lens wide(double k1, double k2, double k3) {
  Lens lens = Lens::pinhole(640, 480, 50 * radian);
  lens.k1 = k1;
  lens.k2 = k2;
  lens.k3 = k3;
  lens.p1 = 0.01;
  lens.p2 = -0.008;
  return lens;
}

Pose tilted() {
  Pose pose;
  pose.right = normalised(Vec3{0.8f, 0.5f, -0.3f});
  pose.back = normalised(cross(pose.right, Vec3{0.2f, 0.9f, 0.1f}));
  pose.up = cross(pose.back, pose.right);
  pose.origin = {0.4f, -0.7f, 1.2f};
  return pose;
}

/// The largest distance, in pixels, between places on the picture and where their rays land.
double worst(const PosedCamera& camera) {
  double most = 0;
  constexpr int steps = 24;
  for (int row = 0; row <= steps; ++row) {
    for (int column = 0; column <= steps; ++column) {
      const PicturePoint at = {camera.lens.width * static_cast<double>(column) / steps,
                               camera.lens.height * static_cast<double>(row) / steps};
      const Ray ray = camera.ray(at);
      EXPECT_NEAR(length(ray.direction), 1, 1e-6);
      EXPECT_EQ(ray.origin, camera.pose.origin);
      for (const float t : {0.5f, 1.0f, 3.0f}) {
        const auto back = camera.project(ray.at(t));
        if (!back) return 1e9;
        most = std::max(most, std::hypot(back->column - at.column, back->row - at.row));
      }
    }
  }
  return most;
}

TEST(PosedCamera, RaysLandWhereTheyCameFrom) {
  const Lens lenses[] = {fox(), Lens::pinhole(400, 300, 40 * radian), wide(-0.2, 0.03, -0.002),
                         wide(0.4, 0.1, 0.05), wide(-0.05, -0.02, 0)};
  for (const Lens& lens : lenses) {
    EXPECT_LT(worst({{}, lens}), 1e-3);
    EXPECT_LT(worst({tilted(), lens}), 1e-3);
  }
}

TEST(PosedCamera, AxesAreOpenGLs) {
  const PosedCamera camera = {{}, Lens::pinhole(200, 100, 90 * radian)};
  EXPECT_DOUBLE_EQ(camera.lens.fx, camera.lens.fy);
  EXPECT_NEAR(camera.lens.fy, 50, 1e-12);
  const Vec3 ahead = camera.ray({100, 50}).direction;
  EXPECT_EQ(ahead, (Vec3{0, 0, -1}));
  // To the right on the picture is +x, down is -y.
  const auto right = camera.project({0.5f, 0, -1}), down = camera.project({0, -0.5f, -1});
  ASSERT_TRUE(right && down);
  EXPECT_NEAR(right->column, 125, 1e-9);
  EXPECT_NEAR(right->row, 50, 1e-9);
  EXPECT_NEAR(down->column, 100, 1e-9);
  EXPECT_NEAR(down->row, 75, 1e-9);
  EXPECT_TRUE(camera.project({100, 0, -1}));  // outside of the picture
  EXPECT_FALSE(camera.project({0, 0, 1}));
  EXPECT_FALSE(camera.project({1, 1, 0}));
}

TEST(PosedCamera, DistortionIsBrowns) {
  // By hand: x = 0.3, y = -0.2, r2 = 0.13.
  Lens lens = wide(0.1, -0.2, 0.3);
  const PosedCamera camera = {{}, lens};
  const double r2 = 0.13, radial = 1 + 0.1 * r2 - 0.2 * r2 * r2 + 0.3 * r2 * r2 * r2;
  const double x = 0.3 * radial + 2 * 0.01 * 0.3 * -0.2 - 0.008 * (r2 + 2 * 0.09);
  const double y = -0.2 * radial + 0.01 * (r2 + 2 * 0.04) + 2 * -0.008 * 0.3 * -0.2;
  const auto at = camera.project({0.3f, 0.2f, -1});
  ASSERT_TRUE(at);
  EXPECT_NEAR(at->column, lens.fx * x + lens.cx, 1e-4);
  EXPECT_NEAR(at->row, lens.fy * y + lens.cy, 1e-4);
  lens.k1 = lens.k2 = lens.k3 = lens.p1 = lens.p2 = 0;
  EXPECT_FALSE(lens.distorted());
  EXPECT_TRUE(wide(0, 0, 0).distorted());
}

TEST(PosedCamera, BeyondWhatTheLensMeansNothingIsMadeUp) {
  Lens lens = Lens::pinhole(400, 400, 60 * radian);
  lens.k1 = -0.4;  // turns back at r = 0.91, where r' = 0.61
  const PosedCamera camera = {{}, lens};
  EXPECT_TRUE(camera.project({0.85f, 0, -1}));
  EXPECT_FALSE(camera.project({0.95f, 0, -1}));
  EXPECT_FALSE(camera.project({1.58f, 0, -1}));  // 1 + k1 r2 = 0: it would be in the middle
  // No direction is seen at r' = 0.9: the ray is the pinhole's.
  const Ray ray = camera.ray({lens.cx + 0.9 * lens.fx, lens.cy});
  EXPECT_NEAR(ray.direction.x / -ray.direction.z, 0.9, 1e-6);
}

TEST(PosedCamera, AResizedLensSeesTheSame) {
  const PosedCamera full = {tilted(), fox()};
  const PosedCamera half = {tilted(), fox().resized(540, 960)};
  const PosedCamera squeezed = {tilted(), fox().resized(108, 96)};
  EXPECT_EQ(half.lens.width, 540);
  EXPECT_EQ(half.lens.height, 960);
  EXPECT_DOUBLE_EQ(half.lens.fx, fox().fx / 2);
  EXPECT_DOUBLE_EQ(half.lens.cy, fox().cy / 2);
  for (const PicturePoint at : {PicturePoint{0, 0}, {1080, 1920}, {300.5, 1200.5}}) {
    const Vec3 d = full.ray(at).direction;
    EXPECT_LT(length(d - half.ray({at.column / 2, at.row / 2}).direction), 1e-6);
    EXPECT_LT(length(d - squeezed.ray({at.column / 10, at.row / 20}).direction), 1e-6);
  }
  EXPECT_EQ(full.lens.resized(1080, 1920), full.lens);
}

}  // namespace
}  // namespace fieldscope
