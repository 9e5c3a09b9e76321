#include "engine/geometry/camera_path.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "engine/geometry/quaternion.h"
#include "engine/math/error.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

/// A pose turned by three numbers.
Pose turned(double x, double y, double z, Vec3 origin) {
  return pose_of(exp({x, y, z}), origin);
}

std::vector<CameraKey> some_keys() {
  return {{turned(0.1, 0.2, 0.3, {0, 0, 4}), 0.7, 0},
          {turned(0.5, -0.2, 0.1, {2, 1, 3}), 0.9, 1},
          {turned(0.9, 0.4, -0.6, {3, -1, 0}), 0.5, 1.5},
          {turned(-0.7, 1.1, 0.2, {-2, 0.5f, -3}), 0.6, 4}};
}

void expect_near(Vec3 a, Vec3 b, float tolerance) {
  EXPECT_LT(length(a - b), tolerance)
      << a.x << " " << a.y << " " << a.z << " and " << b.x << " " << b.y << " " << b.z;
}

void expect_near(const CameraKey& a, const CameraKey& b, float tolerance) {
  expect_near(a.pose.right, b.pose.right, tolerance);
  expect_near(a.pose.up, b.pose.up, tolerance);
  expect_near(a.pose.back, b.pose.back, tolerance);
  expect_near(a.pose.origin, b.pose.origin, tolerance);
  EXPECT_NEAR(a.vertical_angle, b.vertical_angle, tolerance);
}

void expect_orthonormal(const Pose& pose) {
  EXPECT_NEAR(length(pose.right), 1, 1e-5);
  EXPECT_NEAR(length(pose.up), 1, 1e-5);
  EXPECT_NEAR(dot(pose.right, pose.up), 0, 1e-5);
  expect_near(cross(pose.right, pose.up), pose.back, 1e-5f);
}

TEST(QuaternionTest, GoesBothWays) {
  for (int i = 0; i < 200; ++i) {
    const auto numbers = test::random_numbers(7, 600);
    const auto* v = &numbers[static_cast<std::size_t>(3 * i)];
    const RotationVector half = {v[0] * 1.5, v[1], v[2] * 0.2};
    const RotationVector again = log(exp(half));
    const Pose pose = pose_of(exp(half), {1, 2, 3});
    expect_orthonormal(pose);
    const Pose same = pose_of(quaternion_of(pose), {1, 2, 3});
    expect_near(pose.right, same.right, 1e-5f);
    expect_near(pose.up, same.up, 1e-5f);
    // Of a longer one, the way round is shorter.
    const double counts = std::hypot(half[0], half[1], half[2]) < 1.5 ? 1 : 0;
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(counts * again[k], counts * half[k], 1e-9);
  }
  const Pose half_turn = {{-1, 0, 0}, {0, 1, 0}, {0, 0, -1}, {}};
  expect_near(pose_of(quaternion_of(half_turn), {}).back, {0, 0, -1}, 1e-6f);
  EXPECT_EQ(log(Quaternion{}), (RotationVector{0, 0, 0}));
}

TEST(CameraPathTest, PassesThroughItsKeys) {
  for (const bool closed : {false, true}) {
    const CameraPath path(some_keys(), closed ? 5 : 4, closed);
    for (const CameraKey& key : some_keys()) {
      const CameraKey at = path.at(key.time / path.seconds());
      expect_near(at, key, 1e-5f);
      EXPECT_NEAR(at.time, key.time, 1e-12);
    }
  }
}

TEST(CameraPathTest, IsOrthonormalEverywhere) {
  const CameraPath path(some_keys(), 5, true);
  for (const CameraKey& moment : path.frames(500)) {
    expect_orthonormal(moment.pose);
    EXPECT_GT(moment.vertical_angle, 0.3);
    EXPECT_LT(moment.vertical_angle, 1.3);
  }
}

/// Velocities of position and axes, per share, by differences to one side.
std::array<Vec3, 3> velocity(const CameraPath& path, double share, double step) {
  const Pose a = path.at(share).pose, b = path.at(share + step).pose;
  const auto rate = static_cast<float>(1 / step);
  return {(b.origin - a.origin) * rate, (b.right - a.right) * rate, (b.up - a.up) * rate};
}

TEST(CameraPathTest, HasContinuousVelocity) {
  for (const bool closed : {false, true}) {
    const CameraPath path(some_keys(), closed ? 5 : 4, closed);
    for (const CameraKey& key : path.keys()) {
      const double share = key.time / path.seconds();
      if (!closed && (share == 0 || share == 1)) continue;
      const auto before = velocity(path, share, -1e-4), after = velocity(path, share, 1e-4);
      for (std::size_t k = 0; k < 3; ++k)
        expect_near(before[k], after[k], 0.02f * (1 + length(before[k])));
    }
  }
}

