// sin(omega u): SIREN, Sitzmann et al., "Implicit Neural Representations with Periodic Activation
// Functions", NeurIPS 2020.
#pragma once

#include "engine/math/activations/jet.h"
#include "engine/math/elementary.h"

namespace fieldscope {

struct Sine {
  static constexpr int maps = 1;
  static constexpr Initialisation initialisation = Initialisation::siren;

  template <class T>
  struct At {
    T omega;
    explicit At(const ActivationParameters& a) : omega(static_cast<T>(a.p[0])) {}
    FIELDSCOPE_HOST_DEVICE Jet<T> operator()(T u) const {
      const SinCos<T> v = sincos(omega * u);
      return {v.sin, omega * v.cos, -omega * omega * v.sin};
    }
  };
};

}  // namespace fieldscope
