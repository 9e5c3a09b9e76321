// The matrix products of cuBLAS and the decompositions of cuSOLVER for the fake, as LAPACK defines
// them: matrices lie column after column.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "cusolverDn.h"

struct FakeBlas {
  cudaStream_t stream;
};
struct FakeSolver {
  cudaStream_t stream;
};

namespace {

/// What the tensor cores read of a factor.
struct Whole {
  template <class T>
  T operator()(T x) const {
    return x;
  }
};
/// To the nearest of so many bits, to even in between; the rest of a float is `cut` off.
template <int cut>
struct Rounded {
  float operator()(float x) const {
    if (!(std::fabs(x) <= std::numeric_limits<float>::max())) return x;
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
    const std::uint32_t half = (1u << (cut - 1)) - 1 + (bits >> cut & 1u);
    return std::bit_cast<float>((bits + half) >> cut << cut);
  }
};

/// c = alpha op(a) op(b) + beta c, m x n, of rounded factors, summed up in the numbers' own
/// precision.
template <class T, class Read>
cublasStatus_t gemm(cublasHandle_t blas, cublasOperation_t a_op, cublasOperation_t b_op, int m,
                    int n, int k, T alpha, const T* a, int lda, const T* b, int ldb, T beta, T* c,
                    int ldc, Read read) {
  if (blas->stream == nullptr || m < 0 || n < 0 || k < 0 ||
      lda < std::max(1, a_op == CUBLAS_OP_N ? m : k) ||
      ldb < std::max(1, b_op == CUBLAS_OP_N ? k : n) || ldc < std::max(1, m))
    return CUBLAS_STATUS_INVALID_VALUE;
  const auto work = [=] {
    const FakeDeviceAccess access;
    const auto at = [](int row, int column, int ld) {
      return static_cast<std::size_t>(column) * static_cast<std::size_t>(ld) +
             static_cast<std::size_t>(row);
    };
    std::vector<T> left(static_cast<std::size_t>(m) * static_cast<std::size_t>(k));
    for (int l = 0; l < k; ++l)
      for (int i = 0; i < m; ++i)
        left[at(i, l, m)] = read(a[a_op == CUBLAS_OP_N ? at(i, l, lda) : at(l, i, lda)]);
    std::vector<T> sum(static_cast<std::size_t>(m));
    for (int j = 0; j < n; ++j) {
      std::fill(sum.begin(), sum.end(), T(0));
      const auto factor = [&](int l) {
        return read(b[b_op == CUBLAS_OP_N ? at(l, j, ldb) : at(j, l, ldb)]);
      };
      int l = 0;
      for (; l + 4 <= k; l += 4) {
        const T f[4] = {factor(l), factor(l + 1), factor(l + 2), factor(l + 3)};
        const T *x = left.data() + at(0, l, m), *y = x + m, *z = y + m, *w = z + m;
        for (int i = 0; i < m; ++i) {  // one after the other, but fetched and stored once
          T& s = sum[static_cast<std::size_t>(i)];
          s = s + x[i] * f[0] + y[i] * f[1] + z[i] * f[2] + w[i] * f[3];
        }
      }
      for (; l < k; ++l)
        for (int i = 0; i < m; ++i)
          sum[static_cast<std::size_t>(i)] += left[at(i, l, m)] * factor(l);
      for (int i = 0; i < m; ++i) {
        T& to = c[at(i, j, ldc)];
        to = alpha * sum[static_cast<std::size_t>(i)] + (beta == T(0) ? T(0) : beta * to);
      }
    }
  };
  return fake_put(blas->stream, FakeWork::library, work) == cudaSuccess
             ? CUBLAS_STATUS_SUCCESS
             : CUBLAS_STATUS_INVALID_VALUE;
}

cusolverStatus_t size_of(int* size, int n) {
  *size = std::max(1, n);
  return CUSOLVER_STATUS_SUCCESS;
}

}  // namespace

