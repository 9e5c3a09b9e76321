// What blocks of a cluster do together, in device code: they run at the same time and reach each
// other's shared memory. From compute capability 9.0 on; below, these do nothing, and nobody calls
// them.
#pragma once

#include "engine/backend/cuda/warp.h"

namespace fieldscope::cuda {

/// All threads of the cluster's blocks meet: what one wrote before it arrived, in anybody's shared
/// memory, the others see once they have waited. Whole warps, and always the two in turn.
__device__ inline void arrive_at_cluster() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
#elif !defined(__CUDACC__)
  fake_cluster_arrive();
#endif
}
__device__ inline void wait_for_cluster() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
#elif !defined(__CUDACC__)
  fake_cluster_wait();
#endif
}

/// Where another block of the cluster, counted from 0, has what lies there in this one's shared
/// memory. Only between two meetings: before the first it may not have begun, after the last it may
/// have ended.
__device__ inline float* in_block(float* own, int block) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  float* theirs;
  asm("mapa.u64 %0, %1, %2;" : "=l"(theirs) : "l"(own), "r"(block));
  return theirs;
#elif !defined(__CUDACC__)
  return fake_in_block(own, block);
#else
  return own;
#endif
}

}  // namespace fieldscope::cuda
