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

struct Network {
  int coordinates = 0;      ///< d: numbers a sample in the input buffer
  int encoding_levels = 0;  ///< L of the positional encoding in front; 0: none
  /// [n][d]: Fourier features sin(f.x) and cos(f.x) in front, in radians; empty: none.
  std::vector<double> frequencies;
  int features = 0;  ///< numbers a sample after the encoding: d (1 + 2 L), or 2 n
  int outputs = 0;   ///< m
  ActivationIndex activation = 0;
  ActivationParameters activation_parameters;
  std::vector<HiddenLayer> hidden;
  LinearMap output;
  std::size_t parameters = 0;

  bool operator==(const Network&) const = default;
};

}  // namespace fieldscope
