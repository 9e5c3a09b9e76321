// The step itself: cost, reproducibility, edits and checkpoints of a trainer.
#include "engine/train/trainer.h"

#include <gtest/gtest.h>

#include "engine/optim/registry.h"
#include "engine/task/image_task.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

RunConfig config_of(const std::string& activation, const OptimizerSpec& optimizer,
                    double batch = 64) {
  RunConfig config;
  config.field.activation = activation;
  config.field.hidden = {16, 12};
  config.optimizer = optimizer;
  config.seed = 5;
  config.training = {{"batch", batch}};
  return resolve_config(config);
}

/// A trainer with its own backend.
struct Workbench {
  explicit Workbench(const RunConfig& config, int threads = 1,
                     std::shared_ptr<const ImageDataset> data = small_dataset())
      : backend(make_cpu_backend(std::make_shared<ThreadPool>(threads), Precision::f32)),
        trainer(config, *backend, std::move(data)) {}

  std::vector<double> walk(int steps) {
    for (int i = 0; i < steps; ++i) EXPECT_TRUE(trainer.take_step().finite);
    return trainer.download_weights();
  }

  std::unique_ptr<Backend> backend;
  Trainer trainer;
};

TEST(Trainer, EsgdCostsThreeGradientsAtARefreshAndOneOtherwise) {
  Workbench bench(
      config_of("sine", {"esgd", {{"warmup", 4}, {"refresh_every", 6}, {"first_probes", 1}}}));
  for (int step = 0; step < 20; ++step) {
    const bool refresh = step < 4 || step % 6 == 0;
    EXPECT_EQ(bench.trainer.take_step().gradients, refresh ? 3 : 1) << step;
  }
  // A switch starts the optimizer afresh, and with it the warm-up.
  bench.trainer.apply(
      SwitchOptimizer{{"esgd", {{"warmup", 2}, {"refresh_every", 5}, {"first_probes", 1}}}});
  for (int step = 0; step < 12; ++step) {
    const bool refresh = step < 2 || step % 5 == 0;
    EXPECT_EQ(bench.trainer.take_step().gradients, refresh ? 3 : 1) << step;
  }
  bench.trainer.apply(SwitchOptimizer{{"adam", {}}});
  for (int step = 0; step < 5; ++step) EXPECT_EQ(bench.trainer.take_step().gradients, 1);
}

TEST(Trainer, StepsTellTheirSamples) {
  Workbench bench(config_of("sine", {"adam", {}}, 100));  // 480 pixels
  for (int step = 0; step < 10; ++step)
    EXPECT_EQ(bench.trainer.take_step().samples, step % 5 == 4 ? 80u : 100u);
  EXPECT_EQ(bench.trainer.step(), 10u);
}

TEST(Trainer, TheSameBitsForAnyNumberOfThreads) {
  for (const char* activation : {"sine", "wavelet", "relu_pe"}) {
    for (const OptimizerEntry& entry : optimizers()) {
      const std::string optimizer(entry.id);
      // Large enough to be cut into several slices, no multiple of a tile.
      RunConfig config = config_of(activation, {optimizer, {{"lr", 1e-3}}}, 333);
      std::vector<double> expected;
      for (int threads : {1, 2, 3, 5}) {
        Workbench bench(config, threads);
        const std::vector<double> weights = bench.walk(30);
        if (expected.empty()) expected = weights;
        EXPECT_EQ(weights, expected) << activation << " " << optimizer << " " << threads;
      }
      config.seed = 6;
      EXPECT_NE(Workbench(config).walk(30), expected);
    }
  }
}

