// Views rendered beside the training of their fields: which camera and which weights they show, how
// fine, and that nobody waits for a step.
#include "engine/experiment/view_watch.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>

#include "engine/experiment/experiment.h"
#include "engine/math/error.h"
#include "tests/engine/experiment/fixture.h"
#include "tests/engine/experiment/view_fixture.h"

namespace fieldscope {
namespace {

using namespace test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

const PosedCamera front = camera_at({2.5f, 1, 1}, 96, 80), side = camera_at({0, 2.6f, 1}, 96, 80);

class ViewWatches : public ExperimentTest {
 protected:
  ViewWatch watch() {
    return {pool_, busy_, [this] { ++told_; }};
  }
  static Snapshot shown(const ViewWatch& watch) {
    Snapshot snapshot;
    watch.fill(snapshot);
    return snapshot;
  }
  /// Tends it until all of what this camera sees is rendered; the strides that were seen.
  std::vector<int> rest(ViewWatch& watch, Session& session, const PosedCamera& camera,
                        std::uint64_t changes = 0) {
    std::vector<int> strides;
    const bool done = eventually([&] {
      watch.tend(session, changes, false);
      const Snapshot now = shown(watch);
      if (!now.view || !(now.view_camera == camera)) return false;
      if (strides.empty() || strides.back() != now.view->stride)
        strides.push_back(now.view->stride);
      return now.view->stride == 1 && !now.view_busy && now.view_at.step == session.progress().step;
    });
    EXPECT_TRUE(done);
    return strides;
  }
  static RenderedView expected(Session& session, const PosedCamera& camera) {
    const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(2), Precision::f32);
    RadianceField field = *session.radiance_field();
    field.settings.free_camera = true;
    auto marcher =
        std::make_shared<RayMarcher>(*backend, field, std::span<const double>(session.weights()));
    ViewRendering rendering(marcher, camera);
    while (!rendering.advance(100'000)) {
    }
    return rendering.view();
  }
  static void expect_same(const RenderedView& a, const RenderedView& b) {
    EXPECT_TRUE(a.colour == b.colour);
    EXPECT_TRUE(a.opacity == b.opacity);
    EXPECT_TRUE(a.depth == b.depth);
  }

