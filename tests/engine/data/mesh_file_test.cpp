#include "engine/data/mesh_file.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "../export/temporary_folder.h"
#include "engine/math/error.h"
#include "mesh_texts.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;
using namespace test;

class MeshFileTest : public TemporaryFolderTest {
 protected:
  SourceMesh read(const std::string& name, const std::string& bytes) const {
    return read_mesh_file(file(name, bytes));
  }
  /// The reason for which a file is refused, without its name; empty if it is read.
  std::string refusal(const std::string& name, const std::string& bytes) const {
    const std::string prefix = "cannot read mesh '" + (folder_ / name).string() + "': ";
    try {
      read(name, bytes);
    } catch (const DataError& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with(prefix)) << message;
      EXPECT_EQ(message.find('\n'), message.npos) << message;
      return message.substr(std::min(prefix.size(), message.size()));
    }
    return "";
  }
  void expect_refused(const std::string& name, const std::string& bytes,
                      const std::string& reason) const {
    const std::string message = refusal(name, bytes);
    EXPECT_NE(message.find(reason), message.npos) << message << " instead of " << reason;
  }
};

void expect_tetrahedron(const SourceMesh& mesh) {
  EXPECT_EQ(mesh.vertices.size(), 4u);
  EXPECT_EQ(mesh.triangles.size(), 4u);
  EXPECT_TRUE(topology_of(mesh.triangles, mesh.vertices.size()).solid());
  for (const auto& corner : tetrahedron_vertices) {
    EXPECT_NE(std::find(mesh.vertices.begin(), mesh.vertices.end(), corner), mesh.vertices.end());
  }
}

TEST_F(MeshFileTest, ReadsEveryFormat) {
  for (const auto& [name, bytes] : tetrahedra()) {
    SCOPED_TRACE(name);
    const SourceMesh mesh = read(name, bytes);
    expect_tetrahedron(mesh);
    EXPECT_TRUE(mesh.notes.empty());
  }
  EXPECT_EQ(mesh_extensions(), (std::vector<std::string>{".obj", ".ply", ".stl"}));
}

TEST_F(MeshFileTest, ContentCountsForMoreThanTheName) {
  for (const auto& [name, bytes] : tetrahedra()) {
    if (name.ends_with(".obj")) continue;  // which nothing but its name tells
    expect_tetrahedron(read("t.obj", bytes));
    expect_tetrahedron(read("t.xyz", bytes));
  }
  expect_tetrahedron(read("T.OBJ", obj_tetrahedron));
  expect_refused("t.xyz", obj_tetrahedron, "give an OBJ, PLY or STL file");
  expect_refused("t.ply", obj_tetrahedron, "does not begin with 'ply'");
  expect_refused("t.stl", obj_tetrahedron, "STL");
}

TEST_F(MeshFileTest, ObjHasManyWays) {
  const std::string vertices = "v 0 0 0\nv +1. 0 0 1.0\nv\t0 .1e1 0 0.5 0.5 0.5\nv 0 0 1E0\n";
  const std::string ways[] = {
      "f 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n",
      "f -4 -2 -3\nf -4 -3 -1\nf -4 -1 -2\nf -3 -2 -1\n",
      "vn 0 0 1\nvt 0 0\nf 1//1 3//1 2//1\nf 1/1 2/1 4/1\nf 1/1/1 4/1/1 3/1/1\nf 2 3/ 4\n",
      "mtllib missing.mtl\nusemtl red\no one\ns off\nf 1 3 2\nf 1 2 4\ng two\nf 1 4 3\nf 2 3 4\n",
      "f 1 3 2 # bottom\n  f 1 2 \\\n 4\nf 1 4 \\\r\n3\r\n\nl 1 2\np 1\nf 2 3 4",
      "# no numbers\\\nf 1 3 2\rf 1 2 4\rf 1 4 3\rt x 2000000000/1/1\rf 2 3 4",
  };
  for (const std::string& faces : ways) {
    SCOPED_TRACE(faces);
    expect_tetrahedron(read("t.obj", vertices + faces));
    expect_tetrahedron(read("t.obj", "\xef\xbb\xbf" + vertices + faces));
  }
  expect_tetrahedron(read("t.obj", ways[0] + vertices));  // faces may come first
}

TEST_F(MeshFileTest, NumbersKeepTheirDigits) {
  const std::string rest = "v 1 0 0\nv 0 1 0\nf 1 2 3\n";
  EXPECT_NEAR(read("t.obj", "v 500000.123456789 0 0\n" + rest).vertices[0][0], 500000.123456789,
              1e-9);
  EXPECT_NEAR(read("t.obj", "v -1.5e-3 0 0\n" + rest).vertices[0][0], -1.5e-3, 1e-18);
}

