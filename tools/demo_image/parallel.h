// Calls body(row) for every row on a few threads. Rows must not depend on each other, so the result
// is the same for any number of threads.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

namespace fieldscope::demo_image {

template <class Body>
void parallel_rows(int rows, int threads, const Body& body) {
  std::atomic<int> next{0};
  const auto work = [&] {
    for (int row = next++; row < rows; row = next++) body(row);
  };
  std::vector<std::jthread> pool;
  for (int i = 1; i < threads; ++i) pool.emplace_back(work);
  work();
}

}  // namespace fieldscope::demo_image
