// cos(omega u) exp(-(s w)^2) of two linear maps u and w: the real Gabor wavelet of WIRE, Saragadam
// et al., "WIRE: Wavelet Implicit Neural Representations", CVPR 2023.
#pragma once

#include "engine/math/activations/jet.h"
#include "engine/math/elementary.h"

namespace fieldscope {

struct Wavelet {
  static constexpr int maps = 2;
  static constexpr Initialisation initialisation = Initialisation::fan_in;

  template <class T>
  struct At {
    T omega, scale2;
    explicit At(const ActivationParameters& a)
        : omega(static_cast<T>(a.p[0])), scale2(static_cast<T>(a.p[1] * a.p[1])) {}
    FIELDSCOPE_HOST_DEVICE Jet2<T> operator()(T u, T w) const {
      const SinCos<T> wave = sincos(omega * u);
      const T window = exponential(-scale2 * w * w);
      const T slope = T(-2) * scale2 * w;  // d log(window) / dw
      const T f = wave.cos * window;
      const T fu = -omega * wave.sin * window;
      return {
          f, fu, slope * f, -omega * omega * f, slope * fu, (slope * slope - T(2) * scale2) * f};
    }
  };
};

}  // namespace fieldscope
