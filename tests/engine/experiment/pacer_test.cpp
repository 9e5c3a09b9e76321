// Who may step and who waits.
#include "engine/experiment/pacer.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/math/random.h"

namespace fieldscope {
namespace {

using namespace std::chrono_literals;

TEST(Pacer, LockstepWaitsForTheSlowest) {
  Pacer pacer(Pacing::by_step);
  pacer.report(1, 0, 0);
  EXPECT_TRUE(pacer.may_step(1, 0ms));
  pacer.report(2, 0, 5);
  EXPECT_TRUE(pacer.may_step(1, 0ms));
  pacer.report(1, 1, 0);
  EXPECT_FALSE(pacer.may_step(1, 1ms));
  EXPECT_TRUE(pacer.may_step(2, 0ms));
  pacer.report(2, 1, 9);
  EXPECT_TRUE(pacer.may_step(1, 0ms));
}

/// Runs on devices that want steps on the way are level within these.
TEST(Pacer, LockstepLeavesRoomForStepsOnTheWay) {
  Pacer pacer(Pacing::by_step);
  pacer.report(1, 4, 0, 8);
  pacer.report(2, 0, 0, 4);
  EXPECT_TRUE(pacer.may_step(1, 0ms));
  pacer.report(1, 5, 0, 8);
  EXPECT_FALSE(pacer.may_step(1, 0ms));  // the least of them
  EXPECT_FALSE(pacer.looks(5, true));
  for (int step = 6; step < 11; ++step) EXPECT_FALSE(pacer.looks(step, false));
  EXPECT_TRUE(pacer.looks(11, false));  // nobody was beyond it when it was decided
  pacer.report(2, 0, 0, 0);             // who has none waits for each
  pacer.report(1, 1, 0, 8);
  EXPECT_FALSE(pacer.may_step(1, 0ms));
  EXPECT_TRUE(pacer.may_step(2, 0ms));
}

TEST(Pacer, BySecondsTheOneThatUsedLeastGoesFirst) {
  Pacer pacer(Pacing::by_seconds);
  pacer.report(1, 100, 0.5);
  pacer.report(2, 3, 0.75);
  EXPECT_TRUE(pacer.may_step(1, 0ms));
  EXPECT_FALSE(pacer.may_step(2, 1ms));
  pacer.set_pacing(Pacing::by_step);
  EXPECT_EQ(pacer.pacing(), Pacing::by_step);
  EXPECT_FALSE(pacer.may_step(1, 1ms));
  EXPECT_TRUE(pacer.may_step(2, 0ms));
  pacer.set_pacing(Pacing::freely);
  EXPECT_TRUE(pacer.may_step(1, 0ms));
  EXPECT_TRUE(pacer.may_step(2, 0ms));
}

TEST(Pacer, WhoeverLeavesHoldsNobodyUp) {
  Pacer pacer(Pacing::by_step);
  pacer.report(1, 7, 0);
  pacer.report(2, 3, 0);
  EXPECT_FALSE(pacer.may_step(1, 0ms));
  pacer.leave(2);
  EXPECT_TRUE(pacer.may_step(1, 0ms));
  pacer.leave(3);  // never came
}

TEST(Pacer, AWaitEndsAsSoonAsItMay) {
  for (int how : {0, 1, 2}) {
    Pacer pacer(Pacing::by_step);
    pacer.report(1, 1, 0);
    pacer.report(2, 0, 0);
    std::thread other([&] {
      std::this_thread::sleep_for(10ms);
      if (how == 0) pacer.report(2, 1, 0);
      if (how == 1) pacer.leave(2);
      if (how == 2) pacer.set_pacing(Pacing::freely);
    });
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(pacer.may_step(1, 60000ms));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 30s);
    other.join();
  }
}

TEST(Pacer, ManyWorkersStayWithinOneStep) {
  constexpr int workers = 4, steps = 400;
  Pacer pacer(Pacing::by_step);
  std::vector<std::atomic<int>> taken(workers);
  std::atomic<int> apart{0}, ready{0};
  std::vector<std::thread> threads;
  for (int me = 0; me < workers; ++me) {
    threads.emplace_back([&, me] {
      const auto worker = static_cast<std::uint32_t>(me);
      pacer.report(worker, 0, 0);
      for (++ready; ready < workers;) std::this_thread::yield();
      while (taken[me] < steps) {
        pacer.report(worker, static_cast<std::uint64_t>(taken[me]), 0);
        if (!pacer.may_step(worker, 1ms)) continue;
        if (random_below(1, static_cast<std::uint64_t>(workers * taken[me] + me), 40) == 0)
          std::this_thread::sleep_for(300us);
        const int mine = ++taken[me];
        for (const std::atomic<int>& other : taken) apart += mine - other > 1;
      }
      // Nobody waits for one that has finished and left; it is level with or ahead of the others.
      pacer.leave(worker);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(apart, 0);
}

TEST(Pacer, RunsInLockstepLookAtTheSameStep) {
  Pacer pacer(Pacing::by_step);
  EXPECT_FALSE(pacer.looks(10, false));
  EXPECT_FALSE(pacer.looks(10, true));  // so that the others, a step away at most, get there too
  EXPECT_FALSE(pacer.looks(11, true));  // does not put it off
  EXPECT_FALSE(pacer.looks(11, false));
  EXPECT_TRUE(pacer.looks(12, false));
  EXPECT_TRUE(pacer.looks(12, true));
  EXPECT_FALSE(pacer.looks(13, false));
  EXPECT_FALSE(pacer.looks(3, true));  // one that was reset does not wait for step 12
  EXPECT_TRUE(pacer.looks(5, false));
}

TEST(Pacer, RunsThatGoFreelyLookWhenTheyAreDue) {
  for (const Pacing pacing : {Pacing::by_seconds, Pacing::freely}) {
    Pacer pacer(pacing);
    EXPECT_TRUE(pacer.looks(1000, true));
    EXPECT_TRUE(pacer.looks(10, true));
    EXPECT_FALSE(pacer.looks(10, false));
  }
}

TEST(Pacer, NamesEachPacing) {
  EXPECT_STRNE(pacing_name(Pacing::by_step), pacing_name(Pacing::by_seconds));
  EXPECT_STRNE(pacing_name(Pacing::by_step), pacing_name(Pacing::freely));
}

}  // namespace
}  // namespace fieldscope
