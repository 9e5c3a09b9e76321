// Hands the newest value from one writer thread to one reader thread; values may be skipped,
// neither side ever waits. Three slots: the writer's, the reader's and a spare between them,
// swapped by one atomic exchange.
#pragma once

#include <array>
#include <atomic>
#include <utility>

namespace fieldscope {

template <class T>
class Mailbox {
 public:
  /// Writer only. Replaces whatever the reader has not collected yet.
  void publish(T value) {
    slots_[writer_] = std::move(value);
    writer_ = spare_.exchange(writer_ | fresh, std::memory_order_acq_rel) & index_mask;
  }

  /// Reader only. Collects a newer value if there is one; returns whether there was.
  bool collect() {
    if ((spare_.load(std::memory_order_acquire) & fresh) == 0) return false;
    reader_ = spare_.exchange(reader_, std::memory_order_acq_rel) & index_mask;
    return true;
  }

  /// Reader only. The value last collected, for the reader to add to.
  T& latest() { return slots_[reader_]; }
  /// Reader only. The value last collected.
  const T& latest() const { return slots_[reader_]; }

 private:
  static constexpr unsigned fresh = 4, index_mask = 3;

  std::array<T, 3> slots_{};
  unsigned writer_ = 0, reader_ = 1;
  std::atomic<unsigned> spare_{2};
};

}  // namespace fieldscope
