// The threads of a block as fibers: see fake_block.h and README.md.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "cuda_runtime.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace {

constexpr std::size_t stack_bytes = std::size_t{256} << 10;
constexpr unsigned lanes = 32;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "fake CUDA: block %u: %s\n", blockIdx.x, what);
  std::abort();
}

/// Where a fiber, or the thread that schedules them, goes on. The compiler's own jumps: a hundred
/// times faster than swapcontext, which asks the kernel about signals.
struct Place {
  void* at[5] = {};
  void* stack = nullptr;  ///< for the address sanitizer
  std::size_t bytes = 0;
};

[[gnu::noinline]] void jump(Place& to) {
  __builtin_longjmp(to.at, 1);
}

[[gnu::noinline]] void go(Place& from, Place& to) {
#if defined(__SANITIZE_ADDRESS__)
  void* save = nullptr;
  __sanitizer_start_switch_fiber(&save, to.stack, to.bytes);
#endif
  if (__builtin_setjmp(from.at) == 0) jump(to);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(save, nullptr, nullptr);
#endif
}

enum class State { ready, at_barrier, in_collective, done };

struct PendingCopy {
  float* to;
  const float* from;
  unsigned bytes;
  int group;
};

struct Fiber {
  Place place;
  ucontext_t first;  ///< how it is entered for the first time
  State state = State::done;
  unsigned thread = 0;
  bool entered = false;
  std::vector<PendingCopy> copies;
  int group = 0;  ///< groups of copies that were committed
};

struct Warp {
  FakeCollective run = nullptr;
  void* registers[lanes] = {};
  unsigned arrived = 0;
};

/// The fibers of one host thread, kept from block to block.
struct Block {
  std::vector<std::unique_ptr<Fiber>> fibers;
  std::vector<Warp> warps;
  unsigned threads = 0, at_barrier = 0, done = 0;
  void (*body)(void*) = nullptr;
  void* argument = nullptr;
  Fiber* running = nullptr;
  Place scheduler;
  char* shared = nullptr;
  std::size_t shared_bytes = 0, mapped = 0;

  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() {
    for (const auto& fiber : fibers) munmap(fiber->place.stack, stack_bytes);
    if (shared != nullptr) munmap(shared, mapped);
  }

  void reserve(unsigned count) {
    while (fibers.size() < count) {
      Fiber& fiber = *fibers.emplace_back(std::make_unique<Fiber>());
      fiber.thread = static_cast<unsigned>(fibers.size()) - 1;
      fiber.place.bytes = stack_bytes;
      fiber.place.stack = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (fiber.place.stack == MAP_FAILED) fail("no memory for stacks");
    }
  }

  void new_shared_memory(std::size_t bytes) {
    const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    if (shared != nullptr) munmap(shared, mapped);
    shared_bytes = (bytes + 15) / 16 * 16;
    mapped = (shared_bytes + page - 1) / page * page + page;
    shared = static_cast<char*>(
        mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(shared + mapped - page, page, PROT_NONE);
  }
  char* shared_begin() const {
    return shared + mapped - static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) - shared_bytes;
  }
};

Block& block() {
  thread_local Block own;
  return own;
}

Fiber& running() {
  Fiber* fiber = block().running;
  if (fiber == nullptr) fail("a barrier in a kernel that was launched without shared memory");
  return *fiber;
}

/// Back to the scheduler until somebody makes this fiber ready again.
void wait(Fiber& fiber, State state) {
  fiber.state = state;
  go(fiber.place, block().scheduler);
}

void fiber_main() {
#if defined(__SANITIZE_ADDRESS__)
  Block& entered = block();
  const void* stack = nullptr;
  std::size_t bytes = 0;
  __sanitizer_finish_switch_fiber(nullptr, &stack, &bytes);
  entered.scheduler.stack = const_cast<void*>(stack);
  entered.scheduler.bytes = bytes;
#endif
  for (;;) {
    Block& own = block();
    own.body(own.argument);
    Fiber& fiber = *own.running;
    if (!fiber.copies.empty()) fail("a thread ended before its copies had arrived");
    ++own.done;
    wait(fiber, State::done);
  }
}

[[gnu::noinline]] void enter(Block& own, Fiber& fiber) {
  getcontext(&fiber.first);
  fiber.first.uc_stack.ss_sp = fiber.place.stack;
  fiber.first.uc_stack.ss_size = stack_bytes;
  fiber.first.uc_link = nullptr;
  makecontext(&fiber.first, &fiber_main, 0);
  fiber.entered = true;
#if defined(__SANITIZE_ADDRESS__)
  void* save = nullptr;
  __sanitizer_start_switch_fiber(&save, fiber.place.stack, stack_bytes);
#endif
  if (__builtin_setjmp(own.scheduler.at) == 0) setcontext(&fiber.first);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(save, nullptr, nullptr);
#endif
}

