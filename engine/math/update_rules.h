// Elementwise update rules of the optimizers, single source for CPU loops and CUDA kernels. A rule
// is plain data; its `apply` updates one weight and that weight's state in place.
#pragma once

#include <cmath>
#include <variant>

#include "engine/math/elementary.h"
#include "engine/math/portable.h"

namespace fieldscope {

FIELDSCOPE_HOST_DEVICE float square_root(float x) {
  return ::sqrtf(x);
}
FIELDSCOPE_HOST_DEVICE double square_root(double x) {
  return ::sqrt(x);
}

/// Momentum: b <- mu b + g; then the heavy ball w -= lr b (Polyak 1964), or looking ahead
/// w -= lr (g + mu b) (Sutskever et al., ICML 2013, after Nesterov 1983). State: {b}.
struct SgdRule {
  static constexpr int states = 1;
  double lr = 1, momentum = 0;
  bool nesterov = false;

  template <class T>
  struct Constants {
    T momentum, along_b, along_g;
    explicit Constants(const SgdRule& r)
        : momentum(T(r.momentum)),
          along_b(T(r.nesterov ? r.lr * r.momentum : r.lr)),
          along_g(T(r.nesterov ? r.lr : 0)) {}
  };
  template <class T>
  static FIELDSCOPE_HOST_DEVICE void apply(const Constants<T>& c, T& w, T g, T* const* s,
                                           std::size_t i) {
    s[0][i] = c.momentum * s[0][i] + g;
    w -= c.along_b * s[0][i] + c.along_g * g;
  }
};

/// Kingma and Ba, "Adam", ICLR 2015, algorithm 1. State: {m, v}. `correction1` = 1 - beta1^t, with
/// t counted from 1, `correction2` likewise.
struct AdamRule {
  static constexpr int states = 2;
  double lr = 1e-4, beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  double correction1 = 1, correction2 = 1;

  /// Of update number t, from 1, of a state that began at zero.
  static AdamRule at(double t, double lr, double beta1, double beta2, double eps) {
    return {lr, beta1, beta2, eps, 1 - std::pow(beta1, t), 1 - std::pow(beta2, t)};
  }

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
/// m <- beta1 m + (1-beta1) g; w -= lr n / (sqrt(D^) + eps). State: {m, D}. With n = m^: ESGD
/// (Dauphin, de Vries, Bengio, "Equilibrated adaptive learning rates for non-convex optimization",
/// NIPS 2015; Chng et al. 2024, algorithm 1). With Nesterov's momentum n = beta1 m^' + (1-beta1)
/// g^, m^' corrected for one step more (Dozat, "Incorporating Nesterov momentum into Adam", ICLR
/// 2016).
struct EsgdRule {
  static constexpr int states = 2;
  double lr = 0.15, beta1 = 0.9, eps = 1e-4;
  double correction1 = 1, correction2 = 1;  ///< 1 - beta^t
  bool nesterov = false;

  template <class T>
  struct Constants {
    T along_m, along_g, beta1, rest1, eps, inverse_root2;
    explicit Constants(const EsgdRule& r)
        : along_m(T(r.nesterov ? r.lr * r.beta1 / (1 - r.beta1 * (1 - r.correction1))
                               : r.lr / r.correction1)),
          along_g(T(r.nesterov ? r.lr * (1 - r.beta1) / r.correction1 : 0)),
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
    w -= (c.along_m * m + c.along_g * g) / (square_root(s[1][i]) * c.inverse_root2 + c.eps);
  }
};

/// The same with D^ to a power: w -= lr m^ / (sqrt(D^)^power + eps). State: {m, D}. AdaHessian: Yao
/// et al., "ADAHESSIAN: an adaptive second order optimizer for machine learning", AAAI 2021.
struct HessianPowerRule {
  static constexpr int states = 2;
  double lr = 0.15, beta1 = 0.9, eps = 1e-4, power = 1;
  double correction1 = 1, correction2 = 1;

  template <class T>
  struct Constants {
    T step, beta1, rest1, eps, inverse2, half_power;
    explicit Constants(const HessianPowerRule& r)
        : step(T(r.lr / r.correction1)),
          beta1(T(r.beta1)),
          rest1(T(1 - r.beta1)),
          eps(T(r.eps)),
          inverse2(T(1 / r.correction2)),
          half_power(T(r.power / 2)) {}
  };
  template <class T>
  static FIELDSCOPE_HOST_DEVICE void apply(const Constants<T>& c, T& w, T g, T* const* s,
                                           std::size_t i) {
    const T m = c.beta1 * s[0][i] + c.rest1 * g;
    s[0][i] = m;
    w -= c.step * m / (power_of(s[1][i] * c.inverse2, c.half_power) + c.eps);
  }
};

/// Between ESGD and Adam: the geometric mean of their steps, weighed by mix. State: {m, D, v}.
/// w -= lr^(1-mix) lr_adam^mix m^ / ((sqrt(D^)+eps)^(1-mix) (sqrt(v^)+eps_adam)^mix), with
/// v <- beta2 v + (1-beta2) g^2. (The second open question of Chng et al. 2024; our rule.)
struct EsgdAdamRule {
  static constexpr int states = 3;
  double lr = 0.15, lr_adam = 1e-4, mix = 0.5, beta1 = 0.9, beta2 = 0.999, eps = 1e-4,
         eps_adam = 1e-8;
  double correction1 = 1, correction2 = 1, correction_v = 1;

