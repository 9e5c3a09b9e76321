#include <algorithm>
#include <stdexcept>

#include "engine/backend/cuda/step_slots.h"
#include "engine/math/round_up.h"

namespace fieldscope::cuda {

void StepSlots::begin_step() {
  ++step_;
  Slot& s = slot();
  if (s.done == nullptr) {
    cudaEvent_t event;
    // Who waits for a step has nothing better to do with the core than to leave it to others.
    FIELDSCOPE_CHECK(
        cudaEventCreateWithFlags(&event, cudaEventDisableTiming | cudaEventBlockingSync));
    s.done = Handle<cudaEvent_t, cudaEventDestroy>(event);
  }
  if (s.marked) FIELDSCOPE_CHECK(cudaEventSynchronize(s.done), "an earlier step");
  s.step = step_;
  s.marked = false;
  s.numbers_used = s.staging_used = 0;
  if (s.numbers.size() == 0) s.numbers = PinnedArray<double>(results);
  stream_.begin_step();
  within_ = true;
}

void StepSlots::end_step() {
  within_ = false;
  stream_.end_step();
  FIELDSCOPE_CHECK(cudaEventRecord(slot().done, stream_), "the end of a step");
  slot().marked = true;
}

double* StepSlots::result(double preset) {
  if (outside_.size() == 0) outside_ = PinnedArray<double>(1);
  Slot& s = slot();
  double* const at =
      within_ && s.numbers_used < results ? s.numbers.data() + s.numbers_used++ : outside_.data();
  *at = preset;
  return at;
}

Scalar StepSlots::promise(const double* result) {
  if (result == outside_.data()) {
    stream_.wait();
    return *result;
  }
  const auto index = static_cast<std::size_t>(result - slot().numbers.data());
  return Scalar(&StepSlots::wait, this, step_ * results + index);
}

double StepSlots::wait(void* owner, std::uint64_t ticket) {
  StepSlots& self = *static_cast<StepSlots*>(owner);
  const Slot& s = self.slots_[ticket / results % slots];
  if (s.step != ticket / results)
    throw std::logic_error("CudaBackend: a number of a step long past");
  if (s.marked)
    FIELDSCOPE_CHECK(cudaEventSynchronize(s.done), "a step");
  else
    self.stream_.wait();
  return s.numbers.data()[ticket % results];
}

void* StepSlots::staging(std::size_t bytes) {
  constexpr std::size_t alignment = 256;
  Slot& s = slot();
  const std::size_t size = round_up(bytes, alignment);
  if (s.staging.size() - s.staging_used < size) {
    stream_.wait();  // until what lies there has been read
    s.staging = PinnedArray<unsigned char>(std::max(2 * s.staging.size(), size));
    s.staging_used = 0;
  }
  void* const at = s.staging.data() + s.staging_used;
  s.staging_used += size;
  return at;
}

}  // namespace fieldscope::cuda