const char* cublasGetStatusString(cublasStatus_t status) {
  return status == CUBLAS_STATUS_SUCCESS        ? "success"
         : status == CUBLAS_STATUS_ALLOC_FAILED ? "the resource allocation failed"
                                                : "an unsupported value or parameter was passed";
}
cublasStatus_t cublasCreate(cublasHandle_t* handle) {
  *handle = new FakeBlas{};
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetWorkspace(cublasHandle_t, void*, std::size_t) {
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t) {
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasGemmEx(cublasHandle_t blas, cublasOperation_t a_op, cublasOperation_t b_op,
                            int m, int n, int k, const void* alpha, const void* a, cudaDataType_t,
                            int lda, const void* b, cudaDataType_t, int ldb, const void* beta,
                            void* c, cudaDataType_t, int ldc, cublasComputeType_t compute,
                            cublasGemmAlgo_t) {
  const auto with = [&](auto read) {
    return gemm(blas, a_op, b_op, m, n, k, *static_cast<const float*>(alpha),
                static_cast<const float*>(a), lda, static_cast<const float*>(b), ldb,
                *static_cast<const float*>(beta), static_cast<float*>(c), ldc, read);
  };
  switch (compute) {
    case CUBLAS_COMPUTE_32F_FAST_TF32:
      return with(Rounded<13>());
    case CUBLAS_COMPUTE_32F_FAST_16BF:
      return with(Rounded<16>());
    case CUBLAS_COMPUTE_32F:
      break;
  }
  return with(Whole());
}
cublasStatus_t cublasDgemm(cublasHandle_t blas, cublasOperation_t a_op, cublasOperation_t b_op,
                           int m, int n, int k, const double* alpha, const double* a, int lda,
                           const double* b, int ldb, const double* beta, double* c, int ldc) {
  return gemm(blas, a_op, b_op, m, n, k, *alpha, a, lda, b, ldb, *beta, c, ldc, Whole());
}

cusolverStatus_t cusolverDnCreate(cusolverDnHandle_t* handle) {
  *handle = new FakeSolver{};
  return CUSOLVER_STATUS_SUCCESS;
}
cusolverStatus_t cusolverDnDestroy(cusolverDnHandle_t handle) {
  delete handle;
  return CUSOLVER_STATUS_SUCCESS;
}
cusolverStatus_t cusolverDnSetStream(cusolverDnHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUSOLVER_STATUS_SUCCESS;
}
cusolverStatus_t cusolverDnDsyevd_bufferSize(cusolverDnHandle_t, cusolverEigMode_t,
                                             cublasFillMode_t, int n, const double*, int,
                                             const double*, int* size) {
  return size_of(size, n);
}
cusolverStatus_t cusolverDnDgeqrf_bufferSize(cusolverDnHandle_t, int, int n, double*, int,
                                             int* size) {
  return size_of(size, n);
}
cusolverStatus_t cusolverDnDorgqr_bufferSize(cusolverDnHandle_t, int, int n, int, const double*,
                                             int, const double*, int* size) {
  return size_of(size, n);
}

/// Jacobi's rotations: slow and accurate.
cusolverStatus_t cusolverDnDsyevd(cusolverDnHandle_t solver, cusolverEigMode_t, cublasFillMode_t,
                                  int n, double* a, int lda, double* w, double*, int, int* info) {
  if (solver->stream == nullptr || lda < n || fake_wait(solver->stream) != cudaSuccess)
    return CUSOLVER_STATUS_INVALID_VALUE;
  const FakeDeviceAccess access;
  const std::size_t size = static_cast<std::size_t>(n), ld = static_cast<std::size_t>(lda);
  std::vector<double> m(size * size), v(size * size, 0.0);
  for (std::size_t j = 0; j < size; ++j)  // only the lower triangle counts
    for (std::size_t i = j; i < size; ++i) m[j * size + i] = m[i * size + j] = a[j * ld + i];
  for (std::size_t i = 0; i < size; ++i) v[i * size + i] = 1;
  *info = 1;
  for (int sweep = 0; sweep < 60 && *info != 0; ++sweep) {
    double off = 0, all = 0;
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t j = 0; j < size; ++j)
        (i == j ? all : off) += m[i * size + j] * m[i * size + j];
    if (off <= 1e-28 * all || off == 0) {
      *info = 0;
      break;
    }
    for (std::size_t p = 0; p < size; ++p)
      for (std::size_t q = p + 1; q < size; ++q) {
        const double x = m[p * size + q];
        if (x == 0) continue;
        const double theta = (m[q * size + q] - m[p * size + p]) / (2 * x);
        const double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::hypot(theta, 1.0));
        const double c = 1 / std::hypot(t, 1.0), s = t * c;
        for (std::size_t k = 0; k < size; ++k) {
          const double kp = m[p * size + k], kq = m[q * size + k];
          m[p * size + k] = c * kp - s * kq;
          m[q * size + k] = s * kp + c * kq;
        }
        for (std::size_t k = 0; k < size; ++k) {
          const double kp = m[k * size + p], kq = m[k * size + q];
          m[k * size + p] = c * kp - s * kq;
          m[k * size + q] = s * kp + c * kq;
          const double vp = v[p * size + k], vq = v[q * size + k];
          v[p * size + k] = c * vp - s * vq;
          v[q * size + k] = s * vp + c * vq;
        }
      }
  }
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t i, std::size_t j) { return m[i * size + i] < m[j * size + j]; });
  for (std::size_t j = 0; j < size; ++j) {
    w[j] = m[order[j] * size + order[j]];
    for (std::size_t i = 0; i < size; ++i) a[j * ld + i] = v[order[j] * size + i];
  }
  return CUSOLVER_STATUS_SUCCESS;
}