  template <class T>
  struct Constants {
    T step, beta1, rest1, beta2, rest2, eps, eps_adam, inverse_d, inverse_v, mix;
    explicit Constants(const EsgdAdamRule& r)
        : step(T(std::pow(r.lr, 1 - r.mix) * std::pow(r.lr_adam, r.mix) / r.correction1)),
          beta1(T(r.beta1)),
          rest1(T(1 - r.beta1)),
          beta2(T(r.beta2)),
          rest2(T(1 - r.beta2)),
          eps(T(r.eps)),
          eps_adam(T(r.eps_adam)),
          inverse_d(T(1 / std::sqrt(r.correction2))),
          inverse_v(T(1 / std::sqrt(r.correction_v))),
          mix(T(r.mix)) {}
  };
  template <class T>
  static FIELDSCOPE_HOST_DEVICE void apply(const Constants<T>& c, T& w, T g, T* const* s,
                                           std::size_t i) {
    const T m = c.beta1 * s[0][i] + c.rest1 * g;
    const T v = c.beta2 * s[2][i] + c.rest2 * g * g;
    s[0][i] = m;
    s[2][i] = v;
    const T curvature = square_root(s[1][i]) * c.inverse_d + c.eps;
    const T size = square_root(v) * c.inverse_v + c.eps_adam;
    w -= c.step * m / (curvature * power_of(size / curvature, c.mix));
  }
};

/// m <- beta1 m + (1-beta1) g; w -= lr clip(m / max(gamma h, eps), 1), h kept elsewhere. State:
/// {m, h}. Liu et al., "Sophia: a scalable stochastic second-order optimizer for language model
/// pre-training", ICLR 2024, algorithm 3.
struct SophiaRule {
  static constexpr int states = 2;
  double lr = 1e-3, beta1 = 0.965, gamma = 0.01, eps = 1e-12;

  template <class T>
  struct Constants {
    T lr, beta1, rest1, gamma, eps;
    explicit Constants(const SophiaRule& r)
        : lr(T(r.lr)), beta1(T(r.beta1)), rest1(T(1 - r.beta1)), gamma(T(r.gamma)), eps(T(r.eps)) {}
  };
  template <class T>
  static FIELDSCOPE_HOST_DEVICE void apply(const Constants<T>& c, T& w, T g, T* const* s,
                                           std::size_t i) {
    const T m = c.beta1 * s[0][i] + c.rest1 * g;
    s[0][i] = m;
    const T h = c.gamma * s[1][i];
    const T x = m / (h > c.eps ? h : c.eps);
    w -= c.lr * (x > T(1) ? T(1) : x < T(-1) ? T(-1) : x);
  }
};

/// Adam's division in a rotated space: v <- beta2 v + (1-beta2) g^2; the average gradient in the
/// place of the weight becomes m / (sqrt(v) + eps). State: {v}. Vyas et al., "SOAP", ICLR 2025.
struct RotatedAdamRule {
  static constexpr int states = 1;
  double beta2 = 0.95, eps = 1e-8;

  template <class T>
  struct Constants {
    T beta2, rest2, eps;
    explicit Constants(const RotatedAdamRule& r)
        : beta2(T(r.beta2)), rest2(T(1 - r.beta2)), eps(T(r.eps)) {}
  };
  template <class T>
  static FIELDSCOPE_HOST_DEVICE void apply(const Constants<T>& c, T& m, T g, T* const* s,
                                           std::size_t i) {
    const T v = c.beta2 * s[0][i] + c.rest2 * g * g;
    s[0][i] = v;
    m = m / (square_root(v) + c.eps);
  }
};

/// Hutchinson's estimate of the Hessian's diagonal: A <- keep A + share (v h), with h = Hv in the
/// place of the gradient, or its absolute value; no weight changes. State: {A, v}.
struct ProbeAverageRule {
  static constexpr int states = 2;
  double keep = 0, share = 1;
  bool absolute = false;

  template <class T>
  struct Constants {
    T keep, share;
    bool absolute;
    explicit Constants(const ProbeAverageRule& r)
        : keep(T(r.keep)), share(T(r.share)), absolute(r.absolute) {}
  };
  template <class T>
  static FIELDSCOPE_HOST_DEVICE void apply(const Constants<T>& c, T&, T h, T* const* s,
                                           std::size_t i) {
    const T x = s[1][i] * h;
    s[0][i] = c.keep * s[0][i] + c.share * (c.absolute && x < T(0) ? -x : x);
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

using UpdateRule = std::variant<SgdRule, AdamRule, EsgdRule, HessianPowerRule, EsgdAdamRule,
                                SophiaRule, RotatedAdamRule, SquareAverageRule, ProbeAverageRule>;

}  // namespace fieldscope