TEST_F(MeshFileTest, PolygonsAreFans) {
  const std::string square = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n";
  const SourceMesh mesh = read("q.obj", square + "f 1 2 3 4\n");
  EXPECT_EQ(mesh.triangles, (std::vector<Triangle>{{0, 1, 2}, {0, 2, 3}}));
  EXPECT_EQ(mesh.notes, (std::vector<std::string>{"1 polygon cut into triangles as fans"}));
  // Its corners could not be cut one by one in any time.
  std::string polygon = "f";
  for (int i = 0; i < 100000; ++i) polygon += " " + std::to_string(1 + i % 4);
  EXPECT_GT(read("p.obj", square + polygon).triangles.size(), 40000u);
}

TEST_F(MeshFileTest, ObjFaults) {
  const std::string v = "v 0 0 0\nv 1 0 0\nv 0 1 0\n";
  expect_refused("t.obj", v + "f 1 2 9\n", "face 1 names vertex 9, but there are 3");
  expect_refused("t.obj", v + "f 1 2 3\nf 1 2 -4\n", "face 2 names vertex -4, but only 3");
  expect_refused("t.obj", v + "f 1 2 0\n", "face 1 (line 4) has '0' for a corner");
  expect_refused("t.obj", v + "f 1 2 4294967299\n", "'4294967299' for a corner");
  expect_refused("t.obj", v + "f 1 2 2147483647\n", "face 1 names vertex 2147483647");
  expect_refused("t.obj", v + "f 1 2 x\n", "'x' for a corner");
  expect_refused("t.obj", v + "f 1 /2 3\n", "'/2' for a corner");
  expect_refused("t.obj", v + "\n\nv 0 nan 0\nf 1 2 3\n", "vertex 4 (line 6) has 'nan'");
  expect_refused("t.obj", v + "f 1 2 \\\n3\nv 0 0 -inf\n", "vertex 4 (line 6) has '-inf'");
  expect_refused("t.obj", v + "v 0 1e400 0\nf 1 2 3\n", "vertex 4 is not finite");
  expect_refused("t.obj", v + "v 0 1e99999999999 0\nf 1 2 3\n", "'1e99999999999'");
  expect_refused("t.obj", v + "v 1,5 0 0\nf 1 2 3\n", "'1,5'");
  expect_refused("t.obj", v + "v 1 2\nf 1 2 3\n", "vertex 4 (line 4) has fewer than three");
  expect_refused("t.obj", v + "v\nf 1 2 3\n", "vertex 4 (line 4) has fewer than three");
  expect_refused("t.obj", v + "v " + std::string(1 << 20, '7') + "x 0 0\n", "777...'");
  expect_refused("t.obj", v + std::string("f 1 2 3\n\0", 9), "zero bytes");
  expect_refused("t.obj", v, "no faces");
  expect_refused("t.obj", "f 1 2 3\n", "but there are 0");
  expect_refused("t.obj", v + "f 1 2\nf 1 2 2\n", "all its triangles are degenerate");
}

TEST_F(MeshFileTest, PlyHasManyWays) {
  const std::string data[] = {
      // Other types, other orders, properties and elements that nobody asked for.
      "ply\r\nformat ascii 1.0\r\ncomment by hand\r\nobj_info none\r\nelement camera 2\r\n"
      "property list uchar float view\r\nproperty int id\r\nelement vertex 4\r\n"
      "property uchar red\r\nproperty double z\r\nproperty int32 x\r\n"
      "property list uint8 int16 friends\r\nproperty float32 y\r\nelement nothing 4000000000\r\n"
      "element face 4\r\nproperty float weight\r\nproperty list int uint vertex_index\r\n"
      "end_header\r\n2 0.5 0.5 7\r\n0 8\r\n9 0 0 0 0\r\n9 0 1 2 5 6 0\r\n9 0 0 1 -3 1\r\n"
      "9 1e0 0 0 0\r\n0 3 0 2 1\r\n0 3 0 1 3\r\n0 3 0 3 2\r\n0.5 3 1 2 3\r\n",
      "ply\rformat ascii 1.0\relement vertex 4\rproperty float x\rproperty float y\r"
      "property float z\relement face 4\rproperty list uchar int vertex_indices\rend_header\r"
      "0 0 0 1 0 0 0 1 0 0 0 +1 3 0 2 1 3 0 1 3 3 0 3 2 3 1 2 3",
      "ply\nformat ascii 1.0\nelement face 4\nproperty list uchar int vertex_indices\n"
      "element vertex 4\nproperty float x\nproperty float y\nproperty float z\nend_header\n"
      "3 0 2 1\n3 0 1 3\n3 0 3 2\n3 1 2 3\n0 0 0\n1 0 0\n0 1 0\n0 0 1\n",
  };
  for (const std::string& bytes : data) {
    SCOPED_TRACE(bytes);
    expect_tetrahedron(read("t.ply", bytes));
  }
}

