// Configurations of both tasks: their presets, and what becomes of them at the other task.
#include "engine/train/config.h"

#include <gtest/gtest.h>

#include "engine/data/dataset.h"
#include "engine/optim/registry.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

RunConfig config_of(TaskKind task, const std::string& activation = "sine",
                    const std::string& optimizer = "esgd") {
  RunConfig config;
  config.task = task;
  config.field.activation = activation;
  config.optimizer.id = optimizer;
  return config;
}

TEST(Tasks, AreFoundByTheirNames) {
  for (const TaskInfo& info : tasks()) {
    EXPECT_EQ(&task_info(info.kind), &info);
    EXPECT_EQ(&find_task(info.id), &info);
  }
  EXPECT_EQ(find_task("occupancy").metric, "IoU");
  EXPECT_EQ(refusal([] { find_task("nerfs"); }),
            "unknown task 'nerfs'; choose one of image, occupancy, nerf");
}

TEST(TrainingKnobs, AreThoseOfTheTask) {
  const auto image = training_knobs(TaskKind::image), points = training_knobs(TaskKind::occupancy);
  EXPECT_EQ(find_knob(image, "spread"), nullptr);
  ASSERT_NE(find_knob(points, "spread"), nullptr);
  EXPECT_EQ(find_knob(points, "spread")->default_value, 0.02);
  EXPECT_EQ(find_knob(image, "batch")->default_value, 512);
  EXPECT_EQ(find_knob(points, "batch")->default_value, 5000);
  EXPECT_EQ(find_knob(points, "batch")->max, 50'000);
  for (const auto& knobs : {image, points})
    for (const char* both : {"batch", "eval_every", "precision", "carry_momentum"})
      EXPECT_NE(find_knob(knobs, both), nullptr) << both;
  RunConfig config = config_of(TaskKind::image);
  config.training["spread"] = 0.1;
  EXPECT_NE(refusal([&] { resolve_config(config); }).find("unknown training knob 'spread'"),
            std::string::npos);
  config.task = TaskKind::occupancy;
  EXPECT_EQ(resolve_config(config).training.at("spread"), 0.1);
  config.training["batch"] = 50'001;
  EXPECT_THROW(resolve_config(config), UsageError);
}

TEST(TrainingKnobs, ThePrecisionIsTheArithmeticOfThatName) {
  constexpr Arithmetic all[] = {Arithmetic::f32, Arithmetic::tf32, Arithmetic::bf16};
  for (const TaskInfo& task : tasks()) {
    const Knob* knob = find_knob(training_knobs(task.kind), "precision");
    ASSERT_NE(knob, nullptr) << task.id;
    RunConfig config = config_of(task.kind);
    EXPECT_EQ(resolve_config(config).training.at("precision"), knob->default_value);
    for (const Arithmetic arithmetic : all) {
      const char* name = arithmetic == Arithmetic::f32    ? "f32"
                         : arithmetic == Arithmetic::tf32 ? "tf32"
                                                          : "bf16";
      config.training["precision"] = parse_knob("training", *knob, name);
      EXPECT_EQ(arithmetic_of(resolve_config(config)), arithmetic);
    }
    for (const double bad : {-1.0, 3.0, 0.5}) {
      config.training["precision"] = bad;
      EXPECT_THROW(resolve_config(config), UsageError) << bad;
    }
  }
}

TEST(OccupancyConfigs, TheBatchIsThatOfTheDevice) {
  RunConfig config = config_of(TaskKind::occupancy);
  for (const char* device : {"cpu", "auto"}) {
    config.device = device;
    EXPECT_EQ(resolve_config(config).training.at("batch"), 5000) << device;
  }
  for (const char* device : {"cuda:0", "cuda:1"}) {
    config.device = device;
    EXPECT_EQ(resolve_config(config).training.at("batch"), 50'000) << device;
    // Resolved once more, or by somebody who has chosen: it stays.
    EXPECT_EQ(resolve_config(resolve_config(config)), resolve_config(config));
    RunConfig chosen = config;
    chosen.training["batch"] = 700;
    EXPECT_EQ(resolve_config(chosen).training.at("batch"), 700) << device;
  }
  config = config_of(TaskKind::image);
  config.device = "cuda:0";
  EXPECT_EQ(resolve_config(config).training.at("batch"), 512);
}

TEST(OccupancyConfigs, TheGaussianIsWider) {
  EXPECT_EQ(resolve_config(config_of(TaskKind::image, "gaussian")).field.knobs.at("sigma"), 0.05);
  RunConfig config = config_of(TaskKind::occupancy, "gaussian");
  EXPECT_EQ(resolve_config(config).field.knobs.at("sigma"), 0.09);
  config.field.knobs["sigma"] = 0.05;
  EXPECT_EQ(resolve_config(config).field.knobs.at("sigma"), 0.05);
  EXPECT_EQ(resolve_config(config_of(TaskKind::occupancy, "sine")).field.knobs.count("sigma"), 0u);
}

TEST(OccupancyConfigs, PresetsGoThereAndBack) {
  for (const ActivationEntry& activation : activations())
    for (const OptimizerEntry& optimizer : optimizers()) {
      const std::string a(activation.id), o(optimizer.id);
      const RunConfig image = resolve_config(config_of(TaskKind::image, a, o));
      const RunConfig points = resolve_config(config_of(TaskKind::occupancy, a, o));
      EXPECT_EQ(config_for_task(image, TaskKind::occupancy), points) << a << " " << o;
      EXPECT_EQ(config_for_task(points, TaskKind::image), image) << a << " " << o;
      EXPECT_EQ(config_for_task(image, TaskKind::image), image);
      EXPECT_EQ(config_for_task(points, TaskKind::occupancy), points);
    }
}

TEST(OccupancyConfigs, OnAGpuTheBatchFollowsToo) {
  RunConfig image = config_of(TaskKind::image);
  image.device = "cuda:0";
  const RunConfig points = config_for_task(resolve_config(image), TaskKind::occupancy);
  EXPECT_EQ(points.device, "cuda:0");
  EXPECT_EQ(points.training.at("batch"), 50'000);
  EXPECT_EQ(config_for_task(points, TaskKind::image), resolve_config(image));
}

TEST(OccupancyConfigs, WhatAPersonChangedStays) {
  for (const auto& [from, to] : {std::pair{TaskKind::image, TaskKind::occupancy},
                                 std::pair{TaskKind::occupancy, TaskKind::image}}) {
    RunConfig config = resolve_config(config_of(from, "gaussian", "adam"));
    config.field.knobs["sigma"] = 0.3;
    config.field.hidden = {31, 7};
    config.optimizer.knobs["beta1"] = 0.7;
    config.seed = 99;
    config.training["carry_momentum"] = 1;
    config.training["precision"] = 2;
    const RunConfig there = config_for_task(config, to);
    EXPECT_EQ(there.task, to);
    EXPECT_EQ(there.field, config.field);
    EXPECT_EQ(there.optimizer, config.optimizer);
    EXPECT_EQ(there.seed, 99u);
    EXPECT_EQ(there.training.at("carry_momentum"), 1);
    EXPECT_EQ(arithmetic_of(there), Arithmetic::bf16);
    EXPECT_EQ(there, resolve_config(there));
    // And back.
    EXPECT_EQ(config_for_task(there, from), config);
  }
}

TEST(OccupancyConfigs, BatchAndScheduleCountOtherThingsThere) {
  RunConfig config = resolve_config(config_of(TaskKind::image));
  config.training["batch"] = 100;
  config.training["eval_every"] = 3;
  RunConfig points = config_for_task(config, TaskKind::occupancy);
  EXPECT_EQ(points.training, resolve_config(config_of(TaskKind::occupancy)).training);
  points.training["spread"] = 0.2;
  points.training["batch"] = 100;
  EXPECT_EQ(config_for_task(points, TaskKind::image).training,
            resolve_config(config_of(TaskKind::image)).training);
}

}  // namespace
}  // namespace fieldscope
