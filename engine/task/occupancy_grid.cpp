#include "engine/task/occupancy_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/math/random.h"

namespace fieldscope {
namespace {

constexpr float unknown = -1;
/// What a density keeps from one look to the next.
constexpr float memory = 0.8f;
/// A cell is occupied if crossing it takes away so much of the light.
constexpr float least_opacity = 0.01f;
constexpr float cell_size = 2.0f / OccupancyGrid::side;

std::size_t index_of(int x, int y, int z) {
  constexpr std::size_t side = OccupancyGrid::side;
  return (static_cast<std::size_t>(z) * side + static_cast<std::size_t>(y)) * side +
         static_cast<std::size_t>(x);
}

}  // namespace

OccupancyGrid::OccupancyGrid() : density_(cells, unknown), occupied_(cells, 1) {}

/// Turns interleave: each of them looks at all parts of the box.
std::vector<Vec3> OccupancyGrid::places(std::uint64_t turn, std::uint64_t key) const {
  std::vector<Vec3> places;
  places.reserve(cells / turns);
  for (std::size_t i = turn % turns; i < cells; i += turns) {
    const std::size_t at[3] = {i % side, i / side % side, i / side / side};
    float place[3];
    for (std::size_t k = 0; k < 3; ++k)
      place[k] = (static_cast<float>(at[k]) + static_cast<float>(random_uniform(key, 3 * i + k))) *
                     cell_size -
                 1;
    places.push_back({place[0], place[1], place[2]});
  }
  return places;
}

void OccupancyGrid::renew(std::uint64_t turn, std::span<const float> densities) {
  std::size_t next = 0;
  for (std::size_t i = turn % turns; i < cells; i += turns, ++next)
    density_[i] = std::isfinite(densities[next]) ? std::max(density_[i] * memory, densities[next])
                                                 : unknown;  // the field is ruined
  mark_occupied();
}

void OccupancyGrid::restore(std::span<const double> densities) {
  std::transform(densities.begin(), densities.end(), density_.begin(),
                 [](double density) { return static_cast<float>(density); });
  mark_occupied();
}

void OccupancyGrid::mark_occupied() {
  std::fill(occupied_.begin(), occupied_.end(), std::uint8_t{0});
  for (int z = 0; z < side; ++z)
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) {
        const float density = density_[index_of(x, y, z)];
        if (density != unknown && density * cell_size < least_opacity) continue;
        // What is thin may lie just beside where it was looked for.
        occupied_[index_of(x, y, z)] = 1;
        if (x > 0) occupied_[index_of(x - 1, y, z)] = 1;
        if (y > 0) occupied_[index_of(x, y - 1, z)] = 1;
        if (z > 0) occupied_[index_of(x, y, z - 1)] = 1;
        if (x + 1 < side) occupied_[index_of(x + 1, y, z)] = 1;
        if (y + 1 < side) occupied_[index_of(x, y + 1, z)] = 1;
        if (z + 1 < side) occupied_[index_of(x, y, z + 1)] = 1;
      }
}

double OccupancyGrid::occupied_share() const {
  return static_cast<double>(std::count(occupied_.begin(), occupied_.end(), 1)) /
         static_cast<double>(cells);
}

/// From cell to cell along the ray (Amanatides and Woo 1987).
float OccupancyGrid::stretches(const FieldRay& ray, std::vector<Stretch>& stretches) const {
  stretches.clear();
  if (!(ray.near < ray.far)) return 0;
  const Vec3 start = ray.at(ray.near);
  const float origin[3] = {start.x, start.y, start.z};
  const float direction[3] = {ray.direction.x, ray.direction.y, ray.direction.z};
  constexpr float never = std::numeric_limits<float>::infinity();
  int cell[3], step[3];
  float next[3], across[3];  // t at which the ray leaves the cell, and t that a cell takes
  for (int k = 0; k < 3; ++k) {
    const float place = (origin[k] + 1) / cell_size;
    cell[k] = std::clamp(static_cast<int>(std::floor(place)), 0, side - 1);
    step[k] = direction[k] > 0 ? 1 : -1;
    across[k] = direction[k] == 0 ? never : cell_size / std::fabs(direction[k]);
    const float wall = static_cast<float>(cell[k] + (direction[k] > 0 ? 1 : 0));
    next[k] = direction[k] == 0 ? never : ray.near + (wall - place) * cell_size / direction[k];
  }
  float total = 0;
  for (float t = ray.near; t < ray.far;) {
    const int k = next[0] < next[1] ? (next[0] < next[2] ? 0 : 2) : (next[1] < next[2] ? 1 : 2);
    const float end = std::min(std::max(next[k], t), ray.far);
    if (occupied_[index_of(cell[0], cell[1], cell[2])] != 0 && end > t) {
      if (!stretches.empty() && stretches.back().end == t)
        stretches.back().end = end;
      else
        stretches.push_back({t, end});
      total += end - t;
    }
    t = end;
    cell[k] += step[k];
    if (cell[k] < 0 || cell[k] >= side) break;
    next[k] += across[k];
  }
  return total;
}

}  // namespace fieldscope
