// Which thread computes which index, never how fast: these tests must hold on a busy machine.
#include "engine/backend/cpu/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#if defined(__linux__)
#include <sys/resource.h>
#endif

namespace fieldscope {
namespace {

void wait_for(const std::atomic<bool>& flag) {
  while (!flag) std::this_thread::yield();
}

/// A caller that sits inside a region of the pool until it is let go.
class Occupant {
 public:
  explicit Occupant(ThreadPool& pool)
      : thread_([this, &pool] {
          pool.parallel_for(1, [this](std::size_t) {
            inside_ = true;
            wait_for(released_);
          });
        }) {
    wait_for(inside_);
  }
  ~Occupant() {
    released_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> inside_{false}, released_{false};
  std::thread thread_;
};

/// Runs regions until one of the pool's own threads has helped with one.
void expect_help(ThreadPool& pool) {
  const std::thread::id me = std::this_thread::get_id();
  std::atomic<bool> helped{false};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!helped && std::chrono::steady_clock::now() < deadline)
    pool.parallel_for(4, [&](std::size_t) {
      if (std::this_thread::get_id() != me) helped = true;
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    });
  EXPECT_TRUE(helped);
}

TEST(ThreadPoolJobs, EveryIndexOnceForAnyCount) {
  for (const int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const std::size_t count : {0, 1, 2, 3, 7, 64, 1000, 100000}) {
      std::vector<std::atomic<int>> hits(count);
      pool.parallel_for(count, [&](std::size_t i) { ++hits[i]; });
      const auto once = std::count(hits.begin(), hits.end(), 1);
      EXPECT_EQ(once, static_cast<long>(count)) << threads << " threads";
    }
  }
}

TEST(ThreadPoolJobs, EveryIndexOnceUnderManyCallers) {
  for (const int threads : {2, 4}) {
    ThreadPool pool(threads);
    std::atomic<int> wrong{0};
    std::vector<std::thread> callers;
    for (std::size_t c = 0; c < 6; ++c) {
      callers.emplace_back([&, c] {
        for (std::size_t round = 0; round < 500; ++round) {
          std::vector<std::atomic<int>> hits((c * 7 + round) % 23);
          pool.parallel_for(hits.size(), [&](std::size_t i) { ++hits[i]; });
          for (const auto& h : hits) wrong += h != 1;
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(wrong, 0);
  }
}

TEST(ThreadPoolJobs, MoreCallersThanItHasPlacesFor) {
  ThreadPool pool(2);
  std::atomic<int> done{0};
  std::vector<std::thread> callers;
  for (int c = 0; c < 80; ++c)
    callers.emplace_back([&] {
      pool.parallel_for(50, [&](std::size_t) {
        ++done;
        std::this_thread::yield();
      });
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(done, 80 * 50);
}

TEST(ThreadPoolJobs, ResultsAreSeenByTheCaller) {
  ThreadPool pool(3);
  std::vector<int> values(512);  // plain ints: the thread sanitizer watches
  for (int round = 1; round <= 300; ++round) {
    pool.parallel_for(values.size(), [&](std::size_t i) { values[i] += round; });
    ASSERT_TRUE(std::all_of(values.begin(), values.end(),
                            [&](int v) { return v == round * (round + 1) / 2; }));
  }
}

TEST(ThreadPoolJobs, AJobMayStartAnother) {
  ThreadPool pool(3);
  std::vector<std::atomic<int>> hits(20 * 30);
  pool.parallel_for(20, [&](std::size_t i) {
    pool.parallel_for(30, [&](std::size_t j) { ++hits[i * 30 + j]; });
  });
  EXPECT_EQ(std::count(hits.begin(), hits.end(), 1), 600);
}

TEST(ThreadPoolJobs, TheFirstExceptionComesOut) {
  ThreadPool pool(3);
  for (int round = 0; round < 100; ++round) {
    std::atomic<int> begun{0};
    try {
      pool.parallel_for(10000, [&](std::size_t i) {
        ++begun;
        if (i >= 5) throw std::runtime_error("index " + std::to_string(i));
      });
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(std::string(error.what()).substr(0, 6), "index ");
    }
    EXPECT_LT(begun, 100) << "went on after an error";
  }
  std::atomic<int> sum{0};
  pool.parallel_for(100, [&](std::size_t i) { sum += static_cast<int>(i); });
  EXPECT_EQ(sum, 4950);
}

TEST(ThreadPoolHelpers, HelpACallerThatIsAlone) {
  ThreadPool pool(2);
  expect_help(pool);
  // Also after they have gone to sleep.
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  expect_help(pool);
}

TEST(ThreadPoolHelpers, StayAwayWhileCallersFillThePool) {
  ThreadPool pool(2);
  expect_help(pool);
  {
    const Occupant other(pool);
    const std::thread::id me = std::this_thread::get_id();
    std::atomic<int> foreign{0};
    for (int round = 0; round < 2000; ++round)
      pool.parallel_for(8,
                        [&](std::size_t) { foreign += std::this_thread::get_id() == me ? 0 : 1; });
    EXPECT_LE(foreign, 1) << "one that was on its way in";
  }
  expect_help(pool);
}

TEST(ThreadPoolHelpers, LeaveWhenAnotherCallerComes) {
  ThreadPool pool(2);
  std::atomic<bool> helped{false}, crowded{false}, done{false};
  std::atomic<int> helped_late{0};
  std::thread caller([&] {
    const std::thread::id me = std::this_thread::get_id();
    const auto body = [&](std::size_t) {
      if (done) throw std::runtime_error("enough");
      if (std::this_thread::get_id() != me) {
        helped = true;
        helped_late += crowded ? 1 : 0;
      }
      std::this_thread::yield();
    };
    EXPECT_THROW(pool.parallel_for(std::size_t{1} << 40, body), std::runtime_error);
  });
  wait_for(helped);
  {
    const Occupant other(pool);
    crowded = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    done = true;
    caller.join();
  }
  EXPECT_LE(helped_late, 1) << "at most the index that it had begun";
}

TEST(ThreadPoolHelpers, TakeTurnsBetweenJobs) {
  ThreadPool pool(3);  // room for one helper beside two callers
  constexpr std::size_t turns = 200;
  std::atomic<int> inside{0};
  std::atomic<bool> enough{false};
  std::mutex mutex;
  std::vector<int> order;  // whose indices the helper took
  std::vector<std::thread> threads;
  // Each caller sits on the first index it gets; the others are the helper's.
  for (int c = 0; c < 2; ++c)
    threads.emplace_back([&, c] {
      const std::thread::id me = std::this_thread::get_id();
      pool.parallel_for(100000, [&](std::size_t) {
        if (enough) return;
        if (std::this_thread::get_id() == me) {
          ++inside;
          wait_for(enough);
          return;
        }
        while (inside < 2) std::this_thread::yield();
        const std::lock_guard lock(mutex);
        order.push_back(c);
        if (order.size() >= turns) enough = true;
      });
    });
  for (std::thread& thread : threads) thread.join();
  const auto first = std::count(order.begin(), order.begin() + turns, 0);
  EXPECT_NEAR(static_cast<double>(first), turns / 2.0, 4);
}

TEST(ThreadPoolHelpers, NoMoreThreadsThanItSays) {
  constexpr int most = 3;
  ThreadPool pool(most);
  std::mutex mutex;
  std::vector<std::thread::id> seen;
  for (int round = 0; round < 200; ++round)
    pool.parallel_for(16, [&](std::size_t) {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
      const std::lock_guard lock(mutex);
      const std::thread::id me = std::this_thread::get_id();
      if (std::find(seen.begin(), seen.end(), me) == seen.end()) seen.push_back(me);
    });
  EXPECT_GT(seen.size(), 1u);
  EXPECT_LE(seen.size(), static_cast<std::size_t>(most));
}

TEST(ThreadPoolHelpers, EndWithThePool) {
  for (int round = 0; round < 100; ++round) {
    ThreadPool pool(1 + round % 4);
    if (round % 3 == 0) continue;  // never used
    std::atomic<int> hits{0};
    pool.parallel_for(5, [&](std::size_t) { ++hits; });
    EXPECT_EQ(hits, 5);
    if (round % 3 == 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // asleep
  }
}

#if defined(__linux__)
TEST(ThreadPoolHelpers, ComputeAtThePriorityAskedFor) {
  ThreadPool pool(2, 7);
  const int mine = getpriority(PRIO_PROCESS, 0);
  const std::thread::id me = std::this_thread::get_id();
  std::atomic<int> helpers{-100};
  for (int round = 0; round < 100000 && helpers == -100; ++round)
    pool.parallel_for(4, [&](std::size_t) {
      if (std::this_thread::get_id() != me) helpers = getpriority(PRIO_PROCESS, 0);
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    });
  EXPECT_EQ(helpers, std::max(mine, 7));
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), mine);
}
#endif

}  // namespace
}  // namespace fieldscope
