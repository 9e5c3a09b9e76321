#include "engine/task/epoch_shuffle.h"

#include <algorithm>
#include <numeric>

#include "engine/math/random.h"

namespace fieldscope {

EpochShuffle::EpochShuffle(std::size_t items, std::size_t batch, std::uint64_t seed)
    : batch_(batch), seed_(seed), order_(items) {
  drawn_.reserve(batch);
  std::iota(order_.begin(), order_.end(), 0u);
}

std::span<const std::uint32_t> EpochShuffle::minibatch(std::uint64_t step) {
  const std::uint64_t steps = (order_.size() + batch_ - 1) / batch_, epoch = step / steps;
  if (epoch != epoch_ || step < next_step_) {
    begin_epoch(epoch);
    next_step_ = epoch * steps;
  }
  while (next_step_ <= step) advance();
  return drawn_;
}

void EpochShuffle::begin_epoch(std::uint64_t epoch) {
  // Left in the middle: after a jump, never in training.
  std::iota(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(left_), 0u);
  left_ = order_.size();
  epoch_ = epoch;
}

/// Fisher-Yates from the identity, so that any epoch can be reached without the ones before it;
/// only as far as the next minibatch needs. Places drawn from become the identity again, so that
/// the next epoch need not start with a pass over all items.
void EpochShuffle::advance() {
  const std::uint64_t key = random_key(seed_, Stream::batches, epoch_);
  drawn_.clear();
  for (std::size_t n = std::min(batch_, left_); n > 0; --n) {
    const std::size_t drawn = random_below(key, left_, left_);
    --left_;
    drawn_.push_back(order_[drawn]);
    order_[drawn] = order_[left_];
    order_[left_] = static_cast<std::uint32_t>(left_);
  }
  ++next_step_;
}

}  // namespace fieldscope
