#include "engine/backend/cuda/fused_kernels.h"

namespace fieldscope::cuda {

const FusedKernels fused_kernels_bf16 = list_fused_kernels<TensorCores<Arithmetic::bf16>>();

}  // namespace fieldscope::cuda
