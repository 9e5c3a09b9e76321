#include "engine/geometry/marching_cubes.h"

#include <functional>

#include <gtest/gtest.h>

#include "engine/geometry/polygonise.h"
#include "tests/engine/geometry/meshes.h"

namespace fieldscope::test {
namespace {

SparseGrid dense_grid(int side, const std::function<float(int, int, int)>& value) {
  SparseGrid grid{BitGrid(side), BitGrid(side), {}};
  grid.known.fill();
  grid.known.for_each([&](int x, int y, int z) {
    grid.values.push_back(value(x, y, z));
    if (grid.values.back() > 0) grid.inside.set(x, y, z);
  });
  return grid;
}

TEST(MarchingCubes, OneCornerIsOneTriangle) {
  for (unsigned corner = 0; corner < 8; ++corner) {
    EXPECT_EQ(cube_triangles(1u << corner).size(), 1u);
    EXPECT_EQ(cube_triangles(255u ^ 1u << corner).size(), 1u);
  }
  EXPECT_TRUE(cube_triangles(0).empty());
  EXPECT_TRUE(cube_triangles(255).empty());
}

TEST(MarchingCubes, UsesExactlyTheEdgesThatAreCrossed) {
  for (unsigned inside = 0; inside < 256; ++inside) {
    unsigned used = 0, crossed = 0;
    for (const auto& triangle : cube_triangles(inside)) {
      for (const unsigned edge : triangle) used |= 1u << edge;
    }
    for (unsigned edge = 0; edge < 12; ++edge) {
      const unsigned from = cube_edge_corner[edge], to = from | 1u << edge / 4;
      if ((inside >> from & 1) != (inside >> to & 1)) crossed |= 1u << edge;
    }
    EXPECT_EQ(used, crossed) << inside;
  }
}

TEST(MarchingCubes, SeparatesCornersInsideOnAFace) {
  // Corners 0 and 3 share a face only across: two triangles, apart.
  EXPECT_EQ(cube_triangles(0b00001001).size(), 2u);
  // The same four crossings the other way round: the corners outside are joined, in one piece.
  EXPECT_EQ(cube_triangles(0b11110110).size(), 4u);
}

TEST(MarchingCubes, EveryPatternNextToEveryOtherMakesASolid) {
  // Two cells side by side along each axis; around them everything is outside.
  for (int axis = 0; axis < 3; ++axis) {
    for (unsigned signs = 0; signs < 4096; ++signs) {
      const SparseGrid grid = dense_grid(3, [&](int x, int y, int z) {
        std::array<int, 3> at{x, y, z};
        std::swap(at[0], at[static_cast<std::size_t>(axis)]);
        if (at[1] > 1 || at[2] > 1) return -1.f;
        return (signs >> (at[0] + 3 * at[1] + 6 * at[2]) & 1) != 0 ? 1.f : -1.f;
      });
      const Mesh mesh = polygonise(grid);
      ASSERT_EQ(flaw_of_solid(mesh), "") << "axis " << axis << " signs " << signs;
      ASSERT_EQ(volume_of(mesh) > 0, signs != 0) << "axis " << axis << " signs " << signs;
    }
  }
}

TEST(MarchingCubes, AnyNumbersMakeASolid) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const double share = 0.1 + 0.02 * static_cast<double>(seed);
    const Mesh mesh = polygonise(dense_grid(14, [&](int x, int y, int z) {
      const auto index = static_cast<std::uint64_t>(x + 14 * (y + 14 * z));
      const double value = share - random_uniform(seed, index);
      switch (index % 50) {
        case 7:
          return value > 0 ? INFINITY : -INFINITY;
        case 8:
          return value > 0 ? 1e-30f : 0.f;
        default:
          return static_cast<float>(value);
      }
    }));
    ASSERT_EQ(flaw_of_solid(mesh), "") << "seed " << seed;
    ASSERT_GT(mesh.triangles.size(), 1000u);
    for (const Vec3 v : mesh.vertices) {
      ASSERT_TRUE(std::isfinite(v.x) && std::isfinite(v.y) && std::isfinite(v.z));
    }
    for (const auto& [a, b, c] : mesh.triangles) {
      ASSERT_TRUE(mesh.vertices[a] != mesh.vertices[b] && mesh.vertices[b] != mesh.vertices[c] &&
                  mesh.vertices[c] != mesh.vertices[a]);
    }
  }
}

TEST(Polygonise, VerticesLieWhereALineIsZero) {
  // A plane across the box, exact for linear interpolation.
  const auto height = [](float x, float y, float z) { return 0.3f * x - 0.5f * y + z - 0.17f; };
  const Mesh mesh = polygonise(dense_grid(21, [&](int x, int y, int z) {
    const auto coordinate = [](int i) { return -1 + 0.1f * static_cast<float>(i); };
    return -height(coordinate(x), coordinate(y), coordinate(z));
  }));
  int on_plane = 0;
  for (const Vec3 v : mesh.vertices) {
    if (on_cap(v)) continue;
    ++on_plane;
    EXPECT_NEAR(height(v.x, v.y, v.z), 0, 1.2e-4f);  // a thousandth of a cell off at most
  }
  EXPECT_GT(on_plane, 500);
  EXPECT_EQ(flaw_of_solid(mesh), "");
  EXPECT_NEAR(volume_of(mesh), 4 * (1 + 0.17), 1e-2);
}

TEST(SparseGrid, DilationAddsTheNeighbours) {
  for (const int side : {5, 64, 70, 129}) {
    BitGrid grid(side);
    std::vector<std::array<int, 3>> points;
    for (std::uint64_t i = 0; i < 6; ++i) {
      const auto number = [&](std::uint64_t k) {
        return static_cast<int>(random_below(71, 3 * i + k, static_cast<std::uint64_t>(side)));
      };
      points.push_back({number(0), number(1), number(2)});
    }
    points.push_back({side - 1, 0, side / 2});
    points.push_back({std::min(63, side - 1), 2, 2});
    for (const auto& [x, y, z] : points) grid.set(x, y, z);
    grid.dilate();
    std::size_t expected = 0;
    for (int z = 0; z < side; ++z) {
      for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
          bool close = false;
          for (const auto& p : points) {
            close |= std::max({std::abs(p[0] - x), std::abs(p[1] - y), std::abs(p[2] - z)}) <= 1;
          }
          expected += close ? 1 : 0;
          ASSERT_EQ(grid.test(x, y, z), close) << side << ": " << x << " " << y << " " << z;
        }
      }
    }
    EXPECT_EQ(grid.count(), expected);  // no bits behind the rows
  }
}

}  // namespace
}  // namespace fieldscope::test
