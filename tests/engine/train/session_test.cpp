// A run without threads: recorded edits, replay, divergence, checkpoints and its curves.
#include "engine/train/session.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "engine/experiment/saved.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

class Sessions : public testing::Test {
 protected:
  static RunConfig config_of(const OptimizerSpec& optimizer,
                             const std::string& activation = "sine") {
    RunConfig config;
    config.field.activation = activation;
    config.field.hidden = {12, 12};
    config.optimizer = optimizer;
    config.seed = 3;
    config.training = {{"batch", 100}};  // 480 pixels: 5 steps an epoch, the last of 80
    return config;
  }
  Session session_of(const RunConfig& config) { return Session(config, dataset_, pool_); }
  static void walk(Session& session, int steps) {
    for (int i = 0; i < steps; ++i) {
      session.step();
      ASSERT_FALSE(session.diverged());
    }
  }
  /// A session that has just diverged.
  Session broken() {
    Session session = session_of(config_of({"sgd", {{"lr", 1e4}, {"momentum", 0.9}}}, "relu"));
    for (int i = 0; i < 1000 && !session.diverged(); ++i) session.step();
    EXPECT_TRUE(session.diverged());
    return session;
  }

  std::shared_ptr<const ImageDataset> dataset_ = small_dataset();
  std::shared_ptr<ThreadPool> pool_ = std::make_shared<ThreadPool>(2);
};

const Edit switch_to_adam = SwitchOptimizer{{"adam", {{"lr", 2e-3}}}};
const Edit switch_to_wavelet = SwitchActivation{{"wavelet", {{"omega", 8}}, {12, 12}}};
const Edit raise_rate = SetKnob{SetKnob::Target::optimizer, "lr", 4e-3};
const Edit smaller_batch = SetKnob{SetKnob::Target::training, "batch", 48};
const Edit other_frequency = SetKnob{SetKnob::Target::activation, "omega", 12};

TEST_F(Sessions, RecordEachEditWithItsStep) {
  Session session = session_of(config_of({"esgd", {}}));
  walk(session, 4);
  session.apply(switch_to_adam);
  session.apply(raise_rate);
  walk(session, 3);
  session.apply(switch_to_wavelet);
  walk(session, 1);
  session.apply(smaller_batch);
  EXPECT_EQ(session.edits(),
            (std::vector<RecordedEdit>{
                {4, switch_to_adam}, {4, raise_rate}, {7, switch_to_wavelet}, {8, smaller_batch}}));
  EXPECT_EQ(session.initial_config(), resolve_config(config_of({"esgd", {}})));
  EXPECT_EQ(session.config().optimizer.knobs.at("lr"), 4e-3);
  EXPECT_EQ(session.config().field.knobs.at("omega"), 8);
  EXPECT_EQ(session.config().training.at("batch"), 48);
  const History history = session.history();
  ASSERT_EQ(history.events.size(), 4u);
  EXPECT_EQ(history.events[0].label, "→ Adam");
  EXPECT_EQ(history.events[1].label, "lr 0.004");
  EXPECT_EQ(history.events[2].at.step, 7u);
}

