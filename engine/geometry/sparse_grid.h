// Grids of which only a part is there: bits for all points, values for some.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fieldscope {

/// One bit for each point of a grid of side^3 points. Rows along x fill whole words; bits behind
/// the end of a row are 0.
class BitGrid {
 public:
  BitGrid() = default;
  explicit BitGrid(int side)
      : side_(side),
        row_words_((static_cast<std::size_t>(side) + 63) / 64),
        words_(row_words_ * static_cast<std::size_t>(side) * static_cast<std::size_t>(side)) {}

  int side() const { return side_; }
  std::span<std::uint64_t> row(int y, int z) { return {words_.data() + start(y, z), row_words_}; }
  std::span<const std::uint64_t> row(int y, int z) const {
    return {words_.data() + start(y, z), row_words_};
  }

  bool test(int x, int y, int z) const { return (row(y, z)[word(x)] >> (x & 63) & 1) != 0; }
  void set(int x, int y, int z) { row(y, z)[word(x)] |= std::uint64_t{1} << (x & 63); }
  void fill();

  std::size_t count() const;
  bool operator==(const BitGrid&) const = default;

  /// Adds the bits of another grid of the same side.
  BitGrid& operator|=(const BitGrid& other);
  /// Adds to each point its 26 neighbours.
  void dilate();

  /// Calls visit(x, y, z) for all points set, x fastest, z slowest.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (int z = 0; z < side_; ++z) {
      for (int y = 0; y < side_; ++y) {
        for_each_bit(row(y, z), [&](int x) { visit(x, y, z); });
      }
    }
  }

  template <class Visit>
  static void for_each_bit(std::span<const std::uint64_t> row, Visit&& visit) {
    for (std::size_t w = 0; w < row.size(); ++w) {
      for (std::uint64_t bits = row[w]; bits != 0; bits &= bits - 1) {
        visit(static_cast<int>(64 * w) + std::countr_zero(bits));
      }
    }
  }

 private:
  static std::size_t word(int x) { return static_cast<std::size_t>(x) / 64; }
  std::size_t start(int y, int z) const {
    return (static_cast<std::size_t>(z) * static_cast<std::size_t>(side_) +
            static_cast<std::size_t>(y)) *
           row_words_;
  }

  int side_ = 0;
  std::size_t row_words_ = 0;
  std::vector<std::uint64_t> words_;
};

/// Values of a field at some points of a grid of side^3 points. The field is inside of its surface
/// where its value is above 0.
struct SparseGrid {
  BitGrid known;
  BitGrid inside;             ///< known, and above 0
  std::vector<float> values;  ///< of all known points, in the order of BitGrid::for_each

  int side() const { return known.side(); }
};

/// Calls visit(x, y, z, axis) for each edge of the grid, from there along the axis, whose ends are
/// known and on different sides.
template <class Visit>
void for_each_crossing(const SparseGrid& grid, Visit&& visit) {
  const int side = grid.side();
  std::vector<std::uint64_t> crossed((static_cast<std::size_t>(side) + 63) / 64);
  const auto scan = [&](int y, int z, int axis, auto&& partner) {
    const auto known = grid.known.row(y, z), inside = grid.inside.row(y, z);
    for (std::size_t w = 0; w < crossed.size(); ++w) {
      crossed[w] = (inside[w] ^ partner(grid.inside, w)) & known[w] & partner(grid.known, w);
    }
    BitGrid::for_each_bit(crossed, [&](int x) { visit(x, y, z, axis); });
  };
  for (int z = 0; z < side; ++z) {
    for (int y = 0; y < side; ++y) {
      scan(y, z, 0, [&](const BitGrid& bits, std::size_t w) {
        const auto row = bits.row(y, z);
        return row[w] >> 1 | (w + 1 < row.size() ? row[w + 1] << 63 : 0);
      });
      if (y + 1 < side) {
        scan(y, z, 1, [&](const BitGrid& bits, std::size_t w) { return bits.row(y + 1, z)[w]; });
      }
      if (z + 1 < side) {
        scan(y, z, 2, [&](const BitGrid& bits, std::size_t w) { return bits.row(y, z + 1)[w]; });
      }
    }
  }
}

/// Calls visit(x, y, z) for each point inside of the surface on a face of the box: it needs a cap.
template <class Visit>
void for_each_capped(const SparseGrid& grid, Visit&& visit) {
  const int last = grid.side() - 1;
  for (int z = 0; z <= last; ++z) {
    for (int y = 0; y <= last; ++y) {
      const bool face = y == 0 || y == last || z == 0 || z == last;
      const auto consider = [&](int x) {
        if (face || x == 0 || x == last) visit(x, y, z);
      };
      BitGrid::for_each_bit(grid.inside.row(y, z), consider);
    }
  }
}

/// Reads a sparse grid layer by layer, z = 0 first, into dense layers of side^2 values.
class LayerReader {
 public:
  explicit LayerReader(const SparseGrid& grid) : grid_(grid) {}

  /// Where the value is not known, NaN is written. Row y starts at layer[y * stride].
  void next(std::span<float> layer, std::size_t stride);

 private:
  const SparseGrid& grid_;
  int z_ = 0;
  std::size_t position_ = 0;
};

}  // namespace fieldscope