TEST_F(MeshFileTest, PlyFaults) {
  const auto ply = [](const std::string& vertices, const std::string& faces,
                      const std::string& data) {
    return "ply\nformat ascii 1.0\nelement vertex " + vertices +
           "\nproperty float x\nproperty float y\nproperty float z\nelement face " + faces +
           "\nproperty list uchar int vertex_indices\nend_header\n" + data;
  };
  const std::string v = "0 0 0\n1 0 0\n0 1 0\n";
  expect_refused("t.ply", ply("4294967295", "1", v), "4294967295 that its header promises");
  expect_refused("t.ply", ply("3", "4294967295", v + "3 0 1 2\n"), "'face'");
  expect_refused("t.ply", ply("99999999999999999999", "1", v), "for the number of element");
  expect_refused("t.ply", ply("-3", "1", v), "'-3' for the number of element 'vertex'");
  expect_refused("t.ply", ply("3", "1", v + "3 0 1 3\n"), "face 0 names vertex 3, but there are 3");
  expect_refused("t.ply", ply("3", "1", v + "3 0 1 -1\n"), "face 0 names vertex -1");
  expect_refused("t.ply", ply("3", "1", v + "3 0 1 1.5\n"), "face 0 has 1.5 for a vertex");
  expect_refused("t.ply", ply("3", "1", v + "3 0 1 1e99\n"), "for a vertex");
  expect_refused("t.ply", ply("3", "1", v + "200 0 1 2\n"), "it ends in 'face' 0");
  expect_refused("t.ply", ply("3", "1", v + "-1 0 1 2\n"), "face 0 has a list of -1 numbers");
  expect_refused("t.ply", ply("3", "1", "0 0 0\n1 nan 0\n0 1 0\n3 0 1 2\n"), "vertex 1 is not");
  expect_refused("t.ply", ply("3", "1", "0 0 0\n1 0 1e999\n0 1 0\n3 0 1 2\n"), "vertex 1 is not");
  expect_refused("t.ply", ply("3", "1", "0 0 0\n1 x 0\n0 1 0\n3 0 1 2\n"), "'x' in vertex 1");
  expect_refused("t.ply", ply("3", "0", v), "no faces");
  expect_refused("t.ply", "ply\nformat ascii 1.0\n", "its header has no end");
  expect_refused("t.ply", "ply\n" + std::string(1 << 21, '\n'), "its header has no end");
  expect_refused("t.ply", "ply\nend_header\n", "names no format");
  expect_refused("t.ply", "ply\nformat utf-8 1.0\nend_header\n", "'utf-8' for a format");
  expect_refused("t.ply", "ply\nformat ascii 1.0\nelement a 1\nproperty word b\n", "for a type");
  expect_refused("t.ply", "ply\nformat ascii 1.0\nproperty int b\nend_header\n", "'property'");
  expect_refused("t.ply", "ply\nformat ascii 1.0\nelement vertex 1\nend_header\n", "no x, y and z");
  expect_refused("t.ply", "ply\nformat ascii 1.0\nelement face 1\nend_header\n", "no list");
}

TEST_F(MeshFileTest, StlIsToldBySize) {
  std::string bytes = binary_stl_tetrahedron();
  bytes.replace(0, 12, "solid facet ");
  expect_tetrahedron(read("t.stl", bytes));
  expect_tetrahedron(read("t.stl", bytes + "left over"));  // no ascii: no facet in line two
  expect_refused("t.stl", bytes.substr(0, bytes.size() - 1), "promises 4 facets, and there are 3");
  std::string two_lines = bytes;
  two_lines.replace(0, 14, "solid x\nfacet ");
  expect_tetrahedron(read("t.stl", two_lines));
  bytes[83] = '\x7f';
  expect_refused("t.stl", bytes, "promises 2130706436 facets");
  const float nan = std::nanf("");
  bytes = binary_stl_tetrahedron();
  std::memcpy(bytes.data() + 84 + 12, &nan, 4);
  expect_refused("t.stl", bytes, "vertex 1 is not finite");
  expect_refused("t.stl", std::string(84, '\0'), "no faces");
  expect_refused("t.stl", "solid nothing\nendsolid nothing\n", "no faces");
  expect_refused("t.stl", "solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 zero\n", "'zero'");
  expect_refused("t.stl", "solid a\nfacet normal 0 0 1\nvertex 0 0 0\n", "'vertex' for 'outer'");
  expect_refused("t.stl", "hello", "neither");
}