void resume(Block& own, Fiber& fiber) {
  own.running = &fiber;
  threadIdx.x = fiber.thread;
  if (fiber.entered)
    go(own.scheduler, fiber.place);
  else
    enter(own, fiber);
  own.running = nullptr;
}

void open_barrier(Block& own) {
  for (unsigned i = 0; i < own.threads; ++i) own.fibers[i]->state = State::ready;
  own.at_barrier = 0;
}

/// What every thread waits for, as nobody can go on.
[[noreturn]] void deadlock(const Block& own) {
  unsigned in_collective = 0;
  for (unsigned i = 0; i < own.threads; ++i)
    in_collective += own.fibers[i]->state == State::in_collective ? 1 : 0;
  char text[200];
  std::snprintf(text, sizeof text,
                "deadlock: of %u threads %u wait at a barrier, %u in a warp's collective, and %u "
                "have ended",
                own.threads, own.at_barrier, in_collective, own.done);
  fail(text);
}

void copy_now(const PendingCopy& copy) {
  if (copy.bytes > 0) std::memcpy(copy.to, copy.from, copy.bytes);
  std::memset(reinterpret_cast<char*>(copy.to) + copy.bytes, 0, 16 - copy.bytes);
}

}  // namespace

void fake_run_block(unsigned threads, std::size_t shared_bytes, void (*body)(void*),
                    void* argument) {
  Block& own = block();
  if (threads % lanes != 0) fail("a block of fibers has whole warps");
  fake_read_faults();
  own.reserve(threads);
  if (own.shared == nullptr || own.shared_bytes != (shared_bytes + 15) / 16 * 16)
    own.new_shared_memory(shared_bytes);
  std::memset(own.shared_begin(), 0xff, own.shared_bytes);  // NaN
  own.warps.assign(threads / lanes, Warp{});
  own.threads = threads;
  own.at_barrier = own.done = 0;
  own.body = body;
  own.argument = argument;
  for (unsigned i = 0; i < threads; ++i) {
    own.fibers[i]->state = State::ready;
    own.fibers[i]->group = 0;
  }
  while (own.done < threads) {
    bool went_on = false;
    for (unsigned warp = 0; warp < threads; warp += lanes) {
      bool again = true;  // a warp goes on for as long as it can by itself
      while (again) {
        again = false;
        for (unsigned i = warp; i < warp + lanes; ++i)
          if (own.fibers[i]->state == State::ready) {
            resume(own, *own.fibers[i]);
            again = true;
          }
        went_on = went_on || again;
      }
    }
    if (!went_on) deadlock(own);
  }
}

float* fake_shared_memory() {
  running();
  return reinterpret_cast<float*>(block().shared_begin());
}

void __syncthreads() {
  Fiber& fiber = running();
  Block& own = block();
  if (++own.at_barrier == own.threads)
    open_barrier(own);
  else
    wait(fiber, State::at_barrier);
}

void __syncwarp() {
  fake_collective([](void* const(&)[lanes]) {}, nullptr);
}

void fake_collective(FakeCollective run, void* registers) {
  Fiber& fiber = running();
  Block& own = block();
  Warp& warp = own.warps[fiber.thread / lanes];
  if (warp.arrived > 0 && warp.run != run) fail("lanes of a warp do different things");
  warp.run = run;
  warp.registers[fiber.thread % lanes] = registers;
  if (++warp.arrived < lanes) return wait(fiber, State::in_collective);
  run(warp.registers);
  warp.arrived = 0;
  const unsigned first = fiber.thread / lanes * lanes;
  for (unsigned i = first; i < first + lanes; ++i) own.fibers[i]->state = State::ready;
}

void fake_copy_async(float* to, const float* from, unsigned bytes) {
  Fiber& fiber = running();
  if (reinterpret_cast<std::uintptr_t>(to) % 16 != 0 ||
      (bytes > 0 && reinterpret_cast<std::uintptr_t>(from) % 16 != 0))
    fail("an asynchronous copy of 16 bytes that are not aligned");
  std::memset(to, 0xff, 16);
  fiber.copies.push_back({to, from, bytes, fiber.group});
}

void fake_copy_async_commit() {
  ++running().group;
}

void fake_copy_async_wait(int pending) {
  Fiber& fiber = running();
  std::size_t kept = 0;
  for (const PendingCopy& copy : fiber.copies)
    if (copy.group < fiber.group - pending)
      copy_now(copy);
    else
      fiber.copies[kept++] = copy;
  fiber.copies.resize(kept);
}
