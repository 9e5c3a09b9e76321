// Elementwise operations on parameter vectors. Compiled once for each instruction set (see
// kernels.cpp).
#if defined(FIELDSCOPE_VECTORS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FIELDSCOPE_VECTORS_INL_H
#undef FIELDSCOPE_VECTORS_INL_H
#else
#define FIELDSCOPE_VECTORS_INL_H
#endif

#include <bit>
#include <cstdint>
#include <type_traits>
#include <variant>

#include <hwy/highway.h>

#include "engine/backend/cpu/flush_denormals.h"
#include "engine/math/random.h"
#include "engine/math/update_rules.h"

HWY_BEFORE_NAMESPACE();
namespace fieldscope::cpu {
namespace HWY_NAMESPACE {

template <class T>
void update(const UpdateRule& any_rule, T* HWY_RESTRICT w, const T* HWY_RESTRICT g,
            T* const* states, std::size_t n) {
  const FlushDenormals flush;
  std::visit(
      [&]<class Rule>(const Rule& rule) {
        const typename Rule::template Constants<T> constants(rule);
        // Copies of the pointers, so that the compiler sees them as loop constants.
        T* state[Rule::states];
        for (int k = 0; k < Rule::states; ++k) state[k] = states[k];
#pragma GCC ivdep
        for (std::size_t i = 0; i < n; ++i)
          Rule::template apply<T>(constants, w[i], g[i], state, i);
      },
      any_rule);
}

/// Sums in double, in a fixed number of chains that vectors of any width can share.
template <class T>
double dot(const T* HWY_RESTRICT x, const T* HWY_RESTRICT y, std::size_t n) {
  constexpr std::size_t chains = 16;
  double sum[chains] = {};
  std::size_t i = 0;
  for (; i + chains <= n; i += chains)
    for (std::size_t c = 0; c < chains; ++c)
      sum[c] += static_cast<double>(x[i + c]) * static_cast<double>(y[i + c]);
  for (; i < n; ++i) sum[i % chains] += static_cast<double>(x[i]) * static_cast<double>(y[i]);
  double total = 0;
  for (double part : sum) total += part;
  return total;
}

template <class T>
void axpy(T a, const T* HWY_RESTRICT x, T* HWY_RESTRICT y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] += a * x[i];
}

/// Infinities and NaN are the numbers whose exponent is all ones.
template <class T>
bool all_finite(const T* x, std::size_t n) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  constexpr Bits exponent = sizeof(T) == 4 ? Bits(0x7f800000u) : Bits(0x7ff0000000000000ull);
  Bits bad = 0;
  for (std::size_t i = 0; i < n; ++i)
    bad |= (std::bit_cast<Bits>(x[i]) & exponent) == exponent ? Bits(1) : Bits(0);
  return bad == 0;
}

template <class T>
void random_signs(std::uint64_t key, std::uint64_t first, T* x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<T>(random_sign(key, first + i));
}

}  // namespace HWY_NAMESPACE
}  // namespace fieldscope::cpu
HWY_AFTER_NAMESPACE();

#endif
