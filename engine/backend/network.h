// The shape of a network over one flat parameter vector, as backends need it. Built by Field; plain
// data.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/math/activations/list.h"

namespace fieldscope {

/// z = W x + b. W is [out][in] row-major at `weight`, b at `bias`, both offsets into the
/// parameters.
struct LinearMap {
  int in = 0, out = 0;
  std::size_t weight = 0, bias = 0;

  bool operator==(const LinearMap&) const = default;
};

/// One hidden layer: a = f(u) or f(u, w), with u (and w) linear maps of the layer's input.
struct HiddenLayer {
  LinearMap u, w;  ///< w.out == 0 where the activation takes one map

  bool operator==(const HiddenLayer&) const = default;
};

/// f: R^d -> R^m, the position's features first. A view direction joins them in front of the first
/// layer, or late (Mildenhall et al. 2020): its features then stand behind the activation of the
/// trunk's last layer, and a second output map may read that activation without them.
struct Network {
  int coordinates = 0;       ///< d: numbers a sample in the input buffer
  int view_coordinates = 0;  ///< so many of these, the last ones, are a view direction; 0: none
  int encoding_levels = 0;   ///< L of the position's positional encoding; 0: none
  int view_levels = 0;       ///< L of the direction's; 0: none
  /// [n][d - view]: Fourier features sin(f.x) and cos(f.x) of the position, in radians; empty:
  /// none.
  std::vector<double> frequencies;
  int features = 0;       ///< of the position, encoded: (d - view) (1 + 2 L), or 2 n
  int view_features = 0;  ///< of the direction, encoded: view (1 + 2 L)
  int outputs = 0;        ///< m: those of `output`, then the density
  ActivationIndex activation = 0;
  ActivationParameters activation_parameters;
  std::vector<HiddenLayer> hidden;
  int trunk = 0;  ///< hidden layers before the direction joins; 0: it does in front of the first
  LinearMap output;
  LinearMap density;  ///< of the trunk's last activation; out == 0 where there is none
  std::size_t parameters = 0;

  /// Numbers a sample in front of the first layer.
  int first_inputs() const { return features + (trunk == 0 ? view_features : 0); }

  bool operator==(const Network&) const = default;
};

}  // namespace fieldscope
