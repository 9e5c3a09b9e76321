// The threads of a block, or of a cluster of blocks, as fibers: see fake_block.h and README.md.
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

thread_local bool wrong_clusters = false;

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

enum class State { ready, at_barrier, at_cluster, in_collective, done };

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
  unsigned index = 0;              ///< in the cluster
  unsigned block = 0, thread = 0;  ///< of the cluster, of the block
  bool entered = false;
  unsigned arrivals = 0, waits = 0;  ///< at the cluster's barrier
  std::vector<PendingCopy> copies;
  int group = 0;  ///< groups of copies that were committed
};

struct Warp {
  FakeCollective run = nullptr;
  void* registers[lanes] = {};
  unsigned arrived = 0;
};

std::size_t page() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

struct Block {
  unsigned at_barrier = 0, done = 0;
  char* shared = nullptr;
  std::size_t shared_bytes = 0, mapped = 0;
  bool accessible = true;

  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() {
    if (shared != nullptr) munmap(shared, mapped);
  }

  void new_shared_memory(std::size_t bytes) {
    if (shared != nullptr) munmap(shared, mapped);
    shared_bytes = bytes;
    mapped = (shared_bytes + page() - 1) / page() * page() + page();
    shared = static_cast<char*>(
        mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(shared + mapped - page(), page(), PROT_NONE);
    accessible = true;
  }
  char* shared_begin() const { return shared + mapped - page() - shared_bytes; }
  void allow_access(bool allowed) {
    if (accessible == allowed) return;
    accessible = allowed;
    mprotect(shared, mapped - page(), allowed ? PROT_READ | PROT_WRITE : PROT_NONE);
  }
};

/// The fibers of one host thread, kept from cluster to cluster. A block by itself is a cluster of
/// one.
struct Cluster {
  std::vector<std::unique_ptr<Fiber>> fibers;
  std::vector<Warp> warps;
  std::vector<std::unique_ptr<Block>> blocks;
  unsigned first_block = 0, block_count = 0;
  unsigned threads = 0;  ///< of a block
  unsigned done = 0;
  unsigned arrived = 0, turns = 0;  ///< at the cluster's barrier: now; times that all did
  void (*body)(void*) = nullptr;
  void* argument = nullptr;
  Fiber* running = nullptr;
  Place scheduler;

  Cluster() = default;
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  ~Cluster() {
    for (const auto& fiber : fibers) munmap(fiber->place.stack, stack_bytes);
  }

  unsigned all_threads() const { return block_count * threads; }
  Block& block_of(const Fiber& fiber) const { return *blocks[fiber.block]; }

