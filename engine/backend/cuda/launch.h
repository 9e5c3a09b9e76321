// The two shapes that most of our kernels have: something done for each of n indices, and a sum
// over them. Both work in any grid, so that no size is special; sums are formed in one order,
// whatever the device. Kernels whose threads work together are launched with launch_blocks().
#pragma once

#include <algorithm>
#include <vector>

#include "engine/backend/cuda/check.h"
#include "engine/backend/cuda/handles.h"

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

/// What one thread of a Summation does: body(lane) + body(lane + lanes) + ... up to n.
template <class Body>
struct Lane {
  std::size_t n, lanes;
  Body body;
  double* sums;
  __device__ void operator()(std::size_t lane) const {
    double sum = 0;
    for (std::size_t i = lane; i < n; i += lanes) sum += body(i);
    sums[lane] = sum;
  }
};

/// Adds up in double: `lanes` threads take every lanes-th element each, the host adds their sums.
/// Waits for the stream.
class Summation {
 public:
  /// The sum of body(i) over i < n; `body` is a __device__ lambda that returns double.
  template <class Body>
  double operator()(cudaStream_t stream, std::size_t n, Body body) {
    const std::size_t lanes = std::min(n, most_lanes);
    if (lanes == 0) return 0;
    partial_.need(most_lanes);
    host_.resize(most_lanes);
    for_each(stream, lanes, Lane<Body>{n, lanes, body, partial_.data()});
    FIELDSCOPE_CHECK(cudaMemcpyAsync(host_.data(), partial_.data(), lanes * sizeof(double),
                                     cudaMemcpyDeviceToHost, stream),
                     std::to_string(lanes) + " sums");
    FIELDSCOPE_CHECK(cudaStreamSynchronize(stream));
    double total = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) total += host_[lane];
    return total;
  }

  std::size_t bytes() const { return partial_.size() * sizeof(double); }

 private:
  static constexpr std::size_t most_lanes = 4096;

  DeviceArray<double> partial_;
  std::vector<double> host_;
};

}  // namespace fieldscope::cuda
