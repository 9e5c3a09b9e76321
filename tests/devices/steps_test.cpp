// Steps on the way: a device gets some ahead, and nobody can tell but by the clock.
#include <cstdlib>

#include "engine/backend/devices.h"
#include "engine/math/error.h"
#include "engine/train/session.h"
#include "engine/train/trainer.h"
#include "tests/devices/support.h"

namespace fieldscope {
namespace {

using namespace test;

class StepsAhead : public testing::Test {
 protected:
  void SetUp() override { FIELDSCOPE_NEED_GPU(); }

  static RunConfig config(const std::string& optimizer, const KnobValues& knobs = {},
                          const std::string& activation = "sine") {
    RunConfig config;
    config.field.activation = activation;
    config.field.hidden = {24, 24};  // layer by layer: the fake is quicker at it
    config.optimizer = {optimizer, knobs};
    config.training["batch"] = 100;  // of 480 pixels: the last of an epoch is smaller
    config.device = "cuda:0";
    return resolve_config(config);
  }

  struct Bench {
    explicit Bench(const RunConfig& config)
        : backend(make_backend("cuda:0", nullptr, Precision::f32)),
          trainer(config, *backend, small_dataset()) {}
    std::unique_ptr<Backend> backend;
    Trainer trainer;
  };
  /// `steps`, with `ahead` on the way; their losses.
  static std::vector<double> walk(Trainer& trainer, std::size_t steps, std::size_t ahead) {
    std::vector<double> losses;
    const auto end = [&] {
      const Trainer::Step step = trainer.end_step();
      EXPECT_TRUE(step.finite);
      losses.push_back(step.loss);
    };
    for (std::size_t i = 0; i < steps; ++i) {
      EXPECT_TRUE(trainer.begin_step());
      if (trainer.steps_begun() > ahead) end();
    }
    while (trainer.steps_begun() > 0) end();
    return losses;
  }

