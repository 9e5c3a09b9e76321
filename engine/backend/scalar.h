// A number that an operation gives: known at once on the CPU; on a device that works beside the
// host, perhaps later.
#pragma once

#include <cstdint>

namespace fieldscope {

/// Reading it waits for it. A backend remembers a number for as many steps as it lets begin ahead
/// (Backend::steps_ahead); reading one that is older throws std::logic_error.
class Scalar {
 public:
  using Wait = double (*)(void* owner, std::uint64_t ticket);

  Scalar(double value = 0) : value_(value) {}  // implicit: a number that is known
  /// Known once `wait` returns it; for backends.
  Scalar(Wait wait, void* owner, std::uint64_t ticket)
      : wait_(wait), owner_(owner), ticket_(ticket) {}

  operator double() const { return wait_ != nullptr ? wait_(owner_, ticket_) : value_; }

 private:
  double value_ = 0;
  Wait wait_ = nullptr;
  void* owner_ = nullptr;
  std::uint64_t ticket_ = 0;
};

}  // namespace fieldscope
