#include "engine/geometry/solid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/math/random.h"

namespace fieldscope {
namespace {

constexpr int side = SolidGrid::side;
constexpr float cell_size = SolidCells::size;
constexpr float slack = 1e-5f;  // more than a point's cell may be wrong by, rounded

float centre_of(int cell) {
  return -1 + (static_cast<float>(cell) + 0.5f) * cell_size;
}

/// The cells between two coordinates, clamped to the grid; empty where first > second.
std::pair<int, int> cells_between(float low, float high) {
  const float first = std::floor((low - slack + 1) / cell_size);
  const float last = std::floor((high + slack + 1) / cell_size);
  return {static_cast<int>(std::clamp(first, 0.f, static_cast<float>(side))),
          static_cast<int>(std::clamp(last, -1.f, side - 1.f))};
}

}  // namespace

SolidGrid::SolidGrid(const Mesh& mesh, const MeshTree& tree)
    : cells_(std::size_t{side} * side * side, Cell::unknown) {
  for (const auto& [a, b, c] : mesh.triangles) {
    touch(mesh.vertices[a], mesh.vertices[b], mesh.vertices[c]);
  }
  std::vector<std::size_t> stack;
  for (int z = 0; z < side; ++z) {
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        if (cells_[SolidCells::index(x, y, z)] != Cell::unknown) continue;
        const Vec3 p{centre_of(x), centre_of(y), centre_of(z)};
        fill(SolidCells::index(x, y, z), tree.inside(p) ? Cell::inside : Cell::outside, stack);
      }
    }
  }
}

/// Marks the cells that the triangle's bounding box and its plane both pass through, a few more
/// than the triangle itself does.
void SolidGrid::touch(Vec3 a, Vec3 b, Vec3 c) {
  const auto [x0, x1] = cells_between(std::min({a.x, b.x, c.x}), std::max({a.x, b.x, c.x}));
  const auto [y0, y1] = cells_between(std::min({a.y, b.y, c.y}), std::max({a.y, b.y, c.y}));
  const auto [z0, z1] = cells_between(std::min({a.z, b.z, c.z}), std::max({a.z, b.z, c.z}));
  // Normalised by its largest component, so that small triangles underflow nowhere.
  Vec3 n = cross(normalised(b - a), normalised(c - a));
  const float largest = std::max({std::abs(n.x), std::abs(n.y), std::abs(n.z)});
  if (largest > 0) n = n * (1 / largest);
  const float reach =
      (cell_size / 2 + slack) * (std::abs(n.x) + std::abs(n.y) + std::abs(n.z)) + slack;
  for (int z = z0; z <= z1; ++z) {
    for (int y = y0; y <= y1; ++y) {
      const float rest = n.y * (centre_of(y) - a.y) + n.z * (centre_of(z) - a.z) - n.x * a.x;
      for (int x = x0; x <= x1; ++x) {
        if (std::abs(n.x * centre_of(x) + rest) <= reach)
          cells_[SolidCells::index(x, y, z)] = Cell::touched;
      }
    }
  }
}

void SolidGrid::fill(std::size_t first, Cell value, std::vector<std::size_t>& stack) {
  cells_[first] = value;
  stack.push_back(first);
  while (!stack.empty()) {
    const std::size_t cell = stack.back();
    stack.pop_back();
    const auto visit = [&](bool exists, std::size_t next) {
      if (!exists || cells_[next] != Cell::unknown) return;
      cells_[next] = value;
      stack.push_back(next);
    };
    const std::size_t x = cell % side, y = cell / side % side, z = cell / side / side;
    visit(x > 0, cell - 1);
    visit(x + 1 < side, cell + 1);
    visit(y > 0, cell - side);
    visit(y + 1 < side, cell + side);
    visit(z > 0, cell - std::size_t{side} * side);
    visit(z + 1 < side, cell + std::size_t{side} * side);
  }
}

bool winds_evenly(const Mesh& mesh) {
  std::uint64_t sum = 0;
  for (const Triangle& t : mesh.triangles) {
    for (int k = 0; k < 3; ++k) {
      const std::uint64_t from = t[k], to = t[(k + 1) % 3];
      if (from < to) sum += random_bits(from, to);
      if (to < from) sum -= random_bits(to, from);
    }
  }
  return sum == 0;
}

Solid::Solid(const Mesh& mesh) : tree_(mesh) {
  if (winds_evenly(mesh)) grid_.emplace(mesh, tree_);
}

bool Solid::inside(Vec3 p) const {
  return view().inside(p);
}

void Solid::label(std::span<const Vec3> points, std::span<float> labels) const {
  for (std::size_t i = 0; i < points.size(); ++i) labels[i] = inside(points[i]) ? 1.f : 0.f;
}

}  // namespace fieldscope
