#include "engine/geometry/mesh_tree.h"

#include <cstdio>

#include <gtest/gtest.h>

#include "tests/engine/geometry/meshes.h"

namespace fieldscope::test {
namespace {

using Wide = std::array<double, 3>;

Wide between(Vec3 to, Vec3 from) {
  return {double{to.x} - from.x, double{to.y} - from.y, double{to.z} - from.z};
}
double inner(const Wide& a, const Wide& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
Wide times(const Wide& a, const Wide& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

/// All solid angles, one by one, in double.
double winding_number(const Mesh& mesh, Vec3 p) {
  double sum = 0;
  for (const auto& [i, j, k] : mesh.triangles) {
    const Wide a = between(mesh.vertices[i], p), b = between(mesh.vertices[j], p),
               c = between(mesh.vertices[k], p);
    const double la = std::sqrt(inner(a, a)), lb = std::sqrt(inner(b, b)),
                 lc = std::sqrt(inner(c, c));
    sum += 2 * std::atan2(inner(a, times(b, c)),
                          la * lb * lc + inner(a, b) * lc + inner(b, c) * la + inner(c, a) * lb);
  }
  return sum / (4 * std::numbers::pi);
}

/// Some in the box, some close to the surface.
Vec3 query(const Mesh& mesh, std::uint64_t i) {
  if (i % 2 == 0) return random_point(21, i);
  const Triangle& t = mesh.triangles[random_below(22, i, mesh.triangles.size())];
  const Vec3 centre = (mesh.vertices[t[0]] + mesh.vertices[t[1]] + mesh.vertices[t[2]]) * (1 / 3.f);
  return centre + random_point(23, i, i % 4 == 1 ? 1e-3f : 1e-1f);
}

/// Triangles of any size anywhere: nothing about them is closed or connected.
Mesh triangle_soup(std::uint32_t count) {
  Mesh mesh;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Vec3 corner = random_point(31, i, 0.8f);
    const float size = i % 7 == 0 ? 0.5f : 0.05f;
    for (std::uint64_t k = 0; k < 3; ++k) {
      mesh.vertices.push_back(corner + random_point(32 + k, i, size));
    }
    mesh.triangles.push_back({3 * i, 3 * i + 1, 3 * i + 2});
  }
  return mesh;
}

double worst_error(const Mesh& mesh, std::uint64_t queries, float accuracy) {
  const MeshTree tree(mesh);
  double worst = 0;
  for (std::uint64_t i = 0; i < queries; ++i) {
    const Vec3 p = query(mesh, i);
    worst = std::max(worst, std::abs(tree.winding_number(p, accuracy) - winding_number(mesh, p)));
  }
  return worst;
}

TEST(MeshTree, WindingNumberIsTheSumOfSolidAngles) {
  EXPECT_LT(worst_error(torus(0.6f, 0.25f, 200, 90), 300, 2), 0.01);
  EXPECT_LT(worst_error(triangle_soup(3000), 600, 2), 0.02);
  EXPECT_LT(worst_error(torus(0.6f, 0.25f, 200, 90), 300, 1.5f), 0.05);  // what inside() takes
}

TEST(MeshTree, ExpansionConvergesWithItsOrder) {
  const Mesh mesh = torus(0.6f, 0.25f, 160, 60);
  const double coarse = worst_error(mesh, 200, 2), fine = worst_error(mesh, 200, 4);
  // Cut off after the second order: an error of the third, and a power for the number of parts.
  EXPECT_LT(fine, coarse / 4);
  EXPECT_GT(fine, 0.0);  // with an accuracy of 4 there is still something to expand
  EXPECT_LT(worst_error(mesh, 100, 1e6f), 1e-5);  // everything exact
}

TEST(MeshTree, WindingNumberOfScans) {
  for (const char* name : {"armadillo_50k", "lucy_50k", "bunny_open_36k"}) {
    const auto mesh = shared_scan(name);
    if (!mesh) GTEST_SKIP() << name << " is not there";
    const double error = worst_error(*mesh, 150, 2);
    std::printf("%s: worst error of the winding number %.4f\n", name, error);
    EXPECT_LT(error, 0.02) << name;
  }
}

TEST(MeshTree, PointsOnCornersAndEdgesAreFinite) {
  Mesh mesh;
  add_box(mesh, {-0.5f, -0.5f, -0.5f}, {0.5f, 0.5f, 0.5f});
  const MeshTree tree(mesh);
  for (const Vec3 p : {Vec3{0.5f, 0.5f, 0.5f}, Vec3{0.5f, 0.5f, 0}, Vec3{0.5f, 0.1f, 0.2f}}) {
    const double w = tree.winding_number(p);
    EXPECT_GE(w, -0.01);
    EXPECT_LE(w, 1.01);
  }
}

TEST(MeshTree, HalfASphereWindsByHalf) {
  Mesh bowl = octahedron(0.5f);
  bowl.triangles.resize(4);  // z > 0
  EXPECT_NEAR(MeshTree(bowl).winding_number({0, 0, 0}), 0.5, 1e-6);
}

TEST(MeshTree, NearestIsTheNearestOfAllTriangles) {
  const Mesh soup = triangle_soup(2000);
  const MeshTree tree(soup);
  std::vector<MeshTree> alone;  // each triangle a tree: what one does with one
  for (const Triangle& t : soup.triangles) {
    Mesh one;
    one.vertices = {soup.vertices[t[0]], soup.vertices[t[1]], soup.vertices[t[2]]};
    one.triangles = {{0, 1, 2}};
    alone.emplace_back(one);
  }
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Vec3 p = query(soup, i);
    float least = INFINITY;
    for (const MeshTree& one : alone) least = std::min(least, one.nearest(p).distance);
    const Nearest found = tree.nearest(p);
    ASSERT_TRUE(static_cast<bool>(found));
    EXPECT_EQ(found.distance, least);
    EXPECT_NEAR(length(found.point - p), found.distance, 1e-6f);
    EXPECT_EQ(alone[found.triangle].nearest(p).distance, least);
    EXPECT_FALSE(static_cast<bool>(tree.nearest(p, 0.999f * least)));
    EXPECT_TRUE(static_cast<bool>(tree.nearest(p, 1.001f * least + 1e-6f)));
  }
}

TEST(MeshTree, NearestOfOneTriangle) {
  Mesh mesh;
  mesh.vertices = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}};
  mesh.triangles = {{0, 1, 2}};
  const MeshTree tree(mesh);
  // Points above the face, beyond each edge and beyond each corner, with the closest one.
  const std::pair<Vec3, Vec3> cases[] = {{{0.25f, 0.25f, 0.5f}, {0.25f, 0.25f, 0}},
                                         {{0.25f, 0.25f, -2}, {0.25f, 0.25f, 0}},
                                         {{0.5f, -1, 0.5f}, {0.5f, 0, 0}},
                                         {{-1, 0.5f, 0.5f}, {0, 0.5f, 0}},
                                         {{1, 1, 0.5f}, {0.5f, 0.5f, 0}},
                                         {{-1, -1, 1}, {0, 0, 0}},
                                         {{3, -1, 1}, {1, 0, 0}},
                                         {{-1, 3, 1}, {0, 1, 0}}};
  for (const auto& [p, closest] : cases) {
    EXPECT_LT(length(tree.nearest(p).point - closest), 1e-6f);
  }
  // A triangle without area is its longest edge.
  mesh.vertices[2] = {0.5f, 0, 0};
  EXPECT_LT(length(MeshTree(mesh).nearest({0.75f, 2, 0}).point - Vec3{0.75f, 0, 0}), 1e-6f);
}

