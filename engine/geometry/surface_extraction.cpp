#include "engine/geometry/surface_extraction.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "engine/geometry/polygonise.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

// Corners of a tetrahedron around 0: the sum of corner times value there is along the gradient.
constexpr std::array<Vec3, 4> tetrahedron{{{1, 1, 1}, {1, -1, -1}, {-1, 1, -1}, {-1, -1, 1}}};

/// The vertices' share of all evaluations is guessed before they are known: for each cell of a face
/// of the box, how many points a grid and how many vertices a surface has.
constexpr double points_guess = 12, vertices_guess = 3;

/// The points of all cells of these blocks.
BitGrid points_of(const BitGrid& blocks) {
  BitGrid points(2 * blocks.side() + 1);
  blocks.for_each([&](int x, int y, int z) {
    for (int dz = 0; dz < 3; ++dz) {
      for (int dy = 0; dy < 3; ++dy) {
        for (int dx = 0; dx < 3; ++dx) points.set(2 * x + dx, 2 * y + dy, 2 * z + dz);
      }
    }
  });
  return points;
}

}  // namespace

SurfaceExtraction::SurfaceExtraction(const ExtractionSettings& settings) : settings_(settings) {
  if (settings.resolution < 8 || settings.resolution > 512) {
    throw UsageError("a surface's resolution is " + std::to_string(settings.resolution) +
                     " cells an axis: give 8 to 512");
  }
  if (settings.coarse < 1 || !(settings.caution >= 0)) {
    throw UsageError("a surface's coarse grid needs at least a cell, and its caution is 0 or more");
  }
  int halvings = 0;
  while (settings.resolution >> (halvings + 1) >= settings.coarse) ++halvings;
  cells_ = (settings.resolution + (1 << halvings) - 1) >> halvings;
  resolution_ = cells_ << halvings;
  grid_.known = grid_.inside = BitGrid(cells_ + 1);
  BitGrid all(cells_ + 1);
  all.fill();
  request(all);
}

std::span<const Vec3> SurfaceExtraction::wanted(std::size_t at_most) {
  if (wanted_.empty() && stage_ == Stage::grid) want_points(std::max<std::size_t>(at_most, 1));
  if (wanted_.empty() && stage_ == Stage::normals) want_normals(std::max<std::size_t>(at_most, 1));
  return wanted_;
}

void SurfaceExtraction::give(std::span<const float> values) {
  if (values.size() != wanted_.size()) {
    throw UsageError("a surface wants " + std::to_string(wanted_.size()) + " values, " +
                     std::to_string(values.size()) + " given");
  }
  store(values);
  evaluations_ += values.size();
  left_ -= values.size();
  wanted_.clear();
  if (left_ == 0) advance();
  update_share();
}

/// Also evaluates these points of the grid, as far as they are not known.
void SurfaceExtraction::request(const BitGrid& points) {
  BitGrid all = grid_.known;
  all |= points;
  std::vector<float> values;
  values.reserve(all.count());
  std::size_t position = 0;
  missing_ = BitGrid(all.side());
  all.for_each([&](int x, int y, int z) {
    const bool known = grid_.known.test(x, y, z);
    if (!known) missing_.set(x, y, z);
    values.push_back(known ? grid_.values[position++] : 0);
  });
  grid_.known = std::move(all);
  left_ = values.size() - position;
  grid_.values = std::move(values);
  row_ = column_ = 0;
  position_ = 0;
}

void SurfaceExtraction::want_points(std::size_t at_most) {
  places_.clear();
  const int side = grid_.side();
  for (; row_ < side * side && wanted_.size() < at_most; ++row_, column_ = 0) {
    const int y = row_ % side, z = row_ / side;
    const auto known = grid_.known.row(y, z);
    for (; column_ < side; ++column_) {
      if ((known[static_cast<std::size_t>(column_) / 64] >> (column_ & 63) & 1) == 0) continue;
      if (missing_.test(column_, y, z)) {
        if (wanted_.size() == at_most) return;
        places_.push_back(position_);
        const auto coordinate = [&](int i) { return -1 + static_cast<float>(i) * cell_size(); };
        wanted_.push_back({coordinate(column_), coordinate(y), coordinate(z)});
      }
      ++position_;
    }
  }
}

