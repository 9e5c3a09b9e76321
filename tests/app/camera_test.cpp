// The orbit camera: its axes and matrices agree, the mouse moves what it points at, fits fill a
// view.
#include "app/camera.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

// Where a point is seen, as a fraction of the view.
ViewPoint seen(const Camera& camera, Vec3 p, float aspect) {
  const auto clip = transformed(camera.projection(aspect) * camera.view(), p);
  return {(clip[0] / clip[3] + 1) / 2, (1 - clip[1] / clip[3]) / 2};
}

void expect_near(Vec3 a, Vec3 b, float tolerance) {
  EXPECT_NEAR(a.x, b.x, tolerance);
  EXPECT_NEAR(a.y, b.y, tolerance);
  EXPECT_NEAR(a.z, b.z, tolerance);
}

void expect_near(ViewPoint a, ViewPoint b, float tolerance) {
  EXPECT_NEAR(a.x, b.x, tolerance);
  EXPECT_NEAR(a.y, b.y, tolerance);
}

std::vector<Vec3> spiral() {
  std::vector<Vec3> points;
  for (int i = 0; i < 200; ++i) {
    const float t = static_cast<float>(i) / 199;
    points.push_back({0.9f * std::cos(17 * t) * t, 1.6f * t - 0.7f, 0.4f * std::sin(17 * t)});
  }
  return points;
}

TEST(Camera, StartsInFrontAboveAndToTheRight) {
  const Camera camera;
  const Vec3 eye = camera.eye();
  EXPECT_GT(eye.z, eye.x);
  EXPECT_GT(eye.x, 0);
  EXPECT_GT(eye.y, 0);
  EXPECT_GT(camera.up().y, 0.9f);
  EXPECT_EQ(camera.right().y, 0);
}

TEST(Camera, AxesAreOrthonormalAndRightHanded) {
  Camera camera;
  for (const float yaw : {-170.0f, -60.0f, 0.0f, 35.0f, 120.0f}) {
    for (const float pitch : {-89.0f, -20.0f, 0.0f, 70.0f}) {
      camera.look_from(yaw, pitch);
      expect_near(cross(camera.right(), camera.up()), camera.backward(), 1e-6f);
      EXPECT_NEAR(length(camera.right()), 1, 1e-6f);
      EXPECT_NEAR(length(camera.up()), 1, 1e-6f);
    }
  }
  camera.look_from(0, 0);
  expect_near(camera.backward(), {0, 0, 1}, 1e-6f);
  camera.look_from(90, 0);
  expect_near(camera.backward(), {1, 0, 0}, 1e-6f);
}

TEST(Camera, MatricesPutTheTargetInTheMiddleAndTheCubeBetweenNearAndFar) {
  Camera camera;
  camera.look_from(40, -25);
  const auto eye = transformed(camera.view(), camera.eye());
  expect_near({eye[0], eye[1], eye[2]}, {0, 0, 0}, 1e-5f);
  expect_near(seen(camera, camera.target(), 1.7f), {0.5f, 0.5f}, 1e-5f);
  for (const float x : {-1.0f, 1.0f}) {
    for (const float y : {-1.0f, 1.0f}) {
      for (const float z : {-1.0f, 1.0f}) {
        const auto clip = transformed(camera.projection(1.7f) * camera.view(), {x, y, z});
        EXPECT_LT(std::fabs(clip[2]), clip[3]);
      }
    }
  }
}

TEST(Camera, FieldOfViewSpansTheShorterSide) {
  Camera camera;
  camera.look_from(0, 0);
  const float half = camera.distance() * std::tan(35.0f / 2 * 3.14159265f / 180);
  expect_near(seen(camera, {half, 0, 0}, 0.5f), {1, 0.5f}, 1e-5f);
  expect_near(seen(camera, {half, 0, 0}, 2), {0.75f, 0.5f}, 1e-5f);
  expect_near(seen(camera, {0, half, 0}, 2), {0.5f, 0}, 1e-5f);
}

