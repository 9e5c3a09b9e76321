// Landscape evolution after Braun and Willett, "A very efficient O(n), implicit and parallel method
// to solve the stream power equation" (Geomorphology 2013): every cell drains to its steepest
// neighbour, cells are visited from the river mouths upwards, and each is lowered implicitly by
// dh/dt = uplift - k sqrt(drained area) * slope. Slopes steeper than rock can stand slide down.
// Done on a coarse grid first and refined, so that large valleys form in few steps.
#include "tools/demo_image/mountains.h"

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "tools/demo_image/noise.h"

namespace fieldscope::demo_image {
namespace {

constexpr float kX0 = -6500, kZ0 = 900, kSize = 13000;
constexpr float kSeaBed = -30;
constexpr float kUplift = 13;       // metres a step where strongest
constexpr float kErosion = 0.052f;  // k times the step's length

struct Grid {
  int n;
  float cell;
  std::vector<float> height;
  std::vector<float> uplift;  // 0 marks the fjord, which stays at base level
  std::vector<float> talus;   // steepest slope that stands
  float x(int i) const { return kX0 + cell * static_cast<float>(i); }
  float z(int j) const { return kZ0 + cell * static_cast<float>(j); }
  std::size_t size() const { return height.size(); }
};

float bump(float x, float z, float cx, float cz, float rx, float rz) {
  const float u = (x - cx) / rx, v = (z - cz) / rz;
  return 1 / (1 + (u * u + v * v) * (u * u + v * v));
}

// Where the land rises, and how fast: this is the picture's composition.
float uplift_at(float x, float z) {
  const float wx = x + 500 * fbm2(x / 1500, z / 1500, 4, 11);
  const float wz = z + 500 * fbm2(x / 1500, z / 1500, 4, 12);
  // Distance behind the far shore: a bay in the middle, arms on both sides.
  const float bay = (wx - 250) / 900;
  const float shore = 2500 + 900 / (1 + bay * bay) - 0.28f * std::abs(wx - 250);
  const float inland = wz - shore;
  if (inland < 0) return 0;
  float rate = 0.16f + 0.15f * fbm2(x / 900, z / 900, 3, 13);
  rate += 0.95f * bump(wx, wz, -1150, 5700, 1000, 1100);  // the main peak
  rate += 0.55f * bump(wx, wz, -350, 6500, 700, 900);     // its shoulder
  rate += 0.42f * bump(wx, wz, -2700, 4300, 900, 900);    // left frame
  rate += 0.50f * bump(wx, wz, 1900, 7600, 1000, 1300);   // behind the lighthouse
  rate += 0.40f * bump(wx, wz, 3300, 5600, 900, 900);
  rate += 0.45f * bump(wx, wz, 500, 10500, 2500, 900);  // far chain
  return std::max(rate, 0.05f) * smoothstep(-50, 500, inland) + 0.02f;
}

void fill_maps(Grid& grid) {
  grid.uplift.resize(grid.size());
  grid.talus.resize(grid.size());
  for (int j = 0; j < grid.n; ++j) {
    for (int i = 0; i < grid.n; ++i) {
      const auto k = static_cast<std::size_t>(j * grid.n + i);
      const float x = grid.x(i), z = grid.z(j);
      grid.uplift[k] = uplift_at(x, z);
      // Hard and soft rock: steep walls beside gentler, screed slopes.
      grid.talus[k] = 1.05f + 0.55f * fbm2(x / 420, z / 420, 4, 21);
    }
  }
}

Grid empty_grid(int n) {
  Grid grid{n, kSize / static_cast<float>(n - 1), {}, {}, {}};
  grid.height.resize(static_cast<std::size_t>(n) * static_cast<std::size_t>(n));
  return grid;
}

Grid first_grid(int n) {
  Grid grid = empty_grid(n);
  fill_maps(grid);
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < n; ++i) {
      const auto k = static_cast<std::size_t>(j * n + i);
      grid.height[k] =
          grid.uplift[k] > 0 ? 5 + 5 * fbm2(grid.x(i) / 300, grid.z(j) / 300, 4, 31) : kSeaBed;
    }
  }
  return grid;
}

