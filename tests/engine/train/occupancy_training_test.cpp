// A field that learns a mesh: it gets good, gives the same bits always, takes edits, and goes on
// from a checkpoint.
#include <algorithm>

#include <gtest/gtest.h>

#include "engine/train/session.h"
#include "engine/train/trainer.h"
#include "tests/engine/data/mesh_fixture.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

RunConfig config_of(const OptimizerSpec& optimizer = {"adam", {{"lr", 5e-3}}},
                    std::uint64_t seed = 1) {
  RunConfig config;
  config.task = TaskKind::occupancy;
  config.field.hidden = {32, 32};
  config.field.knobs = {{"omega", 8}};
  config.optimizer = optimizer;
  config.seed = seed;
  config.training = {{"batch", 2000}};
  return config;
}

class OccupancyTraining : public testing::Test {
 protected:
  static Session session(const RunConfig& config, int threads = 2) {
    return Session(config, torus_dataset(), std::make_shared<ThreadPool>(threads));
  }
  static void take(Session& session, int steps) {
    for (int i = 0; i < steps; ++i) {
      session.step();
      ASSERT_FALSE(session.diverged());
    }
  }
  static Quality measure(Session& session) {
    session.finish_evaluation();
    session.begin_evaluation(false);
    session.finish_evaluation();
    return *session.snapshot().quality;
  }
};

TEST_F(OccupancyTraining, ATinyFieldLearnsARing) {
  // Seeds 1 to 8: IoU 0.735 to 0.834 (mean 0.778, deviation 0.03), on uniform points 0.914 to
  // 0.958.
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    Session run = session(config_of({"adam", {{"lr", 5e-3}}}, seed));
    const Quality before = measure(run);
    take(run, 150);
    const Quality after = measure(run);
    EXPECT_LT(before.iou, 0.4) << seed;
    EXPECT_GT(after.iou, 0.65) << seed;
    EXPECT_GT(after.uniform_iou, 0.85) << seed;
    EXPECT_LT(after.bce, 0.3) << seed;
  }
}

TEST_F(OccupancyTraining, TheSameBitsForAnyNumberOfThreads) {
  for (const char* optimizer : {"adam", "esgd"}) {
    std::vector<double> expected;
    for (const int threads : {1, 2, 3}) {
      Session run = session(config_of({optimizer, {}}), threads);
      take(run, 12);
      if (expected.empty()) expected = run.weights();
      EXPECT_EQ(run.weights(), expected) << optimizer << " " << threads;
    }
    Session other = session(config_of({optimizer, {}}, 2));
    take(other, 12);
    EXPECT_NE(other.weights(), expected);
  }
}

TEST_F(OccupancyTraining, ATrainerWithoutThePoolIsTheSame) {
  const RunConfig config = resolve_config(config_of());
  const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(2), Precision::f32);
  Trainer trainer(config, *backend, torus_dataset());
  Session run = session(config);
  for (int i = 0; i < 6; ++i) {
    const Trainer::Step step = trainer.take_step();
    EXPECT_EQ(step.samples, 2000u);
    EXPECT_EQ(step.gradients, 1);
    run.step();
    EXPECT_EQ(step.loss, run.loss());
  }
  EXPECT_EQ(trainer.download_weights(), run.weights());
}