TEST(CameraPathTest, ClosedPathsGoOnWhereTheyBegin) {
  const CameraPath path(some_keys(), 5, true);
  expect_near(path.at(1), path.at(0), 1e-6f);
  expect_near(path.at(0.9999999), path.at(0), 1e-4f);
  expect_near(path.at(1.25), path.at(0.25), 1e-6f);
  expect_near(path.at(-0.75), path.at(0.25), 1e-6f);
  // One whose first key is not at its beginning.
  std::vector<CameraKey> late = some_keys();
  for (CameraKey& key : late) key.time += 0.5;
  const CameraPath shifted(late, 5, true);
  for (const double share : {0.0, 0.05, 0.5, 0.95})
    expect_near(shifted.at(share + 0.1), path.at(share), 1e-5f);
}

TEST(CameraPathTest, OpenPathsStandStillOutside) {
  std::vector<CameraKey> keys = some_keys();
  for (CameraKey& key : keys) key.time += 1;
  const CameraPath path(keys, 10, false);
  expect_near(path.at(0), keys.front(), 1e-6f);
  expect_near(path.at(0.05), keys.front(), 1e-6f);
  expect_near(path.at(0.8), keys.back(), 1e-6f);
  expect_near(path.at(7), keys.back(), 1e-6f);
}

TEST(CameraPathTest, TwoKeysAreAStraightLine) {
  const CameraPath path(
      {{turned(0, 0, 0, {0, 0, 0}), 0.7, 0}, {turned(0, 0.6, 0, {2, 0, 4}), 0.7, 2}}, 2, false);
  expect_near(path.at(0.25), {turned(0, 0.15, 0, {0.5f, 0, 1}), 0.7, 0}, 1e-5f);
  const CameraPath still({{turned(1, 0, 0, {1, 2, 3}), 0.7, 0}}, 1, true);
  expect_near(still.at(0.3), still.keys().front(), 1e-6f);
}

TEST(CameraPathTest, FramesAreEvenlySpread) {
  const CameraPath open(some_keys(), 4, false), closed(some_keys(), 5, true);
  const auto ends = open.frames(9);
  ASSERT_EQ(ends.size(), 9u);
  EXPECT_DOUBLE_EQ(ends.front().time, 0);
  EXPECT_DOUBLE_EQ(ends.back().time, 4);
  EXPECT_DOUBLE_EQ(ends[1].time, 0.5);
  const auto around = closed.frames(10);
  EXPECT_DOUBLE_EQ(around.back().time, 4.5);
  EXPECT_EQ(open.frames(1).size(), 1u);
}

