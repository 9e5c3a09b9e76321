#include "engine/geometry/sparse_grid.h"

#include <algorithm>
#include <limits>

namespace fieldscope {
namespace {

using Row = std::span<const std::uint64_t>;

void add(std::span<std::uint64_t> sum, Row row) {
  for (std::size_t w = 0; w < sum.size(); ++w) sum[w] |= row[w];
}

}  // namespace

void BitGrid::fill() {
  const int rest = side_ % 64;
  for (std::size_t w = 0; w < words_.size(); ++w) {
    const bool last = (w + 1) % row_words_ == 0;
    words_[w] = last && rest != 0 ? (std::uint64_t{1} << rest) - 1 : ~std::uint64_t{0};
  }
}

std::size_t BitGrid::count() const {
  std::size_t count = 0;
  for (const std::uint64_t word : words_) count += static_cast<std::size_t>(std::popcount(word));
  return count;
}

BitGrid& BitGrid::operator|=(const BitGrid& other) {
  add(words_, other.words_);
  return *this;
}

void BitGrid::dilate() {
  // Along one axis after the other: each reads what the one before wrote.
  const int rest = side_ % 64;
  for (std::size_t begin = 0; begin < words_.size(); begin += row_words_) {
    std::uint64_t carry = 0;
    for (std::size_t w = begin; w < begin + row_words_; ++w) {
      const std::uint64_t word = words_[w];
      const std::uint64_t behind = w + 1 < begin + row_words_ ? words_[w + 1] << 63 : 0;
      words_[w] = word | word << 1 | carry | word >> 1 | behind;
      carry = word >> 63;
    }
    if (rest != 0) words_[begin + row_words_ - 1] &= (std::uint64_t{1} << rest) - 1;
  }
  const BitGrid along_x = *this;
  for (int z = 0; z < side_; ++z) {
    for (int y = 0; y < side_; ++y) {
      if (y > 0) add(row(y, z), along_x.row(y - 1, z));
      if (y + 1 < side_) add(row(y, z), along_x.row(y + 1, z));
    }
  }
  const BitGrid along_y = *this;
  for (int z = 0; z < side_; ++z) {
    for (int y = 0; y < side_; ++y) {
      if (z > 0) add(row(y, z), along_y.row(y, z - 1));
      if (z + 1 < side_) add(row(y, z), along_y.row(y, z + 1));
    }
  }
}

void LayerReader::next(std::span<float> layer, std::size_t stride) {
  for (int y = 0; y < grid_.side(); ++y) {
    float* row = layer.data() + static_cast<std::size_t>(y) * stride;
    std::fill_n(row, grid_.side(), std::numeric_limits<float>::quiet_NaN());
    BitGrid::for_each_bit(grid_.known.row(y, z_),
                          [&](int x) { row[x] = grid_.values[position_++]; });
  }
  ++z_;
}

}  // namespace fieldscope
