// The part of cuSOLVER that the CUDA backend uses, over host memory: see README.md.
#pragma once

#include "cublas_v2.h"

enum cusolverStatus_t {
  CUSOLVER_STATUS_SUCCESS = 0,
  CUSOLVER_STATUS_ALLOC_FAILED = 2,
  CUSOLVER_STATUS_INVALID_VALUE = 3
};
enum cusolverEigMode_t { CUSOLVER_EIG_MODE_VECTOR };
using cusolverDnHandle_t = struct FakeSolver*;

cusolverStatus_t cusolverDnCreate(cusolverDnHandle_t*);
cusolverStatus_t cusolverDnDestroy(cusolverDnHandle_t);
cusolverStatus_t cusolverDnSetStream(cusolverDnHandle_t, cudaStream_t);
cusolverStatus_t cusolverDnDsyevd_bufferSize(cusolverDnHandle_t, cusolverEigMode_t,
                                             cublasFillMode_t, int n, const double* a, int lda,
                                             const double* w, int* size);
cusolverStatus_t cusolverDnDsyevd(cusolverDnHandle_t, cusolverEigMode_t, cublasFillMode_t, int n,
                                  double* a, int lda, double* w, double* work, int size, int* info);
cusolverStatus_t cusolverDnDgeqrf_bufferSize(cusolverDnHandle_t, int m, int n, double* a, int lda,
                                             int* size);
cusolverStatus_t cusolverDnDgeqrf(cusolverDnHandle_t, int m, int n, double* a, int lda, double* tau,
                                  double* work, int size, int* info);
cusolverStatus_t cusolverDnDorgqr_bufferSize(cusolverDnHandle_t, int m, int n, int k,
                                             const double* a, int lda, const double* tau,
                                             int* size);
cusolverStatus_t cusolverDnDorgqr(cusolverDnHandle_t, int m, int n, int k, double* a, int lda,
                                  const double* tau, double* work, int size, int* info);
