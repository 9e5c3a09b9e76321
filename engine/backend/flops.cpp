#include "engine/backend/flops.h"

namespace fieldscope {
namespace {

/// Adds one linear map z = W x. `first`: its input is the sample itself, of which nobody wants the
/// derivative and whose tangent is zero.
void add_map(FlopsPerSample& flops, const LinearMap& map, bool first) {
  const double one = 2.0 * map.in * map.out;  // one matrix product
  flops.inference += one;
  // Wx; and with e = dL/dz: e xᵀ; Wᵀe.
  flops.gradient += (first ? 2 : 3) * one;
  // Those, and with R the derivative along v = (V, ...): W Rx, V x; Re xᵀ, e Rxᵀ; Wᵀ Re, Vᵀ e.
  flops.product += (first ? 4 : 9) * one;
}

}  // namespace

FlopsPerSample count_flops(const Network& network) {
  FlopsPerSample flops;
  bool first = true;
  for (const HiddenLayer& layer : network.hidden) {
    add_map(flops, layer.u, first);
    if (layer.w.out > 0) add_map(flops, layer.w, first);
    first = false;
  }
  add_map(flops, network.output, first);
  return flops;
}

}  // namespace fieldscope
