#include "engine/backend/cuda/fused_kernels.h"

namespace fieldscope::cuda {

const FusedKernels fused_kernels_tf32 = list_fused_kernels<TensorCores<Arithmetic::tf32>>();

}  // namespace fieldscope::cuda