  std::shared_ptr<ThreadPool> pool_ = std::make_shared<ThreadPool>(2);
};

/// Of optimizers whose steps are launches only, and of some that have to wait in theirs.
TEST_F(StepsAhead, GiveTheSameBitsAsOneByOneAndWithoutGraphs) {
  const std::pair<const char*, KnobValues> some[] = {
      {"sgd", {}},
      {"adam", {{"clip", 0.5}}},
      {"esgd", {{"warmup", 3}, {"refresh_every", 7}}},
      {"adahessian", {{"refresh_every", 5}, {"lr", 1e-3}}},
      {"sophia_h", {{"refresh_every", 5}}},
      {"muon", {}},
      {"lbfgs", {}},
      {"kfac", {{"refresh_every", 8}}}};
  for (const auto& [id, knobs] : some) {
    SCOPED_TRACE(id);
    const RunConfig run = config(id, knobs);
    constexpr std::size_t steps = 12;
    Bench one(run), ahead(run);
    EXPECT_GT(ahead.trainer.steps_ahead(), 1u);
    EXPECT_EQ(walk(one.trainer, steps, 0), walk(ahead.trainer, steps, ahead.trainer.steps_ahead()));
    EXPECT_EQ(one.trainer.download_weights(), ahead.trainer.download_weights());
    EXPECT_EQ(one.trainer.download_state(), ahead.trainer.download_state());

    ::setenv("FIELDSCOPE_CUDA_GRAPHS", "off", 1);
    Bench plain(run);
    walk(plain.trainer, steps, plain.trainer.steps_ahead());
    ::unsetenv("FIELDSCOPE_CUDA_GRAPHS");
    EXPECT_EQ(plain.trainer.download_weights(), ahead.trainer.download_weights());
  }
}

TEST_F(StepsAhead, GiveTheSameBitsWithFusedPasses) {
  RunConfig run = config("esgd", {{"warmup", 2}, {"refresh_every", 4}}, "wavelet");
  run.field.hidden = {32, 32};
  Bench one(run), ahead(run);
  EXPECT_EQ(walk(one.trainer, 7, 0), walk(ahead.trainer, 7, ahead.trainer.steps_ahead()));
  EXPECT_EQ(one.trainer.download_weights(), ahead.trainer.download_weights());
}

TEST_F(StepsAhead, AKnobTurnedBetweenThemActsAtItsStep) {
  const auto turn = [](Trainer& trainer) {
    trainer.apply(SetKnob{SetKnob::Target::optimizer, "lr", 3e-3});
  };
  const RunConfig run = config("adam", {{"clip", 0.5}, {"weight_decay", 0.1}});
  Bench one(run), ahead(run);
  for (Bench* bench : {&one, &ahead}) {
    const std::size_t on_the_way = bench == &one ? 0 : bench->trainer.steps_ahead();
    walk(bench->trainer, 9, on_the_way);
    turn(bench->trainer);
    walk(bench->trainer, 9, on_the_way);
  }
  EXPECT_EQ(one.trainer.download_weights(), ahead.trainer.download_weights());
}

TEST_F(StepsAhead, OneThatIsNotFiniteTakesThoseAfterItWithIt) {
  const RunConfig run = config("sgd", {{"lr", 1e4}}, "relu");
  Bench one(run), ahead(run);
  std::vector<double> before;
  std::uint64_t stumbled = 0;
  for (bool finite = true; finite;) {
    ASSERT_LT(one.trainer.step(), 1000u) << "this learning rate ought to diverge";
    before = one.trainer.download_weights();
    stumbled = one.trainer.step();
    finite = one.trainer.take_step().finite;
  }
  const std::size_t most = ahead.trainer.steps_ahead();
  for (;;) {
    while (ahead.trainer.steps_begun() < most) ASSERT_TRUE(ahead.trainer.begin_step());
    const std::uint64_t begun = ahead.trainer.step();
    if (ahead.trainer.end_step().finite) continue;
    EXPECT_GT(begun, ahead.trainer.step());
    break;
  }
  EXPECT_EQ(ahead.trainer.steps_begun(), 0u);
  EXPECT_EQ(ahead.trainer.step(), stumbled);
  EXPECT_EQ(ahead.trainer.optimizer_step(), stumbled);
  EXPECT_EQ(ahead.trainer.download_weights(), before);
  ASSERT_TRUE(one.trainer.kept() && ahead.trainer.kept());
  EXPECT_EQ(ahead.trainer.kept()->step, one.trainer.kept()->step);
  EXPECT_EQ(ahead.trainer.kept()->loss, one.trainer.kept()->loss);
  // And both go on from the weights that were kept.
  for (Bench* bench : {&one, &ahead}) {
    bench->trainer.apply(GoBack{bench->trainer.kept()->step, 1e-3});
    walk(bench->trainer, 10, bench == &one ? 0 : most);
  }
  EXPECT_EQ(ahead.trainer.download_weights(), one.trainer.download_weights());
}

TEST_F(StepsAhead, WantAllStepsEndedBeforeAnythingElse) {
  Bench bench(config("adam"));
  ASSERT_TRUE(bench.trainer.begin_step());
  EXPECT_THROW(bench.trainer.download_weights(), std::logic_error);
  EXPECT_THROW(bench.trainer.take_step(), std::logic_error);
  EXPECT_THROW(bench.trainer.apply(SetKnob{SetKnob::Target::optimizer, "lr", 1e-3}),
               std::logic_error);
  bench.trainer.end_step();
  EXPECT_THROW(bench.trainer.end_step(), std::logic_error);
  EXPECT_EQ(bench.trainer.download_weights().size(), bench.trainer.field().parameters());
}

TEST_F(StepsAhead, ASessionHasTheSameCurvesAndTablesAsOneStepByStep) {
  RunConfig run = config("esgd", {{"warmup", 3}, {"refresh_every", 7}});
  const auto curves = [&](bool settle) {
    Session session(run, small_dataset(), pool_);
    for (int step = 0; step < 33; ++step) {
      session.step();
      EXPECT_EQ(session.progress().step, static_cast<std::uint64_t>(step) + 1);
      if (settle) session.settle();
    }
    session.finish_evaluation();
    session.settle();
    return session.history();
  };
  const History one = curves(true), ahead = curves(false);
  ASSERT_EQ(one.loss.size(), ahead.loss.size());
  for (std::size_t i = 0; i < one.loss.size(); ++i) {
    EXPECT_EQ(one.loss[i].mean, ahead.loss[i].mean);
    EXPECT_EQ(one.loss[i].at.step, ahead.loss[i].at.step);
    EXPECT_EQ(one.loss[i].at.epoch, ahead.loss[i].at.epoch);
    EXPECT_EQ(one.loss[i].at.gradient_evaluations, ahead.loss[i].at.gradient_evaluations);
  }
  ASSERT_EQ(one.quality.size(), ahead.quality.size());
  for (std::size_t i = 0; i < one.quality.size(); ++i) {
    EXPECT_EQ(one.quality[i].at.step, ahead.quality[i].at.step);
    EXPECT_EQ(one.quality[i].psnr, ahead.quality[i].psnr);
    EXPECT_TRUE(one.quality[i].epoch_loss == ahead.quality[i].epoch_loss ||
                one.quality[i].at.step == 0);
  }
}

/// The device has worked steps off by the time that it evaluates: that time belongs to training.
TEST_F(StepsAhead, ASessionEndsThemBeforeItEvaluates) {
  Session session(config("adam"), small_dataset(), pool_);
  session.finish_evaluation();
  for (int step = 0; step < 4; ++step) {
    session.step();
    session.begin_evaluation(false);
    session.step();
    session.advance_evaluation();
    const Progress evaluated = session.progress();
    const double loss = session.loss();
    const History history = session.history();
    ASSERT_FALSE(history.loss.empty());
    EXPECT_EQ(history.loss.back().at.step, evaluated.step);
    EXPECT_EQ(history.loss.back().at.train_seconds, evaluated.train_seconds);
    session.settle();  // there is nothing left to end
    EXPECT_EQ(session.progress().train_seconds, evaluated.train_seconds);
    EXPECT_EQ(session.loss(), loss);
  }
}

TEST_F(StepsAhead, ASessionPutsATimeOnALossOnceItIsKnown) {
  Session session(config("adam"), small_dataset(), pool_);
  for (int step = 0; step < 20; ++step) session.step();
  session.settle();
  const History history = session.history();
  EXPECT_EQ(history.loss.back().at.step, 20u);
  EXPECT_EQ(history.loss.back().at.train_seconds, session.progress().train_seconds);
  // The rate is that of steps ended: all of them, in all of the time.
  EXPECT_NEAR(20 / session.snapshot().steps_per_second, session.progress().train_seconds,
              1e-9 * session.progress().train_seconds);
}

/// Who wants something of a run waits for what is on the way.
TEST_F(StepsAhead, ASessionHasNoMoreThanAFiftiethOfASecondOfThem) {
  RunConfig run = config("esgd");
  run.field.hidden = {24, 24, 24};
  Session session(run, small_dataset(), pool_);
  EXPECT_EQ(session.steps_ahead(), 1u);  // nobody knows what they take
  for (int step = 0; step < 40; ++step) {
    session.step();
    const double each = 1 / session.snapshot().steps_per_second;
    EXPECT_GE(session.steps_ahead(), 1u);
    if (session.steps_ahead() == 1) continue;
    EXPECT_LE(static_cast<double>(session.steps_ahead()) * each, 0.02);
  }
}

/// A dataset of which the device has no room for two copies.
TEST_F(StepsAhead, AnotherBatchSizeNeedsNoSecondCopyOfTheDataset) {
  const std::size_t free = cuda_free_bytes(0);
  if (free > std::size_t{1} << 30) GTEST_SKIP() << "the device has too much memory for this test";
  auto data = std::make_shared<ImageDataset>();
  data->image = {1024, static_cast<int>(free / (1024 * sizeof(float)) * 3 / 4), 1, {}};
  data->image.pixels.resize(data->image.count());
  RunConfig run = config("adam");
  const auto backend = make_backend("cuda:0", nullptr, Precision::f32);
  Trainer trainer(run, *backend, data);
  trainer.apply(SetKnob{SetKnob::Target::training, "batch", 200});
  EXPECT_EQ(trainer.take_step().samples, 200u);
  // Refused, with everything as it was.
  EXPECT_THROW(trainer.apply(SetKnob{SetKnob::Target::training, "batch", 30e6}), UsageError);
  EXPECT_EQ(trainer.config().training.at("batch"), 200);
  EXPECT_EQ(trainer.take_step().samples, 200u);

  data = std::make_shared<ImageDataset>(*data);
  data->image.height *= 2;
  data->image.pixels.resize(data->image.count());
  try {
    Trainer too_large(run, *backend, data);
    ADD_FAILURE() << "there is no room for it";
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("dataset"), std::string::npos) << error.what();
  }
}

TEST_F(StepsAhead, ASessionThatDivergesGoesBackToWhereItDid) {
  const RunConfig run = config("sgd", {{"lr", 1e4}, {"momentum", 0.9}}, "relu");
  Session one(run, small_dataset(), pool_), ahead(run, small_dataset(), pool_);
  for (int i = 0; i < 1000 && !one.diverged(); ++i) {
    one.step();
    one.settle();
  }
  for (int i = 0; i < 1000 && !ahead.diverged(); ++i) ahead.step();
  ASSERT_TRUE(one.diverged() && ahead.diverged());
  EXPECT_EQ(ahead.progress().step, one.progress().step);
  EXPECT_EQ(ahead.progress().epoch, one.progress().epoch);
  EXPECT_EQ(ahead.progress().gradient_evaluations, one.progress().gradient_evaluations);
  EXPECT_EQ(ahead.weights(), one.weights());
  for (Session* session : {&one, &ahead}) {
    session->apply(GoBack{session->snapshot().kept_step.value(), 1e-4});
    for (int i = 0; i < 12; ++i) session->step();
    session->settle();
    EXPECT_FALSE(session->diverged());
  }
  EXPECT_EQ(ahead.weights(), one.weights());
  EXPECT_EQ(ahead.progress().epoch, one.progress().epoch);
}

}  // namespace
}  // namespace fieldscope
