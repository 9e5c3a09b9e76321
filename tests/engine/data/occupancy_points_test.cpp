// The points that occupancy fields learn from: how they are distributed, and that none depends on
// another one.
#include "engine/data/occupancy_points.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

constexpr std::uint64_t key = 77;
constexpr std::size_t count = 200'000;

/// The plane z = 0, as far as it is in the box.
const Mesh& plane() {
  static const Mesh mesh{
      {{-1, -1, 0}, {1, -1, 0}, {1, 1, 0}, {-1, 1, 0}}, {{0, 1, 2}, {0, 2, 3}}, {}, {}};
  return mesh;
}

/// Within 5 standard deviations of what so many independent draws give.
void expect_share(std::size_t hits, std::size_t draws, double share, const char* what) {
  const auto n = static_cast<double>(draws);
  EXPECT_NEAR(static_cast<double>(hits) / n, share, 5 * std::sqrt(share * (1 - share) / n)) << what;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
  const auto n = static_cast<double>(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    mean_a += a[i] / n;
    mean_b += b[i] / n;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

TEST(OccupancyPoints, HalfOfThemAreUniformInTheBox) {
  const SurfaceSampler surface(plane());
  std::array<std::array<std::size_t, 10>, 3> bins{};
  std::size_t in_a_corner = 0;
  for (std::size_t i = 0; i < count; i += 2) {
    const Vec3 p = occupancy_point(surface, key, i, 0.02);
    const std::array<float, 3> at = {p.x, p.y, p.z};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      ASSERT_GE(at[axis], -1);
      ASSERT_LE(at[axis], 1);
      ++bins[axis][std::min<std::size_t>(static_cast<std::size_t>(5 * (at[axis] + 1)), 9)];
    }
    in_a_corner += p.x > 0 && p.y > 0.5f && p.z < -0.5f;
  }
  for (const auto& axis : bins)
    for (const std::size_t hits : axis) expect_share(hits, count / 2, 0.1, "tenth of an axis");
  expect_share(in_a_corner, count / 2, 1.0 / 32, "axes are independent");
}

TEST(OccupancyPoints, TheOthersAreOffTheSurfaceByANormalDeviate) {
  const SurfaceSampler surface(plane());
  for (const double spread : {0.02, 0.1}) {
    std::size_t within[3] = {}, above = 0;
    double squares = 0;
    std::vector<double> x, y, z;
    for (std::size_t i = 1; i < count; i += 2) {
      const Vec3 p = occupancy_point(surface, key, i, spread);
      for (int k = 0; k < 3; ++k) within[k] += std::fabs(p.z) <= (k + 1) * spread;
      above += p.z > 0;
      squares += p.z / spread * (p.z / spread);
      const Vec3 from = surface.sample(key, i);
      if (std::max(std::fabs(from.x), std::fabs(from.y)) > 0.5f) continue;  // none near the edge
      x.push_back((p.x - from.x) / spread);
      y.push_back((p.y - from.y) / spread);
      z.push_back(p.z / spread);
    }
    const std::size_t n = count / 2;
    expect_share(within[0], n, 0.682689, "one deviation");
    expect_share(within[1], n, 0.954500, "two deviations");
    expect_share(within[2], n, 0.997300, "three deviations");
    expect_share(above, n, 0.5, "above");
    EXPECT_NEAR(squares / static_cast<double>(n), 1, 5 * std::sqrt(2.0 / static_cast<double>(n)));
    // As far along the other axes, and independently.
    const double noise = 5 / std::sqrt(static_cast<double>(x.size()));
    for (const auto* axis : {&x, &y}) {
      double variance = 0;
      for (const double d : *axis) variance += d * d / static_cast<double>(axis->size());
      EXPECT_NEAR(variance, 1, std::sqrt(2.0) * noise);
    }
    EXPECT_NEAR(correlation(x, y), 0, noise);
    EXPECT_NEAR(correlation(x, z), 0, noise);
    EXPECT_NEAR(correlation(y, z), 0, noise);
  }
}

TEST(OccupancyPoints, StayInTheBox) {
  const SurfaceSampler surface(plane());
  std::size_t at_the_box = 0;
  for (std::size_t i = 1; i < 20'000; i += 2) {
    const Vec3 p = occupancy_point(surface, key, i, 1);
    for (const float x : {p.x, p.y, p.z}) ASSERT_LE(std::fabs(x), 1);
    at_the_box += std::fabs(p.z) == 1;
  }
  expect_share(at_the_box, 10'000, 0.317311, "what would lie outside is on the box");
}

TEST(OccupancyPoints, NoPointSharesItsRandomNumbersWithAnother) {
  // Each takes its numbers from a place that grows with its index: where these grow at different
  // rates for both kinds of points, pairs at a fixed ratio share some.
  const SurfaceSampler surface(plane());
  constexpr double spread = 0.02;
  constexpr std::size_t pairs = 20'000;
  for (const double factor : {0.5, 1.0, 2.0, 3.0}) {
    std::vector<double> deviates[3], uniform[3];
    const auto add = [](std::vector<double>* to, Vec3 p) {
      to[0].push_back(p.x);
      to[1].push_back(p.y);
      to[2].push_back(p.z);
    };
    for (std::size_t k = 0; k < pairs; ++k) {
      const std::size_t j = 4 * k + 1;  // near the surface
      auto i = static_cast<std::size_t>(factor * static_cast<double>(j));
      i += i % 2;  // uniform
      add(uniform, occupancy_point(surface, key, i, spread));
      // Their sizes: these come of one number, signs of another one.
      const Vec3 d = occupancy_point(surface, key, j, spread) - surface.sample(key, j);
      const auto size = [](float x) { return std::log(std::fabs(x) + 1e-6f); };
      add(deviates, {size(d.x), size(d.y), size(d.z)});
    }
    for (const auto& deviate : deviates)
      for (const auto& axis : uniform)
        EXPECT_NEAR(correlation(deviate, axis), 0, 5 / std::sqrt(1.0 * pairs)) << factor;
  }
}

TEST(OccupancyPoints, KeyIndexAndSpreadDecide) {
  const SurfaceSampler surface(plane());
  for (const std::uint64_t i : {4u, 5u}) {
    const Vec3 p = occupancy_point(surface, key, i, 0.02);
    EXPECT_EQ(occupancy_point(surface, key, i, 0.02), p);
    EXPECT_NE(occupancy_point(surface, key + 1, i, 0.02), p);
    EXPECT_NE(occupancy_point(surface, key, i + 2, 0.02), p);
    EXPECT_EQ(occupancy_point(surface, key, i, 0.05) == p, i % 2 == 0);
  }
}

}  // namespace
}  // namespace fieldscope
