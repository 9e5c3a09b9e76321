// Stand-in for Google Highway's hwy/targets.h, for machines that do not have it (package
// libhwy-dev): there is one target, what the compiler is told to compile for. See highway.h beside
// it.
#pragma once

#include <cstdint>

// Of the targets of one processor family, better ones have smaller numbers.
#define HWY_AVX3 (1 << 0)  // AVX-512
#define HWY_AVX2 (1 << 1)
#define HWY_SSE4 (1 << 2)
#define HWY_SSE2 (1 << 3)
#define HWY_NEON (1 << 4)
#define HWY_SCALAR (1 << 5)  // vectors that the compiler makes of what there is

#if defined(__x86_64__) || defined(__i386__)
#define HWY_ARCH_X86 1
#else
#define HWY_ARCH_X86 0
#endif
#if defined(__aarch64__)
#define HWY_ARCH_ARM 1
#else
#define HWY_ARCH_ARM 0
#endif

#if defined(__AVX512F__)
#define HWY_TARGET HWY_AVX3
#elif defined(__AVX2__) && defined(__FMA__)
#define HWY_TARGET HWY_AVX2
#elif defined(__SSE4_2__)
#define HWY_TARGET HWY_SSE4
#elif defined(__SSE2__)
#define HWY_TARGET HWY_SSE2
#elif HWY_ARCH_ARM
#define HWY_TARGET HWY_NEON
#else
#define HWY_TARGET HWY_SCALAR
#endif

namespace hwy {

constexpr const char* TargetName(std::int64_t target) {
  switch (target) {
    case HWY_AVX3:
      return "AVX3";
    case HWY_AVX2:
      return "AVX2";
    case HWY_SSE4:
      return "SSE4";
    case HWY_SSE2:
      return "SSE2";
    case HWY_NEON:
      return "NEON";
    default:
      return "no SIMD";
  }
}

// There is nothing to choose from.
constexpr std::int64_t SupportedTargets() {
  return 1;
}
constexpr void SetSupportedTargetsForTest(std::int64_t) {}
struct ChosenTarget {
  constexpr void DeInit() const {}
};
constexpr ChosenTarget GetChosenTarget() {
  return {};
}

}  // namespace hwy
