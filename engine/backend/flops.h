// How much arithmetic a network costs, counted from its layers: what measured times are held
// against. Pure; any thread.
#pragma once

#include "engine/backend/network.h"

namespace fieldscope {

/// Floating-point operations a sample in the matrix products of one pass; a multiply-add counts
/// two. Biases, activations and the encoding are not counted.
struct FlopsPerSample {
  double inference = 0;
  double gradient = 0;  ///< with the forward pass
  double product = 0;   ///< gradient and Hessian product, fused, with the forward pass
};

FlopsPerSample count_flops(const Network& network);

}  // namespace fieldscope
