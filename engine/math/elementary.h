// Branch-free sine, cosine and exponential in plain arithmetic, so that loops over them vectorise
// and the CPU and CUDA engines share them. float: our own polynomials, right whether or not the
// compiler fuses products and sums; double (verification): libm.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "engine/math/portable.h"

namespace fieldscope {

/// Adding 1.5 * 2^23 rounds a float below 2^22 to an integer, whose two's complement is then the
/// low bits of the sum.
inline constexpr float integer_rounder = 12582912.0f;

template <class T>
struct SinCos {
  T sin, cos;
};

/// sin(x) and cos(x) together. Error below 2 ulp of the result for |x| < 1e4 (at most 1.61 over all
/// floats there); beyond, it grows with x, and from 1e6 on the values mean nothing. NaN for
/// infinities and NaN.
FIELDSCOPE_HOST_DEVICE SinCos<float> sincos(float x) {
  // Cody and Waite: x - quadrant * pi/2 = r - tail with pi/2 in four parts. The first three have 11
  // bits, so that their products with a quadrant below 2^13 are exact and r is rounded but once;
  // the fourth starts at 2^-39. Next to a multiple of pi/2 the small rest so keeps all its bits.
  const float rounded = x * 0.636619772367581343f + integer_rounder;
  const float quadrant = rounded - integer_rounder;
  float r = x - quadrant * 1.5703125f;
  r = r - quadrant * 0x1.fb4p-12f;
  r = r - quadrant * 0x1.444p-24f;
  const float tail = quadrant * 0x1.68c234p-39f;
  // Minimax polynomials on [-pi/4, pi/4]; the tail is too small to matter to the cosine.
  const float r2 = r * r;
  const float s =
      r + ((r * r2) * (-0x1.555546p-3f + r2 * (0x1.110776p-7f + r2 * -0x1.9952fap-13f)) - tail);
  const float c =
      1.0f + r2 * (-0.5f + r2 * (0x1.55554ap-5f + r2 * (-0x1.6c0c28p-10f + r2 * 0x1.99e80cp-16f)));
  // Odd quadrants swap the two, and the second bit of the quadrant is the sign.
  const std::uint32_t q = std::bit_cast<std::uint32_t>(rounded);
  const bool swapped = (q & 1u) != 0;
  const std::uint32_t sin_size = std::bit_cast<std::uint32_t>(swapped ? c : s);
  const std::uint32_t cos_size = std::bit_cast<std::uint32_t>(swapped ? s : c);
  constexpr std::uint32_t sign = 0x80000000u;
  return {std::bit_cast<float>(sin_size ^ ((q << 30) & sign)),
          std::bit_cast<float>(cos_size ^ (((q + 1u) << 30) & sign))};
}

FIELDSCOPE_HOST_DEVICE SinCos<double> sincos(double x) {
  return {::sin(x), ::cos(x)};
}

/// e^x. Error below 2 ulp wherever the result is a normal number (at most 1.17 over all floats, 0.9
/// with fused products); infinity above 88.7228, 0 where the result would be denormal (below
/// -87.3365; kernels flush those anyway), NaN for NaN.
FIELDSCOPE_HOST_DEVICE float exponential(float x) {
  constexpr float largest = 0x1.62e42ep+6f;    // e^x is still finite
  constexpr float smallest = -0x1.5d589ep+6f;  // e^x is still normal
  // x = n ln 2 + r, with ln 2 in two parts; products with the first are exact.
  const float rounded = x * 1.44269504088896341f + integer_rounder;
  const float n = rounded - integer_rounder;
  const float r = (x - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
  float p = 0x1.123dep-7f + r * 0x1.6ac74ep-10f;
  p = 0x1.555858p-5f + r * p;
  p = 0x1.55548cp-3f + r * p;
  p = 0x1.fffffcp-2f + r * p;
  p = 1.0f + r * p;
  p = 1.0f + r * p;
  // 2^n goes straight into the exponent: 2^128 times a p below 1 is then still right.
  const float scaled = std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) +
                                            (std::bit_cast<std::uint32_t>(rounded) << 23));
  const float bounded = x < smallest ? 0.0f : scaled;
  return x <= largest ? bounded : x + std::numeric_limits<float>::infinity();
}

FIELDSCOPE_HOST_DEVICE double exponential(double x) {
  return ::exp(x);
}

/// 1 - e^x for x <= 0, with `e` = e^x at hand; relative error a few ulp also next to 0.
FIELDSCOPE_HOST_DEVICE float one_minus_exponential(float x, float e) {
  // (e^x - 1) / x by its power series where the difference would cancel.
  float p = 1.0f / 5040 + x * (1.0f / 40320);
  p = 1.0f / 720 + x * p;
  p = 1.0f / 120 + x * p;
  p = 1.0f / 24 + x * p;
  p = 1.0f / 6 + x * p;
  p = 0.5f + x * p;
  p = 1.0f + x * p;
  return x > -0.5f ? -x * p : 1.0f - e;
}

FIELDSCOPE_HOST_DEVICE double one_minus_exponential(double x, double) {
  return -::expm1(x);
}

/// log(1 + x) for 0 <= x <= 1; relative error a few ulp.
FIELDSCOPE_HOST_DEVICE float log_of_one_plus(float x) {
  // 2 artanh(s) with s = x / (2 + x), at most 1/3.
  const float s = x / (2.0f + x), s2 = s * s;
  float p = 1.0f / 11 + s2 * (1.0f / 13);
  p = 1.0f / 9 + s2 * p;
  p = 1.0f / 7 + s2 * p;
  p = 1.0f / 5 + s2 * p;
  p = 1.0f / 3 + s2 * p;
  return 2.0f * (s + s * s2 * p);
}

FIELDSCOPE_HOST_DEVICE double log_of_one_plus(double x) {
  return ::log1p(x);
}

template <class T>
struct Sigmoid {
  T value, slope;
};

/// 1 / (1 + e^-x) and its derivative, neither of which overflows or cancels: below 4 and 5 ulp.
template <class T>
FIELDSCOPE_HOST_DEVICE Sigmoid<T> sigmoid(T x) {
  const T e = exponential(x < T(0) ? x : -x);
  const T inverse = T(1) / (T(1) + e);
  return {x < T(0) ? e * inverse : inverse, e * inverse * inverse};
}

/// log(x) for normal positive x, relative error a few ulp; about -88 for 0.
FIELDSCOPE_HOST_DEVICE float logarithm(float x) {
  // x = 2^n m with m in [sqrt(1/2), sqrt(2)), log(m) = 2 artanh(s), s = (m - 1) / (m + 1).
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t shifted = bits - 0x3f3504f3u;
  const float n = static_cast<float>(static_cast<std::int32_t>(shifted) >> 23);
  const float m = std::bit_cast<float>((shifted & 0x007fffffu) + 0x3f3504f3u);
  const float s = (m - 1.0f) / (m + 1.0f), s2 = s * s;
  float p = 1.0f / 7 + s2 * (1.0f / 9);
  p = 1.0f / 5 + s2 * p;
  p = 1.0f / 3 + s2 * p;
  return n * 0.693147180559945309f + 2.0f * (s + s * s2 * p);
}

FIELDSCOPE_HOST_DEVICE double logarithm(double x) {
  return ::log(x);
}

/// x^y for x >= 0; relative error |y log x| times that of the logarithm.
template <class T>
FIELDSCOPE_HOST_DEVICE T power_of(T x, T y) {
  return exponential(y * logarithm(x));
}

}  // namespace fieldscope
