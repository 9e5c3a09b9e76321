// How many samples the next slice of an evaluation takes, so that it lasts about as long as it
// should: learnt from how long slices took, whatever the network, the machine and whoever else is
// busy on it. Plain arithmetic, no clock of its own.
#pragma once

#include <algorithm>
#include <cstddef>

namespace fieldscope {

class SliceSizer {
 public:
  static constexpr double target_seconds = 2e-3;
  static constexpr std::size_t smallest = 64, largest = 1 << 15;

  /// Of the next slice; a multiple of `smallest`.
  std::size_t samples() const { return samples_; }

  /// A slice of samples() took so long. Sizes grow carefully, twofold at most, and shrink at once.
  void took(double seconds) {
    const double grown =
        static_cast<double>(samples_) * std::min(2.0, target_seconds / std::max(seconds, 1e-9));
    const auto blocks = static_cast<std::size_t>(grown / smallest);
    samples_ = std::clamp(blocks * smallest, smallest, largest);
  }

 private:
  std::size_t samples_ = 4 * smallest;
};

}  // namespace fieldscope
