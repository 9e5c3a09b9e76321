// The engine on an NVIDIA GPU: matrix products by cuBLAS, eigenvalues by cuSOLVER, everything else
// by our kernels, all in one stream of its own; in float or double. Part of the run-time library,
// which nobody links: see library.cu.
#pragma once

#include <memory>

#include "engine/backend/backend.h"

namespace fieldscope::cuda {

/// Which passes a backend in float32 runs where the network has the shape for fused ones: these,
/// these without tiles that clusters share, or layer by layer.
enum class Passes { fused, unshared, layers };

/// A backend for one run on the device with that index. Throws DeviceError.
std::unique_ptr<Backend> make_backend(int device, Precision precision, Passes passes);

}  // namespace fieldscope::cuda
