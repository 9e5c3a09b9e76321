// What threads of a block do together, in device code: lanes, sums, vectors of four numbers,
// asynchronous copies into shared memory.
#pragma once

#include <cstdint>

#include <cuda_runtime.h>

namespace fieldscope::cuda {

constexpr int warp_lanes = 32;
constexpr unsigned all_lanes = 0xffffffffu;

/// The dynamic shared memory that the launch asked for; starts at a multiple of 16 bytes.
__device__ inline float* shared_memory() {
#if defined(__CUDACC__)
  extern __shared__ __align__(16) float memory[];
  return memory;
#else
  return fake_shared_memory();
#endif
}

/// Four neighbours at a multiple of 16 bytes, in one access.
__device__ inline void load4(const float* from, float (&to)[4]) {
  const float4 v = *reinterpret_cast<const float4*>(from);
  to[0] = v.x;
  to[1] = v.y;
  to[2] = v.z;
  to[3] = v.w;
}
__device__ inline void store4(float* to, float x, float y, float z, float w) {
  *reinterpret_cast<float4*>(to) = float4{x, y, z, w};
}

/// The sum of a warp's numbers, in each lane, always formed in the same order.
template <class T>
__device__ T warp_sum(T x) {
  for (int mask = warp_lanes / 2; mask > 0; mask /= 2) x += __shfl_xor_sync(all_lanes, x, mask);
  return x;
}

/// The sum of a block's numbers, in its first thread. `scratch`: a number for each warp, in shared
/// memory that nobody else uses.
__device__ inline double block_sum(double x, double* scratch) {
  x = warp_sum(x);
  if (threadIdx.x % warp_lanes == 0) scratch[threadIdx.x / warp_lanes] = x;
  __syncthreads();
  double sum = 0;
  if (threadIdx.x == 0)
    for (unsigned w = 0; w < blockDim.x / warp_lanes; ++w) sum += scratch[w];
  __syncthreads();
  return sum;
}

/// Starts copying four numbers from global to shared memory; where `there` is false, zeros instead.
/// Both at multiples of 16 bytes.
__device__ inline void copy4_async(float* to, const float* from, bool there) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from),
               "r"(there ? 16 : 0)
               : "memory");
#elif !defined(__CUDACC__)
  fake_copy_async(to, from, there ? 16 : 0);
#endif
}

/// What was started since the last time is a group.
__device__ inline void end_copy_group() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#elif !defined(__CUDACC__)
  fake_copy_async_commit();
#endif
}

/// Waits until all of this thread's groups but the newest `Pending` have arrived. Other threads see
/// them after a barrier.
template <int Pending>
__device__ void wait_for_copies() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
#elif !defined(__CUDACC__)
  fake_copy_async_wait(Pending);
#endif
}

}  // namespace fieldscope::cuda
