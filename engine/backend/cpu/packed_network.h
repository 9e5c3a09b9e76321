// Where a network's weights, and the sums of its gradient, lie when they are packed into panels for
// the kernels. Offsets only; the numbers belong to the backend.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/backend/network.h"

namespace fieldscope::cpu {

/// One linear map z = W x + b, W [out][in].
struct PackedMap {
  LinearMap map;
  /// W as it is, in panels of inputs: [panel of in][padded_out][32]. Serves W^T dz, and the
  /// gradient's sums lie in the same way. Rows from `out` on hold nothing.
  std::size_t by_input = 0;
  std::size_t padded_out = 0;  ///< out, rounded up to what registers take at once
  std::size_t bias = 0;        ///< [panels of out][32]
  /// W transposed, in panels of outputs: [panel of out][in][32]. Serves W x.
  std::size_t by_output = 0;
};

/// A Layer with its maps packed.
struct PackedLayer {
  PackedMap maps[2];
  int map_count = 1;
  int out = 0;
  int input = 0;          ///< the signal that the maps read
  bool activated = true;  ///< otherwise it gives outputs, from `column` on
  int column = 0;
  int behind = 0;  ///< the view's features behind the activation
};

/// One thread's share of packing: one panel of one map, in one of its two forms.
struct PackTask {
  int layer = 0, map = 0;
  bool by_output = false;
  std::size_t panel = 0;
};

/// Panels [first, last) of a map's inputs or outputs.
struct PanelRange {
  std::size_t first = 0, last = 0;

  std::size_t size() const { return last - first; }
};

/// One thread's share of the gradient (and of the product): dW of one map for some of its outputs
/// and inputs, summed over all samples; with the first inputs also db.
struct GradientTask {
  int layer = 0, map = 0;
  PanelRange outputs, inputs;
};

/// A Kronecker factor: of a map's inputs, with a 1 behind them, or of its outputs' derivatives.
struct PackedFactor {
  std::size_t size = 0;    ///< of the signal: the matrix has one row and column more for inputs
  std::size_t padded = 0;  ///< rounded up to what registers take at once
  std::size_t sums = 0;    ///< [panel][padded][32], then the signal's own sums [panels][32]
  std::size_t to = 0;      ///< in the result, row after row
};

/// One thread's share of the factors: one panel of columns of one of them.
struct FactorTask {
  int layer = 0, map = 0;
  bool inputs = true;
  std::size_t panel = 0;
};

struct PackedNetwork {
  PackedNetwork() = default;
  explicit PackedNetwork(const Network& network);

  /// Large tasks first. `threads` decides how finely the work is cut, never what comes out.
  std::vector<GradientTask> gradient_tasks(int threads) const;

  /// [layer][map][0: outputs, 1: inputs]
  struct LayerFactors {
    PackedFactor maps[2][2];
  };
  std::vector<LayerFactors> factors;
  std::vector<FactorTask> factor_tasks;
  std::size_t factor_sums_size = 0, factors_size = 0;

  std::vector<PackedLayer> layers;  ///< in the order of layers_of()
  std::vector<PackTask> pack_tasks;
  std::size_t forward_pack_tasks = 0;  ///< so many, the first ones, are enough to go forward
  std::size_t sums_size = 0;  ///< numbers in a gradient's sums: all but the transposed weights
  std::size_t size = 0;       ///< numbers in packed weights
};

}  // namespace fieldscope::cpu
