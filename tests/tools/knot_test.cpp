#include "tools/demo_mesh/knot.h"

#include <gtest/gtest.h>

#include "engine/geometry/mesh_tree.h"
#include "tests/engine/geometry/meshes.h"

namespace fieldscope::test {
namespace {

TEST(DemoMesh, IsThreeSolidRings) {
  const Mesh mesh = demo_mesh::make_knot();
  EXPECT_EQ(flaw_of_solid(mesh), "");
  EXPECT_EQ(euler_characteristic(mesh), 0);
  EXPECT_GT(mesh.triangles.size(), 18000u);
  EXPECT_LT(mesh.triangles.size(), 25000u);
  EXPECT_GT(volume_of(mesh), 0.2);
  float reach = 0;
  for (const Vec3 v : mesh.vertices) {
    reach = std::max({reach, std::abs(v.x), std::abs(v.y), std::abs(v.z)});
  }
  EXPECT_GT(reach, 0.9f);
  EXPECT_LE(reach, 0.95f);
}

TEST(DemoMesh, NowhereTouchesItself) {
  const Mesh mesh = demo_mesh::make_knot();
  const MeshTree tree(mesh);
  std::vector<Vec3> outward(mesh.vertices.size());
  for (const auto& [a, b, c] : mesh.triangles) {
    const Vec3 corner = mesh.vertices[a];
    const Vec3 area = cross(mesh.vertices[b] - corner, mesh.vertices[c] - corner);
    for (const std::uint32_t v : {a, b, c}) outward[v] = outward[v] + area;
  }
  // A little further out there is nothing, a little further in there is one strand and not two.
  for (std::size_t i = 0; i < outward.size(); ++i) {
    const Vec3 step = normalised(outward[i]) * 0.005f;
    ASSERT_NEAR(tree.winding_number(mesh.vertices[i] + step), 0, 0.02) << i;
    ASSERT_NEAR(tree.winding_number(mesh.vertices[i] - step), 1, 0.02) << i;
  }
}

}  // namespace
}  // namespace fieldscope::test
