// Surfaces of runs with their workers: that neither edits, resets nor the end of a run meet one at
// a bad time, and what they cost the training.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <set>

#include "engine/train/session.h"
#include "tests/engine/experiment/fixture.h"
#include "tests/engine/experiment/surface_fixture.h"

namespace fieldscope {
namespace {

using namespace test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class SurfacesOfRuns : public ExperimentTest {
 protected:
  std::unique_ptr<Experiment> make_on_mesh(bool paused) const {
    return std::make_unique<Experiment>(torus_dataset(),
                                        Experiment::Settings{2, Pacing::by_step, paused, {}});
  }
  /// The run rests, and its surface is as fine as it gets and shows its weights.
  static bool settled(Experiment& experiment, RunId run, int resolution) {
    return eventually([&] {
      const Snapshot& now = experiment.latest(run);
      return now.surface && !now.surface_busy && now.surface_at.step == now.progress.step &&
             now.surface->resolution == resolution;
    });
  }
};

TEST_F(SurfacesOfRuns, FollowTheTraining) {
  const auto experiment = make_on_mesh(false);
  const RunId run = experiment->add(ring_config());
  experiment->post(run, ShowSurface{24, 48, {}});
  std::set<std::uint64_t> shown;
  ASSERT_TRUE(eventually([&] {
    const Snapshot& now = experiment->latest(run);
    EXPECT_LE(now.surface_at.step, now.progress.step);
    if (now.surface) {
      EXPECT_EQ(now.surface->resolution, 24);
      shown.insert(now.surface_at.step);
    }
    return shown.size() >= 4;
  }));
  EXPECT_EQ(experiment->latest(run).status, RunStatus::running);
  experiment->post(run, Pause{});
  ASSERT_TRUE(becomes(*experiment, run, RunStatus::paused));
  ASSERT_TRUE(settled(*experiment, run, 48));
  Session again(ring_config(), torus_dataset(), std::make_shared<ThreadPool>(2));
  while (again.progress().step < step_of(*experiment, run)) again.step();
  expect_same(*experiment->latest(run).surface, *surface_of(ring_config(), again.weights(), 48));
}

TEST_F(SurfacesOfRuns, AreRefusedByPictures) {
  const auto experiment = make();
  const RunId run = experiment->add(config_of({"adam", {}}));
  experiment->post(run, ShowSurface{});
  ASSERT_TRUE(eventually([&] { return experiment->latest(run).refusals == 1; }));
  EXPECT_EQ(experiment->latest(run).refusal, "only occupancy fields have a surface to show");
  EXPECT_TRUE(reaches(*experiment, run, step_of(*experiment, run) + 10));
  EXPECT_EQ(experiment->latest(run).surface, nullptr);
}

TEST_F(SurfacesOfRuns, EditsThatLeaveTheFieldAloneLeaveItsSurface) {
  const auto experiment = make_on_mesh(true);
  const RunId run = experiment->add(ring_config());
  experiment->post(run, ShowSurface{16, 32, {}});
  ASSERT_TRUE(settled(*experiment, run, 32));
  const std::shared_ptr<const Surface> before = experiment->latest(run).surface;
  experiment->post(run, SetKnob{SetKnob::Target::optimizer, "lr", 0.01});
  experiment->post(run, SetKnob{SetKnob::Target::training, "spread", 0.1});
  experiment->post(run, SwitchOptimizer{{"sgd", {}}});
  ASSERT_TRUE(eventually([&] { return experiment->latest(run).edits.size() == 3; }));
  for (int turn = 0; turn < 2; ++turn) {  // of the worker: whatever it would begin, it has
    const std::uint64_t serial = experiment->latest(run).serial;
    experiment->post(run, Pause{});
    ASSERT_TRUE(eventually([&] { return experiment->latest(run).serial > serial; }));
    EXPECT_FALSE(experiment->latest(run).surface_busy);
    EXPECT_EQ(experiment->latest(run).surface, before);
  }
  experiment->post(run, SetKnob{SetKnob::Target::activation, "omega", 4});
  ASSERT_TRUE(eventually([&] { return experiment->latest(run).surface != before; }));
  ASSERT_TRUE(settled(*experiment, run, 32));
  RunConfig changed = ring_config();
  changed.field.knobs["omega"] = 4;
  Session fresh(ring_config(), torus_dataset(), std::make_shared<ThreadPool>(1));
  expect_same(*experiment->latest(run).surface, *surface_of(changed, fresh.weights(), 32));
}

TEST_F(SurfacesOfRuns, AfterAResetOldWeightsAreNotShownAsNew) {
  Session fresh(ring_config(), torus_dataset(), std::make_shared<ThreadPool>(1));
  const std::shared_ptr<const Surface> coarse = surface_of(ring_config(), fresh.weights(), 16),
                                       fine = surface_of(ring_config(), fresh.weights(), 32);
  for (const int resting : {32, 512}) {  // at rest, or while it draws
    const auto experiment = make_on_mesh(true);
    const RunId run = experiment->add(ring_config());
    experiment->post(run, ShowSurface{16, resting, {}});
    advance(*experiment, {run}, 20);
    ASSERT_TRUE(eventually([&] {
      const Snapshot& now = experiment->latest(run);
      return now.surface && now.surface_at.step == 20 && now.surface->resolution >= 32;
    }));
    experiment->post(run, ShowSurface{16, 32, {}});
    experiment->post(run, Reset{});
    ASSERT_TRUE(eventually([&] {
      const Snapshot& now = experiment->latest(run);
      if (now.progress.step != 0 || now.surface_at.step != 0) return false;
      EXPECT_TRUE(now.surface->mesh.vertices ==
                  (now.surface->resolution == 16 ? coarse : fine)->mesh.vertices);
      return now.surface->resolution == 32 && !now.surface_busy;
    }));
    // As before the reset: those weights again.
    experiment->post(run, UndoReset{});
    ASSERT_TRUE(eventually([&] {
      const Snapshot& now = experiment->latest(run);
      return now.progress.step == 20 && now.surface_at.step == 20 && !now.surface_busy;
    }));
    EXPECT_FALSE(experiment->latest(run).surface->mesh.vertices == fine->mesh.vertices);
  }
}

TEST_F(SurfacesOfRuns, RunsEndPromptlyWhileTheyDraw) {
  for (int round = 0; round < 12; ++round) {
    auto experiment = make_on_mesh(round % 2 == 0);
    const RunId run = experiment->add(ring_config()), other = experiment->add(ring_config());
    experiment->post_all(ShowSurface{64, 512, {}});
    ASSERT_TRUE(eventually([&] { return experiment->latest(run).surface_busy; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(round));
    const auto start = Clock::now();
    if (round % 3 == 0) experiment->remove(other);
    if (round % 3 == 1) experiment->set_dataset(torus_dataset());
    experiment.reset();
    EXPECT_LT(Clock::now() - start, 5s);
  }
}

TEST_F(SurfacesOfRuns, ARemovedRunReturnsWithItsSurface) {
  const auto experiment = make_on_mesh(false);
  const RunId run = experiment->add(ring_config());
  experiment->post(run, ShowSurface{16, 32, {}});
  ASSERT_TRUE(eventually([&] { return experiment->latest(run).surface_at.step > 0; }));
  experiment->remove(run);
  ASSERT_TRUE(experiment->undo_remove(run));
  const std::uint64_t step = step_of(*experiment, run);
  EXPECT_TRUE(eventually([&] { return experiment->latest(run).surface_at.step > step; }));
}

TEST_F(SurfacesOfRuns, WhateverIsPostedWheneverItIs) {
  const auto experiment = make_on_mesh(false);
  const std::vector<RunId> runs = {experiment->add(ring_config()), experiment->add(ring_config())};
  for (std::uint64_t i = 0; i < 150; ++i) {
    const RunId run = runs[random_below(1, 2 * i, 2)];
    switch (random_below(2, i, 9)) {
      case 0:
        experiment->post(run, Pause{});
        break;
      case 1:
        experiment->post(run, Resume{});
        break;
      case 2:
        experiment->post(run, StepOnce{3});
        break;
      case 3:
        experiment->post(run, Reset{});
        break;
      case 4:
        experiment->post(run, UndoReset{});
        break;
      case 5:
        experiment->post(run, ShowSurface{16, 256, {}});
        break;
      case 6:
        experiment->post(run, ShowSurface{0, 0, {}});
        break;
      case 7:
        experiment->post(run, ShowSurface{32, 64, SectionPlane{2, 0.5f}});
        break;
      default:
        experiment->post(
            run, SetKnob{SetKnob::Target::activation, "omega", 5.0 + static_cast<double>(i % 7)});
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random_below(3, i, 4000)));
  }
  for (const RunId run : runs) {
    // As fine as none before, so that what is seen is what was asked for last.
    experiment->post(run, ShowSurface{16, 48, {}});
    experiment->post(run, Pause{});
    ASSERT_TRUE(settled(*experiment, run, 48));
    EXPECT_EQ(experiment->latest(run).surface_problem, "");
    EXPECT_EQ(experiment->latest(run).refusals, 0u);
  }
  const SavedExperiment now = saved(*experiment);
  for (std::size_t i = 0; i < runs.size(); ++i)
    expect_same(*experiment->latest(runs[i]).surface,
                *surface_of(now.runs[i].config, now.runs[i].weights, 48));
}

/// Not a test of anything: says what live surfaces cost the training of the paper's network.
/// FIELDSCOPE_MEASURE=1 runs it.
TEST_F(SurfacesOfRuns, TheFullNetworkBesideItsSurface) {
  if (std::getenv("FIELDSCOPE_MEASURE") == nullptr)
    GTEST_SKIP() << "only measures, for a minute or two: FIELDSCOPE_MEASURE=1 runs it";
  const auto experiment = std::make_unique<Experiment>(torus_dataset(), Experiment::Settings{});
  RunConfig full;
  full.task = TaskKind::occupancy;
  full.optimizer.id = "adam";
  full.training = {{"eval_every", 1000}};
  const RunId run = experiment->add(full);
  ASSERT_TRUE(reaches(*experiment, run, 10));
  // In turns, because others may be busy on the machine; processor time, because it is theirs less.
  double steps[2] = {}, seconds[2] = {}, processor[2] = {};
  for (int turn = 0; turn < 24; ++turn) {
    const int live = turn % 2;
    experiment->post(run, ShowSurface{live ? 64 : 0, 64, {}});
    std::this_thread::sleep_for(200ms);
    const std::uint64_t from = step_of(*experiment, run);
    const auto start = Clock::now();
    const std::clock_t clock = std::clock();
    std::this_thread::sleep_for(3s);
    steps[live] += static_cast<double>(step_of(*experiment, run) - from);
    seconds[live] += std::chrono::duration<double>(Clock::now() - start).count();
    processor[live] += static_cast<double>(std::clock() - clock) / CLOCKS_PER_SEC;
  }
  std::printf(
      "%.2f steps/s without, %.2f with a live surface: ratio %.3f; per second of all "
      "processors %.3f\n",
      steps[0] / seconds[0], steps[1] / seconds[1], steps[1] / seconds[1] / (steps[0] / seconds[0]),
      steps[1] / processor[1] / (steps[0] / processor[0]));
  std::set<std::uint64_t> drawn;
  const auto start = Clock::now();
  ASSERT_TRUE(eventually([&] {
    const Snapshot& now = experiment->latest(run);
    if (now.surface && now.surface->resolution == 64) drawn.insert(now.surface_at.step);
    return drawn.size() == 4;
  }));
  std::printf("a surface of 64 cells, %zu evaluations, every %.1f s\n",
              experiment->latest(run).surface->evaluations,
              std::chrono::duration<double>(Clock::now() - start).count() / 4);
  experiment->post(run, Pause{});
  experiment->post(run, ShowSurface{24, 24, {}});
  ASSERT_TRUE(settled(*experiment, run, 24));
  const auto resting = Clock::now();
  experiment->post(run, ShowSurface{24, 128, {}});
  ASSERT_TRUE(settled(*experiment, run, 128));
  std::printf("at rest, up to 128 cells in %.1f s, the last with %zu evaluations\n",
              std::chrono::duration<double>(Clock::now() - resting).count(),
              experiment->latest(run).surface->evaluations);
}

}  // namespace
}  // namespace fieldscope
