// How a tile's scratch memory is divided. The block belongs to the backend; a Scratch only points.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/backend/cpu/tile.h"

namespace fieldscope::cpu {

/// What a hidden layer keeps from the forward pass for the backward pass. [width][tile_samples],
/// except the transposed at, rat: [tile_samples][padded(width)].
template <class T>
struct LayerScratch {
  T* a = nullptr;                   ///< activation
  T *fu = nullptr, *fw = nullptr;   ///< first derivatives
  T *su = nullptr, *sw = nullptr;   ///< second derivatives times the tangents of u and w
  T *at = nullptr, *rat = nullptr;  ///< activation and its tangent, transposed
};

template <class T>
struct Scratch {
  T *features, *features_t;  ///< the encoded input and its transpose
  std::vector<LayerScratch<T>> layers;
  T* z[2];               ///< linear maps u and w; on the way back, dL/du and dL/dw
  T* tangent[2];         ///< tangents of successive layers; on the way back, R{dL/du, dL/dw}
  T* rz;                 ///< tangent of w
  T *e, *re;             ///< dL/da and its tangent
  T *y, *ry;             ///< outputs and their tangents; then dL/dy
  std::size_t size = 0;  ///< numbers taken from the block

  /// Divides `block`; with block == nullptr only `size` is meaningful.
  Scratch(const Network& network, Pass pass, T* block) {
    std::size_t widest = 1;
    for (const HiddenLayer& layer : network.hidden)
      widest = std::max(widest, static_cast<std::size_t>(layer.u.out));
    const bool back = pass != Pass::forward, product = pass == Pass::product;
    const bool two = !network.hidden.empty() && network.hidden.front().w.out > 0;
    const auto take = [&](bool wanted, std::size_t count) -> T* {
      if (!wanted) return nullptr;
      T* at = block == nullptr ? nullptr : block + size;
      size += (count + 15) / 16 * 16;
      return at;
    };
    const auto tile = [&](bool wanted, std::size_t rows) {
      return take(wanted, rows * tile_samples);
    };
    const auto transposed = [&](bool wanted, std::size_t columns) {
      return take(wanted, padded(columns) * tile_samples);
    };
    features = tile(true, network.features);
    features_t = transposed(back, network.features);
    for (const HiddenLayer& layer : network.hidden) {
      const std::size_t n = layer.u.out;
      LayerScratch<T> l;
      l.a = tile(true, n);
      l.fu = tile(back, n);
      l.fw = tile(back && two, n);
      l.su = tile(product, n);
      l.sw = tile(product && two, n);
      l.at = transposed(back, n);
      l.rat = transposed(product, n);
      layers.push_back(l);
    }
    z[0] = tile(true, widest);
    z[1] = tile(two, widest);
    tangent[0] = tile(product, widest);
    tangent[1] = tile(product, widest);
    rz = tile(product && two, widest);
    e = tile(back, widest);
    re = tile(product, widest);
    y = tile(true, network.outputs);
    ry = tile(product, network.outputs);
  }
};

}  // namespace fieldscope::cpu
