// The CPU threads shared by all runs. Any number of threads may call parallel_for at once. Each
// caller works on its own job; helpers, the pool's own threads, join where there is room: callers
// and helpers together compute on at most threads() cores, and helpers take turns between jobs.
// Thread-safe.
//
// A training step is a handful of parallel regions, some of 20 microseconds, so what counts is how
// fast they begin and end: nothing is allocated or locked on the way, and both sides watch for each
// other actively for some microseconds before they sleep.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

namespace fieldscope {

/// Gives the calling thread at least this niceness (0: as it is; Linux only). Threads that compute
/// in the background of a window so give way to the one that draws.
void lower_priority(int niceness);

class ThreadPool {
 public:
  /// `threads` counts the caller of parallel_for: the pool starts threads - 1. 0: as many as the
  /// cores that this process may use. Its threads give way to others as lower_priority() says.
  explicit ThreadPool(int threads = 0, int niceness = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  /// Calls body(i) once for every i < count, on several threads in any order, and returns when all
  /// are done. Results must not depend on the order (see CpuBackend). Where a body throws, the
  /// indices not yet begun are dropped and the first exception comes out here. A body may itself
  /// call parallel_for; mostly it will get no help.
  template <class Body>
  void parallel_for(std::size_t count, Body&& body) {
    using Plain = std::remove_reference_t<Body>;
    const Call call = [](const void* object, std::size_t index) {
      (*static_cast<Plain*>(const_cast<void*>(object)))(index);
    };
    run(count, call, std::addressof(body));
  }

 private:
  using Call = void (*)(const void* body, std::size_t index);

  /// A place for one job. Belongs to the pool, so that a helper who comes late looks at a closed
  /// job and not at a caller's stack that is gone.
  struct alignas(64) Slot {
    std::atomic<std::uint32_t> state{0};  ///< helpers inside, open_flag, waiting_flag
    Call call = nullptr;
    const void* body = nullptr;
    std::size_t count = 0;
    std::exception_ptr error;
    std::atomic<bool> failed{false};
    alignas(64) std::atomic<std::size_t> next{0};  ///< the next index to hand out
  };
  static constexpr std::uint32_t open_flag = 1u << 31, waiting_flag = 1u << 30;
  static constexpr std::uint32_t one_caller = 1u << 16, one_helper = 1;
  static constexpr int no_slot = -1;
  class Caller;

  void run(std::size_t count, Call call, const void* body);
  int take_slot();
  void open(int slot, std::size_t count, Call call, const void* body);
  void close(int slot);
  bool drain(int slot, bool helper);
  void wake_helpers(std::size_t count);

  void work(bool spins, int niceness);
  void help(int& turn);
  bool enter();
  bool leave_if_crowded();
  bool room() const;
  void sleep();

  const int threads_;
  const bool spins_;  ///< no more threads than cores: waiting actively takes no core from anybody
  std::array<Slot, 64> slots_;
  alignas(64) std::atomic<std::uint64_t> open_{0};       ///< slots with indices to hand out; bits
  alignas(64) std::atomic<std::uint64_t> used_{0};       ///< slots with a caller; bits
  alignas(64) std::atomic<std::uint32_t> computing_{0};  ///< callers, and helpers who joined them
  std::atomic<std::int64_t> crowded_{0};  ///< when callers alone last filled the pool; clock ticks
  alignas(64) std::atomic<std::uint32_t> sleepers_{0};
  std::atomic<std::uint32_t> wake_{0};  ///< changes to wake sleepers
  std::atomic<bool> stop_{false};
  std::vector<std::thread> workers_;
};

}  // namespace fieldscope
