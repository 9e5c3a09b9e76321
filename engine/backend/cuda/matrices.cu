#include <cfloat>
#include <stdexcept>

#include "engine/backend/cuda/matrices.h"
#include "engine/backend/cuda/vectors.h"
#include "engine/math/error.h"

namespace fieldscope::cuda {
namespace {

// cuSOLVER reads column after column: what it calls column j of a matrix is our row j.

/// to[n][n] = (from + from^T) / 2, the same in either order.
template <class T>
void symmetrise(cudaStream_t stream, std::size_t n, const T* from, std::size_t stride, double* to) {
  for_each(stream, n * n, [=] __device__(std::size_t i) {
    const std::size_t r = i / n, c = i % n;
    to[i] = 0.5 *
            (static_cast<double>(from[r * stride + c]) + static_cast<double>(from[c * stride + r]));
  });
}

/// to[columns][rows] = from[rows][columns]^T
template <class From, class To>
void transpose(cudaStream_t stream, std::size_t rows, std::size_t columns, const From* from,
               std::size_t from_stride, To* to, std::size_t to_stride) {
  for_each(stream, rows * columns, [=] __device__(std::size_t i) {
    const std::size_t r = i / columns, c = i % columns;
    to[c * to_stride + r] = static_cast<To>(from[r * from_stride + c]);
  });
}

/// scaled[j][r] = vectors[j][r] (max(values[j], 0) + shift + ridge lambda_max)^exponent, one
/// eigenvector a row.
void scale_by_powers(cudaStream_t stream, std::size_t n, const double* vectors,
                     const double* values, double shift, double ridge, double exponent,
                     double* scaled) {
  for_each(stream, n * n, [=] __device__(std::size_t i) {
    const double largest = values[n - 1] > 0 ? values[n - 1] : 0;
    const double value = (values[i / n] > 0 ? values[i / n] : 0) + shift + ridge * largest;
    scaled[i] = vectors[i] * ::pow(value > DBL_MIN ? value : DBL_MIN, exponent);
  });
}

template <class T>
void narrow(cudaStream_t stream, std::size_t n, const double* from, T* to, std::size_t stride) {
  for_each(stream, n * n,
           [=] __device__(std::size_t i) { to[i / n * stride + i % n] = static_cast<T>(from[i]); });
}

/// to[r][c] = vectors[n - 1 - c][r]: eigenvectors in rows by rising eigenvalue become columns by
/// falling.
template <class T>
void put_columns(cudaStream_t stream, std::size_t n, const double* vectors, T* to,
                 std::size_t stride) {
  for_each(stream, n * n, [=] __device__(std::size_t i) {
    const std::size_t r = i / n, c = i % n;
    to[r * stride + c] = static_cast<T>(vectors[(n - 1 - c) * n + r]);
  });
}

template <class T>
void fill_matrix(cudaStream_t stream, std::size_t rows, std::size_t columns, T value, T* x,
                 std::size_t stride) {
  for_each(stream, rows * columns,
           [=] __device__(std::size_t i) { x[i / columns * stride + i % columns] = value; });
}

std::string square_text(std::size_t n) {
  return std::to_string(n) + " x " + std::to_string(n);
}

}  // namespace

template <class T>
void Decompositions<T>::expect_success(const char* call, const char* what, std::size_t n) {
  int info = 0;
  stream_.copy_now(&info, info_.data(), sizeof info, cudaMemcpyDeviceToHost);
  if (info > 0)
    throw DeviceError(std::string(what) + " of a " + square_text(n) +
                      " matrix did not converge; a larger damping helps");
  if (info < 0)
    throw DeviceError(std::string(call) + " refused its argument " + std::to_string(-info) +
                      " for a " + square_text(n) + " matrix; use --device cpu");
}

/// Room for a matrix of n by n, and the library.
template <class T>
void Decompositions<T>::begin(std::size_t n) {
  a_.need(n * n, stream_);
  values_.need(n, stream_);
  info_.need(1, stream_);
  stream_.interrupt();  // the library may wait and get memory as it likes
  if (solver_ == nullptr) solver_ = make_solver(stream_);
}

/// The eigenvectors of (m + m^T) / 2 into the rows of a_, by rising eigenvalue; these into values_.
/// False, and nothing done, if the matrix holds numbers that are not finite: an optimizer that runs
/// away brings them.
template <class T>
bool Decompositions<T>::decompose(const Matrix& m, const char* what) {
  const std::size_t n = m.rows;
  begin(n);
  symmetrise(stream_, n, start_of<T>(m), m.stride, a_.data());
  if (!all_finite(stream_, sum_, n * n, a_.data())) return false;
  const int size = static_cast<int>(n);
  int work = 0;
  FIELDSCOPE_CHECK(
      cusolverDnDsyevd_bufferSize(solver_, CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, size,
                                  a_.data(), size, values_.data(), &work),
      square_text(n));
  work_.need(static_cast<std::size_t>(work), stream_);
  FIELDSCOPE_CHECK(
      cusolverDnDsyevd(solver_, CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, size, a_.data(),
                       size, values_.data(), work_.data(), work, info_.data()),
      square_text(n));
  expect_success("cusolverDnDsyevd", what, n);
  return true;
}

template <class T>
void Decompositions<T>::power(const MatrixPower& p) {
  const std::size_t n = p.from.rows;
  if (n == 0) return;
  T* const to = start_of<T>(p.to);
  if (!decompose(p.from, "a power")) {
    fill_matrix(stream_, n, n, std::numeric_limits<T>::quiet_NaN(), to, p.to.stride);
    return;
  }
  // V^T D V with V's rows the eigenvectors.
  b_.need(2 * n * n, stream_);
  double *scaled = b_.data(), *result = b_.data() + n * n;
  scale_by_powers(stream_, n, a_.data(), values_.data(), p.shift, p.ridge, p.exponent, scaled);
  multiply<double>(blas_, n, n, n, 1, {a_.data(), n, true}, {scaled, n}, 0, result, n);
  narrow(stream_, n, result, to, p.to.stride);
}

template <class T>
void Decompositions<T>::eigenvectors(const Eigenvectors& p) {
  const std::size_t n = p.from.rows;
  if (n == 0) return;
  T* const to = start_of<T>(p.to);
  if (decompose(p.from, "the eigenvectors"))
    put_columns(stream_, n, a_.data(), to, p.to.stride);
  else
    fill_matrix(stream_, n, n, std::numeric_limits<T>::quiet_NaN(), to, p.to.stride);
}

template <class T>
void Decompositions<T>::orthonormalise(const Matrix& m) {
  const std::size_t n = m.rows;
  if (n == 0) return;
  T* const data = start_of<T>(m);
  begin(n);
  transpose(stream_, n, n, data, m.stride, a_.data(), n);
  const int size = static_cast<int>(n);
  int factor_work = 0, form_work = 0;
  FIELDSCOPE_CHECK(cusolverDnDgeqrf_bufferSize(solver_, size, size, a_.data(), size, &factor_work),
                   square_text(n));
  FIELDSCOPE_CHECK(cusolverDnDorgqr_bufferSize(solver_, size, size, size, a_.data(), size,
                                               values_.data(), &form_work),
                   square_text(n));
  const int work = std::max(factor_work, form_work);
  work_.need(static_cast<std::size_t>(work), stream_);
  FIELDSCOPE_CHECK(cusolverDnDgeqrf(solver_, size, size, a_.data(), size, values_.data(),
                                    work_.data(), work, info_.data()),
                   square_text(n));
  expect_success("cusolverDnDgeqrf", "the QR decomposition", n);
  FIELDSCOPE_CHECK(cusolverDnDorgqr(solver_, size, size, size, a_.data(), size, values_.data(),
                                    work_.data(), work, info_.data()),
                   square_text(n));
  expect_success("cusolverDnDorgqr", "the QR decomposition", n);
  transpose(stream_, n, n, a_.data(), n, data, m.stride);
}

template class Decompositions<float>;
template class Decompositions<double>;

}  // namespace fieldscope::cuda
