// The camera path that a person works on in the window: key frames in time, loops, playing, undo.
#include "app/gui/scene_path.h"

#include <gtest/gtest.h>

#include "tests/engine/experiment/view_fixture.h"

namespace fieldscope::gui {
namespace {

CameraKey key_at(float x) {
  CameraKey key;
  key.pose.origin = {x, 0, 2};
  return key;
}

std::vector<double> times(const ScenePath& path) {
  std::vector<double> times;
  for (const CameraKey& key : path.keys()) times.push_back(key.time);
  return times;
}

std::vector<float> places(const ScenePath& path) {
  std::vector<float> places;
  for (const CameraKey& key : path.keys()) places.push_back(key.pose.origin.x);
  return places;
}

void expect_times(const ScenePath& path, const std::vector<double>& expected) {
  const std::vector<double> are = times(path);
  ASSERT_EQ(are.size(), expected.size());
  for (std::size_t i = 0; i < are.size(); ++i) EXPECT_NEAR(are[i], expected[i], 1e-9) << i;
}

class ScenePaths : public testing::Test {
 protected:
  ScenePaths() { path_.begin(test::small_views()); }
  void record(int count) {
    for (int i = 0; i < count; ++i) path_.add(key_at(static_cast<float>(i)));
  }
  ScenePath path_;
};

TEST_F(ScenePaths, BeginWithTheDatasetsOwn) {
  EXPECT_EQ(path_.kind(), ScenePath::Kind::built_in);
  EXPECT_EQ(path_.built_in(), BuiltInPath::orbit);
  ASSERT_NE(path_.path(), nullptr);
  EXPECT_TRUE(path_.can_play());
  EXPECT_TRUE(path_.loops());
  EXPECT_EQ(path_.path()->seconds(), path_.seconds());
  EXPECT_FALSE(path_.file()) << "nothing of one's own to keep";
  EXPECT_EQ(path_.line().front(), path_.line().back());
  path_.choose(ScenePath::Kind::key_frames);
  EXPECT_EQ(path_.path(), nullptr);
  EXPECT_TRUE(path_.line().empty());
  EXPECT_FALSE(path_.can_play());
  path_.play(0);
  EXPECT_FALSE(path_.playing());
}

TEST_F(ScenePaths, KeyFramesFollowEachOther) {
  path_.go_to(3);  // on the orbit: nothing that key frames know of
  record(3);
  EXPECT_EQ(path_.kind(), ScenePath::Kind::key_frames);
  expect_times(path_, {0, 2, 4});
  EXPECT_EQ(path_.seconds(), 4);
  EXPECT_EQ(path_.position(), 4);
  EXPECT_EQ(path_.key_here(), 2u);
  // From a key frame halfway to the next; between two where the position is.
  path_.go_to(2);
  EXPECT_EQ(path_.add(key_at(10)), 2u);
  expect_times(path_, {0, 2, 3, 4});
  path_.go_to(0.5);
  EXPECT_EQ(path_.add(key_at(11)), 1u);
  expect_times(path_, {0, 0.5, 2, 3, 4});
  EXPECT_EQ(places(path_), (std::vector<float>{0, 11, 1, 10, 2}));
  EXPECT_EQ(path_.seconds(), 4);
  // The mean gap after the last.
  path_.go_to(4);
  path_.add(key_at(12));
  expect_times(path_, {0, 0.5, 2, 3, 4, 5});
  EXPECT_EQ(path_.seconds(), 5);
}

TEST_F(ScenePaths, LoopsMakeRoomForTheWayBack) {
  record(3);
  path_.set_loop(true);
  EXPECT_EQ(path_.seconds(), 4);
  expect_times(path_, {0, 4.0 / 3, 8.0 / 3});
  ASSERT_NE(path_.path(), nullptr);
  EXPECT_TRUE(path_.path()->closed());
  path_.go_to(path_.keys().back().time);
  path_.add(key_at(3));
  expect_times(path_, {0, 4.0 / 3, 8.0 / 3, 4});
  EXPECT_NEAR(path_.seconds(), 16.0 / 3, 1e-9);
  path_.go_to(path_.seconds());  // where the end is the beginning
  path_.add(key_at(4));
  ASSERT_NE(path_.path(), nullptr);
  EXPECT_LT(path_.keys().back().time, path_.seconds());
  path_.set_loop(false);
  EXPECT_NEAR(path_.keys().back().time, path_.seconds(), 1e-9);
  // One alone, at the end.
  path_.record({{key_at(0)}, 2, false});
  path_.move(0, 5);
  expect_times(path_, {2});
  path_.set_loop(true);
  expect_times(path_, {0});
}

TEST_F(ScenePaths, SecondsKeepProportions) {
  record(3);
  path_.move(1, 1);
  path_.go_to(1);
  path_.set_seconds(8);
  expect_times(path_, {0, 2, 8});
  EXPECT_EQ(path_.position(), 2);
  path_.set_seconds(1e9);
  EXPECT_EQ(path_.seconds(), ScenePath::most_seconds);
  path_.choose(ScenePath::Kind::built_in);
  path_.set_seconds(3);
  EXPECT_EQ(path_.path()->seconds(), 3);
  path_.choose(ScenePath::Kind::key_frames);
  EXPECT_EQ(path_.seconds(), ScenePath::most_seconds) << "each kind has its own";
}

TEST_F(ScenePaths, MovedKeyFramesStayInOrder) {
  record(4);
  path_.go_to(2);
  path_.move(1, 100);
  expect_times(path_, {0, 4 - ScenePath::least_gap, 4, 6});
  EXPECT_EQ(path_.position(), path_.keys()[1].time) << "what is looked at comes along";
  path_.move(1, -100);
  expect_times(path_, {0, ScenePath::least_gap, 4, 6});
  path_.move(3, 100);
  EXPECT_EQ(path_.keys().back().time, 6) << "not beyond the end";
  path_.space_evenly();
  expect_times(path_, {0, 2, 4, 6});
  path_.set_loop(true);
  path_.space_evenly();
  expect_times(path_, {0, 1.5, 3, 4.5});
  path_.move(3, 100);
  ASSERT_NE(path_.path(), nullptr);
  EXPECT_LT(path_.keys().back().time, path_.seconds());
}

TEST_F(ScenePaths, ReplacedAndRemoved) {
  record(3);
  path_.replace(1, key_at(7));
  expect_times(path_, {0, 2, 4});
  EXPECT_EQ(places(path_), (std::vector<float>{0, 7, 2}));
  const ScenePath::Recorded before = path_.recorded();
  path_.remove(2);
  EXPECT_EQ(path_.seconds(), 2) << "it does not wait where the last one was";
  EXPECT_EQ(path_.position(), 2);
  path_.remove(1);
  EXPECT_FALSE(path_.can_play()) << "one place is no way";
  path_.remove(0);
  EXPECT_EQ(path_.path(), nullptr);
  EXPECT_FALSE(path_.file());
  path_.record(before);
  expect_times(path_, {0, 2, 4});
  ASSERT_TRUE(path_.file());
  EXPECT_EQ(path_.file()->path.keys().size(), 3u);
}

TEST_F(ScenePaths, PlayInRealTime) {
  record(3);
  path_.go_to(1);
  path_.play(100);
  path_.advance(101.5);
  EXPECT_NEAR(path_.position(), 2.5, 1e-9);
  EXPECT_TRUE(path_.playing());
  path_.advance(200);
  EXPECT_EQ(path_.position(), 4);
  EXPECT_FALSE(path_.playing()) << "there is no way on";
  path_.play(300);
  EXPECT_EQ(path_.position(), 0) << "from the beginning";
  path_.stop();
  path_.set_loop(true);
  path_.play(400);
  path_.advance(409);
  EXPECT_NEAR(path_.position(), 1, 1e-9);
  EXPECT_TRUE(path_.playing());
  path_.add(key_at(5));
  EXPECT_FALSE(path_.playing()) << "recorded where the camera stands";
  EXPECT_NEAR(path_.here().pose.origin.x, 5, 1e-5);
}

TEST_F(ScenePaths, AnotherSceneHasItsOwn) {
  record(2);
  path_.set_frames_per_second(12);
  const std::uint64_t serial = path_.serial();
  path_.begin(test::small_views());
  EXPECT_TRUE(path_.keys().empty());
  EXPECT_EQ(path_.kind(), ScenePath::Kind::built_in);
  EXPECT_EQ(path_.frames_per_second(), 12);
  EXPECT_GT(path_.serial(), serial);
  path_.begin(nullptr);
  EXPECT_EQ(path_.path(), nullptr);
}

TEST(VideoSizes, HaveTheShapeOfThePhotographs) {
  const PosedViews& scene = *test::small_views();  // 12 x 10
  EXPECT_EQ(video_size(scene, 24), (PictureSize{24, 20}));
  EXPECT_EQ(video_size(scene, 1), (PictureSize{16, 16}));
  EXPECT_EQ(video_size(scene, 100'000).width, most_video_width);
}

}  // namespace
}  // namespace fieldscope::gui
