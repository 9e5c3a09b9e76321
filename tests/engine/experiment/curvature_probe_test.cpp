// Diagnoses beside a run that trains on: their results, their intervals, giving up, and what they
// cost the training.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/experiment/experiment.h"
#include "engine/experiment/json.h"
#include "engine/train/session.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

class CurvatureOfRuns : public testing::Test {
 protected:
  static RunConfig config(const std::string& optimizer, std::vector<int> hidden = {10, 10}) {
    RunConfig config;
    config.optimizer.id = optimizer;
    config.field.hidden = std::move(hidden);
    config.training["batch"] = 64;
    return resolve_config(config);
  }
  static KnobValues fast() {
    return {{"batch", 64}, {"steps", 10}, {"probes", 2}, {"trace_products", 6}, {"hv_probes", 2}};
  }
  template <class Condition>
  static bool eventually(const Condition& condition, int seconds = 60) {
    for (int i = 0; i < 200 * seconds; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  Experiment experiment_{small_dataset(), {}};
};

TEST_F(CurvatureOfRuns, OneIsMadeWhileTheRunTrainsOn) {
  const RunId run = experiment_.add(config("esgd"));
  experiment_.post(run, StudyCurvature{fast()});
  ASSERT_TRUE(eventually([&] { return experiment_.latest(run).curvature != nullptr; }));
  const Snapshot& s = experiment_.latest(run);
  EXPECT_TRUE(s.curvature->exact);
  EXPECT_EQ(s.curvature->parameters, s.parameters);
  ASSERT_EQ(s.history->curvature.size(), 1u);
  EXPECT_EQ(s.history->curvature[0].at.step, s.curvature_at.step);
  EXPECT_GT(s.history->curvature[0].kappa[0], 1);
  const std::uint64_t step = s.progress.step;
  EXPECT_TRUE(eventually([&] { return experiment_.latest(run).progress.step > step + 10; }));
  EXPECT_EQ(experiment_.latest(run).status, RunStatus::running);
}

TEST_F(CurvatureOfRuns, OneIsMadeOfAPausedRun) {
  const RunId run = experiment_.add(config("adam"));
  ASSERT_TRUE(eventually([&] { return experiment_.latest(run).progress.step > 3; }));
  experiment_.post(run, Pause{});
  experiment_.post(run, StudyCurvature{fast()});
  ASSERT_TRUE(eventually([&] { return experiment_.latest(run).curvature != nullptr; }));
  EXPECT_EQ(experiment_.latest(run).status, RunStatus::paused);
  EXPECT_EQ(experiment_.latest(run).curvature_at.step, experiment_.latest(run).progress.step);
}

TEST_F(CurvatureOfRuns, TheyComeAtIntervalsUntilTheyAreEnded) {
  const RunId run = experiment_.add(config("esgd"));
  experiment_.post(run, StudyCurvature{fast(), 50});
  ASSERT_TRUE(eventually([&] { return experiment_.latest(run).history->curvature.size() >= 3; }));
  EXPECT_EQ(experiment_.latest(run).curvature_every, 50u);
  experiment_.post(run, EndCurvature{});
  ASSERT_TRUE(eventually([&] { return experiment_.latest(run).curvature_every == 0; }));
  const auto points = experiment_.latest(run).history->curvature;
  for (std::size_t i = 1; i < points.size(); ++i)
    EXPECT_GE(points[i].at.step / 50, points[i - 1].at.step / 50 + 1);
  const std::uint64_t step = experiment_.latest(run).progress.step;
  ASSERT_TRUE(eventually([&] { return experiment_.latest(run).progress.step > step + 200; }));
  EXPECT_EQ(experiment_.latest(run).history->curvature.size(), points.size());
}

TEST_F(CurvatureOfRuns, ALongOneCanBeGivenUp) {
  const RunId run = experiment_.add(config("adam", {64, 64, 64}));
  KnobValues knobs = {{"steps", 500}, {"probes", 20}, {"exact_limit", 0}};
  experiment_.post(run, StudyCurvature{knobs});
  ASSERT_TRUE(eventually([&] { return experiment_.latest(run).curvature_busy; }));
  EXPECT_TRUE(eventually([&] { return experiment_.latest(run).curvature_stage != ""; }));
  experiment_.post(run, EndCurvature{});
  EXPECT_TRUE(eventually([&] { return !experiment_.latest(run).curvature_busy; }));
  EXPECT_EQ(experiment_.latest(run).curvature, nullptr);
  EXPECT_EQ(experiment_.latest(run).curvature_problem, "");
}

TEST_F(CurvatureOfRuns, AWrongKnobIsRefused) {
  const RunId run = experiment_.add(config("adam"));
  experiment_.post(run, StudyCurvature{{{"nonsense", 1}}});
  EXPECT_TRUE(eventually([&] { return experiment_.latest(run).refusals == 1; }));
  EXPECT_NE(experiment_.latest(run).refusal.find("nonsense"), std::string::npos);
}

TEST_F(CurvatureOfRuns, LandscapesAroundAndBetweenRuns) {
  const RunId first = experiment_.add(config("esgd")), second = experiment_.add(config("adam"));
  LandscapeSettings settings;
  settings.batch = 64;
  settings.points = 5;
  settings.steps = 8;
  for (const LandscapeKind kind :
       {LandscapeKind::random, LandscapeKind::eigenvectors, LandscapeKind::path})
    for (const int dimensions : {1, 2}) {
      settings.kind = kind;
      settings.dimensions = dimensions;
      const auto before = experiment_.latest(first).landscape;
      experiment_.draw_landscape(first, settings, second);
      ASSERT_TRUE(eventually([&] { return experiment_.latest(first).landscape != before; }));
      const Landscape& drawn = *experiment_.latest(first).landscape;
      EXPECT_EQ(drawn.loss.size(), dimensions == 1 ? 5u : 25u);
      EXPECT_EQ(drawn.directions.size(), static_cast<std::size_t>(dimensions));
    }
  // Between networks of other shapes there is none.
  const RunId other = experiment_.add(config("adam", {7}));
  experiment_.draw_landscape(first, settings, other);
  EXPECT_TRUE(eventually([&] {
    return experiment_.latest(first).curvature_problem.find("no path") != std::string::npos;
  }));
}

TEST_F(CurvatureOfRuns, DiagnosesAreSavedWithTheCurves) {
  Session session(config("esgd"), small_dataset(), std::make_shared<ThreadPool>(2));
  session.step();
  const CurvatureReport report = session.study(curvature_settings(fast()));
  session.record_curvature(report, session.progress());
  const History back = history_from_json(to_json(session.history()));
  ASSERT_EQ(back.curvature.size(), 1u);
  const CurvaturePoint &a = back.curvature[0], b = session.history().curvature[0];
  EXPECT_EQ(a.at.step, 1u);
  EXPECT_EQ(a.exact, b.exact);
  EXPECT_EQ(a.kappa[0], b.kappa[0]);
  EXPECT_EQ(a.spread[4], b.spread[4]);
  EXPECT_EQ(a.near_zero, b.near_zero);
  EXPECT_EQ(a.seconds, b.seconds);
}

/// Not a test of anything: says what the paper's full network costs. FIELDSCOPE_MEASURE=1 runs it.
TEST_F(CurvatureOfRuns, TheFullNetworkBesideTraining) {
  if (std::getenv("FIELDSCOPE_MEASURE") == nullptr)
    GTEST_SKIP() << "only measures, for a minute or two: FIELDSCOPE_MEASURE=1 runs it";
  Experiment experiment(small_dataset(256, 256), {});
  RunConfig full;
  full.optimizer.id = "adam";
  const RunId run = experiment.add(full);
  const auto steps_in = [&](double seconds) {
    const std::uint64_t before = experiment.latest(run).progress.step;
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    return static_cast<double>(experiment.latest(run).progress.step - before) / seconds;
  };
  ASSERT_TRUE(eventually([&] { return experiment.latest(run).progress.step > 20; }));
  const double alone = steps_in(10);
  experiment.post(run, StudyCurvature{{{"batch", 4096},
                                       {"steps", 80},
                                       {"probes", 4},
                                       {"trace_products", 3},
                                       {"hv_probes", 1},
                                       {"layers", 0},
                                       {"preconditioners", 0}},
                                      0,
                                      0.9});
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_TRUE(eventually([&] { return experiment.latest(run).curvature_busy; }));
  const std::uint64_t before = experiment.latest(run).progress.step;
  ASSERT_TRUE(eventually([&] { return experiment.latest(run).curvature != nullptr; }, 600));
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  const double beside =
      static_cast<double>(experiment.latest(run).progress.step - before) / seconds;
  std::printf("%zu parameters, top eigenvalue %.6g ± %.2g\n", experiment.latest(run).parameters,
              experiment.latest(run).curvature->largest[0].value,
              experiment.latest(run).curvature->largest[0].residual);
  std::printf("%zu products in %.1f s; training %.1f steps/s alone, %.1f beside it (%.2f)\n",
              experiment.latest(run).curvature->products, seconds, alone, beside, beside / alone);
}

}  // namespace
}  // namespace fieldscope