TEST(Trainer, SwitchingTheOptimizerKeepsTheWeights) {
  Workbench bench(config_of("sine", {"esgd", {}}));
  const std::vector<double> before = bench.walk(10);
  bench.trainer.apply(SwitchOptimizer{{"adam", {{"lr", 0.01}}}});
  EXPECT_EQ(bench.trainer.download_weights(), before);
  EXPECT_EQ(bench.trainer.step(), 10u);
  EXPECT_EQ(bench.trainer.optimizer_step(), 0u);
  for (const auto& [name, values] : bench.trainer.download_state())
    EXPECT_EQ(values, std::vector<double>(values.size())) << name;
  EXPECT_EQ(bench.trainer.config().optimizer.id, "adam");
  EXPECT_EQ(bench.trainer.config().optimizer.knobs.at("lr"), 0.01);
}

TEST(Trainer, SwitchingTheActivationKeepsWhatFitsAndFollowsThePreset) {
  Workbench bench(config_of("sine", {"adam", {{"beta1", 0.8}}}));
  const std::vector<double> before = bench.walk(10);
  const Field old_field = bench.trainer.field();
  FieldSpec wavelet;
  wavelet.activation = "wavelet";
  wavelet.hidden = {16, 12};
  bench.trainer.apply(SwitchActivation{wavelet});
  EXPECT_EQ(bench.trainer.download_weights().size(), bench.trainer.field().parameters());
  Buffer rounded =
      upload(*bench.backend, bench.trainer.field().adopt_weights(old_field, before, 5));
  EXPECT_EQ(bench.trainer.download_weights(), download(*bench.backend, rounded));
  EXPECT_EQ(bench.trainer.optimizer_step(), 0u);
  EXPECT_EQ(bench.trainer.config().optimizer.knobs.at("lr"), 1e-4);
  // ReLU with encoding trains at another rate; a knob set by hand stays.
  FieldSpec relu = wavelet;
  relu.activation = "relu_pe";
  bench.trainer.apply(SwitchActivation{relu});
  EXPECT_EQ(bench.trainer.config().optimizer.knobs.at("lr"), 1e-3);
  EXPECT_EQ(bench.trainer.config().optimizer.knobs.at("beta1"), 0.8);
  bench.walk(5);
}

TEST(Trainer, AKnobOfTheActivationKeepsWeightsAndState) {
  Workbench bench(config_of("sine", {"adam", {}}));
  const std::vector<double> before = bench.walk(10);
  const auto state = bench.trainer.download_state();
  bench.trainer.apply(SetKnob{SetKnob::Target::activation, "omega", 20});
  EXPECT_EQ(bench.trainer.download_weights(), before);
  EXPECT_EQ(bench.trainer.download_state(), state);
  EXPECT_EQ(bench.trainer.optimizer_step(), 10u);
  EXPECT_EQ(bench.trainer.field().network().activation_parameters.p[0], 20);
}

TEST(Trainer, ABatchKnobChangesTheNextBatch) {
  Workbench bench(config_of("sine", {"adam", {}}, 64));
  EXPECT_EQ(bench.trainer.take_step().samples, 64u);
  bench.trainer.apply(SetKnob{SetKnob::Target::training, "batch", 32});
  EXPECT_EQ(bench.trainer.take_step().samples, 32u);
}

TEST(Trainer, ARefusedEditChangesNothing) {
  const Edit bad[] = {SetKnob{SetKnob::Target::optimizer, "lr", NAN},
                      SetKnob{SetKnob::Target::optimizer, "lr", -1},
                      SetKnob{SetKnob::Target::optimizer, "omega", 3},
                      SetKnob{SetKnob::Target::activation, "omega", INFINITY},
                      SetKnob{SetKnob::Target::training, "batch", 0},
                      SetKnob{SetKnob::Target::training, "batch", 1.5},
                      SwitchOptimizer{{"sgdd", {}}},
                      SwitchOptimizer{{"adam", {{"lr", NAN}}}},
                      SwitchActivation{{"sinus", {}, {16, 12}}},
                      SwitchActivation{{"sine", {}, {16, 0}}}};
  const RunConfig config = config_of("sine", {"adam", {}});
  Workbench undisturbed(config);
  undisturbed.walk(5);
  const std::vector<double> expected = undisturbed.walk(5);
  for (const Edit& edit : bad) {
    Workbench bench(config);
    bench.walk(5);
    EXPECT_NE(refusal([&] { bench.trainer.apply(edit); }), "(accepted)");
    EXPECT_EQ(bench.trainer.config(), config);
    EXPECT_EQ(bench.walk(5), expected);
  }
}

