#include <cstring>

#include <gtest/gtest.h>

#include "../geometry/shapes.h"
#include "engine/data/mesh_dataset.h"
#include "engine/data/mesh_file.h"
#include "engine/export/mesh_file.h"
#include "engine/math/error.h"
#include "temporary_folder.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;

class MeshExportTest : public TemporaryFolderTest {
 protected:
  static void expect_same(const Mesh& mesh, const MeshFrame& frame, const SourceMesh& read) {
    EXPECT_EQ(read.triangles, mesh.triangles);
    EXPECT_TRUE(read.notes.empty());
    ASSERT_EQ(read.vertices.size(), mesh.vertices.size());
    for (std::size_t v = 0; v < read.vertices.size(); ++v) {
      const std::array<double, 3> p = frame.to_source(mesh.vertices[v]);
      for (int axis = 0; axis < 3; ++axis) {
        EXPECT_FLOAT_EQ(static_cast<float>(read.vertices[v][axis]), static_cast<float>(p[axis]));
      }
    }
  }

  const MeshFrame frame_{{100, -2, 0.25}, 12.5};
};

TEST_F(MeshExportTest, BothFormatsComeBackInTheFilesCoordinates) {
  Mesh mesh = test::sphere(20, 30, 0.98f);
  for (const bool normals : {false, true}) {
    if (normals) compute_normals(mesh);
    write_ply(folder_ / "s.ply", mesh, frame_);
    write_obj(folder_ / "s.obj", mesh, frame_);
    expect_same(mesh, frame_, read_mesh_file(folder_ / "s.ply"));
    expect_same(mesh, frame_, read_mesh_file(folder_ / "s.obj"));
  }
  EXPECT_EQ(files(), 2u);  // nothing of the writing is left beside them
}

TEST_F(MeshExportTest, TheFrameOfWhatWasWrittenIsTheSame) {
  const Mesh mesh = test::cube(1 - static_cast<float>(mesh_margin));
  write_obj(folder_ / "c.obj", mesh, frame_);
  const SourceMesh source = read_mesh_file(folder_ / "c.obj");
  const MeshFrame frame = fit_frame(source);
  EXPECT_NEAR(frame.scale, frame_.scale, 1e-5);
  const Mesh again = normalised_mesh(source, frame);
  ASSERT_EQ(again.vertices.size(), mesh.vertices.size());
  for (std::size_t v = 0; v < 8; ++v) {
    EXPECT_LT(length(again.vertices[v] - mesh.vertices[v]), 1e-6) << v;
  }
}

TEST_F(MeshExportTest, PlyHasWhatThereIs) {
  Mesh mesh = test::cube();
  compute_normals(mesh);
  mesh.errors.assign(8, 0.5f);
  const std::vector<std::array<std::uint8_t, 3>> colours(8, {10, 20, 30});
  write_ply(folder_ / "c.ply", mesh, frame_, colours);
  const std::string bytes = bytes_of(folder_ / "c.ply");
  const std::string header =
      "ply\nformat binary_little_endian 1.0\ncomment written by Fieldscope " FIELDSCOPE_VERSION
      "\nelement vertex 8\n"
      "property float x\nproperty float y\nproperty float z\n"
      "property float nx\nproperty float ny\nproperty float nz\n"
      "property uchar red\nproperty uchar green\nproperty uchar blue\nproperty float error\n"
      "element face 12\nproperty list uchar int vertex_indices\nend_header\n";
  ASSERT_EQ(bytes.substr(0, header.size()), header);
  EXPECT_EQ(bytes.size(), header.size() + 8 * 31 + 12 * 13);
  EXPECT_EQ(bytes.substr(header.size() + 24, 3), "\x0a\x14\x1e");
  float error = 0;
  std::memcpy(&error, bytes.data() + header.size() + 27, 4);
  EXPECT_EQ(error, 6.25f);  // 0.5 of [-1, 1] in a frame of scale 12.5
  expect_same(mesh, frame_, read_mesh_file(folder_ / "c.ply"));
}

TEST_F(MeshExportTest, ObjIsPlainText) {
  Mesh mesh;
  mesh.vertices = {{0, 0, 0}, {1, 0, 0}, {0, 0.1f, 0}};
  mesh.triangles = {{0, 1, 2}};
  mesh.normals = {{0, 0, 1}, {0, 0, 1}, {0, 0, 1}};
  write_obj(folder_ / "t.obj", mesh, MeshFrame{{0, 0, 1e6}, 2});
  EXPECT_EQ(bytes_of(folder_ / "t.obj"), "# written by Fieldscope " FIELDSCOPE_VERSION
                                         "\nv 0 0 1000000\nv 2 0 1000000\nv 0 0.200000003 1000000\n"
                                         "vn 0 0 1\nvn 0 0 1\nvn 0 0 1\nf 1//1 2//2 3//3\n");
}

TEST_F(MeshExportTest, WhatDoesNotFitIsRefused) {
  Mesh mesh = test::cube();
  mesh.normals.resize(3);
  EXPECT_THROW(write_ply(folder_ / "c.ply", mesh, {}), UsageError);
  EXPECT_THROW(write_obj(folder_ / "c.obj", mesh, {}), UsageError);
  mesh.normals.clear();
  const std::vector<std::array<std::uint8_t, 3>> colours(5);
  EXPECT_THROW(write_ply(folder_ / "c.ply", mesh, {}, colours), UsageError);
  mesh.errors.resize(7);
  EXPECT_THROW(write_ply(folder_ / "c.ply", mesh, {}), UsageError);
  EXPECT_THROW(write_obj(folder_ / "nowhere" / "c.obj", mesh, {}), DataError);
  EXPECT_EQ(files(), 0u);
}

}  // namespace
}  // namespace fieldscope
