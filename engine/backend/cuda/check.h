// Every call of the CUDA runtime, cuBLAS and cuSOLVER goes through one of these checks: a failure
// becomes a DeviceError that names the call, the device, the sizes at hand and what to do.
#pragma once

#include <string>

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <cusolverDn.h>

namespace fieldscope::cuda {

/// `sizes` says in words what was worked on ("512 MB asked for"); it may be empty.
void check(cudaError_t result, const char* call, const std::string& sizes = {});
void check(cublasStatus_t result, const char* call, const std::string& sizes = {});
void check(cusolverStatus_t result, const char* call, const std::string& sizes = {});

}  // namespace fieldscope::cuda

/// FIELDSCOPE_CHECK(cudaMalloc(&p, n), "12 MB asked for"): the second argument is only evaluated
/// where the call has failed.
#define FIELDSCOPE_CHECK(call, ...)                                                      \
  do {                                                                                   \
    if (const auto fieldscope_result = (call); static_cast<int>(fieldscope_result) != 0) \
      ::fieldscope::cuda::check(fieldscope_result, #call __VA_OPT__(, ) __VA_ARGS__);    \
  } while (false)
