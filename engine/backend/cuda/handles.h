// What a backend owns on its device besides its buffers: a stream and the libraries' handles, all
// of which work in that stream. Move-only; freed with their owner.
#pragma once

#include <utility>

#include "engine/backend/cuda/check.h"
#include "engine/math/bytes.h"

namespace fieldscope::cuda {

/// Owns a handle H that DESTROY frees; what freeing returns nobody can act on.
template <class H, auto Destroy>
class Handle {
 public:
  Handle() = default;
  explicit Handle(H handle) : handle_(handle) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }

  operator H() const { return handle_; }

 private:
  void reset() {
    if (handle_ != nullptr) Destroy(handle_);
  }
  H handle_ = nullptr;
};

using Stream = Handle<cudaStream_t, cudaStreamDestroy>;
using Blas = Handle<cublasHandle_t, cublasDestroy>;
using Solver = Handle<cusolverDnHandle_t, cusolverDnDestroy>;

inline Stream make_stream() {
  cudaStream_t stream;
  FIELDSCOPE_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return Stream(stream);
}

inline Blas make_blas(cudaStream_t stream) {
  cublasHandle_t handle;
  FIELDSCOPE_CHECK(cublasCreate(&handle));
  Blas blas(handle);
  FIELDSCOPE_CHECK(cublasSetStream(handle, stream));
  // float32 means float32: rounding to tf32 is somebody's choice, never a default.
  FIELDSCOPE_CHECK(cublasSetMathMode(handle, CUBLAS_DEFAULT_MATH));
  return blas;
}

inline Solver make_solver(cudaStream_t stream) {
  cusolverDnHandle_t handle;
  FIELDSCOPE_CHECK(cusolverDnCreate(&handle));
  Solver solver(handle);
  FIELDSCOPE_CHECK(cusolverDnSetStream(handle, stream));
  return solver;
}

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

  /// Grows to at least `size` numbers; what it held is lost then.
  void need(std::size_t size) {
    if (size_ >= size) return;
    *this = DeviceArray();  // free first
    *this = DeviceArray(size);
  }

 private:
  Handle<void*, cudaFree> data_;
  std::size_t size_ = 0;
};

}  // namespace fieldscope::cuda
