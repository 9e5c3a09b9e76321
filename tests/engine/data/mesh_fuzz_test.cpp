// Thousands of damaged files of each format: a mesh or a refusal comes of each, and soon.
#include <chrono>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/data/mesh_file.h"
#include "engine/data/mesh_formats.h"
#include "engine/math/error.h"
#include "mesh_texts.h"
#include "tests/engine/data/damage.h"

namespace fieldscope {
namespace {

using test::Dice;

std::string damaged(std::string bytes, Dice& dice) {
  static const std::string words[] = {"nan",
                                      "-1",
                                      "4294967295",
                                      "1e999",
                                      "\n",
                                      " ",
                                      "f 1 2 3 4 5",
                                      std::string(4, '\0'),
                                      "\xff\xff\xff\xff",
                                      "property list int",
                                      "element vertex 2147483648",
                                      "endsolid",
                                      "/",
                                      "\\\n"};
  return test::damaged(std::move(bytes), dice, {words, 4, 16});
}

bool sound(const SourceMesh& mesh) {
  for (const auto& p : mesh.vertices) {
    for (const double x : p) {
      if (!std::isfinite(x)) return false;
    }
  }
  for (const Triangle& t : mesh.triangles) {
    for (const std::uint32_t v : t) {
      if (v >= mesh.vertices.size()) return false;
    }
    if (t[0] == t[1] || t[1] == t[2] || t[2] == t[0]) return false;
  }
  return !mesh.triangles.empty();
}

using Read = SourceMesh (*)(std::string);

void fuzz(Read read, const std::string& bytes, std::uint64_t seed) {
  Dice dice(seed);
  int meshes = 0, refusals = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string file = damaged(bytes, dice);
    const auto start = std::chrono::steady_clock::now();
    try {
      EXPECT_TRUE(sound(read(file))) << "mutation " << i << ":\n" << file;
      ++meshes;
    } catch (const DataError& error) {
      EXPECT_EQ(std::string(error.what()).find_first_of(std::string("\n\r\0", 3)),
                std::string::npos);
      ++refusals;
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    EXPECT_LT(taken.count(), 1) << "mutation " << i << ":\n" << file;
  }
  // Or the damage is too small or too large to show anything.
  EXPECT_GT(meshes, 40);
  EXPECT_GT(refusals, 1000);
}

TEST(MeshFuzz, Obj) {
  const std::string more = std::string("mtllib m.mtl\ng a b\nvn 0 0 1\nusemtl c\nt tag 1/1/1 2\n") +
                           "f 1//1 2/1/1 3//1 4\nf -1 -2 -3\n";
  fuzz(&read_obj, test::obj_tetrahedron + more, 1);
}

TEST(MeshFuzz, Ply) {
  fuzz(&read_ply, test::ply_tetrahedron("ascii"), 2);
  fuzz(&read_ply, test::ply_tetrahedron("binary_little_endian"), 3);
  fuzz(&read_ply, test::ply_tetrahedron("binary_big_endian"), 4);
}

TEST(MeshFuzz, Stl) {
  fuzz(&read_stl, test::ascii_stl_tetrahedron(), 5);
  fuzz(&read_stl, test::binary_stl_tetrahedron(), 6);
}

TEST(MeshFuzz, Noise) {
  Dice dice(7);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(dice(400), '\0');
    for (char& c : bytes) c = static_cast<char>(dice(256));
    for (const Read read : {&read_obj, &read_ply, &read_stl}) {
      for (const char* start : {"", "ply\n", "solid x\nfacet "}) {
        EXPECT_THROW(read(start + bytes), DataError);
      }
    }
  }
}

}  // namespace
}  // namespace fieldscope
