// Surfaces drawn beside the training of their fields: which weights they show, how fine, and that
// none is drawn twice or left behind.
#include "engine/experiment/surface_watch.h"

#include <chrono>
#include <cmath>
#include <thread>

#include "tests/engine/experiment/surface_fixture.h"

namespace fieldscope {
namespace {

using namespace test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class SurfaceWatches : public testing::Test {
 protected:
  SurfaceWatch watch() {
    return {torus_dataset(), pool_, busy_, [this] { ++told_; }};
  }
  static Snapshot shown(const SurfaceWatch& watch) {
    Snapshot snapshot;
    watch.fill(snapshot);
    return snapshot;
  }
  /// Tends it until nothing more is drawn; the resolutions that were shown.
  std::vector<int> rest(SurfaceWatch& watch, Session& session, std::uint64_t changes = 0,
                        bool training = false) {
    std::vector<int> resolutions;
    std::shared_ptr<const Surface> last = shown(watch).surface;
    for (;;) {
      watch.tend(session, changes, training);
      const Snapshot now = shown(watch);
      if (now.surface != last) resolutions.push_back(now.surface->resolution);
      last = now.surface;
      if (!now.surface_busy && now.surface) {
        watch.tend(session, changes, training);
        if (!shown(watch).surface_busy && shown(watch).surface == last) return resolutions;
      }
      std::this_thread::sleep_for(100us);
    }
  }

  std::shared_ptr<ThreadPool> pool_ = std::make_shared<ThreadPool>(2);
  std::shared_ptr<std::atomic<int>> busy_ = std::make_shared<std::atomic<int>>(0);
  std::atomic<int> told_{0};
  Session session_{ring_config(), torus_dataset(), pool_};
};

TEST_F(SurfaceWatches, CoarseFirstThenFinerAtRest) {
  SurfaceWatch watch = this->watch();
  watch.tend(session_, 0, false);
  EXPECT_FALSE(shown(watch).surface_busy);  // nobody has asked
  watch.show({64, 128, {}});
  EXPECT_EQ(rest(watch, session_), (std::vector<int>{32, 64, 128}));
  expect_same(*shown(watch).surface, *surface_of(ring_config(), session_.weights(), 128));
  EXPECT_GE(told_, 3);
  EXPECT_EQ(*busy_, 0);
  // Weights that have gone on begin again, from where training would be.
  watch.show({24, 40, {}});
  session_.step();
  EXPECT_EQ(rest(watch, session_), (std::vector<int>{24, 40}));
  EXPECT_EQ(shown(watch).surface_at.step, 1u);
  session_.step();
  EXPECT_EQ(rest(watch, session_, 0, true), (std::vector<int>{24}));  // while it trains, no finer
  watch.show({16, 16, {}});
  session_.step();
  EXPECT_EQ(rest(watch, session_), (std::vector<int>{16}));
}

TEST_F(SurfaceWatches, NoneIsDrawnTwice) {
  for (int round = 0; round < 60; ++round) {
    SurfaceWatch watch = this->watch();
    watch.show({8, 8, {}});
    while (!shown(watch).surface) watch.tend(session_, 0, false);
    const std::shared_ptr<const Surface> first = shown(watch).surface;
    for (const auto end = Clock::now() + 1ms; Clock::now() < end;) watch.tend(session_, 0, false);
    ASSERT_FALSE(shown(watch).surface_busy);
    ASSERT_EQ(shown(watch).surface, first) << round;
  }
}

TEST_F(SurfaceWatches, AFineOneEndsWhenTrainingGoesOn) {
  SurfaceWatch watch = this->watch();
  watch.show({16, 512, {}});
  while (!shown(watch).surface || shown(watch).surface->resolution < 64) {
    watch.tend(session_, 0, false);
    std::this_thread::sleep_for(100us);
  }
  watch.tend(session_, 0, false);
  ASSERT_TRUE(shown(watch).surface_busy);
  EXPECT_EQ(*busy_, 1);
  session_.step();
  EXPECT_EQ(rest(watch, session_, 0, true), (std::vector<int>{16}));
  EXPECT_EQ(shown(watch).surface_at.step, 1u);
  EXPECT_EQ(*busy_, 0);
}

TEST_F(SurfaceWatches, ACoarseOneIsFinishedThoughTrainingGoesOn) {
  SurfaceWatch watch = this->watch();
  watch.show({64, 64, {}});
  watch.tend(session_, 0, true);
  // Every step would be a reason to begin again, and there would never be one.
  while (!shown(watch).surface) {
    session_.step();
    watch.tend(session_, 0, true);
  }
  EXPECT_EQ(shown(watch).surface_at.step, 0u);
}

TEST_F(SurfaceWatches, ChangesWithoutAStepGiveUpTheOneUnderWay) {
  SurfaceWatch watch = this->watch();
  watch.show({8, 512, {}});
  while (!shown(watch).surface || shown(watch).surface->resolution < 32) {
    watch.tend(session_, 0, false);
    std::this_thread::sleep_for(100us);
  }
  watch.tend(session_, 0, false);
  ASSERT_TRUE(shown(watch).surface_busy);
  Session other(ring_config(), torus_dataset(), pool_);
  other.apply(SetKnob{SetKnob::Target::activation, "omega", 4});
  watch.show({8, 16, {}});
  EXPECT_EQ(rest(watch, other, 1), (std::vector<int>{8, 16}));
  RunConfig changed = ring_config();
  changed.field.knobs["omega"] = 4;
  expect_same(*shown(watch).surface, *surface_of(changed, other.weights(), 16));
}

TEST_F(SurfaceWatches, AnotherPlaneIsAnotherSurface) {
  SurfaceWatch watch = this->watch();
  watch.show({16, 16, SectionPlane{0, 0.5f}});
  rest(watch, session_);
  ASSERT_TRUE(shown(watch).surface->section.has_value());
  EXPECT_EQ(shown(watch).surface->section->plane, (SectionPlane{0, 0.5f}));
  watch.show({16, 16, SectionPlane{1, -0.25f}});
  EXPECT_EQ(rest(watch, session_), (std::vector<int>{16}));
  EXPECT_EQ(shown(watch).surface->section->plane, (SectionPlane{1, -0.25f}));
  EXPECT_TRUE(shown(watch).surface->section->probabilities ==
              surface_of(ring_config(), session_.weights(), 16, SectionPlane{1, -0.25f})
                  ->section->probabilities);
  watch.show({16, 16, {}});
  rest(watch, session_);
  EXPECT_FALSE(shown(watch).surface->section.has_value());
}

TEST_F(SurfaceWatches, NoResolutionEndsIt) {
  SurfaceWatch watch = this->watch();
  watch.show({8, 512, {}});
  while (!shown(watch).surface || shown(watch).surface->resolution < 64) {
    watch.tend(session_, 0, false);
    std::this_thread::sleep_for(100us);
  }
  watch.tend(session_, 0, false);
  ASSERT_TRUE(shown(watch).surface_busy);
  watch.show({0, 128, {}});
  EXPECT_FALSE(shown(watch).surface_busy);
  EXPECT_EQ(*busy_, 0);
  session_.step();
  watch.tend(session_, 1, false);
  EXPECT_FALSE(shown(watch).surface_busy);
  EXPECT_NE(shown(watch).surface, nullptr);  // the last one stays
}

TEST_F(SurfaceWatches, WhatCannotBeShownIsRefused) {
  SurfaceWatch watch = this->watch();
  for (const ShowSurface& bad :
       {ShowSurface{7, 64, {}}, ShowSurface{64, 513, {}}, ShowSurface{64, 64, SectionPlane{3, 0}},
        ShowSurface{64, 64, SectionPlane{0, std::nanf("")}}})
    EXPECT_THROW(watch.show(bad), UsageError);
  watch.tend(session_, 0, false);
  EXPECT_FALSE(shown(watch).surface_busy);
}

TEST_F(SurfaceWatches, IsDestroyedWhileItDraws) {
  for (int round = 0; round < 30; ++round) {
    {
      SurfaceWatch watch = this->watch();
      watch.show({64, 512, {}});
      watch.tend(session_, 0, round % 2 == 0);
      std::this_thread::sleep_for(std::chrono::microseconds(150 * round));
      watch.tend(session_, 0, round % 2 == 0);
    }
    ASSERT_EQ(*busy_, 0);
  }
}

}  // namespace
}  // namespace fieldscope
