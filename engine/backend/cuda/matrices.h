// Eigenvalues and QR decompositions by cuSOLVER, in double whatever the backend's precision: the
// twin of cpu/matrices.h.
#pragma once

#include "engine/backend/cuda/blas.h"
#include "engine/backend/cuda/summation.h"
#include "engine/backend/matrix.h"

namespace fieldscope::cuda {

/// The matrix's first number, in device memory; its last must lie within the buffer.
template <class T>
T* start_of(const Matrix& m) {
  if (m.rows > 0 && m.offset + (m.rows - 1) * m.stride + m.columns > m.buffer->size())
    throw std::logic_error("CudaBackend::matrix: sizes disagree");
  return m.buffer->data<T>() + m.offset;
}

template <class T>
class Decompositions {
 public:
  /// They must outlive it. cuSOLVER itself is only begun with by who decomposes something.
  Decompositions(Stream& stream, const Blas& blas, Summation& sum)
      : stream_(stream), blas_(blas), sum_(sum) {}

  void power(const MatrixPower& problem);
  void eigenvectors(const Eigenvectors& problem);
  void orthonormalise(const Matrix& matrix);

  std::size_t bytes() const {
    return (a_.size() + b_.size() + values_.size() + work_.size()) * sizeof(double) + sizeof(int);
  }

 private:
  void begin(std::size_t n);
  bool decompose(const Matrix& matrix, const char* what);
  void expect_success(const char* call, const char* what, std::size_t n);

  Stream& stream_;
  const Blas& blas_;
  Solver solver_;
  Summation& sum_;
  DeviceArray<double> a_, b_;  ///< [n][n]: the matrix, then what became of it; scratch
  DeviceArray<double>
      values_;                ///< [n]: eigenvalues, rising, or the scales of Householder's vectors
  DeviceArray<double> work_;  ///< cuSOLVER's
  DeviceArray<int> info_{};
};

}  // namespace fieldscope::cuda
