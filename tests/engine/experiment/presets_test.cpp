// What runs begin with, and what becomes of them on data of another kind.
#include "engine/experiment/presets.h"

#include <gtest/gtest.h>

#include "engine/train/config.h"

namespace fieldscope {
namespace {

TEST(Presets, AComparisonThatNobodyChangedBecomesTheOtherTasksOwn) {
  const std::vector<RunConfig> image = default_comparison(TaskKind::image),
                               scene = default_comparison(TaskKind::nerf);
  EXPECT_EQ(image.front().field.activation, "sine");
  EXPECT_EQ(scene.front().field.activation, "relu_pe");
  EXPECT_EQ(scene.front().optimizer.knobs.at("lr"), 0.01);
  EXPECT_EQ(runs_for_task(image, TaskKind::nerf), scene);
  EXPECT_EQ(runs_for_task(scene, TaskKind::image), image);
  EXPECT_EQ(runs_for_task(image, TaskKind::image), image);
}

TEST(Presets, WhatSomebodyChoseStays) {
  std::vector<RunConfig> image = default_comparison(TaskKind::image);
  image[1].field = {};
  image[1].field.activation = "gaussian";
  image[1] = resolve_config(image[1]);
  const std::vector<RunConfig> scene = runs_for_task(image, TaskKind::nerf);
  ASSERT_EQ(scene.size(), 2u);
  EXPECT_EQ(scene[0].field.activation, "sine");
  EXPECT_EQ(scene[1].field.activation, "gaussian");
  EXPECT_EQ(runs_for_task({image[0]}, TaskKind::nerf).front().field.activation, "sine");
}

TEST(Presets, TheSeedComesAlong) {
  std::vector<RunConfig> image = default_comparison(TaskKind::image);
  for (RunConfig& run : image) run.seed = 7;
  for (const RunConfig& run : runs_for_task(image, TaskKind::nerf)) {
    EXPECT_EQ(run.seed, 7u);
    EXPECT_EQ(run.field.activation, "relu_pe");
  }
}

}  // namespace
}  // namespace fieldscope
