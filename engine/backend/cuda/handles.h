// What a backend owns on its device besides its buffers: a stream and the libraries' handles, all
// of which work in that stream. Move-only; freed with their owner.
#pragma once

#include <algorithm>

#include "engine/backend/cuda/check.h"
#include "engine/backend/cuda/handle.h"
#include "engine/backend/cuda/stream.h"
#include "engine/math/bytes.h"

namespace fieldscope::cuda {

/// Device memory for `size` numbers of type T, owned; not initialised.
template <class T>
class DeviceArray {
 public:
  DeviceArray() = default;
  explicit DeviceArray(std::size_t size) : size_(size) {
    void* data = nullptr;
    if (size > 0)
      FIELDSCOPE_CHECK(cudaMalloc(&data, size * sizeof(T)),
                       format_bytes(size * sizeof(T)) + " asked for");
    data_ = Handle<void*, cudaFree>(data);
  }
  T* data() const { return static_cast<T*>(static_cast<void*>(data_)); }
  std::size_t size() const { return size_; }

  /// Grows to at least `size` numbers; what it held is lost then. Whatever the stream's step does
  /// with the old memory is begun before.
  void need(std::size_t size, Stream& stream) {
    if (size_ >= size) return;
    stream.interrupt();
    *this = DeviceArray();  // free first
    *this = DeviceArray(size);
  }

 private:
  Handle<void*, cudaFree> data_;
  std::size_t size_ = 0;
};

/// cuBLAS in a stream. Its memory is ours: what it would get by itself cannot be part of a graph.
class Blas {
 public:
  explicit Blas(cudaStream_t stream) : workspace_(workspace_bytes()) {
    cublasHandle_t handle;
    FIELDSCOPE_CHECK(cublasCreate(&handle));
    handle_ = Handle<cublasHandle_t, cublasDestroy>(handle);
    FIELDSCOPE_CHECK(cublasSetStream(handle, stream));
    FIELDSCOPE_CHECK(cublasSetWorkspace(handle, workspace_.data(), workspace_.size()));
    // float32 means float32: rounding to tf32 is somebody's choice, never a default.
    FIELDSCOPE_CHECK(cublasSetMathMode(handle, CUBLAS_DEFAULT_MATH));
  }
  operator cublasHandle_t() const { return handle_; }
  std::size_t bytes() const { return workspace_.size(); }

 private:
  /// As cuBLAS' manual advises, where there is more than enough.
  static std::size_t workspace_bytes() {
    int device = 0;
    cudaDeviceProp properties;
    FIELDSCOPE_CHECK(cudaGetDevice(&device));
    FIELDSCOPE_CHECK(cudaGetDeviceProperties(&properties, device));
    return std::min(std::size_t{properties.major >= 9 ? 32u : 4u} << 20,
                    properties.totalGlobalMem / 256);
  }

  DeviceArray<unsigned char> workspace_;
  Handle<cublasHandle_t, cublasDestroy> handle_;  // goes first
};

using Solver = Handle<cusolverDnHandle_t, cusolverDnDestroy>;

inline Solver make_solver(cudaStream_t stream) {
  cusolverDnHandle_t handle;
  FIELDSCOPE_CHECK(cusolverDnCreate(&handle));
  Solver solver(handle);
  FIELDSCOPE_CHECK(cusolverDnSetStream(handle, stream));
  return solver;
}

}  // namespace fieldscope::cuda