/// Householder: column j keeps its vector below the diagonal, with a 1 on it that is not stored.
cusolverStatus_t cusolverDnDgeqrf(cusolverDnHandle_t solver, int m, int n, double* a, int lda,
                                  double* tau, double*, int, int* info) {
  if (solver->stream == nullptr || lda < m || fake_wait(solver->stream) != cudaSuccess)
    return CUSOLVER_STATUS_INVALID_VALUE;
  const FakeDeviceAccess access;
  const std::size_t ld = static_cast<std::size_t>(lda), rows = static_cast<std::size_t>(m);
  for (std::size_t j = 0; j < static_cast<std::size_t>(std::min(m, n)); ++j) {
    double* x = a + j * ld;
    double rest = 0;
    for (std::size_t i = j + 1; i < rows; ++i) rest += x[i] * x[i];
    tau[j] = 0;
    if (rest == 0) continue;
    const double beta = -std::copysign(std::sqrt(x[j] * x[j] + rest), x[j]);
    tau[j] = (beta - x[j]) / beta;
    for (std::size_t i = j + 1; i < rows; ++i) x[i] /= x[j] - beta;
    x[j] = beta;
    for (std::size_t k = j + 1; k < static_cast<std::size_t>(n); ++k) {
      double* y = a + k * ld;
      double product = y[j];
      for (std::size_t i = j + 1; i < rows; ++i) product += x[i] * y[i];
      y[j] -= tau[j] * product;
      for (std::size_t i = j + 1; i < rows; ++i) y[i] -= tau[j] * product * x[i];
    }
  }
  *info = 0;
  return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t cusolverDnDorgqr(cusolverDnHandle_t solver, int m, int n, int k, double* a,
                                  int lda, const double* tau, double*, int, int* info) {
  if (solver->stream == nullptr || lda < m || fake_wait(solver->stream) != cudaSuccess)
    return CUSOLVER_STATUS_INVALID_VALUE;
  const FakeDeviceAccess access;
  const std::size_t ld = static_cast<std::size_t>(lda), rows = static_cast<std::size_t>(m);
  const std::size_t columns = static_cast<std::size_t>(n);
  std::vector<double> q(rows * columns, 0.0);
  for (std::size_t c = 0; c < columns; ++c) q[c * rows + c] = 1;
  for (std::size_t j = static_cast<std::size_t>(k); j-- > 0;)
    for (std::size_t c = 0; c < columns; ++c) {
      double* y = q.data() + c * rows;
      double product = y[j];
      for (std::size_t i = j + 1; i < rows; ++i) product += a[j * ld + i] * y[i];
      y[j] -= tau[j] * product;
      for (std::size_t i = j + 1; i < rows; ++i) y[i] -= tau[j] * product * a[j * ld + i];
    }
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t i = 0; i < rows; ++i) a[c * ld + i] = q[c * rows + i];
  *info = 0;
  return CUSOLVER_STATUS_SUCCESS;
}
