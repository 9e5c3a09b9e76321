// Minibatches drawn without replacement: an epoch sees every item once, in an order that the seed
// decides. Whatever grows with the number of items is done bit by bit: no step waits for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fieldscope {

class EpochShuffle {
 public:
  EpochShuffle(std::size_t items, std::size_t batch, std::uint64_t seed);

  /// The items of a step's minibatch, valid until the next call; the last one of an epoch may be
  /// smaller. Fast for the step after the one before, and for the first of an epoch.
  std::span<const std::uint32_t> minibatch(std::uint64_t step);

 private:
  void begin_epoch(std::uint64_t epoch);
  void advance();

  std::size_t batch_;
  std::uint64_t seed_;
  // The shuffle of the present epoch, as far as it has been asked for.
  std::vector<std::uint32_t> order_;  ///< items not drawn yet below left_, the identity above
  std::size_t left_ = 0;
  std::vector<std::uint32_t> drawn_;  ///< of the present minibatch
  std::uint64_t epoch_ = ~std::uint64_t{0};
  std::uint64_t next_step_ = 0;  ///< whose items come next
};

}  // namespace fieldscope
