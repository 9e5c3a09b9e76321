// Work beside a run: it gives way, ends when told, and leaves nothing behind.
#include "engine/experiment/side_thread.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

void spend(Clock::duration time) {
  for (const auto end = Clock::now() + time; Clock::now() < end;) {
  }
}

TEST(SideThreads, EndsByItselfAndSaysSo) {
  std::atomic<int> told{0};
  SideThread thread([&] { ++told; });
  EXPECT_FALSE(thread.busy());
  for (int round = 1; round <= 3; ++round) {
    std::atomic<bool> done{false};
    thread.start([&] {
      thread.pause();
      thread.tell(0.5, "half");
      done = true;
    });
    while (thread.busy()) std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(done);
    EXPECT_EQ(thread.share(), 0.5);
    EXPECT_EQ(thread.stage(), "half");
    thread.cancel();  // waits for its last words
    EXPECT_EQ(told, round);
  }
}

TEST(SideThreads, ACancelledOneStopsAtOnceEvenWhileItRests) {
  std::atomic<int> told{0};
  const auto token = std::make_shared<int>(0);
  SideThread thread([&] { ++told; });
  thread.set_training(true);
  thread.set_duty(1e-6);  // rests as long as it may
  std::atomic<int> pieces{0};
  thread.start([&thread, &pieces, token] {
    for (;;) {
      ++pieces;
      spend(2ms);
      thread.pause();
    }
  });
  while (pieces == 0) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(5ms);
  EXPECT_TRUE(thread.busy());
  EXPECT_EQ(token.use_count(), 2);
  const auto start = Clock::now();
  thread.cancel();
  EXPECT_LT(Clock::now() - start, 400ms);  // a rest takes 500
  EXPECT_FALSE(thread.busy());
  EXPECT_EQ(token.use_count(), 1);  // what the work held is gone with it
  EXPECT_EQ(told, 0);
}

TEST(SideThreads, RestsInProportionWhileSomebodyTrains) {
  SideThread thread({});
  thread.set_training(true);
  thread.set_duty(0.2);
  std::atomic<bool> begun{false};
  thread.start([&] {
    begun = true;
    for (int piece = 0; piece < 5; ++piece) {
      spend(4ms);
      thread.pause();
    }
  });
  while (!begun) std::this_thread::yield();
  const auto start = Clock::now();
  while (thread.busy()) std::this_thread::sleep_for(1ms);
  EXPECT_GT(Clock::now() - start, 90ms);  // 100 less what had begun before
}

TEST(SideThreads, AnotherWorkTakesItsPlace) {
  SideThread thread({});
  std::atomic<int> first{0}, second{0};
  thread.start([&] {
    for (;;) {
      ++first;
      thread.pause();
    }
  });
  while (first == 0) std::this_thread::yield();
  thread.start([&] {
    for (;;) {
      ++second;
      thread.pause();
    }
  });
  const int at = first;
  while (second < 100) std::this_thread::yield();
  EXPECT_EQ(first, at);
  // And goes with its owner.
}

TEST(SideThreads, AreDestroyedWhileTheyWork) {
  for (int round = 0; round < 200; ++round) {
    const auto token = std::make_shared<int>(0);
    {
      SideThread thread({});
      thread.set_training(round % 2 == 0);
      thread.start([&thread, token] {
        for (;;) {
          thread.tell(0, "on and on");
          thread.pause();
        }
      });
      if (round % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(10 * round));
    }
    ASSERT_EQ(token.use_count(), 1);
  }
}

}  // namespace
}  // namespace fieldscope
