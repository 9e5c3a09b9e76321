// u / (1 + e^-u), also called swish: Elfwing et al. 2018; Ramachandran et al. 2017.
#pragma once

#include "engine/math/activations/jet.h"
#include "engine/math/elementary.h"

namespace fieldscope {

struct Silu {
  static constexpr int maps = 1;
  static constexpr Initialisation initialisation = Initialisation::fan_in;

  template <class T>
  struct At {
    explicit At(const ActivationParameters&) {}
    FIELDSCOPE_HOST_DEVICE Jet<T> operator()(T u) const {
      const Sigmoid<T> s = sigmoid(u);
      return {u * s.value, s.value + u * s.slope, s.slope * (T(2) + u * (T(1) - T(2) * s.value))};
    }
  };
};

}  // namespace fieldscope
