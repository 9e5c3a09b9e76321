// What host and device hand each other without waiting while steps are on the way: numbers for the
// host, which the device writes into the host's own memory, and uploads, which the device fetches
// when it gets there.
#pragma once

#include <array>
#include <cstdint>

#include "engine/backend/cuda/stream.h"
#include "engine/backend/scalar.h"

namespace fieldscope::cuda {

/// Page-locked memory of the host, which the device reaches under the same address.
template <class T>
class PinnedArray {
 public:
  PinnedArray() = default;
  explicit PinnedArray(std::size_t size) : size_(size) {
    void* data = nullptr;
    FIELDSCOPE_CHECK(cudaHostAlloc(&data, size * sizeof(T), cudaHostAllocDefault),
                     std::to_string(size * sizeof(T)) + " bytes of page-locked memory");
    data_ = Handle<void*, cudaFreeHost>(data);
  }
  T* data() const { return static_cast<T*>(static_cast<void*>(data_)); }
  std::size_t size() const { return size_; }

 private:
  Handle<void*, cudaFreeHost> data_;
  std::size_t size_ = 0;
};

/// One thread at a time.
class StepSlots {
 public:
  /// Steps that may be on the way at a time; the stream must outlive this.
  static constexpr std::size_t most_ahead = 8;
  explicit StepSlots(Stream& stream) : stream_(stream) {}

  /// A step begins, for the stream too. Waits for the step that had its slot.
  void begin_step();
  void end_step();
  bool within_step() const { return within_; }

  /// Where the device is going to write a number; `preset` stays if it writes none.
  double* result(double preset);
  /// That number, once all that writes it has been put in. Outside a step it is waited for at once.
  Scalar promise(const double* result);

  /// Within a step: memory for an upload, which the device may read as long as the step takes.
  void* staging(std::size_t bytes);

 private:
  static constexpr std::size_t slots = most_ahead + 2, results = 256;

  struct Slot {
    std::uint64_t step = 0;
    Handle<cudaEvent_t, cudaEventDestroy> done;
    bool marked = false;  ///< `done` is what ends the step
    PinnedArray<double> numbers;
    std::size_t numbers_used = 0;
    PinnedArray<unsigned char> staging;
    std::size_t staging_used = 0;
  };
  Slot& slot() { return slots_[step_ % slots]; }
  static double wait(void* owner, std::uint64_t ticket);

  Stream& stream_;
  std::array<Slot, slots> slots_;
  PinnedArray<double> outside_;  ///< the number that is waited for at once
  std::uint64_t step_ = 0;
  bool within_ = false;
};

}  // namespace fieldscope::cuda
