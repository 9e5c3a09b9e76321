// max(0, u), with f''(u) = 0 everywhere.
#pragma once

#include "engine/math/activations/jet.h"
#include "engine/math/portable.h"

namespace fieldscope {

struct Relu {
  static constexpr int maps = 1;
  static constexpr Initialisation initialisation = Initialisation::fan_in;

  template <class T>
  struct At {
    explicit At(const ActivationParameters&) {}
    FIELDSCOPE_HOST_DEVICE Jet<T> operator()(T u) const {
      return {u > T(0) ? u : T(0), u > T(0) ? T(1) : T(0), T(0)};
    }
  };
};

}  // namespace fieldscope