TEST(Camera, RaysPassThroughWhatIsSeenThere) {
  Camera camera;
  camera.orbit(0.2f, 0.1f);
  camera.pan(0.1f, -0.07f);
  const Vec3 p = {0.3f, -0.5f, 0.4f};
  for (const float aspect : {0.6f, 1.0f, 1.9f}) {
    const Ray ray = camera.ray(seen(camera, p, aspect), aspect);
    EXPECT_NEAR(length(ray.direction), 1, 1e-5f);
    EXPECT_GT(dot(p - ray.origin, ray.direction), 0);
    EXPECT_LT(length(cross(p - ray.origin, ray.direction)), 1e-4f);
  }
}

TEST(Camera, DraggingRightTurnsTheFrontToTheRight) {
  Camera camera;
  camera.look_from(0, 0);
  const Vec3 nose = {0, 0, 0.5f};
  camera.orbit(0.1f, 0);
  EXPECT_GT(seen(camera, nose, 1).x, 0.52f);
  camera.look_from(0, 0);
  camera.orbit(0, 0.1f);
  EXPECT_GT(seen(camera, nose, 1).y, 0.52f);
  camera.orbit(0, 10);
  EXPECT_GT(camera.up().y, 0);
}

TEST(Camera, PanningMovesTheTargetsPlaneWithThePointer) {
  Camera camera;
  const float aspect = 1.6f;
  const Vec3 p = camera.target() + camera.right() * 0.2f + camera.up() * 0.1f;
  const ViewPoint before = seen(camera, p, aspect);
  camera.pan(0.16f, 0.05f);
  expect_near(seen(camera, p, aspect), {before.x + 0.16f / aspect, before.y + 0.05f}, 1e-5f);
}

TEST(Camera, ZoomKeepsWhatIsUnderThePointer) {
  Camera camera;
  const float aspect = 0.7f;
  const Vec3 p = camera.target() + camera.right() * 0.2f - camera.up() * 0.25f;
  const ViewPoint at = seen(camera, p, aspect);
  const float before = camera.distance();
  camera.zoom(3, at, aspect);
  EXPECT_NEAR(camera.distance(), before * 0.729f, 1e-4f);
  expect_near(seen(camera, p, aspect), at, 1e-4f);
  camera.zoom(-5, at, aspect);
  expect_near(seen(camera, p, aspect), at, 1e-4f);
  for (int i = 0; i < 100; ++i) camera.zoom(10, at, aspect);
  EXPECT_GT(camera.distance(), 0);
}

TEST(Camera, ANewPivotLeavesTheViewAndThenStaysInPlace) {
  Camera camera;
  const Vec3 pivot = {0.4f, 0.3f, -0.2f}, other = {-0.5f, 0.1f, 0.6f};
  const ViewPoint of_pivot = seen(camera, pivot, 1), of_other = seen(camera, other, 1);
  camera.set_pivot(pivot);
  expect_near(seen(camera, pivot, 1), of_pivot, 1e-5f);
  expect_near(seen(camera, other, 1), of_other, 1e-5f);
  camera.orbit(0.3f, -0.1f);
  expect_near(seen(camera, pivot, 1), of_pivot, 1e-4f);
  EXPECT_GT(std::fabs(seen(camera, other, 1).x - of_other.x), 0.05f);
}

TEST(Camera, FitsFillTheTighterSide) {
  const std::vector<Vec3> points = spiral();
  for (const float aspect : {0.4f, 1.0f, 2.5f}) {
    Camera camera;
    camera.look_from(-50, 30);
    camera.fit(points, aspect);
    float left = 1, right = 0, top = 1, bottom = 0;
    for (const Vec3& p : points) {
      const ViewPoint at = seen(camera, p, aspect);
      left = std::min(left, at.x), right = std::max(right, at.x);
      top = std::min(top, at.y), bottom = std::max(bottom, at.y);
    }
    EXPECT_NEAR(std::max(right - left, bottom - top), 0.85f, 0.002f) << aspect;
    EXPECT_LT(std::min(right - left, bottom - top), 0.85f) << aspect;
    EXPECT_NEAR(left + right, 1, 0.3f) << aspect;
  }
}

TEST(Camera, LinkedViewsCompareCameras) {
  Camera a, b;
  EXPECT_EQ(a, b);
  a.pan(0.01f, 0);
  EXPECT_NE(a, b);
  b = a;
  EXPECT_EQ(a, b);
  b.set_pivot({0.1f, 0, 0});
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace fieldscope
