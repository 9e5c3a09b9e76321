// Numbers of a dataset where a backend reads them: on the CPU the dataset's own, on a device with
// memory of its own a copy there. float in any precision, as datasets are. Move-only; owned by
// whoever asked the backend for it (Backend::hold); its dataset and its backend must outlive it.
#pragma once

#include <span>
#include <utility>

#include "engine/backend/buffer.h"

namespace fieldscope {

class HeldNumbers {
 public:
  HeldNumbers() = default;
  explicit HeldNumbers(std::span<const float> datasets_own) : own_(datasets_own) {}
  explicit HeldNumbers(Buffer copy) : copy_(std::move(copy)) {}

  std::size_t size() const { return copy_.empty() ? own_.size() : copy_.size(); }
  /// For backends only: where their device reads them.
  const float* data() const { return copy_.empty() ? own_.data() : copy_.data<float>(); }

 private:
  std::span<const float> own_;
  Buffer copy_;
};

}  // namespace fieldscope