TEST_F(OccupancyTraining, EditsApply) {
  Session run = session(config_of());
  Session still = session(config_of());
  const auto both = [&](int steps) {
    take(run, steps);
    take(still, steps);
  };
  const auto differ = [&] { return run.weights() != still.weights(); };
  both(3);
  EXPECT_FALSE(differ());
  run.apply(SetKnob{SetKnob::Target::training, "spread", 0.2});
  EXPECT_EQ(run.config().training.at("spread"), 0.2);
  EXPECT_FALSE(differ());
  both(1);
  EXPECT_TRUE(differ());
  const Progress before = run.progress();
  run.apply(SetKnob{SetKnob::Target::training, "batch", 5000});
  EXPECT_EQ(run.steps_per_epoch(), 10u);
  take(run, 1);
  EXPECT_DOUBLE_EQ(run.progress().epoch, before.epoch + 0.1);
  run.apply(SwitchOptimizer{{"sgd", {{"lr", 0.01}}}});
  take(run, 1);
  run.apply(SwitchActivation{{"gaussian", {}, {32, 32}}});
  EXPECT_EQ(run.config().field.knobs.at("sigma"), 0.09);
  take(run, 1);
  EXPECT_EQ(run.edits().size(), 4u);
  EXPECT_THROW(run.apply(SetKnob{SetKnob::Target::training, "spread", 0}), UsageError);
  EXPECT_THROW(run.apply(SetKnob{SetKnob::Target::training, "batch", 60'000}), UsageError);
  EXPECT_EQ(run.edits().size(), 4u);
  EXPECT_EQ(run.history().events[0].label, "spread 0.2");
}

TEST_F(OccupancyTraining, EpochsComeOutEven) {
  RunConfig config = config_of();
  config.training = {{"batch", 7000}, {"eval_every", 1}};
  Session run = session(config);
  run.finish_evaluation();
  for (int step = 1; step <= 17; ++step) {
    take(run, 1);
    // The eighth minibatch has the last 1000 points.
    const int epochs = step / 8;
    EXPECT_DOUBLE_EQ(run.progress().epoch, epochs + 0.14 * (step - 8 * epochs)) << step;
    EXPECT_EQ(run.evaluating(), step % 8 == 0) << step;
    run.finish_evaluation();
  }
  ASSERT_EQ(run.history().quality.size(), 3u);
  EXPECT_EQ(run.history().quality[1].at.step, 8u);
  EXPECT_EQ(run.history().quality[2].at.epoch, 2);
  for (const QualityPoint& point : run.history().quality) {
    EXPECT_GT(point.accuracy, 0.3);
    EXPECT_TRUE(std::isnan(point.psnr));
  }
}

TEST_F(OccupancyTraining, ACheckpointGoesOnAsIfNeverStopped) {
  RunConfig config = config_of({"esgd", {{"warmup", 4}, {"refresh_every", 5}}});
  config.training["spread"] = 0.05;
  Session run = session(config);
  take(run, 30);  // beyond an epoch of 25
  const Checkpoint checkpoint = run.checkpoint();
  Session again(checkpoint, torus_dataset(), std::make_shared<ThreadPool>(3));
  EXPECT_EQ(again.progress().epoch, run.progress().epoch);
  take(run, 30);
  take(again, 30);
  EXPECT_EQ(again.weights(), run.weights());
  EXPECT_EQ(again.progress().epoch, run.progress().epoch);
  EXPECT_EQ(measure(again).iou, measure(run).iou);
}

TEST_F(OccupancyTraining, ADiagnosisSeesPointsOfTheSameKind) {
  Session run = session(config_of());
  const FrozenLoss loss = run.freeze(500);
  ASSERT_EQ(loss.coordinates.size(), 1500u);
  ASSERT_EQ(loss.targets.size(), 500u);
  EXPECT_EQ(loss.loss, LossKind::bce);
  EXPECT_EQ(session(config_of({"esgd", {}})).freeze(500).coordinates, loss.coordinates);
  EXPECT_EQ(run.curvature_inputs().minibatch, 2000u);
}

TEST_F(OccupancyTraining, HasNoPictureToRender) {
  Session run = session(config_of());
  EXPECT_THROW(run.render(8, 8), UsageError);
  run.finish_evaluation();
  EXPECT_EQ(run.snapshot().picture, nullptr);
  EXPECT_FALSE(std::isnan(run.snapshot().quality->iou));
}

TEST_F(OccupancyTraining, ExpectsItsMemory) {
  RunConfig config = config_of();
  config.training["batch"] = 50'000;
  Session run = session(config);
  run.finish_evaluation();
  take(run, 2);
  const std::size_t held = run.snapshot().memory_bytes;
  // Minibatch and weights at least.
  EXPECT_GT(held, 4 * (50'000u * 4 + 4 * run.snapshot().parameters));
}

}  // namespace
}  // namespace fieldscope
