#include "engine/geometry/polygonise.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/geometry/marching_cubes.h"

namespace fieldscope {
namespace {

using Bits = std::vector<std::uint64_t>;

/// One layer of points with a border of points beyond the box, which are known to be outside.
class Layer {
 public:
  explicit Layer(int points)
      : points_(points),
        words_((static_cast<std::size_t>(points) + 63) / 64),
        values_(size(), beyond),
        known_(words_ * static_cast<std::size_t>(points)),
        inside_(known_.size()) {
    for (auto& indices : crossings) indices.resize(size());
  }

  void read(const SparseGrid& grid, LayerReader& reader, int z) {
    const auto stride = static_cast<std::size_t>(points_);
    const bool in_box = z > 0 && z + 1 < points_;
    if (in_box) reader.next(std::span(values_).subspan(stride + 1), stride);
    if (!in_box) std::fill(values_.begin(), values_.end(), beyond);
    for (int y = 0; y < points_; ++y) {
      if (in_box && y > 0 && y + 1 < points_) {
        shift(grid.known.row(y - 1, z - 1), known(y));
        shift(grid.inside.row(y - 1, z - 1), inside(y));
        known(y)[0] |= 1;
        known(y)[static_cast<std::size_t>(points_ - 1) / 64] |= std::uint64_t{1}
                                                                << ((points_ - 1) & 63);
      } else {
        std::fill_n(known(y), words_, ~std::uint64_t{0});
        std::fill_n(inside(y), words_, 0);
      }
    }
  }

  std::size_t size() const {
    return static_cast<std::size_t>(points_) * static_cast<std::size_t>(points_);
  }
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(points_) +
           static_cast<std::size_t>(x);
  }
  float value(int x, int y) const { return values_[index(x, y)]; }
  std::uint64_t* known(int y) { return known_.data() + static_cast<std::size_t>(y) * words_; }
  std::uint64_t* inside(int y) { return inside_.data() + static_cast<std::size_t>(y) * words_; }

  /// Vertices on the edges that start here along x, y and z; valid where such an edge is crossed.
  std::array<std::vector<std::uint32_t>, 3> crossings;

 private:
  static constexpr float beyond = -std::numeric_limits<float>::infinity();

  void shift(std::span<const std::uint64_t> row, std::uint64_t* out) const {
    std::uint64_t carry = 0;
    for (std::size_t w = 0; w < words_; ++w) {
      const std::uint64_t word = w < row.size() ? row[w] : 0;
      out[w] = word << 1 | carry;
      carry = word >> 63;
    }
  }

  int points_;
  std::size_t words_;
  std::vector<float> values_;
  Bits known_, inside_;
};

/// Where between two values of different signs a line through them is 0, kept off the ends.
float crossing(float from, float to) {
  constexpr float margin = 1e-3f;
  if (!(from > 0)) return 1 - crossing(to, from);
  const float t = from / (from - to);
  return t > margin ? std::min(t, 1 - margin) : margin;  // infinite values: not a number
}

class Sweep {
 public:
  explicit Sweep(const SparseGrid& grid)
      : grid_(grid),
        reader_(grid),
        points_(grid.side() + 2),
        words_((static_cast<std::size_t>(points_) + 63) / 64),
        lower_(points_),
        upper_(points_) {}

  Mesh run() {
    reserve();
    lower_.read(grid_, reader_, 0);
    for (int z = 0; z + 1 < points_; ++z) {
      upper_.read(grid_, reader_, z + 1);
      add_vertices_between(z);
      add_vertices_within(z + 1);  // none in the first layer, which is beyond the box
      add_triangles();
      std::swap(lower_, upper_);
    }
    return std::move(mesh_);
  }

 private:
  /// A closed surface has two triangles a vertex, and two more for each handle.
  void reserve() {
    std::size_t vertices = 0;
    for_each_crossing(grid_, [&](int, int, int, int) { ++vertices; });
    for_each_capped(grid_, [&](int, int, int) { ++vertices; });
    mesh_.vertices.reserve(vertices + vertices / 64);  // edges and corners of the box have more
    mesh_.triangles.reserve(2 * vertices + vertices / 16);
  }

  static std::uint64_t next_bits(const std::uint64_t* row, std::size_t w, std::size_t words) {
    return row[w] >> 1 | (w + 1 < words ? row[w + 1] << 63 : 0);
  }

  template <class Visit>
  static void for_each(std::uint64_t bits, std::size_t w, Visit&& visit) {
    BitGrid::for_each_bit({&bits, 1}, [&](int x) { visit(static_cast<int>(64 * w) + x); });
  }

