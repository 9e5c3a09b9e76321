// exp(-u^2 / (2 sigma^2)): Ramasinghe and Lucey, "Beyond Periodicity: Towards a Unifying Framework
// for Activations in Coordinate-MLPs", ECCV 2022.
#pragma once

#include "engine/math/activations/jet.h"
#include "engine/math/elementary.h"

namespace fieldscope {

struct Gaussian {
  static constexpr int maps = 1;
  static constexpr Initialisation initialisation = Initialisation::fan_in;

  template <class T>
  struct At {
    T inverse_variance;
    explicit At(const ActivationParameters& a)
        : inverse_variance(static_cast<T>(1.0 / (a.p[0] * a.p[0]))) {}
    FIELDSCOPE_HOST_DEVICE Jet<T> operator()(T u) const {
      const T scaled = u * inverse_variance;
      const T f = exponential(T(-0.5) * u * scaled);
      return {f, -scaled * f, (scaled * scaled - inverse_variance) * f};
    }
  };
};

}  // namespace fieldscope
