// The scene that weights say they learned: written, read back, told from others.
#include "app/headless/scene_record.h"

#include <gtest/gtest.h>

#include "engine/math/error.h"

namespace fieldscope {
namespace {

SceneRecord some_scene() {
  SceneRecord record;
  record.frame.frame = {{0, 1, 0}, {0, 0, 1}, {1, 0, 0}, {3, -1.1f, 51.153f}};
  record.frame.scale = 0.017571695f;
  record.near = 0.3;
  record.far = 1.7;
  record.views = 20;
  record.middle = {0.1f, 0.2f, 0.9f};
  return record;
}

TEST(SceneRecords, ReadBackTheSame) {
  SceneRecord record = some_scene();
  for (const bool forward : {false, true}) {
    record.forward_facing = forward;
    const auto again = scene_of_metadata(scene_metadata(record));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->frame.frame, record.frame.frame);
    EXPECT_EQ(again->frame.scale, record.frame.scale);
    EXPECT_EQ(again->near, record.near);
    EXPECT_EQ(again->far, record.far);
    EXPECT_EQ(again->forward_facing, forward);
    EXPECT_EQ(again->views, 20u);
    EXPECT_EQ(again->middle, record.middle);
    EXPECT_EQ(scene_difference(record, *again), "");
  }
}

TEST(SceneRecords, AreOptionalButWhole) {
  EXPECT_FALSE(scene_of_metadata({{"task", "nerf"}, {"size", "4x4"}}));
  for (const auto& [key, bad] : std::map<std::string, std::string>{{"axes", "1,2,3"},
                                                                   {"centre", "1,2,nan"},
                                                                   {"scale", "0"},
                                                                   {"near", "-1"},
                                                                   {"far", ""},
                                                                   {"facing", "up"},
                                                                   {"views", "many"},
                                                                   {"cameras", "1;2;3"}}) {
    auto said = scene_metadata(some_scene());
    said[key] = bad;
    EXPECT_THROW(scene_of_metadata(said), UsageError) << key;
    said.erase(key);
    if (key != "axes") {
      EXPECT_THROW(scene_of_metadata(said), UsageError) << key;
    }
  }
}

TEST(SceneRecords, TellScenesApart) {
  const SceneRecord learned = some_scene();
  const auto with = [&](auto change, const char* words) {
    SceneRecord other = some_scene();
    change(other);
    const std::string difference = scene_difference(learned, other);
    EXPECT_NE(difference.find(words), std::string::npos) << words << ": " << difference;
  };
  with([](SceneRecord& r) { r.forward_facing = true; }, "look one way");
  with([](SceneRecord& r) { r.views = 21; }, "21 views, not 20");
  with([](SceneRecord& r) { r.frame.scale /= 2; }, "2 times as large");
  with([](SceneRecord& r) { std::swap(r.frame.frame.right, r.frame.frame.up); }, "turned");
  with([](SceneRecord& r) { r.frame.frame.origin.x += 5; }, "lies 0.0879 times");
  with([](SceneRecord& r) { r.middle.z -= 0.1f; }, "cameras");
  with([](SceneRecord& r) { r.near *= 1.1; }, "from 0.33 to 1.7");
  with([](SceneRecord& r) { r.far *= 1.1; }, "to 1.87");
  SceneRecord rounded = some_scene();  // what another size of the pictures does
  rounded.frame.scale *= 1.005f;
  rounded.frame.frame.origin.x += 0.2f;
  rounded.near *= 1.005;
  EXPECT_EQ(scene_difference(learned, rounded), "");
}

}  // namespace
}  // namespace fieldscope