  void reserve(unsigned count) {
    while (fibers.size() < count) {
      Fiber& fiber = *fibers.emplace_back(std::make_unique<Fiber>());
      fiber.index = static_cast<unsigned>(fibers.size()) - 1;
      fiber.place.bytes = stack_bytes;
      fiber.place.stack = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (fiber.place.stack == MAP_FAILED) fail("no memory for stacks");
    }
  }
};

Cluster& cluster() {
  thread_local Cluster own;
  return own;
}

Fiber& running() {
  Fiber* fiber = cluster().running;
  if (fiber == nullptr) fail("a barrier in a kernel that was launched without shared memory");
  return *fiber;
}

/// Back to the scheduler until somebody makes this fiber ready again.
void wait(Fiber& fiber, State state) {
  fiber.state = state;
  go(fiber.place, cluster().scheduler);
}

void fiber_main() {
#if defined(__SANITIZE_ADDRESS__)
  Cluster& entered = cluster();
  const void* stack = nullptr;
  std::size_t bytes = 0;
  __sanitizer_finish_switch_fiber(nullptr, &stack, &bytes);
  entered.scheduler.stack = const_cast<void*>(stack);
  entered.scheduler.bytes = bytes;
#endif
  for (;;) {
    Cluster& own = cluster();
    own.body(own.argument);
    Fiber& fiber = *own.running;
    if (!fiber.copies.empty()) fail("a thread ended before its copies had arrived");
    ++own.done;
    Block& block = own.block_of(fiber);
    if (++block.done == own.threads && own.block_count > 1) block.allow_access(false);
    wait(fiber, State::done);
  }
}

[[gnu::noinline]] void enter(Cluster& own, Fiber& fiber) {
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

void resume(Cluster& own, Fiber& fiber) {
  own.running = &fiber;
  threadIdx.x = fiber.thread;
  if (own.block_count > 1) {
    blockIdx.x = own.first_block + fiber.block;
    own.block_of(fiber).allow_access(true);
  }
  if (fiber.entered)
    go(own.scheduler, fiber.place);
  else
    enter(own, fiber);
  own.running = nullptr;
}

void open_barrier(Cluster& own, unsigned block) {
  const unsigned first = block * own.threads, end = first + own.threads;
  for (unsigned i = first; i < end; ++i) own.fibers[i]->state = State::ready;
  own.blocks[block]->at_barrier = 0;
}

/// What every thread waits for, as nobody can go on.
[[noreturn]] void deadlock(const Cluster& own) {
  unsigned waiting[5] = {};
  for (unsigned i = 0; i < own.all_threads(); ++i)
    ++waiting[static_cast<int>(own.fibers[i]->state)];
  const auto count = [&](State state) { return waiting[static_cast<int>(state)]; };
  char text[200];
  std::snprintf(text, sizeof text,
                "deadlock: of %u threads %u wait at a barrier, %u in a warp's collective, %u at "
                "their cluster's barrier, and %u have ended",
                own.all_threads(), count(State::at_barrier), count(State::in_collective),
                count(State::at_cluster), own.done);
  fail(text);
}

/// Each warp goes on for as long as it can by itself. Whether any could.
bool run_warps(Cluster& own, unsigned first, unsigned end) {
  bool went_on = false;
  for (unsigned warp = first; warp < end; warp += lanes) {
    bool again = true;
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
  return went_on;
}

void copy_now(const PendingCopy& copy) {
  if (copy.bytes > 0) std::memcpy(copy.to, copy.from, copy.bytes);
  std::memset(reinterpret_cast<char*>(copy.to) + copy.bytes, 0, 16 - copy.bytes);
}

}  // namespace

void fake_run_blocks(unsigned first_block, unsigned blocks, unsigned threads,
                     std::size_t shared_bytes, void (*body)(void*), void* argument) {
  Cluster& own = cluster();
  if (threads % lanes != 0) fail("a block of fibers has whole warps");
  fake_read_faults();
  wrong_clusters = std::getenv("FAKE_CUDA_WRONG_CLUSTERS") != nullptr;
  own.first_block = first_block;
  own.block_count = blocks;
  own.threads = threads;
  blockIdx.x = first_block;
  own.done = own.arrived = own.turns = 0;
  own.body = body;
  own.argument = argument;
  own.reserve(own.all_threads());
  own.warps.assign(own.all_threads() / lanes, Warp{});
  while (own.blocks.size() < blocks) own.blocks.push_back(std::make_unique<Block>());
  for (unsigned b = 0; b < blocks; ++b) {
    Block& block = *own.blocks[b];
    block.at_barrier = block.done = 0;
    const std::size_t bytes = (shared_bytes + 15) / 16 * 16;
    if (block.shared_bytes != bytes) block.new_shared_memory(bytes);
    block.allow_access(true);
    std::memset(block.shared_begin(), 0xff, bytes);  // NaN
    if (blocks > 1) block.allow_access(false);       // until it begins
  }
  for (unsigned i = 0; i < own.all_threads(); ++i) {
    Fiber& fiber = *own.fibers[i];
    fiber.state = State::ready;
    fiber.block = i / threads;
    fiber.thread = i % threads;
    fiber.group = 0;
    fiber.arrivals = fiber.waits = 0;
  }
  while (own.done < own.all_threads()) {
    bool went_on = false;
    for (unsigned b = 0; b < blocks; ++b)  // a block goes on for as long as it can by itself
      while (run_warps(own, b * threads, (b + 1) * threads)) went_on = true;
    if (!went_on) deadlock(own);
  }
}

float* fake_shared_memory() {
  return reinterpret_cast<float*>(cluster().block_of(running()).shared_begin());
}

void __syncthreads() {
  Fiber& fiber = running();
  Cluster& own = cluster();
  if (++own.block_of(fiber).at_barrier == own.threads)
    open_barrier(own, fiber.block);
  else
    wait(fiber, State::at_barrier);
}

void fake_cluster_arrive() {
  Fiber& fiber = running();
  Cluster& own = cluster();
  if (++fiber.arrivals != own.turns + 1) fail("a thread arrives twice at its cluster's barrier");
  if (++own.arrived < own.all_threads()) return;
  own.arrived = 0;
  ++own.turns;
  for (unsigned i = 0; i < own.all_threads(); ++i)
    if (own.fibers[i]->state == State::at_cluster) own.fibers[i]->state = State::ready;
}

void fake_cluster_wait() {
  Fiber& fiber = running();
  const Cluster& own = cluster();
  if (fiber.arrivals == fiber.waits++) fail("a thread waits for its cluster without arriving");
  if (fiber.arrivals > own.turns) wait(fiber, State::at_cluster);
}

float* fake_in_block(float* from, int rank) {
  const Fiber& fiber = running();
  const Cluster& own = cluster();
  if (rank < 0 || static_cast<unsigned>(rank) >= own.block_count)
    fail("a block that the cluster does not have");
  char* const begin = own.block_of(fiber).shared_begin();
  const std::ptrdiff_t at = reinterpret_cast<char*>(from) - begin;
  if (at < 0 || static_cast<std::size_t>(at) >= own.block_of(fiber).shared_bytes)
    fail("an address that is not in the block's shared memory");
  if (wrong_clusters) return from;
  return reinterpret_cast<float*>(own.blocks[static_cast<unsigned>(rank)]->shared_begin() + at);
}

void __syncwarp() {
  fake_collective([](void* const(&)[lanes]) {}, nullptr);
}

void fake_collective(FakeCollective run, void* registers) {
  Fiber& fiber = running();
  Cluster& own = cluster();
  Warp& warp = own.warps[fiber.index / lanes];
  if (warp.arrived > 0 && warp.run != run) fail("lanes of a warp do different things");
  warp.run = run;
  warp.registers[fiber.index % lanes] = registers;
  if (++warp.arrived < lanes) return wait(fiber, State::in_collective);
  run(warp.registers);
  warp.arrived = 0;
  const unsigned first = fiber.index / lanes * lanes;
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