Grid resample(const Grid& coarse) {
  Grid fine = empty_grid(coarse.n * 2);
  const Heightfield source(coarse.n, kX0, kZ0, coarse.cell, coarse.height);
  for (int j = 0; j < fine.n; ++j) {
    for (int i = 0; i < fine.n; ++i) {
      fine.height[static_cast<std::size_t>(j * fine.n + i)] = source.height(fine.x(i), fine.z(j));
    }
  }
  return fine;
}

// A finer grid to go on eroding, with enough roughness for small streams to start.
Grid refine(const Grid& coarse) {
  Grid fine = resample(coarse);
  fill_maps(fine);
  for (int j = 0; j < fine.n; ++j) {
    for (int i = 0; i < fine.n; ++i) {
      const auto k = static_cast<std::size_t>(j * fine.n + i);
      const float u = static_cast<float>(i) / 3, v = static_cast<float>(j) / 3;
      fine.height[k] =
          fine.uplift[k] > 0 ? fine.height[k] + fine.cell * 0.5f * fbm2(u, v, 2, 41) : kSeaBed;
    }
  }
  return fine;
}

constexpr std::array<std::pair<int, int>, 8> kNeighbours{
    {{-1, -1}, {0, -1}, {1, -1}, {-1, 0}, {1, 0}, {-1, 1}, {0, 1}, {1, 1}}};

// Each cell's steepest downhill neighbour (itself at base level or in a pit) and the way there.
struct Drainage {
  std::vector<int> receiver;
  std::vector<float> distance;
  std::vector<int> order;  // from river mouths upwards
};

void find_receivers(const Grid& grid, Drainage& drainage) {
  const int n = grid.n;
  drainage.receiver.resize(grid.size());
  drainage.distance.assign(grid.size(), 1);
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < n; ++i) {
      const int k = j * n + i;
      int best = k;
      float steepest = 0;
      for (const auto& [di, dj] : kNeighbours) {
        const int a = i + di, b = j + dj;
        if (a < 0 || b < 0 || a >= n || b >= n) continue;
        const float way = grid.cell * (di != 0 && dj != 0 ? 1.41421356f : 1.0f);
        const float slope = (grid.height[static_cast<std::size_t>(k)] -
                             grid.height[static_cast<std::size_t>(b * n + a)]) /
                            way;
        if (slope > steepest) {
          steepest = slope;
          best = b * n + a;
          drainage.distance[static_cast<std::size_t>(k)] = way;
        }
      }
      drainage.receiver[static_cast<std::size_t>(k)] =
          grid.uplift[static_cast<std::size_t>(k)] > 0 ? best : k;
    }
  }
}

// Breadth-first from the cells that drain to themselves, so a receiver always precedes its donors.
void order_upstream(Drainage& drainage) {
  const std::size_t count = drainage.receiver.size();
  std::vector<int> first(count + 1, 0), donors(count);
  for (std::size_t k = 0; k < count; ++k)
    ++first[static_cast<std::size_t>(drainage.receiver[k]) + 1];
  for (std::size_t k = 0; k < count; ++k) first[k + 1] += first[k];
  std::vector<int> next(first.begin(), first.end() - 1);
  for (std::size_t k = 0; k < count; ++k) {
    donors[static_cast<std::size_t>(next[static_cast<std::size_t>(drainage.receiver[k])]++)] =
        static_cast<int>(k);
  }
  drainage.order.clear();
  for (std::size_t k = 0; k < count; ++k) {
    if (drainage.receiver[k] == static_cast<int>(k)) drainage.order.push_back(static_cast<int>(k));
  }
  for (std::size_t head = 0; head < drainage.order.size(); ++head) {
    const auto k = static_cast<std::size_t>(drainage.order[head]);
    for (int d = first[k]; d < first[k + 1]; ++d) {
      const int donor = donors[static_cast<std::size_t>(d)];
      if (donor != static_cast<int>(k)) drainage.order.push_back(donor);
    }
  }
}

