// The engine on an NVIDIA GPU: matrix products by cuBLAS, eigenvalues by cuSOLVER, everything else
// by our kernels, all in one stream of its own; in float or double. Part of the run-time library,
// which nobody links: see library.cu.
#pragma once

#include <memory>

#include "engine/backend/backend.h"

namespace fieldscope::cuda {

/// Which passes a backend in float32 runs: fused ones where the network has the shape for them, or
/// always layer by layer.
enum class Passes { fused, layers };

/// A backend for one run on the device with that index. Throws DeviceError.
std::unique_ptr<Backend> make_backend(int device, Precision precision, Passes passes);

}  // namespace fieldscope::cuda
