// Orders of [0, n) that nobody stores: what stands at a place is computed from the order's key, so
// that any thread or device finds it for any place, with the same result. Minibatches are stretches
// of such orders.
//
// An order is a Feistel network over a rectangle barely larger than n, in which a number is a row
// and a column: each round moves the row by a random distance that the column decides, or the
// column by one that the row decides. What ends outside [0, n) goes through all rounds again until
// it is inside (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002). There is a power
// of two of columns, so that nothing is divided, and fewer than sqrt(2 n) numbers lie outside.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "engine/math/random.h"

namespace fieldscope {

/// One of the orders of [0, n), drawn at random by its key; 0 < n <= 2^48.
class Shuffle {
 public:
  Shuffle(std::uint64_t key, std::uint64_t n)
      : key_(key),
        n_(n),
        column_bits_(static_cast<std::uint32_t>(std::bit_width(n - 1)) / 2),
        rounds_(n < few ? 24 : 6) {
    columns_ = std::uint64_t{1} << column_bits_;
    rows_ = (n + columns_ - 1) >> column_bits_;
  }

  std::uint64_t size() const { return n_; }

  /// What stands at `place` < n.
  FIELDSCOPE_HOST_DEVICE std::uint64_t operator()(std::uint64_t place) const {
    std::uint64_t row, column, item = place;
    do {
      row = item >> column_bits_;
      column = item & (columns_ - 1);
      for (std::uint32_t round = 0; round < rounds_; round += 2) {
        row += random_below(key_, column * rounds_ + round, rows_);
        row = row < rows_ ? row : row - rows_;
        column += random_below(key_, row * rounds_ + round + 1, columns_);
        column &= columns_ - 1;
      }
      item = row << column_bits_ | column;
    } while (item >= n_);
    return item;
  }

 private:
  /// Rounds mix the less the fewer rows and columns there are. Of fewer numbers than these, six
  /// rounds leave a trace in how far apart neighbours end up, which some 10^5 orders would show.
  static constexpr std::uint64_t few = 4096;

  std::uint64_t key_, n_;
  std::uint32_t column_bits_, rounds_;
  std::uint64_t columns_, rows_;
};

/// A minibatch drawn without replacement: the items at places first to first + size - 1.
struct Minibatch {
  Shuffle order;
  std::uint64_t first;
  std::size_t size;

  FIELDSCOPE_HOST_DEVICE std::uint64_t item(std::size_t i) const { return order(first + i); }
};

}  // namespace fieldscope
