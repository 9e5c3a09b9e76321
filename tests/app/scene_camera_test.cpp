// The camera of scenes: it turns about its pivot with the scene's up axis, stands where photographs
// were taken, and lines are cut where they pass behind it.
#include "app/scene_camera.h"

#include <cmath>

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

PosedViews scene() {
  PosedViews scene;
  PosedView view;
  view.camera.pose.origin = {0, -3, 1};
  view.camera.pose.back = normalised({0, -3, 1});
  view.camera.pose.right = {1, 0, 0};
  view.camera.pose.up = cross(view.camera.pose.back, view.camera.pose.right);
  view.camera.lens = Lens::pinhole(40, 30, 0.6);
  scene.training = scene.held_out = {view};
  return scene;
}

void expect_square(const Pose& pose) {
  EXPECT_NEAR(length(pose.right), 1, 1e-5);
  EXPECT_NEAR(length(pose.up), 1, 1e-5);
  EXPECT_NEAR(dot(pose.right, pose.up), 0, 1e-5);
  EXPECT_NEAR(length(cross(pose.right, pose.up) - pose.back), 0, 1e-5);
}

TEST(SceneCameras, StandWhereAPhotographWasTaken) {
  const PosedViews data = scene();
  const SceneCamera camera(data, data.training.front());
  EXPECT_EQ(camera.pose(), data.training.front().camera.pose);
  EXPECT_NEAR(length(camera.pivot()), 0, 1e-5);
  // The same angle across the shorter side, whatever the size.
  const PosedCamera posed = camera.posed(80, 60);
  EXPECT_NEAR(posed.lens.fy, 2 * data.training.front().camera.lens.fy, 1e-3);
}

TEST(SceneCameras, StandWhereAKeyFrameWasRecorded) {
  const PosedViews data = scene();
  SceneCamera camera(data, data.training.front());
  camera.orbit(0.2f, 0.1f);
  for (const auto& [width, height] : {std::pair(80, 60), std::pair(50, 90)}) {
    const PosedCamera before = camera.posed(width, height);
    SceneCamera other(data, data.training.front());
    other.stand(before.pose, 2 * std::atan(height / (2 * before.lens.fy)),
                static_cast<float>(width) / static_cast<float>(height));
    EXPECT_EQ(other.pose(), camera.pose());
    EXPECT_NEAR(other.posed(width, height).lens.fy, before.lens.fy, 1e-3);
    EXPECT_NEAR(length(other.pivot()), 0, 1e-5);
  }
}

TEST(SceneCameras, OrbitsKeepTheDistanceAndTheLevel) {
  const PosedViews data = scene();
  SceneCamera camera(data, data.training.front());
  const float away = length(camera.pose().origin);
  for (int i = 0; i < 200; ++i) {
    camera.orbit(0.013f * static_cast<float>(i % 7), 0.05f * static_cast<float>(i % 5 - 2));
    expect_square(camera.pose());
    EXPECT_NEAR(length(camera.pose().origin), away, 1e-3);
    EXPECT_NEAR(dot(camera.pose().right, data.up), 0, 1e-3);
  }
  const float before = camera.pose().origin.z;
  camera.orbit(0, 0.1f);  // downwards with the pointer: upwards with the camera
  EXPECT_GT(camera.pose().origin.z, before - 1e-4f);
  for (int i = 0; i < 40; ++i) camera.orbit(0, 0.2f);
  EXPECT_LT(dot(camera.pose().back, data.up), 1);  // never over the pole
  expect_square(camera.pose());
}

TEST(SceneCameras, ZoomKeepsWhatIsUnderThePointer) {
  const PosedViews data = scene();
  SceneCamera camera(data, data.training.front());
  const Ray ray = camera.posed(100, 100).ray({80, 30});
  const float depth = length(camera.pose().origin);
  const Vec3 place = ray.at(depth / dot(ray.direction, camera.pose().back * -1));
  camera.zoom(3, {0.8f, 0.3f}, 1);
  const auto seen = camera.posed(100, 100).project(place);
  ASSERT_TRUE(seen);
  EXPECT_NEAR(seen->column, 80, 0.1);
  EXPECT_NEAR(seen->row, 30, 0.1);
  EXPECT_LT(length(camera.pose().origin), depth);
}

TEST(SceneCameras, FlyAlongTheViewAndTakeThePivotAlong) {
  const PosedViews data = scene();
  SceneCamera camera(data, data.training.front());
  const Vec3 eye = camera.pose().origin, pivot = camera.pivot();
  camera.fly(0, 0.5f, 1);
  const Vec3 way = camera.pose().origin - eye;
  EXPECT_NEAR(length(way - (camera.pose().back * -1 + Vec3{0, 0, 0.5f})), 0, 1e-5);
  EXPECT_NEAR(length(camera.pivot() - pivot - way), 0, 1e-5);
}

TEST(SceneCameras, FlightsEndWhereTheyGo) {
  const PosedViews data = scene();
  const SceneCamera from(data, data.training.front());
  SceneCamera to = from;
  to.orbit(1, 0);  // half a turn
  for (const float t : {0.0f, 0.3f, 0.5f, 0.9f})
    expect_square(SceneCamera::between(from, to, t).pose());
  EXPECT_EQ(SceneCamera::between(from, to, 1), to);
}

TEST(SceneCameras, LinesAreCutBehindThem) {
  const PosedViews data = scene();
  const PosedCamera camera = SceneCamera(data, data.training.front()).posed(100, 100);
  const Vec3 behind = camera.pose.origin + camera.pose.back, before = {0, 0, 0};
  EXPECT_FALSE(project_line(camera, behind, behind + camera.pose.right));
  const auto line = project_line(camera, before, behind + camera.pose.right);
  ASSERT_TRUE(line);
  EXPECT_NEAR(line->from.column, 50, 1e-3);
  EXPECT_GT(line->to.column, 50);
}

}  // namespace
}  // namespace fieldscope