TEST(Trainer, DivergenceKeepsTheWeightsBeforeTheStep) {
  Workbench bench(config_of("relu", {"sgd", {{"lr", 1e4}}}));
  std::vector<double> before;
  for (int step = 0;; ++step) {
    ASSERT_LT(step, 1000) << "this learning rate ought to diverge";
    before = bench.trainer.download_weights();
    const std::uint64_t number = bench.trainer.step();
    if (bench.trainer.take_step().finite) continue;
    EXPECT_EQ(bench.trainer.step(), number);
    break;
  }
  EXPECT_EQ(bench.trainer.download_weights(), before);
}

TEST(Trainer, RestoringPutsItWhereItWas) {
  for (const OptimizerEntry& entry : optimizers()) {
    SCOPED_TRACE(entry.id);
    KnobValues knobs = {{"lr", 1e-3}};
    if (entry.id == "kfac") knobs["average"] = 0.9;
    if (entry.id == "shampoo") knobs["refresh_every"] = 7;
    const RunConfig config = config_of("wavelet", {std::string(entry.id), knobs});
    Workbench first(config), second(config);
    const std::vector<double> middle = first.walk(70);  // ESGD: past its warm-up
    second.trainer.restore(first.trainer.step(), first.trainer.optimizer_step(), middle,
                           first.trainer.download_state());
    EXPECT_EQ(second.walk(60), first.walk(60));
  }
}

TEST(Trainer, EveryOptimizerLearnsWithEveryActivation) {
  for (const ActivationEntry& activation : activations()) {
    for (const OptimizerEntry& entry : optimizers()) {
      SCOPED_TRACE(std::string(entry.id) + " with " + std::string(activation.id));
      Workbench bench(config_of(std::string(activation.id), {std::string(entry.id), {}}, 480), 2);
      const double before = bench.trainer.take_step().loss;
      double after = before;
      for (int step = 0; step < 60; ++step) after = bench.trainer.take_step().loss;
      EXPECT_LT(after, before);
    }
  }
}

TEST(Trainer, SwitchingBetweenAnyTwoKeepsTheWeights) {
  for (const OptimizerEntry& from : optimizers()) {
    Workbench bench(config_of("sine", {std::string(from.id), {{"lr", 1e-3}}}));
    for (const OptimizerEntry& to : optimizers()) {
      SCOPED_TRACE(std::string(from.id) + " to " + std::string(to.id));
      bench.walk(2);
      const std::vector<double> weights = bench.trainer.download_weights();
      bench.trainer.apply(SwitchOptimizer{{std::string(to.id), {{"lr", 1e-3}}}});
      EXPECT_EQ(bench.trainer.download_weights(), weights);
      EXPECT_EQ(bench.trainer.optimizer_step(), 0u);
      for (const auto& [name, values] : bench.trainer.download_state()) {
        // Shampoo's statistics begin with a ridge.
        for (const double value : values) EXPECT_LT(std::abs(value), 1e-11) << name;
      }
    }
  }
}

