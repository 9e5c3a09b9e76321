// The engine on an NVIDIA GPU: matrix products by cuBLAS, eigenvalues by cuSOLVER, everything else
// by our kernels, all in one stream of its own; in float or double. Part of the run-time library,
// which nobody links: see library.cu.
#pragma once

#include <memory>

#include "engine/backend/backend.h"
#include "engine/backend/cuda/arithmetic.h"

namespace fieldscope::cuda {

/// A backend for one run on the device with that index; options are of float32. Throws DeviceError.
std::unique_ptr<Backend> make_backend(int device, Precision precision, const PassOptions& options);

}  // namespace fieldscope::cuda
