#include "engine/geometry/solid.h"

#include <cstdio>
#include <functional>

#include <gtest/gtest.h>

#include "tests/engine/geometry/meshes.h"
#include "tests/engine/geometry/shapes.h"

namespace fieldscope::test {
namespace {

using Inside = std::function<bool(Vec3)>;

/// Points where solid, tree and truth differ, of those that `counts`.
int wrong_labels(const Mesh& mesh, const Inside& truth, const Inside& counts, int points) {
  const Solid solid(mesh);
  const MeshTree tree(mesh);
  int wrong = 0;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(points); ++i) {
    // Half of them beyond the grid, too.
    const Vec3 p = random_point(51, i, i % 2 == 0 ? 1.f : 1.4f);
    if (!counts(p)) continue;
    wrong += solid.inside(p) != truth(p) ? 1 : 0;
    wrong += tree.inside(p) != truth(p) ? 1 : 0;
  }
  return wrong;
}

bool always(Vec3) {
  return true;
}

bool within(Vec3 p, Vec3 low, Vec3 high) {
  return p.x > low.x && p.x < high.x && p.y > low.y && p.y < high.y && p.z > low.z && p.z < high.z;
}

TEST(Solid, BoxesAreExact) {
  const Vec3 low{-0.7f, -0.31f, -0.9f}, high{0.55f, 0.82f, 0.123f};
  const Vec3 hole_low{-0.5f, -0.1f, -0.6f}, hole_high{0.4f, 0.5f, 0.01f};
  Mesh mesh;
  add_box(mesh, low, high);
  EXPECT_EQ(wrong_labels(
                mesh, [&](Vec3 p) { return within(p, low, high); }, always, 100000),
            0);
  add_box(mesh, hole_low, hole_high, false);
  const auto hollow = [&](Vec3 p) {
    return within(p, low, high) && !within(p, hole_low, hole_high);
  };
  EXPECT_EQ(wrong_labels(mesh, hollow, always, 100000), 0);
  // Larger than the grid: all of its cells are inside or touched.
  Mesh large;
  add_box(large, {-1.2f, -1.1f, -1.3f}, {1.2f, 1.3f, 1.1f});
  const auto in_large = [](Vec3 p) { return within(p, {-1.2f, -1.1f, -1.3f}, {1.2f, 1.3f, 1.1f}); };
  EXPECT_EQ(wrong_labels(large, in_large, always, 50000), 0);
}

TEST(Solid, OctahedronIsExact) {
  const auto norm = [](Vec3 p) {
    return std::abs(double{p.x}) + std::abs(double{p.y}) + std::abs(double{p.z});
  };
  EXPECT_EQ(wrong_labels(
                octahedron(0.75f), [&](Vec3 p) { return norm(p) < 0.75; },
                [&](Vec3 p) { return std::abs(norm(p) - 0.75) > 1e-6; }, 100000),
            0);
}

TEST(Solid, SphereIsRightBeyondTheErrorOfItsFacets) {
  const auto radius = [](Vec3 p) {
    return std::sqrt(double{p.x} * p.x + double{p.y} * p.y + double{p.z} * p.z);
  };
  // Facets lie below the surface by less than 1 - cos(pi / 160) of the radius.
  EXPECT_EQ(wrong_labels(
                sphere(160, 320, 0.8f), [&](Vec3 p) { return radius(p) < 0.8; },
                [&](Vec3 p) { return std::abs(radius(p) - 0.8) > 4e-4; }, 100000),
            0);
}

TEST(Solid, TorusIsRightBeyondTheErrorOfItsFacets) {
  // Facets lie below the surface by at most 1 - cos(pi / n) of the radii.
  EXPECT_EQ(wrong_labels(
                torus(0.6f, 0.25f, 300, 120),
                [](Vec3 p) { return distance_to_torus(p, 0.6f, 0.25f) < 0; },
                [](Vec3 p) { return std::abs(distance_to_torus(p, 0.6f, 0.25f)) > 2e-4; }, 100000),
            0);
}

TEST(Solid, LabelsAreZeroAndOne) {
  const Solid solid(octahedron(0.75f));
  std::vector<Vec3> points;
  for (std::uint64_t i = 0; i < 1000; ++i) points.push_back(random_point(52, i));
  std::vector<float> labels(points.size(), -1.f);
  solid.label(points, labels);
  int inside = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_EQ(labels[i], solid.inside(points[i]) ? 1.f : 0.f);
    inside += labels[i] == 1 ? 1 : 0;
  }
  EXPECT_NEAR(inside / 1000.0, 4.0 / 3 * 0.75 * 0.75 * 0.75 / 8, 0.03);
}

TEST(Solid, GridKnowsAlmostEverythingOfAClosedMeshAndIsNotMadeOfAnOpenOne) {
  Mesh mesh = torus(0.6f, 0.25f, 300, 120);
  ASSERT_TRUE(winds_evenly(mesh));
  const SolidGrid grid(mesh, MeshTree(mesh));
  int touched = 0, inside = 0;
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const SolidGrid::Cell cell = grid.at(random_point(53, i));
    touched += cell == SolidGrid::Cell::touched ? 1 : 0;
    inside += cell == SolidGrid::Cell::inside ? 1 : 0;
    EXPECT_TRUE(cell != SolidGrid::Cell::unknown);
  }
  EXPECT_LT(touched, 2000);
  EXPECT_GT(inside, 1000);
  mesh.triangles.pop_back();
  EXPECT_FALSE(winds_evenly(mesh));
  mesh = octahedron(0.5f);
  std::swap(mesh.triangles[3][0], mesh.triangles[3][1]);  // inside out
  EXPECT_FALSE(winds_evenly(mesh));
}

