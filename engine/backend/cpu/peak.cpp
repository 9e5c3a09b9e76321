// The loop is compiled for every instruction set that the compiler knows; the best one that the
// machine has is picked at run time, as for the kernels that it is compared with.
#include "engine/backend/cpu/peak.h"

#include <cstddef>

// Few instruction sets, so that the file compiles fast; none whose vectors have no size that the
// compiler knows.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/backend/cpu/peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fieldscope::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Sums that do not wait for each other: enough to fill two pipes of four or five cycles, few
/// enough for the registers.
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
constexpr int chains = 12;
#else
constexpr int chains = 24;
#endif

/// `rounds` multiply-adds on each chain. Every number tends to 1 or grows by as much as 0.001 a
/// round: none ever becomes a denormal or overflows. What is returned depends on all of them, so
/// that none can be left out.
float run_multiply_adds(std::size_t rounds, float start) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const V factor = hn::Set(d, 0.999f), addend = hn::Set(d, 0.001f);
  V sum[chains];
#pragma GCC unroll 24
  for (int i = 0; i < chains; ++i) sum[i] = hn::Set(d, start + 0.01f * static_cast<float>(i));
  for (std::size_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 24
    for (int i = 0; i < chains; ++i) {
#if HWY_ARCH_ARM
      sum[i] = hn::MulAdd(factor, addend, sum[i]);  // overwrites its addend: no copies
#else
      sum[i] = hn::MulAdd(sum[i], factor, addend);  // without FMA, the product stays in the loop
#endif
    }
  }
  V total = sum[0];
#pragma GCC unroll 24
  for (int i = 1; i < chains; ++i) total = hn::Add(total, sum[i]);
  return hn::GetLane(hn::SumOfLanes(d, total));
}

double flops_a_round() {
  return 2.0 * chains * static_cast<double>(hn::Lanes(hn::ScalableTag<float>()));
}

}  // namespace HWY_NAMESPACE
}  // namespace fieldscope::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "engine/backend/cpu/thread_pool.h"

namespace fieldscope::cpu {
namespace {

HWY_EXPORT(run_multiply_adds);
HWY_EXPORT(flops_a_round);

using Clock = std::chrono::steady_clock;

/// Rounds between two looks at the clock: about ten microseconds.
constexpr std::size_t rounds_a_look = 2000;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// FLOP/s of the calling thread from now until the deadline; 0 if that has passed.
double rate_until(Clock::time_point deadline) {
  const Clock::time_point begin = Clock::now();
  Clock::time_point now = begin;
  double flops = 0;
  float start = 0.5f;
  while (now < deadline) {
    start = HWY_DYNAMIC_DISPATCH(run_multiply_adds)(rounds_a_look, start);
    start = std::min(std::fabs(start), 2.0f);  // the next ones wait for these
    flops += rounds_a_look * HWY_DYNAMIC_DISPATCH(flops_a_round)();
    now = Clock::now();
  }
  // Asked so that a compiler that sees through the call cannot leave it out.
  if (!std::isfinite(start)) return 0;
  return now > begin ? flops / seconds_between(begin, now) : 0;
}

}  // namespace
}  // namespace fieldscope::cpu

namespace fieldscope {

double measure_fma_peak(ThreadPool& pool, double seconds) {
  constexpr int attempts = 8;
  double best = 0;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    // Every thread counts from its own beginning, so that waking it up is no part of the rate.
    std::vector<double> rates(static_cast<std::size_t>(pool.threads()));
    const auto deadline = cpu::Clock::now() + std::chrono::duration_cast<cpu::Clock::duration>(
                                                  std::chrono::duration<double>(seconds));
    pool.parallel_for(rates.size(), [&](std::size_t i) { rates[i] = cpu::rate_until(deadline); });
    double total = 0;
    for (const double rate : rates) total += rate;
    best = std::max(best, total / 1e9);
    // A thread that other work kept away until the deadline has not been measured.
    if (std::find(rates.begin(), rates.end(), 0.0) == rates.end()) break;
  }
  return best;
}

}  // namespace fieldscope
#endif
