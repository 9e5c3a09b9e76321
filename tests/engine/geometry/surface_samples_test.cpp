#include "engine/geometry/surface_samples.h"

#include <gtest/gtest.h>

#include "tests/engine/geometry/meshes.h"

namespace fieldscope::test {
namespace {

TEST(SurfaceSampler, PointsLieOnTheSurfaceAndDependOnTheirIndexOnly) {
  const Mesh mesh = octahedron(0.75f);
  const SurfaceSampler sampler(mesh);
  EXPECT_NEAR(sampler.area(), 4 * std::sqrt(3.0) * 0.75 * 0.75, 1e-6);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Vec3 p = sampler.sample(5, i);
    EXPECT_NEAR(std::abs(p.x) + std::abs(p.y) + std::abs(p.z), 0.75f, 1e-6f);
    EXPECT_EQ(p, SurfaceSampler(mesh).sample(5, i));
    EXPECT_NE(p, sampler.sample(6, i));
  }
}

TEST(SurfaceSampler, UniformByArea) {
  // One large and one small triangle: shares follow the areas, and within one its three thirds
  // around the corners, cut by the medians, get the same.
  Mesh mesh;
  mesh.vertices = {{0, 0, 0}, {0.9f, 0, 0}, {0, 0.8f, 0}, {0, 0, 1}, {0.1f, 0, 1}, {0, 0.1f, 1}};
  mesh.triangles = {{0, 1, 2}, {3, 3, 3}, {3, 4, 5}};
  const SurfaceSampler sampler(mesh);
  constexpr int count = 60000;
  int large = 0;
  std::array<int, 3> thirds{};
  for (std::uint64_t i = 0; i < count; ++i) {
    const Vec3 p = sampler.sample(7, i);
    if (p.z > 0.5f) continue;
    ++large;
    const std::array<float, 3> weights{1 - p.x / 0.9f - p.y / 0.8f, p.x / 0.9f, p.y / 0.8f};
    ++thirds[static_cast<std::size_t>(std::max_element(weights.begin(), weights.end()) -
                                      weights.begin())];
  }
  EXPECT_NEAR(large / double{count}, 0.72 / 0.73, 0.002);
  for (const int third : thirds) EXPECT_NEAR(third / double(large), 1 / 3.0, 0.01);
}

TEST(SurfaceDistances, OfShellsAreTheirDistance) {
  // Boxes one in the other, 0.1 apart: from the inner one every point is exactly as far; corners of
  // the outer one are further.
  Mesh inner, outer;
  add_box(inner, {-0.5f, -0.5f, -0.5f}, {0.5f, 0.5f, 0.5f});
  add_box(outer, {-0.6f, -0.6f, -0.6f}, {0.6f, 0.6f, 0.6f});
  const MeshTree inner_tree(inner), outer_tree(outer);
  const SurfaceDistances d = surface_distances(inner, inner_tree, outer, outer_tree, 4000, 11);
  EXPECT_NEAR(d.mean_a_to_b, 0.1, 1e-6);
  EXPECT_NEAR(d.max_a_to_b, 0.1, 1e-6);
  EXPECT_NEAR(d.max_b_to_a, std::sqrt(3.0) * 0.1, 1e-6);
  EXPECT_GT(d.mean_b_to_a, 0.1);
  EXPECT_LT(d.mean_b_to_a, 0.12);
  EXPECT_EQ(d.hausdorff(), d.max_b_to_a);
  EXPECT_EQ(d.chamfer(), (d.mean_a_to_b + d.mean_b_to_a) / 2);
}

TEST(SurfaceDistances, DoNotDependOnTheDivisionOfWork) {
  const Mesh a = torus(0.6f, 0.25f, 40, 20), b = octahedron(0.8f);
  const MeshTree tree_a(a), tree_b(b);
  const Parallel backwards = [](std::size_t count, const auto& body) {
    for (std::size_t end = count; end > 0;) {
      const std::size_t begin = end > 100 ? end - 100 : 0;
      body(begin, end);
      end = begin;
    }
  };
  const SurfaceDistances one = surface_distances(a, tree_a, b, tree_b, 3000, 12);
  const SurfaceDistances other = surface_distances(a, tree_a, b, tree_b, 3000, 12, backwards);
  EXPECT_GT(one.mean_a_to_b, 0.01);
  EXPECT_EQ(one.mean_a_to_b, other.mean_a_to_b);
  EXPECT_EQ(one.mean_b_to_a, other.mean_b_to_a);
  EXPECT_EQ(one.hausdorff(), other.hausdorff());
}

TEST(SurfaceDistances, ToNothingAreInfinite) {
  const Mesh mesh = octahedron(0.8f), nothing;
  const MeshTree tree(mesh), no_tree(nothing);
  EXPECT_EQ(surface_distances(mesh, tree, nothing, no_tree, 10, 1).hausdorff(), INFINITY);
  EXPECT_EQ(surface_distances(nothing, no_tree, mesh, tree, 10, 1).chamfer(), INFINITY);
  EXPECT_EQ(surface_distances(nothing, no_tree, nothing, no_tree, 10, 1).chamfer(), 0.0);
}

}  // namespace
}  // namespace fieldscope::test
