// Several runs with their workers: pacing, commands, forks, removal, failures.
#include "engine/experiment/experiment.h"

#include <atomic>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include "engine/experiment/run.h"
#include "engine/train/session.h"
#include "tests/engine/experiment/fixture.h"

namespace fieldscope {
namespace {

using namespace test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class Experiments : public ExperimentTest {
 protected:
  std::vector<double> initial_weights(const RunConfig& config) const {
    return Session(config, dataset_, std::make_shared<ThreadPool>(1)).weights();
  }
};

/// Delays after each snapshot, so that no snapshot is left out and one worker is slower than the
/// others.
class Brake {
 public:
  Brake(std::chrono::milliseconds first, std::chrono::milliseconds others)
      : first_(first), others_(others) {}
  void operator()() {
    bool is_first;
    {
      std::lock_guard lock(mutex_);
      if (!slow_) slow_ = std::this_thread::get_id();
      is_first = *slow_ == std::this_thread::get_id();
    }
    std::this_thread::sleep_for(is_first ? first_ : others_);
  }

 private:
  const std::chrono::milliseconds first_, others_;
  std::mutex mutex_;
  std::optional<std::thread::id> slow_;
};

TEST_F(Experiments, RunsTrainSideBySide) {
  std::atomic<int> published{0};
  const auto experiment = make(Pacing::by_step, false, [&] { ++published; });
  const RunId a = experiment->add(config_of({"esgd", {}})),
              b = experiment->add(config_of({"adam", {}}));
  EXPECT_EQ(experiment->runs(), (std::vector<RunId>{a, b}));
  EXPECT_TRUE(experiment->contains(a));
  EXPECT_FALSE(experiment->contains(99));
  std::uint64_t serial = 0, step = 0;
  EXPECT_TRUE(eventually([&] {
    const Snapshot& now = experiment->latest(a);
    EXPECT_GE(now.serial, serial);
    EXPECT_GE(now.progress.step, step);
    EXPECT_EQ(now.config.optimizer.id, "esgd");
    const std::vector<LossPoint>& losses = now.history->loss;
    EXPECT_EQ(losses.empty() ? 0 : losses.back().at.step, now.progress.step);
    serial = now.serial;
    step = now.progress.step;
    return step >= 100 && step_of(*experiment, b) >= 100 && now.quality && now.picture;
  }));
  EXPECT_GE(published, 4);  // each its start and what was seen last
}

TEST_F(Experiments, InLockstepNoRunIsMoreThanOneStepAhead) {
  // Longer than the interval of snapshots, so that each step is published before the run goes on.
  const auto brake = std::make_shared<Brake>(50ms, 36ms);
  const auto experiment = make(Pacing::by_step, false, [brake] { (*brake)(); });
  const RunId a = experiment->add(config_of({"esgd", {}})),
              b = experiment->add(config_of({"sgd", {{"lr", 0.1}}}));
  // While they start, one may be ahead; then the other catches up.
  ASSERT_TRUE(reaches(*experiment, a, 4) && reaches(*experiment, b, 4));
  ASSERT_TRUE(eventually([&] { return step_of(*experiment, a) == step_of(*experiment, b); }));
  const std::uint64_t from = step_of(*experiment, a);
  int looks = 0;
  for (std::uint64_t step = from; step < from + 15; ++looks) {
    // A run that is two ahead of what is read before, or after, is too far ahead.
    const std::uint64_t a_before = step_of(*experiment, a);
    step = step_of(*experiment, b);
    const std::uint64_t a_after = step_of(*experiment, a);
    ASSERT_LE(a_before, step + 1);
    ASSERT_LE(step, a_after + 1);
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_GT(looks, 20);
}

TEST_F(Experiments, FreelyTheSlowHoldsNobodyUp) {
  const auto brake = std::make_shared<Brake>(100ms, 0ms);
  const auto experiment = make(Pacing::freely, false, [brake] { (*brake)(); });
  const RunId slow = experiment->add(config_of({"adam", {}}));
  ASSERT_TRUE(eventually([&] { return experiment->latest(slow).serial >= 2; }));
  const RunId fast = experiment->add(config_of({"adam", {}}));
  ASSERT_TRUE(reaches(*experiment, slow, 2) && reaches(*experiment, fast, 2));
  EXPECT_TRUE(
      eventually([&] { return step_of(*experiment, fast) > step_of(*experiment, slow) + 20; }));
  // In step again, the fast one waits.
  experiment->set_pacing(Pacing::by_step);
  EXPECT_EQ(experiment->pacing(), Pacing::by_step);
  EXPECT_TRUE(becomes(*experiment, fast, RunStatus::waiting));
  experiment->set_pacing(Pacing::freely);
  const std::uint64_t step = step_of(*experiment, fast);
  EXPECT_TRUE(reaches(*experiment, fast, step + 20));
}

TEST_F(Experiments, APausedRunStandsStillAndHoldsNobodyUp) {
  const auto experiment = make();
  const RunId a = experiment->add(config_of({"esgd", {}})),
              b = experiment->add(config_of({"adam", {}}));
  ASSERT_TRUE(reaches(*experiment, a, 10));
  experiment->post(a, Pause{});
  ASSERT_TRUE(becomes(*experiment, a, RunStatus::paused));
  const std::uint64_t step = step_of(*experiment, a);
  ASSERT_TRUE(reaches(*experiment, b, step + 100));
  EXPECT_EQ(step_of(*experiment, a), step);
  experiment->post(a, StepOnce{3});
  ASSERT_TRUE(reaches(*experiment, a, step + 3));
  ASSERT_TRUE(becomes(*experiment, a, RunStatus::paused));
  const std::uint64_t other = step_of(*experiment, b);
  ASSERT_TRUE(reaches(*experiment, b, other + 50));
  EXPECT_EQ(step_of(*experiment, a), step + 3);
  experiment->post(a, Resume{});
  ASSERT_TRUE(reaches(*experiment, a, step + 50));
}

TEST_F(Experiments, PauseEndsCountedSteps) {
  const auto experiment = make(Pacing::by_step, true);
  const RunId run = experiment->add(config_of({"adam", {}}));
  experiment->post(run, StepOnce{20000});
  ASSERT_TRUE(reaches(*experiment, run, 5));
  experiment->post(run, Pause{});
  ASSERT_TRUE(becomes(*experiment, run, RunStatus::paused));
  ASSERT_LT(step_of(*experiment, run), 20000u);
  experiment->post(run, Resume{});
  EXPECT_TRUE(reaches(*experiment, run, 20100));  // and not only the 20000 of before
}

TEST_F(Experiments, StartsPausedWhereAsked) {
  const auto experiment = make(Pacing::by_step, true);
  const RunId run = experiment->add(config_of({"adam", {}}));
  ASSERT_TRUE(becomes(*experiment, run, RunStatus::paused));
  ASSERT_TRUE(eventually([&] { return experiment->latest(run).picture != nullptr; }));
  EXPECT_EQ(step_of(*experiment, run), 0u);
  advance(*experiment, {run}, 7);
}

TEST_F(Experiments, AStepLimitEndsARunUntilItIsRaised) {
  const auto experiment = make();
  const RunId run = experiment->add(config_of({"adam", {}}));
  experiment->post(run, SetStepLimit{2000});
  ASSERT_TRUE(becomes(*experiment, run, RunStatus::finished));
  EXPECT_EQ(step_of(*experiment, run), 2000u);
  experiment->post(run, SetStepLimit{2100});
  ASSERT_TRUE(eventually([&] { return step_of(*experiment, run) == 2100; }));
  ASSERT_TRUE(becomes(*experiment, run, RunStatus::finished));
}

TEST_F(Experiments, EditsTakeEffectAndAreRecorded) {
  const auto experiment = make(Pacing::by_step, true);
  const RunId run = experiment->add(config_of({"esgd", {}}));
  advance(*experiment, {run}, 6);
  experiment->post(run, SwitchOptimizer{{"adam", {{"lr", 0.002}}}});
  advance(*experiment, {run}, 2);
  experiment->post(run, SetKnob{SetKnob::Target::activation, "omega", 20});
  ASSERT_TRUE(eventually([&] { return experiment->latest(run).edits.size() == 2; }));
  const Snapshot& now = experiment->latest(run);
  EXPECT_EQ(now.edits[0].step, 6u);
  EXPECT_EQ(now.edits[1].step, 8u);
  EXPECT_EQ(now.config.optimizer.id, "adam");
  EXPECT_EQ(now.config.field.knobs.at("omega"), 20);
  EXPECT_EQ(now.initial, resolve_config(config_of({"esgd", {}})));
  ASSERT_EQ(now.history->events.size(), 2u);
  EXPECT_EQ(now.history->events[0].label, "→ Adam");
}

TEST_F(Experiments, ARefusedEditIsToldAndTheRunGoesOn) {
  const auto experiment = make();
  const RunId run = experiment->add(config_of({"adam", {}}));
  ASSERT_TRUE(reaches(*experiment, run, 5));
  experiment->post(run, SetKnob{SetKnob::Target::optimizer, "lr", NAN});
  ASSERT_TRUE(eventually([&] { return experiment->latest(run).refusals == 1; }));
  EXPECT_NE(experiment->latest(run).refusal.find("lr=nan"), std::string::npos);
  ASSERT_TRUE(reaches(*experiment, run, step_of(*experiment, run) + 50));
  EXPECT_TRUE(experiment->latest(run).edits.empty());
  EXPECT_THROW(experiment->add(config_of({"adam", {{"lr", NAN}}})), UsageError);
  EXPECT_THROW(experiment->fork(run, {"adamm", {}}), UsageError);
  EXPECT_EQ(experiment->runs().size(), 1u);
}

TEST_F(Experiments, AForkStartsFromTheParentsWeights) {
  const auto experiment = make(Pacing::by_step, true);
  const RunId parent = experiment->add(config_of({"esgd", {}}));
  advance(*experiment, {parent}, 15);
  const RunId other = experiment->fork(parent, {"adam", {}});
  const RunId same = experiment->fork(parent, experiment->latest(parent).config.optimizer);
  EXPECT_EQ(experiment->latest(other).config.optimizer.id, "adam");  // at once
  for (RunId run : {other, same}) {
    ASSERT_TRUE(becomes(*experiment, run, RunStatus::paused));
    EXPECT_EQ(step_of(*experiment, run), 15u);
  }
  SavedExperiment before = saved(*experiment);
  EXPECT_NE(before.runs[0].weights, initial_weights(config_of({"esgd", {}})));
  EXPECT_EQ(before.runs[1].weights, before.runs[0].weights);
  EXPECT_EQ(before.runs[2].weights, before.runs[0].weights);
  EXPECT_EQ(before.runs[2].state, before.runs[0].state);
  EXPECT_EQ(before.runs[2].edits, before.runs[0].edits);
  EXPECT_EQ(before.runs[1].optimizer_step, 0u);
  ASSERT_EQ(before.runs[1].edits.size(), 1u);
  EXPECT_EQ(before.runs[1].edits[0].step, 15u);
  EXPECT_EQ(before.runs[1].history.events[0].label, "forked");
  EXPECT_EQ(before.runs[1].history.loss.size(), 15u);
  advance(*experiment, {parent, other, same}, 10);
  before = saved(*experiment);
  EXPECT_EQ(before.runs[2].weights, before.runs[0].weights);
  EXPECT_NE(before.runs[1].weights, before.runs[0].weights);
}

TEST_F(Experiments, AForkOfATrainingRunTrains) {
  const auto experiment = make();
  const RunId parent = experiment->add(config_of({"esgd", {}}));
  ASSERT_TRUE(reaches(*experiment, parent, 30));
  const RunId child = experiment->fork(parent, {"adam", {}});
  ASSERT_TRUE(reaches(*experiment, child, 60));
  const std::uint64_t at = experiment->latest(child).edits.at(0).step;
  EXPECT_GE(at, 30u);
  EXPECT_EQ(experiment->latest(child).history->events[0].at.step, at);
}

TEST_F(Experiments, ADuplicateStartsFromTheInitialWeights) {
  const auto experiment = make(Pacing::by_step, true);
  const RunId parent = experiment->add(config_of({"esgd", {}}));
  experiment->post(parent, SetKnob{SetKnob::Target::optimizer, "lr", 0.05});
  advance(*experiment, {parent}, 15);
  const RunId twin = experiment->duplicate(parent);
  ASSERT_TRUE(becomes(*experiment, twin, RunStatus::paused));
  EXPECT_EQ(step_of(*experiment, twin), 0u);
  const SavedExperiment before = saved(*experiment);
  EXPECT_EQ(before.runs[1].config, before.runs[0].config);
  EXPECT_EQ(before.runs[1].weights, initial_weights(config_of({"esgd", {}})));
  EXPECT_TRUE(before.runs[1].edits.empty());
  advance(*experiment, {twin}, 15);
  EXPECT_EQ(weights_of(*experiment, 1), before.runs[0].weights);
}

TEST_F(Experiments, AWorkerThatIsStillStartingIsKnownByItsConfiguration) {
  RunConfig config = config_of({"esgd", {{"lr", 0.05}}}, "relu_pe");
  const RunConfig resolved = resolve_config(config);
  for (int round = 0; round < 20; ++round) {
    const auto experiment = make(Pacing::by_step, round % 2 == 0);
    const RunId first = experiment->add(config);
    EXPECT_EQ(experiment->latest(first).config, resolved);
    EXPECT_EQ(experiment->latest(experiment->duplicate(first)).config, resolved);
    const RunId fork = experiment->fork(first, {"adam", {}});
    // The preset of its activation.
    EXPECT_EQ(experiment->latest(fork).config.optimizer.knobs.at("lr"), 1e-3);
    experiment->set_dataset(small_dataset());
    EXPECT_EQ(experiment->latest(first).config, resolved);
    for (RunId run : experiment->runs()) {
      if (round % 2 == 0) {
        ASSERT_TRUE(becomes(*experiment, run, RunStatus::paused));
        EXPECT_EQ(step_of(*experiment, run), 0u);
      } else {
        ASSERT_TRUE(reaches(*experiment, run, 1));
      }
    }
  }
}

TEST_F(Experiments, AForkFromTheStartIsPausedLikeItsParent) {
  const auto experiment = make(Pacing::by_step, true);
  const RunId child = experiment->fork(experiment->add(config_of({"esgd", {}})), {"adam", {}});
  ASSERT_TRUE(becomes(*experiment, child, RunStatus::paused));
  EXPECT_EQ(step_of(*experiment, child), 0u);
}

TEST_F(Experiments, ResetGoesBackAndCanBeUndone) {
  const auto experiment = make(Pacing::by_step, true);
  const RunId run = experiment->add(config_of({"esgd", {}}));
  advance(*experiment, {run}, 8);
  experiment->post(run, SetKnob{SetKnob::Target::optimizer, "lr", 0.05});
  advance(*experiment, {run}, 4);
  const SavedExperiment before = saved(*experiment);
  experiment->post(run, Reset{});
  ASSERT_TRUE(eventually([&] { return step_of(*experiment, run) == 0; }));
  const SavedExperiment reset = saved(*experiment);
  EXPECT_EQ(reset.runs[0].weights, initial_weights(config_of({"esgd", {}})));
  EXPECT_TRUE(reset.runs[0].edits.empty());
  EXPECT_EQ(reset.runs[0].initial.optimizer.knobs.at("lr"), 0.05);
  EXPECT_TRUE(reset.runs[0].history.loss.empty());
  EXPECT_EQ(experiment->latest(run).status, RunStatus::paused);
  advance(*experiment, {run}, 2);
  experiment->post(run, UndoReset{});
  ASSERT_TRUE(eventually([&] { return step_of(*experiment, run) == 12; }));
  const SavedExperiment undone = saved(*experiment);
  EXPECT_EQ(undone.runs[0].weights, before.runs[0].weights);
  EXPECT_EQ(undone.runs[0].state, before.runs[0].state);
  EXPECT_EQ(undone.runs[0].edits, before.runs[0].edits);
  EXPECT_EQ(undone.runs[0].history.loss.size(), 12u);
  experiment->post(run, UndoReset{});  // there is nothing more to undo
  advance(*experiment, {run}, 1);
  EXPECT_EQ(step_of(*experiment, run), 13u);
  // Two resets, two steps back.
  experiment->post(run, Reset{});
  ASSERT_TRUE(eventually([&] { return step_of(*experiment, run) == 0; }));
  advance(*experiment, {run}, 3);
  experiment->post(run, Reset{});
  ASSERT_TRUE(eventually([&] { return step_of(*experiment, run) == 0; }));
  experiment->post(run, UndoReset{});
  ASSERT_TRUE(eventually([&] { return step_of(*experiment, run) == 3; }));
  experiment->post(run, UndoReset{});
  ASSERT_TRUE(eventually([&] { return step_of(*experiment, run) == 13; }));
}

TEST_F(Experiments, ARemovedRunReturnsToItsPlace) {
  const auto experiment = make();
  const RunId a = experiment->add(config_of({"esgd", {}})),
              b = experiment->add(config_of({"adam", {}})),
              c = experiment->add(config_of({"sgd", {{"lr", 0.1}}}));
  ASSERT_TRUE(reaches(*experiment, b, 20));
  EXPECT_EQ(experiment->undo_remove(), 0u);
  experiment->remove(b);
  EXPECT_EQ(experiment->runs(), (std::vector<RunId>{a, c}));
  const std::uint64_t step = step_of(*experiment, a);
  ASSERT_TRUE(reaches(*experiment, a, step + 1000));  // the removed one holds nobody up
  EXPECT_EQ(experiment->undo_remove(), b);
  EXPECT_EQ(experiment->runs(), (std::vector<RunId>{a, b, c}));
  EXPECT_GE(step_of(*experiment, b), 20u);
  ASSERT_TRUE(reaches(*experiment, b, step + 1100));  // goes on
  EXPECT_EQ(experiment->undo_remove(), 0u);
  // In any order.
  experiment->remove(a);
  experiment->remove(c);
  EXPECT_TRUE(experiment->undo_remove(a));
  EXPECT_FALSE(experiment->undo_remove(a));
  EXPECT_EQ(experiment->runs(), (std::vector<RunId>{a, b}));
  EXPECT_EQ(experiment->undo_remove(), c);
  EXPECT_EQ(experiment->runs(), (std::vector<RunId>{a, b, c}));
}

TEST_F(Experiments, OnlyTheNewestRemovalsCanBeUndone) {
  const auto experiment = make(Pacing::by_step, true);
  std::vector<RunId> ids;
  for (std::size_t i = 0; i < Experiment::most_removed + 1; ++i)
    ids.push_back(experiment->add(config_of({"adam", {}})));
  for (const RunId id : ids) experiment->remove(id);
  EXPECT_FALSE(experiment->undo_remove(ids[0]));
  for (std::size_t i = ids.size(); i-- > 1;) EXPECT_EQ(experiment->undo_remove(), ids[i]);
  EXPECT_EQ(experiment->undo_remove(), 0u);
}

TEST_F(Experiments, RemovedAndReturnedItIsWhatItWas) {
  for (bool paused : {false, true}) {
    const auto experiment = make(Pacing::by_step, paused);
    const RunId run = experiment->add(config_of({"adam", {}}));
    experiment->remove(run);  // perhaps before it has started
    EXPECT_TRUE(experiment->runs().empty());
    ASSERT_EQ(experiment->undo_remove(), run);
    if (paused) {
      ASSERT_TRUE(becomes(*experiment, run, RunStatus::paused));
      std::this_thread::sleep_for(20ms);
      EXPECT_EQ(step_of(*experiment, run), 0u);
    } else {
      EXPECT_TRUE(reaches(*experiment, run, 10));
    }
  }
}

TEST_F(Experiments, ADivergingRunLeavesTheOthersGoing) {
  const auto experiment = make();
  const RunId bad = experiment->add(diverging()), good = experiment->add(config_of({"adam", {}}));
  ASSERT_TRUE(becomes(*experiment, bad, RunStatus::diverged));
  EXPECT_NE(experiment->latest(bad).message.find("step 0"), std::string::npos);
  const std::uint64_t step = step_of(*experiment, good);
  ASSERT_TRUE(reaches(*experiment, good, step + 100));
  experiment->post(bad, Resume{});  // nothing has changed: it stays
  experiment->post(bad, StepOnce{});
  experiment->post(bad, SetKnob{SetKnob::Target::optimizer, "eps", 1e-6});
  ASSERT_TRUE(reaches(*experiment, bad, 100));
  EXPECT_TRUE(experiment->latest(bad).message.empty());
}

TEST_F(Experiments, AFailingRunLeavesTheOthersGoing) {
  const auto experiment = make(Pacing::by_step, true);
  const RunId run = experiment->add(config_of({"adam", {}}));
  advance(*experiment, {run}, 3);
  SavedExperiment damaged = saved(*experiment);
  damaged.runs.push_back(damaged.runs[0]);
  damaged.runs[1].weights.pop_back();
  const auto ids = experiment->load(damaged);
  ASSERT_EQ(ids.size(), 2u);
  ASSERT_TRUE(becomes(*experiment, ids[1], RunStatus::failed));
  EXPECT_NE(experiment->latest(ids[1]).message.find("weights"), std::string::npos);
  experiment->post_all(Resume{});
  ASSERT_TRUE(reaches(*experiment, ids[0], 100));
  EXPECT_EQ(experiment->latest(ids[1]).status, RunStatus::failed);
  // Whoever asks it for its state learns why there is none, and still nothing hangs.
  const RunId child = experiment->fork(ids[1], {"sgd", {}});
  ASSERT_TRUE(becomes(*experiment, child, RunStatus::failed));
  EXPECT_NE(experiment->latest(child).message.find("weights"), std::string::npos);
  // The run that has a state is saved all the same.
  EXPECT_EQ(read_experiment(experiment->save(folder_ / "one.fieldscope").get()).runs.size(), 1u);
  experiment->remove(ids[0]);
  EXPECT_THROW(experiment->save(folder_ / "none.fieldscope").get(), DataError);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none.fieldscope"));
}

TEST_F(Experiments, ARunToldToStopAnswersEveryQuestion) {
  const auto experiment = make();
  const RunId run = experiment->add(config_of({"adam", {}}));
  ASSERT_TRUE(reaches(*experiment, run, 3));
  auto early = experiment->save(folder_ / "early.fieldscope");
  experiment->post(run, Stop{});
  EXPECT_NO_THROW(early.get());
  std::this_thread::sleep_for(50ms);
  auto late = experiment->save(folder_ / "late.fieldscope");
  ASSERT_EQ(late.wait_for(30s), std::future_status::ready);
  EXPECT_THROW(late.get(), DataError);
  const RunId child = experiment->fork(run, {"sgd", {}});
  EXPECT_TRUE(becomes(*experiment, child, RunStatus::failed));
}

TEST_F(Experiments, AnotherDatasetRestartsEveryRun) {
  const auto experiment = make();
  const RunId a = experiment->add(config_of({"esgd", {}})),
              b = experiment->add(config_of({"adam", {}})),
              c = experiment->add(config_of({"adam", {}}));
  experiment->post(a, SetKnob{SetKnob::Target::optimizer, "lr", 0.05});
  ASSERT_TRUE(reaches(*experiment, a, 200) && reaches(*experiment, b, 200));
  experiment->remove(c);
  const auto other = small_dataset(40, 30);
  experiment->set_dataset(other);
  EXPECT_EQ(experiment->dataset(), other);
  EXPECT_EQ(experiment->runs(), (std::vector<RunId>{a, b}));
  EXPECT_LT(step_of(*experiment, a), 200u);
  EXPECT_EQ(experiment->undo_remove(), 0u);
  for (RunId run : {a, b}) {
    ASSERT_TRUE(eventually([&] {
      const Snapshot& now = experiment->latest(run);
      return now.picture && now.progress.step > 20;
    }));
    EXPECT_EQ(experiment->latest(run).picture->width, 40);
    EXPECT_EQ(experiment->latest(run).steps_per_epoch, 13u);
    EXPECT_TRUE(experiment->latest(run).edits.empty());
  }
  EXPECT_EQ(experiment->latest(a).config.optimizer.knobs.at("lr"), 0.05);
}

TEST_F(Experiments, EndsQuicklyInTheMiddleOfTraining) {
  for (Pacing pacing : {Pacing::by_step, Pacing::freely}) {
    dataset_ = small_dataset(256, 256);  // an evaluation takes much longer than a step
    auto experiment = make(pacing);
    RunConfig config = config_of({"esgd", {}});
    config.field.hidden = {64, 64, 64};
    for (int i = 0; i < 3; ++i) experiment->add(config);
    const RunId last = experiment->add(config_of({"adam", {}}));
    ASSERT_TRUE(reaches(*experiment, last, 2));
    experiment->remove(last);
    experiment->set_dataset(small_dataset(255, 255));  // retires all of them
    experiment->fork(experiment->runs()[0], {"adam", {}});
    const auto start = Clock::now();
    experiment.reset();
    EXPECT_LT(Clock::now() - start, 3s);  // a fraction of it, but sanitizers are slow
  }
}

TEST_F(Experiments, ManyCommandsInARow) {
  const auto experiment = make();
  std::vector<RunId> runs = {experiment->add(config_of({"esgd", {}})),
                             experiment->add(config_of({"adam", {}}))};
  for (int round = 0; round < 30; ++round) {
    experiment->post_all(Pause{});
    experiment->post_all(SetKnob{SetKnob::Target::training, "batch", 32.0 + round});
    experiment->post_all(Resume{});
    if (round % 10 == 3) runs.push_back(experiment->fork(runs[0], {"sgd", {{"lr", 0.01}}}));
    if (round % 10 == 6) experiment->post(runs[1], Reset{});
    if (round % 10 == 7) experiment->post(runs[1], UndoReset{});
    if (round % 10 == 8) {
      experiment->remove(runs.back());
      if (round == 18) {
        runs.pop_back();
      } else {
        EXPECT_EQ(experiment->undo_remove(), runs.back());
      }
    }
    if (round % 4 == 0) experiment->set_pacing(round % 8 == 0 ? Pacing::freely : Pacing::by_step);
    for (RunId run : runs) experiment->latest(run);
  }
  EXPECT_EQ(experiment->runs(), runs);
  for (RunId run : runs) {
    ASSERT_TRUE(eventually([&] {
      const Snapshot& now = experiment->latest(run);
      return now.progress.step > 20 && (run == runs[1] || now.config.training.at("batch") == 61);
    })) << run
        << " " << status_name(experiment->latest(run).status);
  }
}

}  // namespace
}  // namespace fieldscope