TEST_F(Sessions, ReplayGivesTheSameBits) {
  for (int threads : {1, 3}) {
    Session session = session_of(config_of({"esgd", {{"refresh_every", 7}, {"warmup", 5}}}));
    session.apply(other_frequency);  // before the first step
    walk(session, 11);
    session.apply(raise_rate);
    walk(session, 6);
    session.apply(switch_to_adam);
    session.apply(smaller_batch);
    walk(session, 9);
    session.apply(switch_to_wavelet);
    walk(session, 13);
    session.apply(SwitchOptimizer{{"esgd", {{"bias_correction", 1}}}});
    walk(session, 5);
    session.apply(raise_rate);  // after the last step
    Checkpoint saved = session.checkpoint();
    Session again = replay(saved, dataset_, std::make_shared<ThreadPool>(threads));
    EXPECT_EQ(again.weights(), saved.weights);
    EXPECT_EQ(again.config(), saved.config);
    EXPECT_EQ(again.edits(), saved.edits);
    EXPECT_EQ(again.checkpoint().state, saved.state);
    // Every single edit matters: without one of them (but the last) the weights are others.
    for (std::size_t i = 0; i + 1 < session.edits().size(); ++i) {
      Checkpoint less = saved;
      less.edits.erase(less.edits.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_NE(replay(less, dataset_, pool_).weights(), saved.weights) << i;
    }
  }
}

TEST_F(Sessions, GoOnFromACheckpointAsIfNeverStopped) {
  for (const char* optimizer : {"esgd", "adam", "sgd"}) {
    for (int stop : {3, 58}) {
      SCOPED_TRACE(optimizer + std::to_string(stop));
      Session first = session_of(config_of({optimizer, {{"lr", 1e-3}}}));
      walk(first, stop);
      first.finish_evaluation();
      Session second(first.checkpoint(), dataset_, pool_);
      EXPECT_EQ(second.weights(), first.weights());
      for (int part = 0; part < 2; ++part) {
        walk(first, 50);
        walk(second, 50);
        EXPECT_EQ(second.weights(), first.weights());
        EXPECT_EQ(second.progress().step, first.progress().step);
        EXPECT_EQ(second.progress().epoch, first.progress().epoch);
        EXPECT_EQ(second.progress().gradient_evaluations, first.progress().gradient_evaluations);
        first.apply(switch_to_adam);
        second.apply(switch_to_adam);
      }
      first.finish_evaluation();
      second.finish_evaluation();
      const auto a = first.history().quality, b = second.history().quality;
      ASSERT_EQ(a.size(), b.size());
      for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_EQ(a[i].psnr, b[i].psnr) << i;
        EXPECT_EQ(a[i].at.step, b[i].at.step) << i;
        if (i == 0) continue;  // nothing had been learned yet
        EXPECT_NEAR(a[i].epoch_loss, b[i].epoch_loss, 1e-12) << i;
      }
    }
  }
}

TEST_F(Sessions, ACheckpointInTheMiddleOfAnEvaluationLosesNoPoint) {
  Session first = session_of(config_of({"adam", {}}));
  first.finish_evaluation();
  walk(first, 5);
  ASSERT_TRUE(first.evaluating());  // of epoch 1, not begun yet
  Session second(first.checkpoint(), dataset_, pool_);
  first.finish_evaluation();
  second.finish_evaluation();
  ASSERT_EQ(second.history().quality.size(), 2u);
  EXPECT_EQ(second.history().quality[1].psnr, first.history().quality[1].psnr);
  EXPECT_EQ(second.history().quality[1].at.epoch, 1);
}

TEST_F(Sessions, ACheckpointBetweenEvaluationsAddsNoPoint) {
  Session first = session_of(config_of({"adam", {}}));
  walk(first, 7);
  first.finish_evaluation();
  Session second(first.checkpoint(), dataset_, pool_);
  second.finish_evaluation();
  EXPECT_EQ(second.history().quality.size(), first.history().quality.size());
}

TEST_F(Sessions, CountEpochsAndEvaluations) {
  Session session = session_of(config_of({"esgd", {{"warmup", 3}, {"refresh_every", 100}}}));
  EXPECT_EQ(session.steps_per_epoch(), 5u);
  walk(session, 5);
  EXPECT_EQ(session.progress().epoch, 1);
  walk(session, 6);
  EXPECT_NEAR(session.progress().epoch, 2 + 100.0 / 480, 1e-12);
  EXPECT_EQ(session.progress().gradient_evaluations, 6 + 2 * 3 + 8);  // two probes at first
  EXPECT_GT(session.progress().train_seconds, 0);
  session.finish_evaluation();
  std::vector<double> epochs;
  for (const QualityPoint& point : session.history().quality) epochs.push_back(point.at.epoch);
  EXPECT_EQ(epochs, (std::vector<double>{0, 1, 2}));
  EXPECT_TRUE(std::isnan(session.history().quality[0].epoch_loss));
  const std::vector<LossPoint> losses = session.history().loss;
  double mean = 0;
  for (int i = 0; i < 5; ++i) mean += losses[i].mean / 5;
  EXPECT_NEAR(session.history().quality[1].epoch_loss, mean, 1e-12);
}

TEST_F(Sessions, MeasureAsOftenAsTold) {
  RunConfig config = config_of({"adam", {}});
  config.training["batch"] = 48;  // 10 steps an epoch
  config.training["eval_every"] = 0.5;
  Session session = session_of(config);
  walk(session, 20);
  session.apply(SetKnob{SetKnob::Target::training, "eval_every", 2});
  walk(session, 25);
  session.finish_evaluation();
  std::vector<std::uint64_t> steps;
  for (const QualityPoint& point : session.history().quality) steps.push_back(point.at.step);
  EXPECT_EQ(steps, (std::vector<std::uint64_t>{0, 5, 10, 15, 20, 40}));
}

