#include "engine/math/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace fieldscope {

void serially(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body) {
  body(0, count);
}

Parallel on_threads(int threads) {
  if (threads <= 0) threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return [threads](std::size_t count, const std::function<void(std::size_t, std::size_t)>& body) {
    // Several parts a thread: they need not be equally quick.
    const std::size_t part =
        std::max<std::size_t>(1, count / (8 * static_cast<std::size_t>(threads)));
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::exception_ptr problem;
    const auto work = [&] {
      for (;;) {
        const std::size_t begin = next.fetch_add(part);
        if (begin >= count) return;
        try {
          body(begin, std::min(count, begin + part));
        } catch (...) {
          next = count;
          const std::lock_guard lock(mutex);
          if (!problem) problem = std::current_exception();
        }
      }
    };
    {
      std::vector<std::jthread> helpers;
      for (int i = 1; i < threads; ++i) helpers.emplace_back(work);
      work();
    }
    if (problem) std::rethrow_exception(problem);
  };
}

}  // namespace fieldscope
