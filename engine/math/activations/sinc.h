// sin(omega u) / (omega u): Ramasinghe and Lucey, ECCV 2022; Saratchandran et al., "A Sampling
// Theory Perspective on Activations for Implicit Neural Representations", ICML 2024.
#pragma once

#include "engine/math/activations/jet.h"
#include "engine/math/elementary.h"

namespace fieldscope {

struct Sinc {
  static constexpr int maps = 1;
  static constexpr Initialisation initialisation = Initialisation::siren;

  template <class T>
  struct At {
    T omega;
    explicit At(const ActivationParameters& a) : omega(static_cast<T>(a.p[0])) {}
    FIELDSCOPE_HOST_DEVICE Jet<T> operator()(T u) const {
      const T x = omega * u;
      const SinCos<T> wave = sincos(x);
      const T inverse = T(1) / x;
      const T f = wave.sin * inverse, fx = (wave.cos - f) * inverse;
      const Jet<T> far = {f, fx, -f - T(2) * fx * inverse};
      // Near 0 these differences cancel: the power series of sin x / x instead.
      const Jet<T> near = series(x);
      const bool small = x * x < T(1);
      return {small ? near.f : far.f, omega * (small ? near.fu : far.fu),
              omega * omega * (small ? near.fuu : far.fuu)};
    }

   private:
    /// The sum over k of (-1)^k x^(2k) / (2k+1)! and its derivatives by x, for |x| < 1.
    static FIELDSCOPE_HOST_DEVICE Jet<T> series(T x) {
      constexpr int terms = sizeof(T) == sizeof(float) ? 6 : 10;
      constexpr double factor[] = {1.0,
                                   -1.0 / 6,
                                   1.0 / 120,
                                   -1.0 / 5040,
                                   1.0 / 362880,
                                   -1.0 / 39916800,
                                   1.0 / 6227020800,
                                   -1.0 / 1307674368000,
                                   1.0 / 355687428096000,
                                   -1.0 / 121645100408832000};
      const T x2 = x * x;
      T f = 0, slope = 0, second = 0;
      FIELDSCOPE_UNROLL(10)
      for (int k = terms - 1; k > 0; --k) {
        f = f * x2 + T(factor[k]);
        slope = slope * x2 + T(2 * k * factor[k]);
        second = second * x2 + T(2 * k * (2 * k - 1) * factor[k]);
      }
      return {T(1) + x2 * f, x * slope, second};
    }
  };
};

}  // namespace fieldscope
