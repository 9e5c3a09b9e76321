#include "engine/backend/cuda/check.h"
#include "engine/math/bytes.h"
#include "engine/math/error.h"

namespace fieldscope::cuda {
namespace {

/// The call without its arguments: what a reader of the message can look up.
std::string name_of(const char* call) {
  const std::string text = call;
  return text.substr(0, text.find('('));
}

/// "cuda:0 NVIDIA H100, 1.2 GB of 80.0 GB free"
std::string present_device() {
  int device = 0;
  cudaDeviceProp properties;
  std::size_t free = 0, total = 0;
  if (cudaGetDevice(&device) != cudaSuccess ||
      cudaGetDeviceProperties(&properties, device) != cudaSuccess)
    return "CUDA";
  std::string text = "cuda:" + std::to_string(device) + " " + properties.name;
  if (cudaMemGetInfo(&free, &total) == cudaSuccess)
    text += ", " + format_bytes(free) + " of " + format_bytes(total) + " free";
  return text;
}

[[noreturn]] void fail(const char* call, const std::string& what, const std::string& sizes,
                       const char* hint) {
  std::string message = name_of(call) + " failed: " + what;
  if (!sizes.empty()) message += ", " + sizes;
  message += " (" + present_device() + "); " + hint;
  // What a failed call leaves behind would otherwise be reported by the next one too.
  cudaGetLastError();
  throw DeviceError(message);
}

constexpr const char* less_memory =
    "use a smaller batch or network, close other programs on the GPU, or use --device cpu";
constexpr const char* start_again = "start the run again, or use --device cpu";

}  // namespace

void check(cudaError_t result, const char* call, const std::string& sizes) {
  fail(call, cudaGetErrorString(result), sizes,
       result == cudaErrorMemoryAllocation ? less_memory : start_again);
}

void check(cublasStatus_t result, const char* call, const std::string& sizes) {
  fail(call, cublasGetStatusString(result), sizes,
       result == CUBLAS_STATUS_ALLOC_FAILED ? less_memory : start_again);
}

void check(cusolverStatus_t result, const char* call, const std::string& sizes) {
  fail(call, "cuSOLVER status " + std::to_string(static_cast<int>(result)), sizes,
       result == CUSOLVER_STATUS_ALLOC_FAILED ? less_memory : start_again);
}

}  // namespace fieldscope::cuda