void erode(Grid& grid, int steps) {
  Drainage drainage;
  std::vector<float> area;
  for (int step = 0; step < steps; ++step) {
    find_receivers(grid, drainage);
    order_upstream(drainage);
    area.assign(grid.size(), grid.cell * grid.cell);
    for (std::size_t o = drainage.order.size(); o-- > 0;) {
      const auto k = static_cast<std::size_t>(drainage.order[o]);
      const auto r = static_cast<std::size_t>(drainage.receiver[k]);
      if (r != k) area[r] += area[k];
    }
    for (const int cell : drainage.order) {
      const auto k = static_cast<std::size_t>(cell);
      const auto r = static_cast<std::size_t>(drainage.receiver[k]);
      if (grid.uplift[k] <= 0) continue;
      const float raised = grid.height[k] + kUplift * grid.uplift[k];
      if (r == k) {
        grid.height[k] = raised + 2;  // a pit silts up until it spills over
        continue;
      }
      const float pull = kErosion * std::sqrt(area[k]) / drainage.distance[k];
      const float carved = (raised + pull * grid.height[r]) / (1 + pull);
      const float steepest = grid.height[r] + grid.talus[k] * drainage.distance[k];
      grid.height[k] = std::min(carved, steepest);
    }
  }
}

// Crags below the grid of the simulation: ribs and gullies, stronger high up.
void add_crags(Grid& grid) {
  for (int j = 0; j < grid.n; ++j) {
    for (int i = 0; i < grid.n; ++i) {
      float& h = grid.height[static_cast<std::size_t>(j * grid.n + i)];
      if (h <= 0) continue;
      const float x = grid.x(i), z = grid.z(j);
      const float strength = smoothstep(60, 700, h);
      const float bend = 60 * fbm2(x / 200, z / 200, 2, 53);
      h += strength * (62 * (ridged2((x + bend) / 300, (z - bend) / 300, 5, 51) - 0.45f) +
                       11 * fbm2(x / 45, z / 45, 3, 52));
      // Beds of harder rock stand out as ledges along tilted layers.
      const float layer = (h + 0.18f * x + 25 * fbm2(x / 300, z / 300, 2, 54)) / 55;
      const float within = layer - std::floor(layer);
      h += strength * 9 * (smoothstep(0.1f, 0.9f, within) - within);
    }
  }
}

}  // namespace

Heightfield make_mountains() {
  Grid grid = first_grid(256);
  erode(grid, 110);
  grid = refine(grid);
  erode(grid, 40);
  grid = refine(grid);
  erode(grid, 14);
  grid = resample(grid);
  add_crags(grid);
  return {grid.n, kX0, kZ0, grid.cell, std::move(grid.height)};
}

Heightfield make_smoothed(const Heightfield& mountains) {
  constexpr int kN = 260;
  constexpr float kCell = kSize / (kN - 1);
  std::vector<float> heights;
  heights.reserve(static_cast<std::size_t>(kN) * kN);
  for (int j = 0; j < kN; ++j) {
    for (int i = 0; i < kN; ++i) {
      float sum = 0, total = 0;
      for (int b = -6; b <= 6; ++b) {
        for (int a = -6; a <= 6; ++a) {
          const float w = 1.0f / (1.0f + 0.08f * static_cast<float>(a * a + b * b));
          sum += w * mountains.height(
                         kX0 + kCell * (static_cast<float>(i) + 0.5f * static_cast<float>(a)),
                         kZ0 + kCell * (static_cast<float>(j) + 0.5f * static_cast<float>(b)));
          total += w;
        }
      }
      heights.push_back(sum / total);
    }
  }
  return {kN, kX0, kZ0, kCell, std::move(heights)};
}

}  // namespace fieldscope::demo_image
