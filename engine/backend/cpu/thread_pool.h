// The CPU threads shared by all runs. Any number of client threads may call parallel_for at once;
// the caller works too, so a call never waits for a thread to become free. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace fieldscope {

class ThreadPool {
 public:
  /// `threads` counts the caller of parallel_for: the pool starts threads - 1. 0: all cores.
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls body(i) once for every i < count, on several threads in any order, and returns when all
  /// are done. `body` must not throw. Results must not depend on the order (see CpuBackend).
  void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body);

 private:
  struct Job;
  void work();
  static void drain(Job& job);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Job>> jobs_;  ///< jobs that may still have indices to hand out
  std::vector<std::thread> workers_;
  bool stop_ = false;
};

}  // namespace fieldscope
