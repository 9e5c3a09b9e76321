// Branch-free sine, cosine and exponential in plain arithmetic, so that loops over them vectorise
// and the CPU and CUDA engines share them. float: our own polynomials; double (verification): libm.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "engine/math/portable.h"

namespace fieldscope {

template <class T>
struct SinCos {
  T sin, cos;
};

/// sin(x) and cos(x) together. Absolute error below 1.2e-7 for |x| < 1e4: Cody-Waite reduction by
/// pi/2 in three parts (the first two exact in float), minimax polynomials on [-pi/4, pi/4].
FIELDSCOPE_HOST_DEVICE SinCos<float> sincos(float x) {
  // Adding and subtracting 1.5 * 2^23 rounds to the nearest integer with no function call.
  constexpr float rounder = 12582912.0f;
  const float quadrant = (x * 0.636619772367581343f + rounder) - rounder;
  float r = x - quadrant * 1.5703125f;
  r = r - quadrant * 4.837512969970703125e-4f;
  r = r - quadrant * 7.54978995489188216e-8f;
  const float r2 = r * r;
  const float s =
      r + r * r2 * (-1.6666654611e-1f + r2 * (8.3321608736e-3f + r2 * -1.9515295891e-4f));
  const float c =
      1.0f - 0.5f * r2 +
      r2 * r2 *
          (4.166664568298827e-2f + r2 * (-1.388731625493765e-3f + r2 * 2.443315711809948e-5f));
  const std::int32_t q = static_cast<std::int32_t>(quadrant);
  const bool swapped = (q & 1) != 0;
  const float sin_size = swapped ? c : s;
  const float cos_size = swapped ? s : c;
  return {(q & 2) != 0 ? -sin_size : sin_size, ((q + 1) & 2) != 0 ? -cos_size : cos_size};
}

FIELDSCOPE_HOST_DEVICE SinCos<double> sincos(double x) {
  return {::sin(x), ::cos(x)};
}

/// e^x with relative error below 2e-7; 0 below -87.3, and at most e^88.
FIELDSCOPE_HOST_DEVICE float exponential(float x) {
  constexpr float rounder = 12582912.0f;
  const float bounded = x < -87.3f ? -87.3f : (x > 88.0f ? 88.0f : x);
  const float n = (bounded * 1.44269504088896341f + rounder) - rounder;
  const float r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const std::int32_t bits = (static_cast<std::int32_t>(n) + 127) << 23;
  const float scaled = p * std::bit_cast<float>(bits);
  return x < -87.3f ? 0.0f : scaled;
}

FIELDSCOPE_HOST_DEVICE double exponential(double x) {
  return ::exp(x);
}

}  // namespace fieldscope