TEST(CameraPathTest, RefusesWhatIsNoPath) {
  const auto refused = [](std::vector<CameraKey> keys, double seconds, bool closed) {
    return test::refusal([&] { CameraPath(std::move(keys), seconds, closed); });
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(refused({}, 1, false), "(accepted)");
  EXPECT_NE(refused(some_keys(), nan, false), "(accepted)");
  EXPECT_NE(refused(some_keys(), 3, false), "(accepted)");
  EXPECT_NE(refused(some_keys(), 4, true), "(accepted)");
  EXPECT_EQ(refused(some_keys(), 4, false), "(accepted)");
  const auto with = [&](auto change) {
    std::vector<CameraKey> keys = some_keys();
    change(keys[2]);
    const std::string text = refused(keys, 5, false);
    EXPECT_NE(text.find("key frame 2"), std::string::npos) << text;
  };
  with([](CameraKey& key) { key.time = 1; });
  with([&](CameraKey& key) { key.time = nan; });
  with([](CameraKey& key) { key.vertical_angle = 0; });
  with([](CameraKey& key) { key.vertical_angle = 4; });
  with([](CameraKey& key) { key.pose.back = key.pose.back * -1; });
  with([](CameraKey& key) { key.pose.up = key.pose.up * 1.1f; });
  with([](CameraKey& key) { key.pose.origin.x = std::nanf(""); });
}

PosedCamera looking(Vec3 from, Vec3 back, Vec3 up, double vertical_angle) {
  const Vec3 b = normalised(back), right = normalised(cross(up, b));
  Lens lens;
  lens.width = 80;
  lens.height = 60;
  lens.fx = lens.fy = 30 / std::tan(vertical_angle / 2);
  return {{right, cross(b, right), b, from}, lens};
}

TEST(OrbitPath, GoesAroundAtTheMeanDistanceAndElevation) {
  const Vec3 up = normalised(Vec3{0.2f, 0.1f, 1});
  std::vector<PosedCamera> cameras;
  const Vec3 side = normalised(cross(up, {0, 1, 0})), across = cross(up, side);
  for (int i = 0; i < 12; ++i) {
    const float angle = 0.4f * static_cast<float>(i), distance = i % 2 == 0 ? 2.5f : 3.5f;
    const Vec3 flat = side * std::cos(angle) + across * std::sin(angle);
    const Vec3 from = (flat * std::cos(0.5f) + up * std::sin(0.5f)) * distance;
    cameras.push_back(looking(from, from, up, 0.8));
  }
  const CameraPath path = orbit_path(cameras, up, 4);
  EXPECT_TRUE(path.closed());
  Vec3 last = path.at(0).pose.origin;
  double turned = 0;
  for (const CameraKey& moment : path.frames(97)) {
    const Pose& pose = moment.pose;
    expect_orthonormal(pose);
    EXPECT_NEAR(length(pose.origin), 3, 1e-3);
    EXPECT_NEAR(std::asin(dot(normalised(pose.origin), up)), 0.5, 1e-3);
    expect_near(pose.back, normalised(pose.origin), 1e-3f);  // looks at the middle
    EXPECT_NEAR(dot(pose.right, up), 0, 1e-3);               // level
    EXPECT_NEAR(moment.vertical_angle, 0.8, 1e-6);           // 2 asin(1/3) = 0.68 would be enough
    turned += length(pose.origin - last);
    last = pose.origin;
  }
  turned += length(path.at(0).pose.origin - last);
  EXPECT_NEAR(turned, 2 * M_PI * 3 * std::cos(0.5), 0.02);
}

TEST(OrbitPath, WidensTheAngleToShowTheScene) {
  const std::vector<PosedCamera> narrow = {looking({0, -2, 0}, {0, -2, 0}, {0, 0, 1}, 0.8)};
  EXPECT_NEAR(orbit_path(narrow, {0, 0, 1}, 1).at(0.2).vertical_angle, 2 * std::asin(0.5), 1e-5);
  expect_near(orbit_path(narrow, {0, 0, 1}, 1).at(0).pose.origin, {0, -2, 0}, 1e-5f);
  const std::vector<PosedCamera> close = {looking({0, -0.9f, 0}, {0, -1, 0}, {0, 0, 1}, 0.8)};
  EXPECT_NEAR(orbit_path(close, {0, 0, 1}, 1).at(0.2).vertical_angle, 0.8, 1e-5);
  const std::vector<PosedCamera> above = {looking({0, 0, 3}, {0, 0, 1}, {0, 1, 0}, 0.8)};
  for (const CameraKey& moment : orbit_path(above, {0, 0, 1}, 1).frames(10))
    expect_orthonormal(moment.pose);
  EXPECT_THROW(orbit_path({}, {0, 0, 1}, 1), UsageError);
}

TEST(SpiralPath, IsThatOfNerf) {
  std::vector<PosedCamera> cameras;
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 4; ++j)
      cameras.push_back(
          looking({static_cast<float>(i - 2) * 0.1f, static_cast<float>(j) * 0.1f - 0.15f, 2},
                  {0, 0, 1}, {0, 1, 0}, 0.6));
  const float near = 1, far = 10;
  const CameraPath path = spiral_path(cameras, near, far, 8);
  EXPECT_TRUE(path.closed());
  EXPECT_DOUBLE_EQ(path.seconds(), 8);
  // Radii: 90% of |x| in {0, 0.1, 0.2} lie below 0.2, of |y| in {0.05, 0.15} below 0.15.
  const double focus = 1 / (0.25 / (0.9 * near) + 0.75 / (5 * far));
  for (const CameraKey& moment : path.frames(40)) {
    const double angle = 2 * 2 * M_PI * moment.time / 8;
    expect_near(
        moment.pose.origin,
        {static_cast<float>(0.2 * std::cos(angle)), static_cast<float>(-0.15 * std::sin(angle)), 2},
        1e-3f);
    const Vec3 seen = Vec3{0, 0, static_cast<float>(2 - focus)} - moment.pose.origin;
    expect_near(moment.pose.back * -1, normalised(seen), 1e-3f);
    expect_orthonormal(moment.pose);
    EXPECT_NEAR(moment.vertical_angle, 0.6, 1e-5);
  }
  EXPECT_THROW(spiral_path({}, 1, 2, 1), UsageError);
  expect_orthonormal(spiral_path(std::span(cameras).first(1), 0, 0, 1).at(0.3).pose);
}

}  // namespace
}  // namespace fieldscope
