// tanh(u): the classical sigmoid of multilayer perceptrons.
#pragma once

#include "engine/math/activations/jet.h"
#include "engine/math/elementary.h"

namespace fieldscope {

struct Tanh {
  static constexpr int maps = 1;
  static constexpr Initialisation initialisation = Initialisation::fan_in;

  template <class T>
  struct At {
    explicit At(const ActivationParameters&) {}
    FIELDSCOPE_HOST_DEVICE Jet<T> operator()(T u) const {
      const T size = u < 0 ? -u : u;
      const T e = exponential(T(-2) * size);
      const T inverse = T(1) / (T(1) + e);
      // 1 - e from its own series where it would cancel.
      const T t = one_minus_exponential(T(-2) * size, e) * inverse;
      const T f = u < 0 ? -t : t;
      const T fu = T(4) * e * inverse * inverse;
      return {f, fu, T(-2) * f * fu};
    }
  };
};

}  // namespace fieldscope