TEST(MeshTree, RaysHitTheTorusWhereItIs) {
  const Mesh mesh = torus(0.6f, 0.25f, 400, 200);
  const MeshTree tree(mesh);
  int found = 0, missed = 0;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const Vec3 origin = random_point(41, i, 1.5f);
    const Vec3 direction = normalised(random_point(42, i));
    const auto hit = tree.first_hit(origin, direction * 3.7f);  // its length does not matter
    // March along the exact distance: never through the surface, so to its first crossing.
    const double sign = distance_to_torus(origin, 0.6f, 0.25f) < 0 ? -1 : 1;
    double t = 0, distance = 1, least = 1;
    while (t < 5 && distance > 1e-5) {
      distance = sign * distance_to_torus(origin + direction * static_cast<float>(t), 0.6f, 0.25f);
      least = std::min(least, distance);
      t += distance;
    }
    if (distance > 1e-5) {
      EXPECT_FALSE(hit.has_value() && least > 1e-3);  // closer than that it may graze a facet
    } else if (!hit) {
      ++missed;  // grazes the torus between its facets
    } else {
      ++found;
      EXPECT_LT(std::abs(distance_to_torus(hit->point, 0.6f, 0.25f)), 1e-3);
      EXPECT_LT(length(origin + direction * hit->distance - hit->point), 1e-5f);
      EXPECT_LT(tree.nearest(hit->point).distance, 1e-5f);
    }
  }
  EXPECT_LE(missed, 3);
  EXPECT_GT(found, 250);
}

TEST(MeshTree, RaysAlongAxesAndFromWithin) {
  Mesh mesh;
  add_box(mesh, {-0.5f, -0.5f, -0.5f}, {0.5f, 0.5f, 0.5f});
  const MeshTree tree(mesh);
  for (const Vec3 direction : {Vec3{1, 0, 0}, Vec3{0, -1, 0}, Vec3{0, 0, 1}}) {
    const Vec3 aside{0.1f, 0.2f, 0.05f};
    const auto within = tree.first_hit(aside, direction);
    const auto from_outside = tree.first_hit(aside - direction * 2, direction);
    ASSERT_TRUE(within && from_outside);
    EXPECT_NEAR(within->distance, 0.5f - dot(aside, direction), 1e-6f);
    EXPECT_NEAR(from_outside->distance, 1.5f - dot(aside, direction), 1e-5f);
    EXPECT_FALSE(tree.first_hit(aside + direction, direction).has_value());
  }
}

TEST(MeshTree, AnEmptyMeshIsNowhere) {
  const MeshTree tree{Mesh{}};
  EXPECT_EQ(tree.winding_number({0, 0, 0}), 0.0);
  EXPECT_FALSE(static_cast<bool>(tree.nearest({0, 0, 0})));
  EXPECT_FALSE(tree.first_hit({0, 0, 0}, {1, 0, 0}).has_value());
}

TEST(MeshTree, ManyTrianglesInOnePlace) {
  // What no plane divides: the tree must neither recurse without end nor lose any of them.
  Mesh mesh = octahedron(0.5f);
  const std::vector<Triangle> once = mesh.triangles;
  for (int i = 1; i < 50; ++i) {
    mesh.triangles.insert(mesh.triangles.end(), once.begin(), once.end());
  }
  const MeshTree tree(mesh);
  EXPECT_NEAR(tree.winding_number({0.1f, 0, 0}), 50, 1e-3);
  EXPECT_NEAR(tree.winding_number({0.5f, 0.5f, 0}), 0, 0.05);
}

}  // namespace
}  // namespace fieldscope::test
