// The frequencies of a network's Fourier features on the device.
#pragma once

#include <vector>

#include "engine/backend/cuda/handles.h"
#include "engine/backend/network.h"

namespace fieldscope::cuda {

template <class T>
class Frequencies {
 public:
  /// The network's [n][d]; null if it has none. Copied once for as long as they stay the same.
  const T* of(const Network& network, Stream& stream) {
    if (uploaded_ != network.frequencies) {
      const std::vector<T> numbers(network.frequencies.begin(), network.frequencies.end());
      stream.interrupt();
      data_ = DeviceArray<T>(numbers.size());
      stream.copy_now(data_.data(), numbers.data(), numbers.size() * sizeof(T),
                      cudaMemcpyHostToDevice);
      uploaded_ = network.frequencies;
    }
    return data_.data();
  }
  std::size_t bytes() const { return data_.size() * sizeof(T); }

 private:
  DeviceArray<T> data_;
  std::vector<double> uploaded_;  ///< what it holds
};

}  // namespace fieldscope::cuda