TEST(Trainer, KnobsOfTheStepsAloneDisturbNothing) {
  Workbench bench(config_of("sine", {"adam", {}})), other(config_of("sine", {"adam", {}}));
  bench.walk(10);
  other.walk(10);
  const Task* const task = &bench.trainer.task();
  for (const char* knob : {"precision", "eval_every", "carry_momentum"})
    bench.trainer.apply(SetKnob{SetKnob::Target::training, knob, 1});
  EXPECT_EQ(&bench.trainer.task(), task);
  EXPECT_EQ(bench.trainer.optimizer_step(), 10u);
  EXPECT_EQ(arithmetic_of(bench.trainer.config()), Arithmetic::tf32);
  EXPECT_EQ(bench.walk(10), other.walk(10));  // the CPU has one arithmetic
  EXPECT_EQ(bench.backend->arithmetic(), Arithmetic::f32);
  bench.trainer.apply(SetKnob{SetKnob::Target::training, "batch", 65});
  EXPECT_EQ(bench.trainer.shape().batch, 65u);  // this one is the task's
  EXPECT_NE(refusal([&] {
              bench.trainer.apply(SetKnob{SetKnob::Target::training, "precision", 3});
            }).find("give f32 or tf32 or bf16"),
            std::string::npos);
}

TEST(Trainer, MomentumCarriesOverIfAsked) {
  // A gradient that hardly changes: after the switch SGD goes on along the mean that Adam had.
  const auto first_move = [](double carry, const char* from, const OptimizerSpec& to) {
    RunConfig config = config_of("sine", {from, {{"lr", 1e-6}}}, 480);
    config.training["carry_momentum"] = carry;
    Workbench bench(config);
    const std::vector<double> before = bench.walk(40);
    bench.trainer.apply(SwitchOptimizer{to});
    std::vector<double> after = bench.walk(1);
    for (std::size_t i = 0; i < after.size(); ++i) after[i] -= before[i];
    return after;
  };
  const OptimizerSpec plain = {"sgd", {{"lr", 0.1}}};
  const OptimizerSpec ball = {"sgd", {{"lr", 0.1}, {"momentum", 0.9}}};
  const auto gradient = first_move(0, "adam", plain);
  for (const char* from : {"adam", "esgd", "esgd_adam", "adahessian", "sophia_h"}) {
    SCOPED_TRACE(from);
    EXPECT_LT(relative_error(first_move(0, from, ball), gradient), 1e-2);
    // b = mean/(1 - 0.9), then 0.9 b + g: ten gradients.
    std::vector<double> ten = gradient;
    for (double& x : ten) x *= 10;
    EXPECT_LT(relative_error(first_move(1, from, ball), ten), 1e-2);
  }
  // And back: Adam with a carried mean takes a step of the same size as ever.
  const OptimizerSpec adam = {"adam", {{"lr", 1e-3}}};
  const auto fresh = first_move(0, "sgd", adam), carried = first_move(1, "sgd", adam);
  EXPECT_NE(fresh, carried);
  EXPECT_LT(relative_error(carried, fresh), 0.2);
}

TEST(Trainer, RestoringRefusesWhatDoesNotFit) {
  Workbench bench(config_of("sine", {"adam", {}}));
  const std::vector<double> weights = bench.walk(3);
  auto state = bench.trainer.download_state();
  std::vector<double> few = weights;
  few.pop_back();
  EXPECT_THROW(bench.trainer.restore(1, 1, few, state), DataError);
  state[1].second.pop_back();
  EXPECT_THROW(bench.trainer.restore(1, 1, weights, state), DataError);
  state.pop_back();
  EXPECT_THROW(bench.trainer.restore(1, 1, weights, state), DataError);
  EXPECT_EQ(bench.trainer.step(), 3u);
}

TEST(Trainer, AHeadAndADensityAreLayersOfAFrozenLoss) {
  const Field field = test::make_field("wavelet", {6, 5}, {6, 4, 3, true});
  const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(1), Precision::f32);
  const ImageTask task(*backend, test::small_dataset(), 0, 16);
  const FrozenLoss frozen =
      freeze_loss(field, field.network(), field.initial_weights(1), task, 20, 0);
  std::vector<std::string> names;
  std::size_t end = 0;
  for (const auto& layer : frozen.layers) {
    names.push_back(layer.name);
    EXPECT_EQ(layer.first, end);
    end += layer.size;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"body.0", "body.1", "density", "head.0", "out"}));
  EXPECT_EQ(end, field.parameters());
}

}  // namespace
}  // namespace fieldscope
