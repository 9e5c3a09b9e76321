#include "engine/geometry/mesh.h"

#include <chrono>
#include <numbers>

#include <gtest/gtest.h>

#include "shapes.h"

namespace fieldscope {
namespace {

using test::cube;
using test::sphere;

TEST(Mesh, ACubeIsSolid) {
  const MeshTopology topology = topology_of(cube());
  EXPECT_TRUE(topology.closed());
  EXPECT_TRUE(topology.solid());
  EXPECT_EQ(topology.components, 1u);
  EXPECT_EQ(topology.unused_vertices, 0u);
}

TEST(Mesh, AMissingTriangleLeavesThreeBoundaryEdges) {
  Mesh mesh = cube();
  mesh.triangles.pop_back();
  const MeshTopology topology = topology_of(mesh);
  EXPECT_EQ(topology.boundary_edges, 3u);
  EXPECT_FALSE(topology.closed());
  EXPECT_EQ(topology.pinched_vertices, 0u);
}

TEST(Mesh, ATriangleTheOtherWayIsMisdirectedAlongItsEdges) {
  Mesh mesh = cube();
  std::swap(mesh.triangles[4][0], mesh.triangles[4][1]);
  const MeshTopology topology = topology_of(mesh);
  EXPECT_EQ(topology.misdirected_edges, 3u);
  EXPECT_TRUE(topology.closed());
  EXPECT_FALSE(topology.solid());
}

TEST(Mesh, AFinOnAnEdgeIsNotManifold) {
  Mesh mesh = cube();
  mesh.vertices.push_back({3, 3, 3});
  mesh.triangles.push_back({0, 1, 8});
  const MeshTopology topology = topology_of(mesh);
  EXPECT_EQ(topology.non_manifold_edges, 1u);
  EXPECT_EQ(topology.boundary_edges, 2u);
}

/// A second cube of other vertices but `shared`.
Mesh two_cubes(std::uint32_t shared) {
  Mesh mesh = cube();
  for (const Triangle& t : cube().triangles) {
    Triangle other{};
    for (int k = 0; k < 3; ++k) other[k] = t[k] < shared ? t[k] : t[k] + 8;
    mesh.triangles.push_back(other);
  }
  for (const Vec3 p : cube().vertices) mesh.vertices.push_back({p.x + 5, p.y, p.z});
  return mesh;
}

TEST(Mesh, PartsThatMeetInAVertexArePinchedThere) {
  EXPECT_EQ(topology_of(two_cubes(0)).components, 2u);
  EXPECT_TRUE(topology_of(two_cubes(0)).solid());
  const MeshTopology topology = topology_of(two_cubes(1));
  EXPECT_EQ(topology.components, 1u);
  EXPECT_EQ(topology.pinched_vertices, 1u);
  EXPECT_EQ(topology.unused_vertices, 1u);
  EXPECT_EQ(topology.boundary_edges, 0u);
  EXPECT_FALSE(topology.solid());
  // Along a whole edge its four triangles are one fan: that edge is what is wrong.
  EXPECT_EQ(topology_of(two_cubes(2)).non_manifold_edges, 1u);
}

TEST(Mesh, EdgesFromAVertexToItselfAreNone) {
  Mesh mesh = cube();
  mesh.triangles.push_back({5, 5, 5});
  EXPECT_TRUE(topology_of(mesh).closed());
  EXPECT_EQ(topology_of(Mesh{}).components, 0u);
}

TEST(Mesh, VolumeAndAreaOfACubeAndASphere) {
  EXPECT_DOUBLE_EQ(signed_volume(cube(0.5f)), 1);
  EXPECT_DOUBLE_EQ(surface_area(cube(0.5f)), 6);
  Mesh mesh = cube(0.5f);
  for (Triangle& t : mesh.triangles) std::swap(t[0], t[1]);
  EXPECT_DOUBLE_EQ(signed_volume(mesh), -1);
  EXPECT_NEAR(signed_volume(sphere(100, 200)), 4 * std::numbers::pi / 3, 5e-3);
  EXPECT_NEAR(surface_area(sphere(100, 200)), 4 * std::numbers::pi, 5e-3);
}

TEST(Mesh, NormalsPointOutwards) {
  Mesh mesh = sphere(40, 80);
  compute_normals(mesh);
  ASSERT_EQ(mesh.normals.size(), mesh.vertices.size());
  for (std::size_t v = 0; v < mesh.vertices.size(); ++v) {
    EXPECT_NEAR(length(mesh.normals[v]), 1, 1e-6);
    EXPECT_GT(dot(mesh.normals[v], mesh.vertices[v]), 0.999) << v;
  }
  // Weights by angle: how a corner's faces are cut into triangles makes no difference.
  mesh = cube();
  compute_normals(mesh);
  for (std::size_t v = 0; v < 8; ++v) {
    EXPECT_NEAR(dot(mesh.normals[v], normalised(mesh.vertices[v])), 1, 1e-6) << v;
  }
}

TEST(Mesh, WithoutAnAreaThereIsNoNormal) {
  Mesh mesh = cube();
  mesh.vertices.push_back({2, 2, 2});
  mesh.triangles.push_back({8, 8, 0});
  compute_normals(mesh);
  EXPECT_EQ(mesh.normals[8], Vec3{});
  EXPECT_NEAR(dot(mesh.normals[0], normalised(mesh.vertices[0])), 1, 1e-6);
}

TEST(Mesh, TopologyOfManyTrianglesIsQuick) {
  const Mesh mesh = sphere(250, 200);
  ASSERT_NEAR(static_cast<double>(mesh.triangles.size()), 1e5, 1e3);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(topology_of(mesh).solid());
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  RecordProperty("milliseconds", static_cast<int>(taken.count() * 1e3));
  EXPECT_LT(taken.count(), 2);  // what comparing all pairs would take is minutes
}

}  // namespace
}  // namespace fieldscope
