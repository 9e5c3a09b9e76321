#include "engine/data/mesh_dataset.h"

#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "../geometry/shapes.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;

SourceMesh box(double x, double y, double z, std::array<double, 3> at) {
  SourceMesh source;
  for (const Vec3 p : test::cube().vertices) {
    source.vertices.push_back({at[0] + x * p.x, at[1] + y * p.y, at[2] + z * p.z});
  }
  source.triangles = test::cube().triangles;
  return source;
}

TEST(MeshFrame, TheLongestHalfAxisFits) {
  const SourceMesh source = box(1, 4, 2, {10, 20, -30});
  const MeshFrame frame = fit_frame(source);
  EXPECT_EQ(frame.centre, (std::array<double, 3>{10, 20, -30}));
  EXPECT_DOUBLE_EQ(frame.scale, 4 / 0.98);
  const Mesh mesh = normalised_mesh(source, frame);
  EXPECT_EQ(mesh.triangles, source.triangles);
  EXPECT_FLOAT_EQ(mesh.vertices[7].x, 0.245f);
  EXPECT_FLOAT_EQ(mesh.vertices[7].y, 0.98f);
  EXPECT_FLOAT_EQ(mesh.vertices[7].z, 0.49f);
  for (std::size_t v = 0; v < 8; ++v) {
    for (int axis = 0; axis < 3; ++axis) {
      EXPECT_NEAR(frame.to_source(mesh.vertices[v])[axis], source.vertices[v][axis], 1e-6);
    }
  }
  EXPECT_DOUBLE_EQ(fit_frame(source, 0).scale, 4);
}

TEST(MeshFrame, OnlyVerticesOfTrianglesCount) {
  SourceMesh source = box(1, 1, 1, {});
  source.vertices.insert(source.vertices.begin(), {1e300, 0, 0});
  for (Triangle& t : source.triangles) {
    for (std::uint32_t& v : t) ++v;
  }
  const Mesh mesh = normalised_mesh(source, fit_frame(source));
  EXPECT_EQ(mesh.triangles, test::cube().triangles);
  EXPECT_EQ(mesh.vertices.size(), 8u);
}

TEST(MeshFrame, TheLargestNumbersDoNotOverflow) {
  const SourceMesh source = box(1.7e308, 1e308, 1e300, {});
  for (const Vec3 p : normalised_mesh(source, fit_frame(source)).vertices) {
    EXPECT_FLOAT_EQ(std::fabs(p.x), 0.98f);
  }
}

TEST(MeshFrame, APointIsRefused) {
  EXPECT_THROW(fit_frame(box(0, 0, 0, {1, 2, 3})), DataError);
  EXPECT_THROW(fit_frame(SourceMesh{}), DataError);
  EXPECT_NO_THROW(fit_frame(box(0, 0, 1, {1, 2, 3})));
  EXPECT_THROW(fit_frame(box(1, 1, 1, {}), 1), UsageError);
  EXPECT_THROW(fit_frame(box(1, 1, 1, {}), std::nan("")), UsageError);
}

TEST(MeshWarnings, SayWhatPeopleShouldKnow) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(mesh_warnings(MeshTopology{}, 1), Lines{});
  EXPECT_EQ(mesh_warnings(MeshTopology{.boundary_edges = 223}, -1),
            Lines{"open: 223 boundary edges; what is inside is decided by winding number"});
  EXPECT_EQ(mesh_warnings(MeshTopology{.non_manifold_edges = 3, .misdirected_edges = 1}, 1),
            (Lines{"3 edges are shared by more than two triangles",
                   "triangles disagree on what is outside along 1 edge"}));
  EXPECT_EQ(mesh_warnings(MeshTopology{.non_manifold_edges = 1}, 1),
            Lines{"1 edge is shared by more than two triangles"});
  EXPECT_EQ(mesh_warnings(MeshTopology{}, -1), Lines{"inside out: turned round"});
}

TEST(MeshDataset, TurnedRoundIsOutsideOut) {
  Mesh mesh = test::cube();
  compute_normals(mesh);
  const Vec3 normal = mesh.normals[3];
  turn_round(mesh);
  EXPECT_DOUBLE_EQ(signed_volume(mesh), -8);
  EXPECT_TRUE(topology_of(mesh).solid());
  EXPECT_EQ(mesh.normals[3], normal * -1);
  turn_round(mesh);
  EXPECT_EQ(mesh.triangles, test::cube().triangles);
}

TEST(MeshDataset, TheHashTellsVerticesAndTriangles) {
  const std::uint64_t hash = content_hash(test::cube());
  EXPECT_EQ(content_hash(test::cube()), hash);
  Mesh mesh = test::cube();
  mesh.vertices[7].z = std::nextafter(mesh.vertices[7].z, 2.0f);
  EXPECT_NE(content_hash(mesh), hash);
  mesh = test::cube();
  std::swap(mesh.triangles[0], mesh.triangles[1]);
  EXPECT_NE(content_hash(mesh), hash);
  mesh = test::cube();
  compute_normals(mesh);
  EXPECT_EQ(content_hash(mesh), hash);
}

struct Held {
  const char* name;
  std::size_t vertices;
  std::size_t triangles;
  std::size_t boundary_edges;
  std::size_t unused;
};
void PrintTo(const Held& held, std::ostream* out) {
  *out << held.name;
}

class HeldMeshes : public testing::TestWithParam<Held> {};

TEST_P(HeldMeshes, AreWhatTheirListSays) {
  const Held& held = GetParam();
  const fs::path path = fs::path(FIELDSCOPE_SHARED) / "data" / "mesh" / held.name;
  if (!fs::exists(path)) GTEST_SKIP() << "no " << held.name << " here";
  const SourceMesh source = read_mesh_file(path);
  EXPECT_EQ(source.vertices.size(), held.vertices);
  EXPECT_EQ(source.triangles.size(), held.triangles);
  const Mesh mesh = normalised_mesh(source, fit_frame(source));
  EXPECT_EQ(mesh.vertices.size(), held.vertices - held.unused);
  const MeshTopology topology = topology_of(mesh);
  EXPECT_EQ(topology.boundary_edges, held.boundary_edges);
  EXPECT_EQ(topology.components, 1u);
  EXPECT_EQ(topology.solid(), held.boundary_edges == 0);
  EXPECT_GT(signed_volume(mesh), 0);
  EXPECT_EQ(mesh_warnings(topology, signed_volume(mesh)).size(), held.boundary_edges > 0 ? 1u : 0u);
}

INSTANTIATE_TEST_SUITE_P(All, HeldMeshes,
                         testing::Values(Held{"lucy_50k.obj", 49987, 99970, 0, 0},
                                         Held{"armadillo_50k.obj", 49990, 99976, 0, 0},
                                         Held{"bunny_35k.obj", 34817, 69630, 0, 0},
                                         Held{"dragon_50k.obj", 50000, 100000, 0, 0},
                                         Held{"xyzrgb_dragon_10k.obj", 10002, 20000, 0, 0},
                                         Held{"lucy_10k.obj", 10002, 20000, 0, 0},
                                         Held{"bunny_3k.obj", 3301, 6598, 0, 0},
                                         Held{"bunny_open_36k.obj", 35947, 69451, 223, 1113}));

}  // namespace
}  // namespace fieldscope
