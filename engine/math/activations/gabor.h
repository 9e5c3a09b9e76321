// cos(omega u) exp(-(s u)^2) of one linear map: the Gabor function of the authors' later code and
// of WIRE's real form with u = w.
#pragma once

#include "engine/math/activations/jet.h"
#include "engine/math/elementary.h"

namespace fieldscope {

struct Gabor {
  static constexpr int maps = 1;
  static constexpr Initialisation initialisation = Initialisation::fan_in;

  template <class T>
  struct At {
    T omega, scale2;
    explicit At(const ActivationParameters& a)
        : omega(static_cast<T>(a.p[0])), scale2(static_cast<T>(a.p[1] * a.p[1])) {}
    FIELDSCOPE_HOST_DEVICE Jet<T> operator()(T u) const {
      const SinCos<T> wave = sincos(omega * u);
      const T window = exponential(-scale2 * u * u);
      const T slope = T(-2) * scale2 * u;  // d log(window) / du
      const T c = wave.cos * window, s = wave.sin * window;
      return {c, slope * c - omega * s,
              (slope * slope - T(2) * scale2 - omega * omega) * c - T(2) * omega * slope * s};
    }
  };
};

}  // namespace fieldscope
