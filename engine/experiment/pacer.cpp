#include "engine/experiment/pacer.h"

#include <algorithm>

namespace fieldscope {

const char* pacing_name(Pacing pacing) {
  switch (pacing) {
    case Pacing::by_step:
      return "by step";
    case Pacing::by_seconds:
      return "by training time";
    case Pacing::freely:
      return "freely";
  }
  return "?";
}

void Pacer::set_pacing(Pacing pacing) {
  {
    std::lock_guard lock(mutex_);
    pacing_ = pacing;
  }
  moved_.notify_all();
}

Pacing Pacer::pacing() const {
  std::lock_guard lock(mutex_);
  return pacing_;
}

void Pacer::report(std::uint32_t worker, std::uint64_t step, double train_seconds,
                   std::uint64_t ahead) {
  {
    std::lock_guard lock(mutex_);
    positions_[worker] = {step, train_seconds, ahead};
  }
  moved_.notify_all();
}

void Pacer::leave(std::uint32_t worker) {
  {
    std::lock_guard lock(mutex_);
    positions_.erase(worker);
  }
  moved_.notify_all();
}

/// Steps by which a run may be ahead and still take another one.
std::uint64_t Pacer::slack() const {
  const auto least = std::min_element(
      positions_.begin(), positions_.end(),
      [](const auto& a, const auto& b) { return a.second.ahead < b.second.ahead; });
  return least == positions_.end() ? 0 : least->second.ahead;
}

bool Pacer::allowed(std::uint32_t worker) const {
  const auto mine = positions_.find(worker);
  if (mine == positions_.end()) return true;
  const std::uint64_t steps = slack();
  return std::all_of(positions_.begin(), positions_.end(), [&](const auto& other) {
    switch (pacing_) {
      case Pacing::by_step:
        return mine->second.step <= other.second.step + steps;
      case Pacing::by_seconds:
        return mine->second.seconds <= other.second.seconds;
      case Pacing::freely:
        break;
    }
    return true;
  });
}

bool Pacer::may_step(std::uint32_t worker, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return moved_.wait_for(lock, patience, [&] { return allowed(worker); });
}

bool Pacer::anybody() const {
  std::lock_guard lock(mutex_);
  return !positions_.empty();
}

bool Pacer::looks(std::uint64_t step, bool due) {
  std::lock_guard lock(mutex_);
  if (pacing_ != Pacing::by_step) return due;
  look_ahead_ = std::max(look_ahead_, slack() + 2);
  if (due && (look_step_ < step || look_step_ > step + look_ahead_))
    look_step_ = step + look_ahead_;
  return step == look_step_;
}

}  // namespace fieldscope
