#include "engine/backend/cuda/fused_kernels.h"

namespace fieldscope::cuda {

const FusedKernels fused_kernels_f32 = list_fused_kernels<TensorCores<Arithmetic::f32>>();

}  // namespace fieldscope::cuda