/// The corners around one vertex after the other.
void SurfaceExtraction::want_normals(std::size_t at_most) {
  const float step = cell_size() / 4 / std::sqrt(3.f), bound = 1 - step;
  const std::size_t end = 4 * mesh_.vertices.size(), begin = end - left_;
  for (std::size_t i = begin; i < std::min(end, begin + at_most); ++i) {
    const Vec3 p = mesh_.vertices[i / 4];
    // Fields may end at the box.
    const Vec3 centre{std::clamp(p.x, -bound, bound), std::clamp(p.y, -bound, bound),
                      std::clamp(p.z, -bound, bound)};
    wanted_.push_back(centre + tetrahedron[i % 4] * step);
  }
}

void SurfaceExtraction::store(std::span<const float> values) {
  if (stage_ == Stage::grid) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool number = !std::isnan(values[i]);
      grid_.values[places_[i]] = number ? values[i] : -std::numeric_limits<float>::infinity();
    }
  } else if (stage_ == Stage::normals) {
    const std::size_t begin = 4 * mesh_.vertices.size() - left_;
    for (std::size_t i = 0; i < values.size(); ++i) {
      Vec3& normal = mesh_.normals[(begin + i) / 4];
      normal = normal - tetrahedron[(begin + i) % 4] * values[i];
    }
  }
}

void SurfaceExtraction::advance() {
  if (stage_ == Stage::normals) return finish_normals();
  std::size_t position = 0;
  grid_.known.for_each([&](int x, int y, int z) {
    if (grid_.values[position++] > 0) grid_.inside.set(x, y, z);
  });
  if (blocks_.side() > 0 && follow_surface()) return;
  if (cells_ < resolution_) {
    refine();
  } else {
    finish_grid();
  }
}

/// Adds the blocks around each edge that the surface crosses. False if no value is missing for
/// that.
bool SurfaceExtraction::follow_surface() {
  BitGrid blocks = blocks_;
  const auto add = [&](int x, int y, int z) {  // a cell, if there is such a one
    if (std::min({x, y, z}) >= 0 && std::max({x, y, z}) < cells_) blocks.set(x / 2, y / 2, z / 2);
  };
  for_each_crossing(grid_, [&](int x, int y, int z, int axis) {
    for (int k = 0; k < 4; ++k) {
      std::array<int, 3> cell{x, y, z};
      cell[axis == 0 ? 1 : 0] -= k & 1;
      cell[axis == 2 ? 1 : 2] -= k >> 1;
      add(cell[0], cell[1], cell[2]);
    }
  });
  for_each_capped(grid_, [&](int x, int y, int z) {
    for (int k = 0; k < 8; ++k) add(x - (k & 1), y - (k >> 1 & 1), z - (k >> 2));
  });
  if (blocks == blocks_) return false;
  blocks_ = std::move(blocks);
  request(points_of(blocks_));
  return left_ > 0;  // where all points of the new blocks are known, their edges were seen above
}

