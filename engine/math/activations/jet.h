// What an activation returns: its value with first and second derivatives at one point.
#pragma once

namespace fieldscope {

/// One linear map u: f(u), f'(u), f''(u).
template <class T>
struct Jet {
  T f, fu, fuu;
};

/// Two linear maps u and w: f(u, w), its gradient and its symmetric 2x2 second derivative.
template <class T>
struct Jet2 {
  T f, fu, fw, fuu, fuw, fww;
};

/// Hyperparameters of an activation; what each number means is the activation's own business.
struct ActivationParameters {
  double p[2] = {0, 0};

  bool operator==(const ActivationParameters&) const = default;
};

/// How weights are drawn at first (MATHS section 1).
enum class Initialisation {
  /// First layer W ~ U(+-1/n_in), others and the output U(+-sqrt(6/n_in)/omega) with omega = p[0];
  /// biases U(+-1/sqrt(n_in)). (SIREN, Sitzmann et al. 2020)
  siren,
  /// As siren, but with biases of the first layer U(+-p[1]). (FINER, Liu et al. 2024)
  finer,
  /// W and b ~ U(+-1/sqrt(n_in)), PyTorch's default for a linear layer.
  fan_in
};

}  // namespace fieldscope