TEST_F(Sessions, LearnTheImage) {
  for (const char* optimizer : {"esgd", "adam"}) {
    Session session =
        session_of(config_of({optimizer, {{"lr", optimizer[0] == 'e' ? 0.15 : 3e-3}}}));
    walk(session, 300);
    session.begin_evaluation(true);
    session.finish_evaluation();
    const auto quality = session.history().quality;
    EXPECT_GT(quality.back().psnr, quality.front().psnr + 3) << optimizer;
    EXPECT_NEAR(quality.back().psnr, psnr(session.render(24, 20), dataset_->image), 1e-6);
    EXPECT_NEAR(quality.back().psnr, psnr(*session.snapshot().picture, dataset_->image), 1e-6);
  }
}

TEST_F(Sessions, DivergenceKeepsTheWeightsAndTheNextEditRestarts) {
  // Without its epsilon, Adam divides 0 by 0 where a unit is off for every pixel.
  Session session = session_of(config_of({"adam", {{"lr", 1e-3}}}, "relu"));
  walk(session, 7);
  session.apply(SetKnob{SetKnob::Target::optimizer, "eps", 0});
  const std::vector<double> weights = session.weights();
  // Trying again without a change diverges again and still harms nothing.
  for (int attempt = 0; attempt < 2; ++attempt) {
    session.step();
    ASSERT_TRUE(session.diverged());
    EXPECT_EQ(session.history().events.back().label, "diverged");
    EXPECT_EQ(session.weights(), weights);
    EXPECT_EQ(session.progress().step, 7u);
  }
  session.apply(SetKnob{SetKnob::Target::optimizer, "eps", 1e-6});
  EXPECT_FALSE(session.diverged());
  EXPECT_EQ(session.weights(), weights);
  walk(session, 20);
  EXPECT_EQ(session.progress().step, 27u);
  EXPECT_EQ(replay(session.checkpoint(), dataset_, pool_).weights(), session.weights());
}

TEST_F(Sessions, AfterDivergenceAKnobRestartsTheOptimizerToo) {
  // Momentum that has overflowed would spoil every later step.
  Session session = broken();
  const std::vector<double> weights = session.weights();
  session.apply(SetKnob{SetKnob::Target::optimizer, "lr", 1e-8});
  EXPECT_FALSE(session.diverged());
  EXPECT_EQ(session.weights(), weights);
  EXPECT_EQ(session.config().optimizer.knobs.at("lr"), 1e-8);
  for (const auto& [name, values] : session.checkpoint().state)
    EXPECT_EQ(values, std::vector<double>(values.size())) << name;
}

TEST_F(Sessions, ARefusedEditChangesNothing) {
  const Edit bad[] = {SetKnob{SetKnob::Target::optimizer, "lr", NAN},
                      SetKnob{SetKnob::Target::optimizer, "speed", 1},
                      SwitchOptimizer{{"adamm", {}}}};
  Session healthy = session_of(config_of({"adam", {}}));
  walk(healthy, 3);
  Session diverged = broken();
  for (Session* session : {&healthy, &diverged}) {
    const bool was_diverged = session->diverged();
    const Checkpoint before = session->checkpoint();
    for (const Edit& edit : bad) {
      EXPECT_NE(refusal([&] { session->apply(edit); }), "(accepted)");
      EXPECT_EQ(session->edits(), before.edits);
      EXPECT_EQ(session->config(), before.config);
      EXPECT_EQ(session->history().events.size(), before.history.events.size());
      EXPECT_EQ(session->checkpoint().optimizer_step, before.optimizer_step);
      EXPECT_EQ(session->diverged(), was_diverged);
    }
  }
}

TEST_F(Sessions, ADraggedKnobLeavesOneMarkAndEveryEdit) {
  Session session = session_of(config_of({"adam", {}}));
  for (int i = 1; i <= 20; ++i) {
    session.apply(SetKnob{SetKnob::Target::optimizer, "lr", i * 1e-4});
    session.step();
  }
  EXPECT_EQ(session.edits().size(), 20u);
  ASSERT_EQ(session.history().events.size(), 1u);
  EXPECT_EQ(session.history().events[0].label, describe(session.edits().back().edit));
  EXPECT_EQ(session.history().events[0].at.step, 19u);
  session.apply(SetKnob{SetKnob::Target::optimizer, "beta1", 0.8});
  session.apply(SetKnob{SetKnob::Target::optimizer, "lr", 1e-3});
  session.mark("other");
  session.apply(SetKnob{SetKnob::Target::optimizer, "lr", 2e-3});
  EXPECT_EQ(session.history().events.size(), 5u);
}

