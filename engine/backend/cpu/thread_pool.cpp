#include "engine/backend/cpu/thread_pool.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <utility>

#if defined(__linux__)
#include <sched.h>
#include <sys/resource.h>
#endif

namespace fieldscope {
namespace {

using Clock = std::chrono::steady_clock;

/// How long helpers look out for the next job, and callers for the end of the last index, before
/// they sleep: longer than what a training step does between two regions, too short to matter to
/// anybody else.
constexpr auto patience = std::chrono::microseconds(50);

/// Looks between two glances at the clock.
constexpr int looks = 8;

/// After callers have filled the pool, sleeping helpers are left alone for so long: a run that is
/// between two regions will be back at once.
constexpr auto crowd_memory = std::chrono::microseconds(200);

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
  asm volatile("yield");
#endif
}

/// Watches `done` for a short while; whether it came true.
template <class Condition>
bool spin_until(Condition&& done) {
  const auto end = Clock::now() + patience;
  do {
    for (int i = 0; i < looks; ++i) {
      if (done()) return true;
      pause();
    }
  } while (Clock::now() < end);
  return done();
}

/// Cores that this process may use.
int available_cores() {
#if defined(__linux__)
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

std::uint64_t bit_of(int slot) {
  return std::uint64_t{1} << slot;
}

/// Callers in the upper half of `computing`, helpers in the lower.
int callers_of(std::uint32_t computing) {
  return static_cast<int>(computing >> 16);
}
int total_of(std::uint32_t computing) {
  return static_cast<int>((computing >> 16) + (computing & 0xffffu));
}

}  // namespace

void lower_priority([[maybe_unused]] int niceness) {
#if defined(__linux__)
  // Of this thread only, although POSIX says process.
  if (niceness > getpriority(PRIO_PROCESS, 0)) setpriority(PRIO_PROCESS, 0, niceness);
#endif
}

ThreadPool::ThreadPool(int threads, int niceness)
    : threads_(threads > 0 ? threads : available_cores()), spins_(threads_ <= available_cores()) {
  const int cores = available_cores();
  for (int i = 1; i < threads_; ++i)
    workers_.emplace_back([this, spins = i < cores, niceness] { work(spins, niceness); });
}

ThreadPool::~ThreadPool() {
  stop_ = true;
  ++wake_;
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

// ---- callers ------------------------------------------------------------------------------------

/// Counts a caller for as long as it is in parallel_for.
class ThreadPool::Caller {
 public:
  explicit Caller(ThreadPool& pool) : pool_(pool) { pool_.computing_ += one_caller; }
  ~Caller() { pool_.computing_ -= one_caller; }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

 private:
  ThreadPool& pool_;
};

void ThreadPool::run(std::size_t count, Call call, const void* body) {
  if (count == 0) return;
  const Caller caller(*this);
  // With more callers than slots there is no room for helpers anyway.
  const int slot = count > 1 && !workers_.empty() ? take_slot() : no_slot;
  if (slot == no_slot) {
    for (std::size_t i = 0; i < count; ++i) call(body, i);
    return;
  }
  open(slot, count, call, body);
  wake_helpers(count);
  drain(slot, false);
  close(slot);
  const std::exception_ptr error = std::exchange(slots_[slot].error, nullptr);
  used_ &= ~bit_of(slot);
  if (error) std::rethrow_exception(error);
}

int ThreadPool::take_slot() {
  std::uint64_t used = used_.load(std::memory_order_relaxed);
  while (~used != 0) {
    const int slot = std::countr_one(used);
    if (used_.compare_exchange_weak(used, used | bit_of(slot))) return slot;
  }
  return no_slot;
}

void ThreadPool::open(int slot, std::size_t count, Call call, const void* body) {
  Slot& job = slots_[slot];
  job.call = call;
  job.body = body;
  job.count = count;
  job.failed.store(false, std::memory_order_relaxed);
  job.next.store(0, std::memory_order_relaxed);
  job.state.store(open_flag, std::memory_order_release);
  open_ |= bit_of(slot);
}

/// Waits for the helpers inside; afterwards nobody touches the job any more.
void ThreadPool::close(int slot) {
  Slot& job = slots_[slot];
  if (open_.load(std::memory_order_relaxed) & bit_of(slot)) open_ &= ~bit_of(slot);
  if ((job.state &= ~open_flag) == 0) return;
  const auto left = [&] { return job.state.load(std::memory_order_acquire) == 0; };
  if (spins_ && spin_until(left)) return;
  job.state |= waiting_flag;
  for (std::uint32_t state; (state = job.state.load(std::memory_order_acquire)) != waiting_flag;)
    job.state.wait(state);
}

/// Sleeping helpers are woken when a job begins, if they would find room.
void ThreadPool::wake_helpers(std::size_t count) {
  const std::uint32_t computing = computing_.load();
  if (callers_of(computing) >= threads_) {
    crowded_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
    return;
  }
  const auto asleep = static_cast<int>(sleepers_.load());
  if (asleep == 0 || total_of(computing) >= threads_) return;
  const Clock::time_point crowded{Clock::duration(crowded_.load(std::memory_order_relaxed))};
  if (Clock::now() - crowded < crowd_memory) return;
  // Those awake will come by themselves.
  const int awake = static_cast<int>(workers_.size()) - asleep;
  const int wanted = static_cast<int>(std::min<std::size_t>(count - 1, workers_.size())) - awake;
  if (wanted <= 0) return;
  ++wake_;
  if (wanted == 1) {
    wake_.notify_one();
  } else {
    wake_.notify_all();
  }
}

/// Works on a job. A helper stops early when there is no room for it any more, which returns true
/// and has given its place back, or when it is another job's turn.
bool ThreadPool::drain(int slot, bool helper) {
  Slot& job = slots_[slot];
  for (;;) {
    const std::size_t i = job.next.fetch_add(1, std::memory_order_relaxed);
    if (i >= job.count) return false;
    // Whoever takes the last index saves the others from coming in vain.
    if (i + 1 == job.count) open_ &= ~bit_of(slot);
    try {
      job.call(job.body, i);
    } catch (...) {
      if (!job.failed.exchange(true)) job.error = std::current_exception();
      job.next = job.count;
    }
    if (!helper) continue;
    if (leave_if_crowded()) return true;
    if ((open_.load(std::memory_order_relaxed) & ~bit_of(slot)) != 0) return false;
  }
}

// ---- helpers ------------------------------------------------------------------------------------

void ThreadPool::work(bool spins, int niceness) {
  lower_priority(niceness);
  int turn = 0;
  const auto crowded = [&] {
    return callers_of(computing_.load(std::memory_order_relaxed)) >= threads_;
  };
  const auto something_new = [&] {
    return open_.load(std::memory_order_acquire) != 0 || stop_.load(std::memory_order_relaxed) ||
           crowded();
  };
  while (!stop_) {
    // Also after waking up, which takes so long that the job is often done by then: where there
    // was one region another will follow.
    const bool came = spins && spin_until(something_new);
    if (open_ != 0 && enter()) {
      help(turn);
    } else if (!came || crowded()) {
      sleep();
    }
  }
}

/// Works, with a place taken by enter(), until there is nothing to do or no room.
void ThreadPool::help(int& turn) {
  while (const std::uint64_t jobs = open_.load(std::memory_order_acquire)) {
    const int slot = (turn + std::countr_zero(std::rotr(jobs, turn))) % 64;
    turn = (slot + 1) % 64;
    std::atomic<std::uint32_t>& state = slots_[slot].state;
    std::uint32_t seen = state.load(std::memory_order_relaxed);
    while ((seen & open_flag) != 0 && !state.compare_exchange_weak(seen, seen + 1)) {
    }
    if ((seen & open_flag) == 0) continue;  // just closed
    const bool crowded = drain(slot, true);
    if (state.fetch_sub(1, std::memory_order_acq_rel) == (waiting_flag | 1)) state.notify_one();
    if (crowded) return;
  }
  computing_ -= one_helper;
}

bool ThreadPool::room() const {
  return total_of(computing_.load()) < threads_;
}

bool ThreadPool::enter() {
  std::uint32_t computing = computing_.load(std::memory_order_relaxed);
  while (total_of(computing) < threads_)
    if (computing_.compare_exchange_weak(computing, computing + one_helper)) return true;
  return false;
}

bool ThreadPool::leave_if_crowded() {
  std::uint32_t computing = computing_.load(std::memory_order_relaxed);
  while (total_of(computing) > threads_)
    if (computing_.compare_exchange_weak(computing, computing - one_helper)) return true;
  return false;
}

void ThreadPool::sleep() {
  // Announced before the last look, so that a job opened after that look wakes us.
  ++sleepers_;
  const std::uint32_t seen = wake_;
  if (!stop_ && !(open_ != 0 && room())) wake_.wait(seen);
  --sleepers_;
}

}  // namespace fieldscope
