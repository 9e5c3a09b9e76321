// With which numbers the matrix products of a fused pass are made. Everything between them
// (activations, losses, biases, sums over tiles) is float32 whatever this says.
#pragma once

namespace fieldscope::cuda {

enum class Arithmetic {
  f32,   ///< three products of tf32 numbers a number: as accurate as float32
  tf32,  ///< factors rounded to 11 bits (NVIDIA's "TensorFloat-32"), sums in float32
  bf16   ///< factors rounded to 8 bits, sums in float32
};

/// Which passes a backend in float32 runs, and with which arithmetic.
struct PassOptions {
  bool fused = true;     ///< where the network has the shape for it; false: always layer by layer
  bool clusters = true;  ///< fused ones may share a tile in a cluster of blocks
  Arithmetic arithmetic = Arithmetic::f32;
};

}  // namespace fieldscope::cuda
