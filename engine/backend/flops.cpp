#include "engine/backend/flops.h"

#include "engine/backend/layers.h"

namespace fieldscope {
namespace {

/// Adds one linear map z = W x of whose inputs the first `depending` have derivatives and tangents.
void add_map(FlopsPerSample& flops, const LinearMap& map, int depending) {
  const double one = 2.0 * map.in * map.out;  // one matrix product
  const double part = 2.0 * depending * map.out;
  flops.inference += one;
  // Wx, and with e = dL/dz: e xᵀ; Wᵀe.
  flops.gradient += 2 * one + part;
  // Those, and with R the derivative along v = (V, ...): V x, Re xᵀ; W Rx, e Rxᵀ, Wᵀ Re, Vᵀ e.
  flops.product += 4 * one + 5 * part;
}

}  // namespace

FlopsPerSample count_flops(const Network& network) {
  FlopsPerSample flops;
  const std::vector<Layer> layers = layers_of(network);
  for (const Layer& layer : layers)
    for (int m = 0; m < layer.map_count; ++m)
      add_map(flops, layer.maps[m], layer.depending(layers));
  return flops;
}

}  // namespace fieldscope
