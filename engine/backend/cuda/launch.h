// The shape that most of our kernels have: something done for each of n indices, in any grid, so
// that no size is special. Sums over them: summation.h. Kernels whose threads work together are
// launched with launch_blocks().
#pragma once

#include <algorithm>
#include <string>

#include "engine/backend/cuda/check.h"

namespace fieldscope::cuda {

template <class Body>
__global__ void each(std::size_t n, Body body) {
  const std::size_t step = static_cast<std::size_t>(gridDim.x) * blockDim.x;
  for (std::size_t i = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < n;
       i += step)
    body(i);
}

/// body(i) for each i < n, in the stream; `body` is a __device__ lambda.
template <class Body>
void for_each(cudaStream_t stream, std::size_t n, Body body) {
  if (n == 0) return;  // a grid of no blocks is an error
  constexpr std::size_t threads = 256, most_blocks = 65535;
  cudaLaunchConfig_t config = {};
  config.blockDim = dim3(static_cast<unsigned>(threads));
  config.gridDim = dim3(static_cast<unsigned>(std::min((n + threads - 1) / threads, most_blocks)));
  config.stream = stream;
  FIELDSCOPE_CHECK(cudaLaunchKernelEx(&config, each<Body>, n, body),
                   std::to_string(n) + " elements");
}

/// How blocks are launched that share the memory of a cluster; `attribute` must outlive it.
inline cudaLaunchConfig_t clusters_config(std::size_t blocks, int blocks_a_cluster, int threads,
                                          std::size_t shared_bytes,
                                          cudaLaunchAttribute& attribute) {
  attribute.id = cudaLaunchAttributeClusterDimension;
  attribute.val.clusterDim.x = static_cast<unsigned>(blocks_a_cluster);
  attribute.val.clusterDim.y = attribute.val.clusterDim.z = 1;
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(static_cast<unsigned>(blocks));
  config.blockDim = dim3(static_cast<unsigned>(threads));
  config.dynamicSmemBytes = shared_bytes;
  config.attrs = &attribute;
  config.numAttrs = 1;
  return config;
}

/// A kernel of one parameter, with shared memory; `what` it works on, for the message of an error.
/// More than 48 KB of shared memory must have been allowed for the kernel.
template <class Parameter>
void launch_blocks(cudaStream_t stream, void (*kernel)(Parameter), std::size_t blocks, int threads,
                   std::size_t shared_bytes, const Parameter& parameter, const std::string& what) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(static_cast<unsigned>(blocks));
  config.blockDim = dim3(static_cast<unsigned>(threads));
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  FIELDSCOPE_CHECK(cudaLaunchKernelEx(&config, kernel, parameter), what);
}

/// The same in clusters of blocks that run together, from compute capability 9.0 on; `blocks` is a
/// multiple of theirs.
template <class Parameter>
void launch_clusters(cudaStream_t stream, void (*kernel)(Parameter), std::size_t blocks,
                     int blocks_a_cluster, int threads, std::size_t shared_bytes,
                     const Parameter& parameter, const std::string& what) {
  cudaLaunchAttribute attribute;
  cudaLaunchConfig_t config =
      clusters_config(blocks, blocks_a_cluster, threads, shared_bytes, attribute);
  config.stream = stream;
  FIELDSCOPE_CHECK(cudaLaunchKernelEx(&config, kernel, parameter), what);
}

}  // namespace fieldscope::cuda
