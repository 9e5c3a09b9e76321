// Elementwise operations on parameter vectors and on matrices within them. The twin of
// cpu/vectors-inl.h; the update rules and the random numbers are the same source.
#pragma once

#include "engine/backend/cuda/launch.h"
#include "engine/backend/cuda/summation.h"
#include "engine/math/random.h"
#include "engine/math/update_rules.h"

namespace fieldscope::cuda {

template <class T>
void fill(cudaStream_t stream, std::size_t n, T value, T* x) {
  for_each(stream, n, [=] __device__(std::size_t i) { x[i] = value; });
}

template <class T>
void axpy(cudaStream_t stream, std::size_t n, T a, const T* x, T* y) {
  for_each(stream, n, [=] __device__(std::size_t i) { y[i] += a * x[i]; });
}

template <class T>
void scale(cudaStream_t stream, std::size_t n, T a, T* x) {
  for_each(stream, n, [=] __device__(std::size_t i) { x[i] *= a; });
}

template <class T>
double dot(Stream& stream, Summation& sum, std::size_t n, const T* x, const T* y) {
  return sum(stream, n, [=] __device__(std::size_t i) {
    return static_cast<double>(x[i]) * static_cast<double>(y[i]);
  });
}

template <class T>
double dot(Stream& stream, Summation& sum, std::size_t rows, std::size_t columns, const T* x,
           std::size_t x_stride, const T* y, std::size_t y_stride) {
  return sum(stream, rows * columns, [=] __device__(std::size_t i) {
    const std::size_t r = i / columns, c = i % columns;
    return static_cast<double>(x[r * x_stride + c]) * static_cast<double>(y[r * y_stride + c]);
  });
}

template <class T>
void scale(cudaStream_t stream, std::size_t rows, std::size_t columns, T a, T* x,
           std::size_t stride) {
  for_each(stream, rows * columns,
           [=] __device__(std::size_t i) { x[i / columns * stride + i % columns] *= a; });
}

template <class T>
bool all_finite(Stream& stream, Summation& sum, std::size_t n, const T* x) {
  // x - x is 0 for a finite number and NaN for any other.
  return sum(stream, n,
             [=] __device__(std::size_t i) { return x[i] - x[i] == T(0) ? 0.0 : 1.0; }) == 0;
}

/// *finite = 0 if any of them is not, else nothing.
template <class T>
void find_not_finite(cudaStream_t stream, std::size_t n, const T* x, double* finite) {
  for_each(stream, n, [=] __device__(std::size_t i) {
    if (!(x[i] - x[i] == T(0))) *finite = 0;
  });
}

template <class T>
void random_signs(cudaStream_t stream, std::uint64_t key, std::size_t n, T* x) {
  for_each(stream, n,
           [=] __device__(std::size_t i) { x[i] = static_cast<T>(random_sign(key, i)); });
}

template <class T>
void random_normals(cudaStream_t stream, std::uint64_t key, std::size_t n, T* x) {
  for_each(stream, n,
           [=] __device__(std::size_t i) { x[i] = static_cast<T>(random_normal(key, i)); });
}

/// The state vectors of an update rule, so that a kernel gets them by value.
template <class T, int Count>
struct States {
  T* s[Count];
};

template <class Rule, class T>
void update(cudaStream_t stream, const typename Rule::template Constants<T>& constants,
            std::size_t n, T* w, const T* g, const States<T, Rule::states>& states) {
  for_each(stream, n, [=] __device__(std::size_t i) {
    Rule::template apply<T>(constants, w[i], g[i], states.s, i);
  });
}

}  // namespace fieldscope::cuda
