// Sums over indices in double, formed in one order whatever the device.
#pragma once

#include <algorithm>
#include <cstddef>

#include "engine/backend/cuda/handles.h"
#include "engine/backend/cuda/launch.h"

namespace fieldscope::cuda {

/// What becomes of a sum of n numbers in device memory: *to = scale * sum, or where it joins what
/// is there, *to += scale * sum. `to` may be the host's, if the device reaches it.
struct Total {
  double* to = nullptr;
  double scale = 1;
  bool joins = false;
};
void add_up(cudaStream_t stream, std::size_t n, const double* numbers, const Total& total);

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

/// `lanes` threads take every lanes-th element each, a block adds their sums.
class Summation {
 public:
  /// The sum of body(i) over i < n; `body` is a __device__ lambda that returns double.
  template <class Body>
  void enqueue(Stream& stream, std::size_t n, Body body, const Total& total) {
    const std::size_t lanes = std::min(n, most_lanes);
    partial_.need(most_lanes, stream);
    for_each(stream, lanes, Lane<Body>{n, lanes, body, partial_.data()});
    add_up(stream, lanes, partial_.data(), total);
  }
  /// The same, and waits for it.
  template <class Body>
  double operator()(Stream& stream, std::size_t n, Body body) {
    total_.need(1, stream);
    enqueue(stream, n, body, {.to = total_.data()});
    double total = 0;
    stream.copy_now(&total, total_.data(), sizeof total, cudaMemcpyDeviceToHost);
    return total;
  }

  std::size_t bytes() const { return (partial_.size() + total_.size()) * sizeof(double); }

 private:
  static constexpr std::size_t most_lanes = 4096;

  DeviceArray<double> partial_, total_;
};

}  // namespace fieldscope::cuda
