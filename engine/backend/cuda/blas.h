// Matrix products in our terms: matrices lie row after row. cuBLAS reads memory column after
// column, so that our matrix is its transpose: C = A B becomes C^T = B^T A^T, without a copy.
#pragma once

#include <climits>
#include <cstddef>
#include <string>

#include "engine/backend/arithmetic.h"
#include "engine/backend/cuda/check.h"

namespace fieldscope::cuda {

/// op(m) of a matrix in device memory, `stride` numbers from one row to the next.
template <class T>
struct Operand {
  const T* data = nullptr;
  std::size_t stride = 0;
  bool transposed = false;
};

inline cublasComputeType_t compute_type(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::f32:
      break;
    case Arithmetic::tf32:
      return CUBLAS_COMPUTE_32F_FAST_TF32;
    case Arithmetic::bf16:
      return CUBLAS_COMPUTE_32F_FAST_16BF;
  }
  return CUBLAS_COMPUTE_32F;
}

inline cublasStatus_t cublas_gemm(cublasHandle_t blas, Arithmetic arithmetic,
                                  cublasOperation_t a_op, cublasOperation_t b_op, int m, int n,
                                  int k, const float* alpha, const float* a, int lda,
                                  const float* b, int ldb, const float* beta, float* c, int ldc) {
  return cublasGemmEx(blas, a_op, b_op, m, n, k, alpha, a, CUDA_R_32F, lda, b, CUDA_R_32F, ldb,
                      beta, c, CUDA_R_32F, ldc, compute_type(arithmetic), CUBLAS_GEMM_DEFAULT);
}
inline cublasStatus_t cublas_gemm(cublasHandle_t blas, Arithmetic, cublasOperation_t a_op,
                                  cublasOperation_t b_op, int m, int n, int k, const double* alpha,
                                  const double* a, int lda, const double* b, int ldb,
                                  const double* beta, double* c, int ldc) {
  return cublasDgemm(blas, a_op, b_op, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

/// c[rows][columns] = alpha op(a)[rows][depth] op(b)[depth][columns] + beta c. With beta = 0, c may
/// hold anything. The arithmetic is of T = float.
template <class T>
void multiply(cublasHandle_t blas, std::size_t rows, std::size_t columns, std::size_t depth,
              T alpha, const Operand<T>& a, const Operand<T>& b, T beta, T* c, std::size_t c_stride,
              Arithmetic arithmetic = Arithmetic::f32) {
  if (rows == 0 || columns == 0) return;
  const auto op = [](const Operand<T>& m) { return m.transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  const auto narrow = [](std::size_t n) { return static_cast<int>(n); };
  if (rows > INT_MAX || columns > INT_MAX || depth > INT_MAX)
    check(CUBLAS_STATUS_INVALID_VALUE, "cublasGemm", "a side beyond 2^31 numbers");
  FIELDSCOPE_CHECK(cublas_gemm(blas, arithmetic, op(b), op(a), narrow(columns), narrow(rows),
                               narrow(depth), &alpha, b.data, narrow(b.stride), a.data,
                               narrow(a.stride), &beta, c, narrow(c_stride)),
                   std::to_string(rows) + " x " + std::to_string(depth) + " times " +
                       std::to_string(depth) + " x " + std::to_string(columns));
}

}  // namespace fieldscope::cuda
