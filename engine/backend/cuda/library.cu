// What the program finds in libfieldscope_cuda.so: see engine/backend/cuda_library.h.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "engine/backend/cuda/check.h"
#include "engine/backend/cuda/cuda_backend.h"
#include "engine/backend/cuda_library.h"
#include "engine/math/error.h"

// The least compute capability that there is code for, times ten (cmake/Cuda.cmake).
#ifndef FIELDSCOPE_CUDA_LEAST
#define FIELDSCOPE_CUDA_LEAST 0
#endif

namespace fieldscope::cuda {
namespace {

/// "12.4"
std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// Does not use FIELDSCOPE_CHECK: that there is no device is an answer here, not an error.
CudaDevices find_devices() {
  CudaDevices found;
  int count = 0, driver = 0, runtime = 0;
  const cudaError_t result = cudaGetDeviceCount(&count);
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  if (result == cudaErrorInsufficientDriver) {
    found.problem = driver == 0 ? "no NVIDIA driver is installed"
                                : "the NVIDIA driver is for CUDA " + version_text(driver) +
                                      ", this build needs " + version_text(runtime);
  } else if (result != cudaSuccess && result != cudaErrorNoDevice) {
    found.problem = std::string("cudaGetDeviceCount failed: ") + cudaGetErrorString(result);
  } else if (count == 0) {
    found.problem = "no NVIDIA GPU was found";
  }
  if (!found.problem.empty()) {
    cudaGetLastError();
    return found;
  }
  for (int device = 0; device < count; ++device) {
    cudaDeviceProp properties;
    FIELDSCOPE_CHECK(cudaGetDeviceProperties(&properties, device));
    CudaDevice& d = found.devices.emplace_back();
    d.name = properties.name;
    d.memory_bytes = properties.totalGlobalMem;
    const std::string capability =
        std::to_string(properties.major) + "." + std::to_string(properties.minor);
    if (10 * properties.major + properties.minor < FIELDSCOPE_CUDA_LEAST)
      d.problem = "its compute capability is " + capability + ", this build needs " +
                  std::to_string(FIELDSCOPE_CUDA_LEAST / 10) + "." +
                  std::to_string(FIELDSCOPE_CUDA_LEAST % 10);
    d.details = "compute capability " + capability + ", CUDA " + version_text(runtime) +
                ", driver for " + version_text(driver);
  }
  const bool usable = std::any_of(found.devices.begin(), found.devices.end(),
                                  [](const CudaDevice& d) { return d.problem.empty(); });
  if (!usable) found.problem = found.devices[0].name + ": " + found.devices[0].problem;
  return found;
}

std::size_t free_bytes(int device) {
  std::size_t free = 0, total = 0;
  FIELDSCOPE_CHECK(cudaSetDevice(device));
  FIELDSCOPE_CHECK(cudaMemGetInfo(&free, &total));
  return free;
}

/// FIELDSCOPE_CUDA_PASSES=fused|unshared|layers. Throws UsageError for anything else.
Passes passes_from_environment() {
  const char* const given = std::getenv("FIELDSCOPE_CUDA_PASSES");
  const std::string_view name = given != nullptr ? given : "";
  if (name.empty() || name == "fused") return Passes::fused;
  if (name == "unshared") return Passes::unshared;
  if (name == "layers") return Passes::layers;
  throw UsageError("FIELDSCOPE_CUDA_PASSES: there is no \"" + std::string(name) +
                   "\"; there is fused, unshared, layers");
}

std::unique_ptr<Backend> make_chosen_backend(int device, Precision precision) {
  return make_backend(device, precision, passes_from_environment());
}

constexpr CudaLibrary library = {CudaLibrary::current_interface, &find_devices, &free_bytes,
                                 &make_chosen_backend};

}  // namespace
}  // namespace fieldscope::cuda

extern "C" __attribute__((visibility("default"))) const fieldscope::CudaLibrary*
fieldscope_cuda_library() {
  return &fieldscope::cuda::library;
}
