// What a device can do at best, measured beside everything else: the ceiling that a benchmark's
// times are held against. Used by the main thread.
#pragma once

#include <memory>
#include <string>

#include "engine/backend/backend.h"

namespace fieldscope {

class ThreadPool;

class DevicePeak {
 public:
  /// `device` as find_device() names it. Throws DeviceError.
  DevicePeak(const std::string& device, std::shared_ptr<ThreadPool> pool);

  /// GFLOP/s: on the CPU multiply-adds that never leave the registers, for about that long; on a
  /// GPU the product of two large float32 matrices, as often as fits into the time, at least once.
  double measure(double seconds);

  /// GB/s, read and written, of a GPU's memory: a large copy within it. 0 on the CPU.
  double measure_copy();

  /// What measure() measures: "FMA peak", "matrix product".
  static std::string name(const std::string& device);

 private:
  std::shared_ptr<ThreadPool> pool_;
  std::unique_ptr<Backend> backend_;  ///< of a GPU
  std::size_t side_ = 0;              ///< of the matrices
  Buffer a_, b_, c_;
};

}  // namespace fieldscope
