// A network as a pass goes through it: layers in the order of the way forward, each with the signal
// that it reads. The order of layout_of() and of Kronecker factors. Vocabulary of both engines.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/backend/network.h"

namespace fieldscope {

/// One or two linear maps of one signal. Signal 0 is the sample, encoded; layer i gives signal
/// i + 1: an activation, or some of the network's outputs.
struct Layer {
  LinearMap maps[2];
  int map_count = 1;
  int input = 0;          ///< the signal that the maps read
  bool activated = true;  ///< a hidden layer; the others give outputs
  int column = 0;         ///< of those: the first of them among the network's outputs
  int behind = 0;         ///< features of the view direction that stand behind the activation

  int out() const { return maps[0].out; }
  int width() const { return out() + behind; }  ///< numbers a sample that the next layer reads
  /// Of a map's inputs those, the first ones, that depend on parameters: what else it reads is the
  /// sample's own, of which nobody wants the derivative and whose tangent is zero.
  int depending(const std::vector<Layer>& layers) const {
    if (input == 0) return 0;
    return std::min(maps[0].in, layers[static_cast<std::size_t>(input) - 1].out());
  }
};

/// The trunk; the density, where there is one; the hidden layers after the trunk; the output. The
/// density comes as soon as it can, so that nobody has to keep the trunk's activation for it.
inline std::vector<Layer> layers_of(const Network& network) {
  std::vector<Layer> layers;
  int signal = 0;  // of the last hidden layer so far
  const auto add_density = [&] {
    if (network.density.out > 0)
      layers.push_back({{network.density, {}}, 1, signal, false, network.output.out, 0});
  };
  for (std::size_t i = 0; i < network.hidden.size(); ++i) {
    const HiddenLayer& hidden = network.hidden[i];
    layers.push_back({{hidden.u, hidden.w}, hidden.w.out > 0 ? 2 : 1, signal, true, 0, 0});
    signal = static_cast<int>(layers.size());
    if (static_cast<int>(i) + 1 != network.trunk) continue;
    layers.back().behind = network.view_features;
    add_density();
  }
  if (network.trunk == 0) add_density();
  layers.push_back({{network.output, {}}, 1, signal, false, 0, 0});
  return layers;
}

}  // namespace fieldscope
