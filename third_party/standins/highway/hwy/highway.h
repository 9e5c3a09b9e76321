// Stand-in for Google Highway's hwy/highway.h, for machines that do not have it (package
// libhwy-dev): the operations that the CPU kernels use, on the vectors of GCC and Clang. Sources
// are compiled once, for what the compiler is told (-march=native): HWY_TARGET_TOGGLE is never
// defined.
#pragma once

#include <cstddef>

#include <hwy/targets.h>

#define HWY_ONCE 1
#define HWY_NAMESPACE N_NATIVE
#define HWY_BEFORE_NAMESPACE() static_assert(true)
#define HWY_AFTER_NAMESPACE() static_assert(true)
#define HWY_EXPORT(function) static_assert(true)
#define HWY_DYNAMIC_DISPATCH(function) HWY_NAMESPACE::function

#define HWY_INLINE inline __attribute__((always_inline))
#define HWY_NOINLINE __attribute__((noinline))
#define HWY_RESTRICT __restrict__
#define HWY_ALIGN alignas(64)

namespace hwy::HWY_NAMESPACE {

#if defined(__AVX512F__)
constexpr std::size_t vector_bytes = 64;
#elif defined(__AVX__)
constexpr std::size_t vector_bytes = 32;
#else
constexpr std::size_t vector_bytes = 16;
#endif

/// Which vectors an operation is about: of `lanes` numbers.
template <class T, std::size_t lanes>
struct Simd {
  using Number = T;
  typedef T Vector __attribute__((vector_size(sizeof(T) * lanes)));
};
template <class T>
using ScalableTag = Simd<T, vector_bytes / sizeof(T)>;
template <class T, std::size_t lanes>
using FixedTag = Simd<T, lanes>;
template <class D>
using Vec = typename D::Vector;

template <class T, std::size_t lanes>
constexpr std::size_t MaxLanes(Simd<T, lanes>) {
  return lanes;
}
template <class T, std::size_t lanes>
constexpr std::size_t Lanes(Simd<T, lanes>) {
  return lanes;
}

template <class D>
HWY_INLINE Vec<D> Zero(D) {
  return Vec<D>{};
}
template <class D>
HWY_INLINE Vec<D> Set(D, typename D::Number number) {
  return number - Vec<D>{};  // a scalar counts for every lane; -0 - 0 stays -0
}
template <class D>
HWY_INLINE Vec<D> LoadU(D, const typename D::Number* from) {
  Vec<D> vector;
  __builtin_memcpy(&vector, from, sizeof vector);
  return vector;
}
template <class D>
HWY_INLINE Vec<D> Load(D d, const typename D::Number* from) {
  return LoadU(
      d, static_cast<const typename D::Number*>(__builtin_assume_aligned(from, sizeof(Vec<D>))));
}
template <class D>
HWY_INLINE void StoreU(Vec<D> vector, D, typename D::Number* to) {
  __builtin_memcpy(to, &vector, sizeof vector);
}
template <class D>
HWY_INLINE void Store(Vec<D> vector, D d, typename D::Number* to) {
  StoreU(vector, d, static_cast<typename D::Number*>(__builtin_assume_aligned(to, sizeof(Vec<D>))));
}

template <class V>
HWY_INLINE V Add(V a, V b) {
  return a + b;
}
/// One instruction where there is one, if the compiler may fuse (-ffp-contract=fast).
template <class V>
HWY_INLINE V MulAdd(V a, V b, V c) {
  return a * b + c;
}

template <class T>
HWY_INLINE Vec<Simd<T, 4>> InterleaveLower(Simd<T, 4>, Vec<Simd<T, 4>> a, Vec<Simd<T, 4>> b) {
  return Vec<Simd<T, 4>>{a[0], b[0], a[1], b[1]};
}
template <class T>
HWY_INLINE Vec<Simd<T, 4>> InterleaveUpper(Simd<T, 4>, Vec<Simd<T, 4>> a, Vec<Simd<T, 4>> b) {
  return Vec<Simd<T, 4>>{a[2], b[2], a[3], b[3]};
}

template <class V>
HWY_INLINE auto GetLane(V vector) {
  return vector[0];
}
/// In every lane.
template <class D>
HWY_INLINE Vec<D> SumOfLanes(D d, Vec<D> vector) {
  typename D::Number sum = 0;
  for (std::size_t i = 0; i < Lanes(d); ++i) sum += vector[i];
  return Set(d, sum);
}

}  // namespace hwy::HWY_NAMESPACE
