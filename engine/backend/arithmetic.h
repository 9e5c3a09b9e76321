// With which numbers matrices are multiplied in a pass over a network. Everything else (weights,
// sums, activations, losses, biases) is float32 whatever this says.
#pragma once

namespace fieldscope {

enum class Arithmetic {
  f32,   ///< as accurate as float32; on tensor cores three products of tf32 numbers a number
  tf32,  ///< factors rounded to 11 bits (NVIDIA's "TensorFloat-32"), sums in float32
  bf16   ///< factors rounded to 8 bits, sums in float32
};

}  // namespace fieldscope