  float coordinate(float point) const {
    return -1 + (point - 1) * (2 / static_cast<float>(points_ - 3));
  }

  std::uint32_t add_vertex(float x, float y, float z) {
    mesh_.vertices.push_back({coordinate(x), coordinate(y), coordinate(z)});
    return static_cast<std::uint32_t>(mesh_.vertices.size() - 1);
  }

  void add_vertices_between(int z) {
    for (int y = 0; y < points_; ++y) {
      for (std::size_t w = 0; w < words_; ++w) {
        for_each(
            (lower_.inside(y)[w] ^ upper_.inside(y)[w]) & lower_.known(y)[w] & upper_.known(y)[w],
            w, [&](int x) {
              const float t = crossing(lower_.value(x, y), upper_.value(x, y));
              lower_.crossings[2][lower_.index(x, y)] = add_vertex(
                  static_cast<float>(x), static_cast<float>(y), static_cast<float>(z) + t);
            });
      }
    }
  }

  /// On the edges of the upper layer, which is layer z.
  void add_vertices_within(int z) {
    const auto height = static_cast<float>(z);
    for (int y = 0; y < points_; ++y) {
      const std::uint64_t *known = upper_.known(y), *inside = upper_.inside(y);
      for (std::size_t w = 0; w < words_; ++w) {
        for_each(
            (inside[w] ^ next_bits(inside, w, words_)) & known[w] & next_bits(known, w, words_), w,
            [&](int x) {
              const float t = crossing(upper_.value(x, y), upper_.value(x + 1, y));
              upper_.crossings[0][upper_.index(x, y)] =
                  add_vertex(static_cast<float>(x) + t, static_cast<float>(y), height);
            });
        if (y + 1 == points_) continue;
        for_each((inside[w] ^ upper_.inside(y + 1)[w]) & known[w] & upper_.known(y + 1)[w], w,
                 [&](int x) {
                   const float t = crossing(upper_.value(x, y), upper_.value(x, y + 1));
                   upper_.crossings[1][upper_.index(x, y)] =
                       add_vertex(static_cast<float>(x), static_cast<float>(y) + t, height);
                 });
      }
    }
  }

  void add_triangles() {
    for (int y = 0; y + 1 < points_; ++y) {
      const std::array<const std::uint64_t*, 4> inside{lower_.inside(y), lower_.inside(y + 1),
                                                       upper_.inside(y), upper_.inside(y + 1)};
      const std::array<const std::uint64_t*, 4> known{lower_.known(y), lower_.known(y + 1),
                                                      upper_.known(y), upper_.known(y + 1)};
      for (std::size_t w = 0; w < words_; ++w) {
        std::uint64_t some = 0, all = ~std::uint64_t{0}, complete = all;
        for (int k = 0; k < 4; ++k) {
          some |= inside[k][w] | next_bits(inside[k], w, words_);
          all &= inside[k][w] & next_bits(inside[k], w, words_);
          complete &= known[k][w] & next_bits(known[k], w, words_);
        }
        for_each(some & ~all & complete, w, [&](int x) { add_cell(x, y, inside); });
      }
    }
  }

  void add_cell(int x, int y, const std::array<const std::uint64_t*, 4>& rows) {
    unsigned inside = 0;
    for (unsigned corner = 0; corner < 8; ++corner) {
      const auto at = static_cast<std::size_t>(x) + (corner & 1);
      inside |= static_cast<unsigned>(rows[corner >> 1][at / 64] >> (at & 63) & 1) << corner;
    }
    for (const auto& edges : cube_triangles(inside)) {
      Triangle& triangle = mesh_.triangles.emplace_back();
      for (int k = 0; k < 3; ++k) {
        const unsigned axis = edges[k] / 4u, corner = cube_edge_corner[edges[k]];
        const Layer& layer = (corner & 4) != 0 ? upper_ : lower_;
        triangle[k] = layer.crossings[axis][layer.index(x + static_cast<int>(corner & 1),
                                                        y + static_cast<int>(corner >> 1 & 1))];
      }
    }
  }

  const SparseGrid& grid_;
  LayerReader reader_;
  int points_;  ///< of an axis, with those beyond the box
  std::size_t words_;
  Layer lower_, upper_;
  Mesh mesh_;
};

}  // namespace

Mesh polygonise(const SparseGrid& grid) {
  return Sweep(grid).run();
}

bool on_cap(Vec3 p) {
  return std::max({std::abs(p.x), std::abs(p.y), std::abs(p.z)}) > 1;
}

}  // namespace fieldscope
