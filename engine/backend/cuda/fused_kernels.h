// The kernels of a fused pass in one arithmetic, as a table: each arithmetic is a file of its own,
// fused_*.cu, since they take long to compile.
#pragma once

#include "engine/backend/cuda/tile_cluster.h"
#include "engine/backend/cuda/weight_gradients.h"

namespace fieldscope::cuda {

using TileKernel = void (*)(TilePass);
using WeightKernel = void (*)(WeightPass);

struct FusedKernels {
  /// Tiles of 16, 32, 64 and 128 samples; null where a lane could not hold the sums.
  TileKernel tiles[3][2][4] = {};  ///< [Pass][maps - 1][...]
  TileKernel clusters[2][2] = {};  ///< of the gradient: [maps - 1][width 128, 256]
  /// Of the gradient, in blocks of 64 rows and columns; of gradient and product; of the gradient
  /// behind tiles of 128 samples, in blocks of 128, or null.
  WeightKernel weights[3] = {};
};

extern const FusedKernels fused_kernels_f32, fused_kernels_tf32, fused_kernels_bf16;

template <class Math, int maps, Pass pass>
constexpr void list_tile_kernels(TileKernel (&kernels)[4]) {
  constexpr int sums = tiles_of(maps, pass);  // 16 registers each for every 16 samples
  kernels[0] = &tile_pass<Math, 1, maps, pass>;
  if constexpr (sums <= 2) kernels[1] = &tile_pass<Math, 2, maps, pass>;
  if constexpr (sums <= 1) kernels[2] = &tile_pass<Math, 4, maps, pass>;
  if constexpr (sums <= 1 && Math::products == 1) kernels[3] = &tile_pass<Math, 8, maps, pass>;
}

template <class Math>
FusedKernels list_fused_kernels() {
  FusedKernels kernels;
  const auto list = [&]<Pass pass>() {
    list_tile_kernels<Math, 1, pass>(kernels.tiles[static_cast<int>(pass)][0]);
    list_tile_kernels<Math, 2, pass>(kernels.tiles[static_cast<int>(pass)][1]);
  };
  list.template operator()<Pass::forward>();
  list.template operator()<Pass::gradient>();
  list.template operator()<Pass::product>();
  kernels.clusters[0][0] = &cluster_pass<Math, 128, 1>;
  kernels.clusters[0][1] = &cluster_pass<Math, 256, 1>;
  kernels.clusters[1][0] = &cluster_pass<Math, 128, 2>;
  kernels.clusters[1][1] = &cluster_pass<Math, 256, 2>;
  kernels.weights[0] = &weight_gradients<Math, false, 64>;
  kernels.weights[1] = &weight_gradients<Math, true, 64>;
  if constexpr (Math::products == 1) kernels.weights[2] = &weight_gradients<Math, false, 128>;
  return kernels;
}

}  // namespace fieldscope::cuda
