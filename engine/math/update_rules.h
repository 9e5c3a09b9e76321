// Elementwise update rules of the optimizers, single source for CPU loops and CUDA kernels. A rule
// is plain data; its `apply` updates one weight and that weight's state in place.
#pragma once

#include <cmath>
#include <variant>

#include "engine/math/portable.h"

namespace fieldscope {

FIELDSCOPE_HOST_DEVICE float square_root(float x) {
  return ::sqrtf(x);
}
FIELDSCOPE_HOST_DEVICE double square_root(double x) {
  return ::sqrt(x);
}

/// Heavy ball: b <- mu b + g; w -= lr b. State: {b}.
struct SgdRule {
  static constexpr int states = 1;
  double lr = 1, momentum = 0;

  template <class T>
  struct Constants {
    T lr, momentum;
    explicit Constants(const SgdRule& r) : lr(T(r.lr)), momentum(T(r.momentum)) {}
  };
  template <class T>
  static FIELDSCOPE_HOST_DEVICE void apply(const Constants<T>& c, T& w, T g, T* const* s,
                                           std::size_t i) {
    s[0][i] = c.momentum * s[0][i] + g;
    w -= c.lr * s[0][i];
  }
};

/// Kingma and Ba, "Adam", ICLR 2015, algorithm 1. State: {m, v}. `correction1` = 1 - beta1^t, with
/// t counted from 1, `correction2` likewise.
struct AdamRule {
  static constexpr int states = 2;
  double lr = 1e-4, beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  double correction1 = 1, correction2 = 1;

  template <class T>
  struct Constants {
    T step, beta1, rest1, beta2, rest2, eps, inverse_root2;
    explicit Constants(const AdamRule& r)
        : step(T(r.lr / r.correction1)),
          beta1(T(r.beta1)),
          rest1(T(1 - r.beta1)),
          beta2(T(r.beta2)),
          rest2(T(1 - r.beta2)),
          eps(T(r.eps)),
          inverse_root2(T(1 / std::sqrt(r.correction2))) {}
  };
  template <class T>
  static FIELDSCOPE_HOST_DEVICE void apply(const Constants<T>& c, T& w, T g, T* const* s,
                                           std::size_t i) {
    const T m = c.beta1 * s[0][i] + c.rest1 * g;
    const T v = c.beta2 * s[1][i] + c.rest2 * g * g;
    s[0][i] = m;
    s[1][i] = v;
    w -= c.step * m / (square_root(v) * c.inverse_root2 + c.eps);
  }
};

/// Momentum over a diagonal preconditioner D that is kept up to date elsewhere:
/// m <- beta1 m + (1-beta1) g; w -= lr m^ / (sqrt(D^) + eps). State: {m, D}.
/// ESGD: Dauphin, de Vries, Bengio, "Equilibrated adaptive learning rates for non-convex
/// optimization", NIPS 2015; Chng et al. 2024, algorithm 1.
struct EsgdRule {
  static constexpr int states = 2;
  double lr = 0.15, beta1 = 0.9, eps = 1e-4;
  double correction1 = 1, correction2 = 1;

  template <class T>
  struct Constants {
    T step, beta1, rest1, eps, inverse_root2;
    explicit Constants(const EsgdRule& r)
        : step(T(r.lr / r.correction1)),
          beta1(T(r.beta1)),
          rest1(T(1 - r.beta1)),
          eps(T(r.eps)),
          inverse_root2(T(1 / std::sqrt(r.correction2))) {}
  };
  template <class T>
  static FIELDSCOPE_HOST_DEVICE void apply(const Constants<T>& c, T& w, T g, T* const* s,
                                           std::size_t i) {
    const T m = c.beta1 * s[0][i] + c.rest1 * g;
    s[0][i] = m;
    w -= c.step * m / (square_root(s[1][i]) * c.inverse_root2 + c.eps);
  }
};

/// D <- beta2 D + (1-beta2) h^2, with h = Hv in the place of the gradient, and no weight changed.
/// State: {D}. (Chng et al. 2024, equation of the equilibration preconditioner)
struct SquareAverageRule {
  static constexpr int states = 1;
  double beta = 0.999;
  double share = 0.001;  ///< 1 - beta, or less where several squares share one step

  template <class T>
  struct Constants {
    T beta, rest;
    explicit Constants(const SquareAverageRule& r) : beta(T(r.beta)), rest(T(r.share)) {}
  };
  template <class T>
  static FIELDSCOPE_HOST_DEVICE void apply(const Constants<T>& c, T&, T h, T* const* s,
                                           std::size_t i) {
    s[0][i] = c.beta * s[0][i] + c.rest * h * h;
  }
};

using UpdateRule = std::variant<SgdRule, AdamRule, EsgdRule, SquareAverageRule>;

}  // namespace fieldscope