TEST_F(Sessions, BadConfigurationsAreRefused) {
  RunConfig config = config_of({"adam", {{"lr", NAN}}});
  EXPECT_NE(refusal([&] { session_of(config); }).find("lr=nan"), std::string::npos);
  config = config_of({"adam", {}});
  config.training["epochs"] = 3;
  EXPECT_NE(refusal([&] { session_of(config); }).find("batch, eval_every"), std::string::npos);
}

TEST_F(Sessions, SnapshotsTellWhatTheRunIs) {
  Session session = session_of(config_of({"esgd", {}}));
  session.finish_evaluation();
  const Snapshot first = session.snapshot();
  ASSERT_TRUE(first.picture);
  EXPECT_EQ(first.picture->width, 24);
  EXPECT_EQ(first.parameters, session.weights().size());
  walk(session, 5);
  session.finish_evaluation();
  const Snapshot second = session.snapshot();
  EXPECT_EQ(second.progress.step, 5u);
  EXPECT_NE(second.picture_serial, first.picture_serial);
  EXPECT_NEAR(second.gradients_per_step, (6 + 4 * 3) / 5.0, 1e-12);
  EXPECT_GT(second.steps_per_second, 0);
  EXPECT_GT(second.memory_bytes, second.state_bytes);
  ASSERT_TRUE(second.history);
  EXPECT_EQ(second.history->quality.size(), 2u);
  EXPECT_EQ(second.loss, second.history->loss.back().mean);
}

TEST_F(Sessions, EvaluationTakesNoTrainingTime) {
  dataset_ = small_dataset(90, 70);
  Session session = session_of(config_of({"adam", {}}));
  session.finish_evaluation();
  walk(session, 3);
  const double seconds = session.progress().train_seconds;
  const double rate = session.snapshot().steps_per_second;
  const std::uint64_t pictures = session.snapshot().picture_serial;
  for (int round = 0; round < 20; ++round) {
    session.begin_evaluation(round % 2 == 0);
    session.finish_evaluation();
  }
  EXPECT_EQ(session.snapshot().picture_serial, pictures + 20);
  EXPECT_EQ(session.progress().train_seconds, seconds);
  EXPECT_EQ(session.snapshot().steps_per_second, rate);
}

TEST_F(Sessions, ALookWaitsForARecordedEvaluation) {
  dataset_ = small_dataset(90, 70);
  Session session = session_of(config_of({"adam", {{"lr", 1e-3}}}));
  ASSERT_FALSE(session.advance_evaluation());  // of the untrained network, recorded
  walk(session, 2);
  session.begin_evaluation(false);
  EXPECT_TRUE(session.history().quality.empty()) << "was finished in one go";
  walk(session, 2);
  session.finish_evaluation();
  ASSERT_EQ(session.history().quality.size(), 1u);
  EXPECT_EQ(session.history().quality[0].at.step, 0u);
  ASSERT_TRUE(session.snapshot().quality);
  EXPECT_EQ(session.snapshot().quality->at.step, 4u) << "the look that was asked for";
  EXPECT_EQ(session.snapshot().picture_serial, 2u);
}

TEST_F(Sessions, KnowsWhenAnEvaluationComesFirst) {
  // 480 pixels, batches of 100: an epoch is 5 steps.
  Session session = session_of(config_of({"adam", {}}));
  ASSERT_TRUE(session.evaluating());
  for (int step = 0; step < 4; ++step) {
    EXPECT_FALSE(session.evaluation_first()) << step;
    walk(session, 1);
  }
  EXPECT_TRUE(session.evaluation_first()) << "the next step ends the epoch";
  session.finish_evaluation();
  EXPECT_FALSE(session.evaluation_first());
  walk(session, 1);
  EXPECT_TRUE(session.evaluating());
  EXPECT_FALSE(session.evaluation_first());
  EXPECT_EQ(session.history().quality.size(), 1u);
}

TEST_F(Sessions, OfASinglePixel) {
  for (int channels : {1, 3}) {
    auto dot = std::make_shared<ImageDataset>();
    dot->image = {1, 1, channels, std::vector<float>(static_cast<std::size_t>(channels), 0.25f)};
    dataset_ = dot;
    Session session = session_of(config_of({"adam", {}}));
    walk(session, 10);
    session.finish_evaluation();
    EXPECT_EQ(session.progress().epoch, 10);
    EXPECT_EQ(session.history().quality.size(), 11u);
  }
}

}  // namespace
}  // namespace fieldscope
