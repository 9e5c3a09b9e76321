// sin(omega (|u| + 1) u): the frequency grows with |u|, so that biases choose it. FINER, Liu et
// al., "FINER: Flexible spectral-bias tuning in Implicit NEural Representation by Variable-periodic
// Activation Functions", CVPR 2024.
#pragma once

#include "engine/math/activations/jet.h"
#include "engine/math/elementary.h"

namespace fieldscope {

struct Finer {
  static constexpr int maps = 1;
  static constexpr Initialisation initialisation = Initialisation::finer;

  template <class T>
  struct At {
    T omega;
    explicit At(const ActivationParameters& a) : omega(static_cast<T>(a.p[0])) {}
    FIELDSCOPE_HOST_DEVICE Jet<T> operator()(T u) const {
      const T size = u < 0 ? -u : u;
      const SinCos<T> wave = sincos(omega * (size + T(1)) * u);
      const T slope = omega * (T(2) * size + T(1));
      const T bend = u < 0 ? T(-2) * omega : T(2) * omega;
      return {wave.sin, slope * wave.cos, bend * wave.cos - slope * slope * wave.sin};
    }
  };
};

}  // namespace fieldscope