/// Inside by the parity of crossings along a direction, triangle by triangle; those that a line
/// may cross are found by buckets in the plane across the direction.
class Parity {
 public:
  Parity(const Mesh& mesh, Vec3 direction) : direction_(normalised(direction)) {
    across_ = normalised(cross(direction_, {0.3f, 0.8f, -0.5f}));
    up_ = cross(direction_, across_);
    buckets_.resize(side * side);
    for (const auto& [a, b, c] : mesh.triangles) {
      const Corners corners{project(mesh.vertices[a]), project(mesh.vertices[b]),
                            project(mesh.vertices[c])};
      const auto bounds = [&](int axis) {
        const auto [low, high] =
            std::minmax({corners[0][axis], corners[1][axis], corners[2][axis]});
        return std::pair{bucket(low), bucket(high)};
      };
      const auto [x0, x1] = bounds(0);
      const auto [y0, y1] = bounds(1);
      for (int y = y0; y <= y1; ++y) {
        for (int x = x0; x <= x1; ++x) buckets_[y * side + x].push_back(corners);
      }
    }
  }

  bool inside(Vec3 p) const {
    const Point q = project(p);
    bool odd = false;
    for (const Corners& t : buckets_[bucket(q[1]) * side + bucket(q[0])]) {
      const double w0 = turn(t[1], t[2], q), w1 = turn(t[2], t[0], q), w2 = turn(t[0], t[1], q);
      if (!((w0 > 0 && w1 > 0 && w2 > 0) || (w0 < 0 && w1 < 0 && w2 < 0))) continue;
      odd ^= (w0 * t[0][2] + w1 * t[1][2] + w2 * t[2][2]) / (w0 + w1 + w2) > q[2];
    }
    return odd;
  }

 private:
  using Point = std::array<double, 3>;
  using Corners = std::array<Point, 3>;
  static constexpr int side = 128;

  static double inner(Vec3 a, Vec3 b) {
    return double{a.x} * b.x + double{a.y} * b.y + double{a.z} * b.z;
  }
  Point project(Vec3 p) const { return {inner(p, across_), inner(p, up_), inner(p, direction_)}; }
  static int bucket(double x) {
    return std::clamp(static_cast<int>((x / 1.8 + 1) / 2 * side), 0, side - 1);
  }
  static double turn(const Point& a, const Point& b, const Point& q) {
    return (b[0] - a[0]) * (q[1] - a[1]) - (b[1] - a[1]) * (q[0] - a[0]);
  }

  Vec3 direction_, across_, up_;
  std::vector<std::vector<Corners>> buckets_;
};

void expect_parity(const std::string& name) {
  const auto mesh = shared_scan(name);
  if (!mesh) GTEST_SKIP() << name << " is not there";
  const Solid solid(*mesh);
  const std::array<Parity, 3> parities{Parity(*mesh, {0.3123f, 0.7411f, 0.5937f}),
                                       Parity(*mesh, {-0.8173f, 0.2971f, 0.4931f}),
                                       Parity(*mesh, {0.1237f, -0.4519f, 0.8831f})};
  int points = 0, wrong = 0, inside = 0;
  for (std::uint64_t i = 0; points < 20000; ++i) {
    Vec3 p = random_point(61, i);
    if (i % 2 == 1) {  // close to the surface
      const Triangle& t = mesh->triangles[random_below(62, i, mesh->triangles.size())];
      p = mesh->vertices[t[0]] + random_point(63, i, i % 4 == 1 ? 0.02f : 0.002f);
    }
    if (solid.tree().nearest(p, 1e-4f)) continue;
    ++points;
    int votes = 0;
    for (const Parity& parity : parities) votes += parity.inside(p) ? 1 : 0;
    inside += votes >= 2 ? 1 : 0;
    wrong += solid.inside(p) != (votes >= 2) ? 1 : 0;
    wrong += solid.tree().inside(p) != (votes >= 2) ? 1 : 0;
  }
  std::printf("%s: %d of %d labels differ from parity, %d inside\n", name.c_str(), wrong,
              2 * points, inside);
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(inside, points / 10);
}

TEST(Solid, ArmadilloAgreesWithParity) {
  expect_parity("armadillo_50k");
}
TEST(Solid, BunnyAgreesWithParity) {
  expect_parity("bunny_35k");
}
TEST(Solid, LucyAgreesWithParity) {
  expect_parity("lucy_50k");
}
TEST(Solid, DragonAgreesWithParity) {
  expect_parity("dragon_50k");
}

TEST(Solid, BunnyWithHolesIsStillABunny) {
  const auto open = shared_scan("bunny_open_36k"), closed = shared_scan("bunny_35k");
  if (!open || !closed) GTEST_SKIP() << "the bunnies are not there";
  EXPECT_FALSE(winds_evenly(*open));
  // The two are not the same surface: what is deep inside of one is inside of the other.
  const Solid solid(*open), reference(*closed);
  int wrong = 0, inside = 0;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const Vec3 p = random_point(64, i);
    if (reference.tree().nearest(p, 0.05f)) continue;
    inside += reference.inside(p) ? 1 : 0;
    wrong += solid.inside(p) != reference.inside(p) ? 1 : 0;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(inside, 300);
}

}  // namespace
}  // namespace fieldscope::test