TEST_F(MeshFileTest, TwoSolidsAreOneMesh) {
  const std::string one = ascii_stl_tetrahedron();
  const SourceMesh mesh = read("t.stl", one + one);
  EXPECT_EQ(mesh.vertices.size(), 4u);
  EXPECT_EQ(mesh.triangles.size(), 8u);
}

TEST_F(MeshFileTest, DegenerateTrianglesAreLeftOut) {
  const SourceMesh mesh =
      read("t.obj", std::string(obj_tetrahedron) + "v 1 0 0\nf 1 1 2\nf 2 5 3\nf 1 2\n");
  EXPECT_EQ(mesh.triangles.size(), 4u);
  EXPECT_EQ(mesh.notes, (std::vector<std::string>{"3 degenerate triangles left out",
                                                  "1 vertex in no triangle"}));
}

TEST_F(MeshFileTest, VerticesAreJoinedWhereThatCloses) {
  std::string soup, open = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv -0 -0 0\nv 0 0 1\nf 1 2 3\nf 4 5 2\n";
  for (const auto& face : tetrahedron_faces) {
    for (const int v : face) {
      const auto& p = tetrahedron_vertices[v];
      soup += "v " + std::to_string(p[0]) + " " + std::to_string(p[1]) + " " +
              std::to_string(p[2]) + "\n";
    }
    soup += "f -3 -2 -1\n";
  }
  SourceMesh mesh = read("t.obj", soup);
  expect_tetrahedron(mesh);
  EXPECT_EQ(mesh.notes,
            (std::vector<std::string>{"8 vertices joined with others at the same place: of 12 "
                                      "boundary edges none left"}));
  mesh = read("t.obj", open);
  EXPECT_EQ(mesh.vertices.size(), 4u);
  EXPECT_EQ(mesh.notes, (std::vector<std::string>{
                            "1 vertex joined with others at the same place: of 6 boundary edges "
                            "4 left"}));
  // Two sheets that meet in nothing but a corner stay apart.
  mesh =
      read("t.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 0\nv -1 0 0\nv 0 -1 0\nf 1 2 3\nf 4 5 6\n");
  EXPECT_EQ(mesh.vertices.size(), 6u);
  EXPECT_TRUE(mesh.notes.empty());
}

TEST_F(MeshFileTest, WhatIsNoFile) {
  EXPECT_THROW(read_mesh_file(folder_ / "missing.obj"), DataError);
  EXPECT_THROW(read_mesh_file(folder_), DataError);
  for (const char* name : {"e.obj", "e.ply", "e.stl", "e"}) expect_refused(name, "", "is empty");
  const fs::path huge = file("huge.obj", obj_tetrahedron);
  fs::resize_file(huge, (std::uint64_t{1} << 31) + 1);  // sparse
  try {
    read_mesh_file(huge);
    ADD_FAILURE() << "read";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("too large"), std::string::npos) << error.what();
  }
}

TEST_F(MeshFileTest, NoPartOfAFileIsAMesh) {
  for (const auto& [name, bytes] : tetrahedra()) {
    SCOPED_TRACE(name);
    // Of a text the end may be cut as far as the name of a solid or the last line's end; the
    // numbers of the last line, and in OBJ any line, can be cut without a trace.
    if (name.ends_with(".obj")) continue;
    const bool text = name.find("ascii") != name.npos;
    const std::size_t most =
        text ? bytes.rfind(name.ends_with(".stl") ? "endsolid" : " ") + 2 : bytes.size();
    for (std::size_t length = 1; length < most - text; ++length) {
      EXPECT_NE(refusal(name, bytes.substr(0, length)), "") << length;
    }
  }
}

/// Not part of the promise, but far above what it takes, and far below what a loop over promised
/// numbers would.
TEST_F(MeshFileTest, ALargeObjIsQuick) {
  std::string text;
  constexpr int side = 224;
  for (int i = 0; i < side * side; ++i) {
    text += "v " + std::to_string(i % side * 0.01) + " " + std::to_string(i / side * 0.01) + " " +
            std::to_string(std::sin(i)) + "\n";
  }
  for (int i = 1; i < side * (side - 1); ++i) {
    const int j = i + side;
    if (i % side == 0) continue;
    text += "f " + std::to_string(i) + " " + std::to_string(i + 1) + " " + std::to_string(j) +
            "\nf " + std::to_string(j) + " " + std::to_string(i + 1) + " " + std::to_string(j + 1) +
            "\n";
  }
  const fs::path path = file("large.obj", text);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(read_mesh_file(path).triangles.size(), 2u * (side - 1) * (side - 1));
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  RecordProperty("milliseconds", static_cast<int>(taken.count() * 1e3));
  EXPECT_LT(taken.count(), 5);
}

}  // namespace
}  // namespace fieldscope
