#include "engine/math/parallel.h"

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

TEST(OnThreads, EachIndexOnce) {
  for (const int threads : {0, 1, 2, 5}) {
    const Parallel parallel = on_threads(threads);
    for (const std::size_t count : {0u, 1u, 2u, 7u, 39u, 40u, 41u, 10'000u}) {
      std::vector<std::atomic<int>> visits(count);
      parallel(count, [&](std::size_t begin, std::size_t end) {
        ASSERT_LE(begin, end);
        ASSERT_LE(end, count);
        for (std::size_t i = begin; i < end; ++i) ++visits[i];
      });
      for (std::size_t i = 0; i < count; ++i)
        ASSERT_EQ(visits[i], 1) << i << " of " << count << " on " << threads;
    }
  }
}

TEST(OnThreads, NothingToDoIsNothingDone) {
  int calls = 0;
  on_threads(3)(0, [&](std::size_t, std::size_t) { ++calls; });
  EXPECT_EQ(calls, 0);
  serially(1, [&](std::size_t begin, std::size_t end) {
    EXPECT_EQ(begin, 0u);
    EXPECT_EQ(end, 1u);
    ++calls;
  });
  EXPECT_EQ(calls, 1);
}

TEST(OnThreads, WhatABodyThrowsComesOutAndEndsTheRest) {
  for (const int threads : {1, 3}) {
    constexpr std::size_t count = 1'000'000;
    std::atomic<std::size_t> done{0};
    std::string said;
    try {
      on_threads(threads)(count, [&](std::size_t begin, std::size_t end) {
        if (begin == 0) throw std::runtime_error("no more");
        done += end - begin;
      });
    } catch (const std::runtime_error& error) {
      said = error.what();
    }
    EXPECT_EQ(said, "no more");
    EXPECT_LT(done, count);
    // And there is nothing left behind.
    done = 0;
    on_threads(threads)(100, [&](std::size_t begin, std::size_t end) { done += end - begin; });
    EXPECT_EQ(done, 100u);
  }
}

TEST(OnThreads, AllOfThemThrow) {
  EXPECT_THROW(on_threads(4)(1000, [](std::size_t, std::size_t) { throw 7; }), int);
}

}  // namespace
}  // namespace fieldscope
