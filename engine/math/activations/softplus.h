// log(1 + e^(beta u)) / beta: a ReLU without its kink; the larger beta, the sharper. Dugas et al.,
// "Incorporating second-order functional knowledge for better option pricing", NIPS 2000.
#pragma once

#include "engine/math/activations/jet.h"
#include "engine/math/elementary.h"

namespace fieldscope {

struct Softplus {
  static constexpr int maps = 1;
  static constexpr Initialisation initialisation = Initialisation::fan_in;

  template <class T>
  struct At {
    T beta, inverse;
    explicit At(const ActivationParameters& a)
        : beta(static_cast<T>(a.p[0])), inverse(static_cast<T>(1 / a.p[0])) {}
    FIELDSCOPE_HOST_DEVICE Jet<T> operator()(T u) const {
      const T x = beta * u;
      const Sigmoid<T> s = sigmoid(x);
      const T above = u > 0 ? u : T(0);
      const T tail = log_of_one_plus(exponential(x < 0 ? x : -x));
      return {above + tail * inverse, s.value, beta * s.slope};
    }
  };
};

}  // namespace fieldscope