/// Cells that the surface passes through, or may.
BitGrid SurfaceExtraction::cells_to_refine() const {
  BitGrid cells(cells_);
  const auto side = static_cast<std::size_t>(grid_.side());
  std::vector<float> lower(side * side), upper(side * side);
  LayerReader reader(grid_);
  reader.next(lower, side);
  for (int z = 0; z < cells_; ++z) {
    reader.next(upper, side);
    for (int y = 0; y < cells_; ++y) {
      for (int x = 0; x < cells_; ++x) {
        const std::size_t at = static_cast<std::size_t>(y) * side + static_cast<std::size_t>(x);
        float low = lower[at], high = low;
        bool known = true;
        for (const float* v : {&lower[at], &lower[at + side], &upper[at], &upper[at + side]}) {
          known = known && !std::isnan(v[0]) && !std::isnan(v[1]);
          low = std::min({low, v[0], v[1]});
          high = std::max({high, v[0], v[1]});
        }
        if (!known) continue;
        const float least = low > 0 ? low : high > 0 ? 0 : -high;
        const bool at_box = std::min({x, y, z}) == 0 || std::max({x, y, z}) == cells_ - 1;
        if ((high > 0 && (low <= 0 || at_box)) || least < settings_.caution * (high - low)) {
          cells.set(x, y, z);
        }
      }
    }
    std::swap(lower, upper);
  }
  return cells;
}

void SurfaceExtraction::refine() {
  blocks_ = cells_to_refine();
  blocks_.dilate();
  const SparseGrid coarse = std::move(grid_);
  cells_ *= 2;
  const BitGrid points = points_of(blocks_);
  grid_ = {BitGrid(cells_ + 1), BitGrid(cells_ + 1), {}};
  std::size_t position = 0;
  coarse.known.for_each([&](int x, int y, int z) {
    const float value = coarse.values[position++];
    if (!points.test(2 * x, 2 * y, 2 * z)) return;
    grid_.known.set(2 * x, 2 * y, 2 * z);
    grid_.values.push_back(value);
  });
  request(points);
  if (left_ == 0) advance();
}

void SurfaceExtraction::finish_grid() {
  mesh_ = polygonise(std::exchange(grid_, {}));
  missing_ = blocks_ = {};
  places_ = {};
  mesh_.normals.assign(mesh_.vertices.size(), {});
  const float most =
      settings_.tangle * static_cast<float>(resolution_) * static_cast<float>(resolution_);
  if (static_cast<float>(mesh_.vertices.size()) > most) return finish_normals();
  left_ = 4 * mesh_.vertices.size();
  stage_ = left_ > 0 ? Stage::normals : Stage::done;
}

void SurfaceExtraction::finish_normals() {
  std::vector<bool> by_faces(mesh_.vertices.size());
  for (std::size_t i = 0; i < by_faces.size(); ++i) {
    Vec3& normal = mesh_.normals[i];
    const float size = length(normal);
    by_faces[i] = on_cap(mesh_.vertices[i]) || !(size > 0 && std::isfinite(size));
    normal = by_faces[i] ? Vec3{} : normal * (1 / size);
  }
  if (std::find(by_faces.begin(), by_faces.end(), true) != by_faces.end()) {
    for (const auto& [a, b, c] : mesh_.triangles) {
      const Vec3 corner = mesh_.vertices[a];
      const Vec3 area = cross(mesh_.vertices[b] - corner, mesh_.vertices[c] - corner);
      for (const std::uint32_t v : {a, b, c}) {
        if (by_faces[v]) mesh_.normals[v] = mesh_.normals[v] + area;
      }
    }
    for (std::size_t i = 0; i < by_faces.size(); ++i) {
      if (by_faces[i]) mesh_.normals[i] = normalised(mesh_.normals[i]);
    }
  }
  stage_ = Stage::done;
}

void SurfaceExtraction::update_share() {
  if (stage_ == Stage::done) {
    share_ = 1;
    return;
  }
  double expected = static_cast<double>(evaluations_ + left_);
  if (stage_ == Stage::grid) {
    double faces = static_cast<double>(cells_) * cells_;
    for (int cells = cells_; cells < resolution_; cells *= 2) {
      faces *= 4;
      expected += points_guess * faces;
    }
    expected += 4 * vertices_guess * faces;
  }
  share_ = std::max(share_, static_cast<double>(evaluations_) / expected);
}

Mesh SurfaceExtraction::take() {
  if (!done()) throw UsageError("a surface is taken before it is done");
  return std::move(mesh_);
}

}  // namespace fieldscope