  std::shared_ptr<ThreadPool> pool_ = std::make_shared<ThreadPool>(2);
  std::shared_ptr<std::atomic<int>> busy_ = std::make_shared<std::atomic<int>>(0);
  std::atomic<int> told_{0};
  Session session_{radiance_config(), small_views(), pool_};
};

TEST_F(ViewWatches, CoarseFirstThenAllOfIt) {
  ViewWatch watch = this->watch();
  watch.tend(session_, 0, false);
  EXPECT_FALSE(shown(watch).view_busy);  // nobody has asked
  watch.show({front});
  const std::vector<int> strides = rest(watch, session_, front);
  for (std::size_t i = 1; i < strides.size(); ++i) EXPECT_LT(strides[i], strides[i - 1]);
  expect_same(*shown(watch).view, expected(session_, front));
  EXPECT_GE(told_, 3);
  EXPECT_TRUE(eventually([&] { return *busy_ == 0; }));
}

TEST_F(ViewWatches, AnotherCameraIsShownWithoutTheWorker) {
  ViewWatch watch = this->watch();
  watch.show({front});
  rest(watch, session_, front);
  watch.show({side});
  EXPECT_TRUE(eventually([&] {
    const Snapshot now = shown(watch);
    return now.view_camera == side && now.view->stride == 1;
  }));
  expect_same(*shown(watch).view, expected(session_, side));
}

TEST_F(ViewWatches, AFreeCameraSeesTheBoxFromAnywhere) {
  ViewWatch watch = this->watch();
  for (const float away : {0.5f, 30.0f}) {
    const PosedCamera camera = camera_at({away, 0, 0.01f * away}, 32, 32);
    watch.show({camera});
    rest(watch, session_, camera);
    const RenderedView& view = *shown(watch).view;
    EXPECT_GT(view.opacity[16 * 32 + 16], 0) << away;
  }
  // Where a photograph was taken, near and far are as they are learned.
  const PosedCamera taken = small_views()->held_out.front().camera;
  watch.show({taken});
  rest(watch, session_, taken);
  EXPECT_GT(shown(watch).view->opacity[5 * 12 + 6], 0);
}

TEST_F(ViewWatches, PicturesComeWhileTheCameraMoves) {
  ViewWatch watch = this->watch();
  watch.tend(session_, 0, true);
  std::uint64_t pictures = 0;
  std::shared_ptr<const RenderedView> last;
  int moves = 0, coarsest = 0;
  ASSERT_TRUE(eventually([&] {
    PosedCamera camera = front;
    camera.pose.origin.z += 0.001f * static_cast<float>(++moves);
    watch.show({camera});
    const Snapshot now = shown(watch);
    pictures += now.view != last ? 1 : 0;
    last = now.view;
    if (last) coarsest = std::max(coarsest, last->stride);
    return pictures >= 8;
  }));
  // Nobody looks closely at what moves. (Where this thread has to wait, the camera rests.)
  EXPECT_GT(coarsest, 1);
}

TEST_F(ViewWatches, FollowsTheWeights) {
  ViewWatch watch = this->watch();
  watch.show({front});
  rest(watch, session_, front);
  for (int i = 0; i < 3; ++i) session_.step();
  // What is replaced was sharp: nothing coarse comes in between.
  EXPECT_EQ(rest(watch, session_, front), std::vector<int>{1});
  EXPECT_EQ(shown(watch).view_at.step, 3u);
  expect_same(*shown(watch).view, expected(session_, front));
}

TEST_F(ViewWatches, FollowsWhileTheWeightsMoveOn) {
  ViewWatch watch = this->watch();
  watch.show({front});
  std::uint64_t newest = 0;
  int pictures = 0;
  ASSERT_TRUE(eventually([&] {
    session_.step();
    watch.tend(session_, 0, true);
    const Snapshot now = shown(watch);
    if (now.view && now.view_at.step > newest) newest = now.view_at.step, ++pictures;
    return pictures >= 4;
  }));
}

TEST_F(ViewWatches, ChangesWithoutAStepAreShown) {
  ViewWatch watch = this->watch();
  watch.show({front});
  rest(watch, session_, front);
  RunConfig config = radiance_config();
  config.seed = 77;
  Session other(config, small_views(), pool_);
  watch.tend(other, 1, false);
  EXPECT_TRUE(eventually([&] {
    const Snapshot now = shown(watch);
    return !now.view_busy && now.view->stride == 1 &&
           now.view->colour == expected(other, front).colour;
  }));
}

TEST_F(ViewWatches, NoCameraEndsIt) {
  ViewWatch watch = this->watch();
  watch.show({front});
  rest(watch, session_, front);
  const auto last = shown(watch).view;
  watch.show({});
  session_.step();
  watch.tend(session_, 0, false);
  std::this_thread::sleep_for(20ms);
  EXPECT_FALSE(shown(watch).view_busy);
  EXPECT_EQ(shown(watch).view, last);  // the last one stays
}

TEST_F(ViewWatches, CamerasThatMakeNoPictureAreRefused) {
  PosedCamera small = front, nowhere = front, flat = front;
  small.lens.width = 4;
  nowhere.pose.origin.x = std::nanf("");
  flat.lens.fx = 0;
  for (const PosedCamera& bad : {small, nowhere, flat})
    EXPECT_THROW(ViewWatch::check({bad}), UsageError);
  ViewWatch::check({front});
  ViewWatch::check({});
}

TEST_F(ViewWatches, IsDestroyedWhileItRenders) {
  for (int round = 0; round < 30; ++round) {
    {
      ViewWatch watch = this->watch();
      watch.show({camera_at({2, 2, 1}, 512, 512)});
      watch.tend(session_, 0, round % 2 == 0);
      std::this_thread::sleep_for(std::chrono::microseconds(150 * round));
      watch.show({camera_at({1, 2, 1}, 512, 512)});
      watch.tend(session_, 0, round % 2 == 0);
    }
    ASSERT_EQ(*busy_, 0);
  }
}

TEST_F(ViewWatches, OfRunsWithTheirWorkers) {
  Experiment experiment(small_views(), Experiment::Settings{2, Pacing::by_step, false, {}});
  const RunId run = experiment.add(radiance_config()), other = experiment.add(radiance_config());
  experiment.post_all(ShowView{front});
  for (const RunId id : {run, other})
    EXPECT_TRUE(eventually(
        [&] { return experiment.latest(id).view && experiment.latest(id).view_at.step > 0; }));
  experiment.post_all(Pause{});
  for (const RunId id : {run, other})
    EXPECT_TRUE(eventually([&] {
      const Snapshot& now = experiment.latest(id);
      return now.view->stride == 1 && now.view_at.step == now.progress.step && !now.view_busy;
    }));
  experiment.post(run, Reset{});
  EXPECT_TRUE(eventually([&] {
    const Snapshot& now = experiment.latest(run);
    return now.progress.step == 0 && now.view_at.step == 0;
  }));
  PosedCamera bad = front;
  bad.lens.height = 100'000;
  experiment.post(run, ShowView{bad});
  EXPECT_TRUE(eventually([&] { return experiment.latest(run).refusals == 1; }));
  // And of a picture.
  const auto pictures = make();
  const RunId picture = pictures->add(config_of({"adam", {}}));
  pictures->post(picture, ShowView{front});
  EXPECT_TRUE(eventually([&] {
    return pictures->latest(picture).refusal == "only radiance fields have views to show";
  }));
}

/// Not a test of anything: says what live views cost the training of the paper's network, and how
/// soon there is something to see. FIELDSCOPE_MEASURE=1 runs it.
TEST_F(ViewWatches, AFieldIsHandedOutAsItIs) {
  Experiment experiment(small_views(), Experiment::Settings{2, Pacing::by_step, true, {}});
  const RunId run = experiment.add(radiance_config());
  const FrozenField before = experiment.frozen_field(run).get();
  experiment.post(run, StepOnce{3});
  ASSERT_TRUE(eventually([&] { return experiment.latest(run).progress.step == 3; }));
  const FrozenField after = experiment.frozen_field(run).get();
  EXPECT_EQ(before.at.step, 0u);
  EXPECT_EQ(after.at.step, 3u);
  EXPECT_EQ(after.device, experiment.latest(run).config.device);
  EXPECT_EQ(after.field.views, small_views());
  ASSERT_EQ(before.weights.size(), after.weights.size());
  EXPECT_NE(before.weights, after.weights);
  const auto pictures = make();
  const RunId picture = pictures->add(config_of({"adam", {}}));
  EXPECT_THROW(pictures->frozen_field(picture).get(), UsageError);
}

TEST_F(ViewWatches, TheFullNetworkBesideItsView) {
  if (std::getenv("FIELDSCOPE_MEASURE") == nullptr)
    GTEST_SKIP() << "only measures, for a minute or two: FIELDSCOPE_MEASURE=1 runs it";
  Experiment experiment(small_views(), Experiment::Settings{2, Pacing::by_step, false, {}});
  RunConfig full;
  full.task = TaskKind::nerf;
  full.optimizer.id = "adam";
  full.training = {{"eval_every", 1000}};
  const std::vector<RunId> runs = {experiment.add(full), experiment.add(full)};
  const PosedCamera camera = camera_at({2.5f, 1, 1}, 200, 200);
  const auto start = Clock::now();
  experiment.post_all(ShowView{camera});
  ASSERT_TRUE(eventually(
      [&] { return experiment.latest(runs[0]).view && experiment.latest(runs[1]).view; }));
  std::printf("the first views after %.2f s\n",
              std::chrono::duration<double>(Clock::now() - start).count());
  ASSERT_TRUE(reaches(experiment, runs[0], 5));
  // In turns, because others may be busy on the machine; processor time, because it is theirs less.
  double steps[2] = {}, seconds[2] = {}, processor[2] = {};
  for (int turn = 0; turn < 16; ++turn) {
    const int live = turn % 2;
    experiment.post_all(live ? ShowView{camera} : ShowView{});
    std::this_thread::sleep_for(500ms);
    const std::uint64_t from = step_of(experiment, runs[0]) + step_of(experiment, runs[1]);
    const auto began = Clock::now();
    const std::clock_t clock = std::clock();
    std::this_thread::sleep_for(4s);
    steps[live] +=
        static_cast<double>(step_of(experiment, runs[0]) + step_of(experiment, runs[1]) - from);
    seconds[live] += std::chrono::duration<double>(Clock::now() - began).count();
    processor[live] += static_cast<double>(std::clock() - clock) / CLOCKS_PER_SEC;
  }
  std::printf(
      "%.2f steps/s without, %.2f with live views: ratio %.3f; per second of all processors %.3f\n",
      steps[0] / seconds[0], steps[1] / seconds[1], steps[1] / seconds[1] / (steps[0] / seconds[0]),
      steps[1] / processor[1] / (steps[0] / processor[0]));
}

}  // namespace
}  // namespace fieldscope
