// A mesh as a dataset: what is held out, kept labels, notes, and loading that is given up.
#include <cstdlib>
#include <optional>

#include "engine/data/label_cache.h"
#include "engine/export/mesh_file.h"
#include "engine/math/error.h"
#include "tests/engine/data/mesh_fixture.h"
#include "tests/engine/export/temporary_folder.h"
#include "tests/engine/geometry/shapes.h"

namespace fieldscope {
namespace {

using namespace test;
namespace fs = std::filesystem;

/// With a cache of its own, empty at first.
class MeshLoading : public TemporaryFolderTest {
 protected:
  void SetUp() override {
    TemporaryFolderTest::SetUp();
    ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
  }
  void TearDown() override {
    use_test_cache();
    TemporaryFolderTest::TearDown();
  }

  fs::path ply(const Mesh& mesh, const std::string& name = "mesh.ply") const {
    write_ply(folder_ / name, mesh, {});
    return folder_ / name;
  }
  std::vector<fs::path> kept_files() const {
    std::vector<fs::path> files;
    if (fs::exists(cache_folder()))
      for (const auto& entry : fs::directory_iterator(cache_folder()))
        files.push_back(entry.path());
    return files;
  }
  static std::vector<std::uint8_t> flipped(std::vector<std::uint8_t> labels) {
    for (std::uint8_t& label : labels) label ^= 1;
    return labels;
  }

  const Mesh ring_ = torus(0.7f, 0.28f, 20, 10);
};

TEST_F(MeshLoading, WhatIsHeldOutDependsOnTheMeshAlone) {
  const auto first = load_mesh_dataset(ply(ring_), serially);
  const MeshDataset::Labelled& held = first->held_out();
  ASSERT_EQ(held.points.size(), MeshDataset::held_out_points);
  ASSERT_EQ(held.inside.size(), MeshDataset::held_out_points);
  for (std::size_t i = 0; i < held.points.size(); i += 7)
    ASSERT_EQ(held.inside[i], first->solid().inside(held.points[i]) ? 1 : 0) << i;
  for (const int threads : {1, 3}) {
    fs::remove_all(cache_folder());
    const auto again = load_mesh_dataset(ply(ring_, "same.ply"), on_threads(threads));
    EXPECT_TRUE(again->held_out().points == held.points);
    EXPECT_TRUE(again->held_out().inside == held.inside);
  }
  const auto other = load_mesh_dataset(ply(torus(0.7f, 0.28f, 20, 11)));
  EXPECT_FALSE(other->held_out().inside == held.inside);
}

TEST_F(MeshLoading, TheHeldOutPointsStayWhatTheyWere) {
  // Where this fails because points are drawn in another way, labels kept of the old ones are
  // wrong: the version in label_cache.cpp has to change too.
  const auto dataset = load_mesh_dataset(ply(cube()));
  const Vec3 expected[] = {{-0.2558425f, -0.0153658f, 0.0311566f},
                           {-0.9784942f, -0.6726583f, -0.9620705f}};
  for (std::size_t i = 0; i < 2; ++i) {
    const Vec3 p = dataset->held_out().points[1000 + i];
    EXPECT_NEAR(p.x, expected[i].x, 1e-5);
    EXPECT_NEAR(p.y, expected[i].y, 1e-5);
    EXPECT_NEAR(p.z, expected[i].z, 1e-5);
  }
}

TEST_F(MeshLoading, LabelsAreKept) {
  const fs::path path = ply(ring_);
  const auto first = load_mesh_dataset(path);
  const std::uint64_t mesh = content_hash(first->mesh());
  ASSERT_EQ(kept_files().size(), 1u);
  EXPECT_EQ(read_labels(mesh, MeshDataset::held_out_points), first->held_out().inside);
  // The next one takes what is kept, right or wrong, and asks nobody.
  keep_labels(mesh, flipped(first->held_out().inside));
  const auto second = load_mesh_dataset(path);
  EXPECT_TRUE(second->held_out().inside == flipped(first->held_out().inside));
  EXPECT_TRUE(second->held_out().points == first->held_out().points);
}

TEST_F(MeshLoading, LabelsOfAnotherMeshAreNotTaken) {
  const auto first = load_mesh_dataset(ply(ring_));
  const fs::path own = kept_files().at(0);
  const std::uint64_t mesh = content_hash(first->mesh());
  keep_labels(mesh + 1, flipped(first->held_out().inside));
  ASSERT_EQ(kept_files().size(), 2u);
  for (const fs::path& file : kept_files())
    if (file != own) fs::rename(file, own);
  EXPECT_EQ(read_labels(mesh, MeshDataset::held_out_points), std::nullopt);
  EXPECT_EQ(load_mesh_dataset(ply(ring_))->held_out().inside, first->held_out().inside);
  // Nor are those of another number of points.
  keep_labels(mesh, std::vector<std::uint8_t>(MeshDataset::held_out_points - 1));
  EXPECT_EQ(read_labels(mesh, MeshDataset::held_out_points), std::nullopt);
}

TEST_F(MeshLoading, DamagedLabelsAreMadeAgain) {
  const auto first = load_mesh_dataset(ply(ring_));
  const std::vector<std::uint8_t>& labels = first->held_out().inside;
  const fs::path path = kept_files().at(0);
  const std::string whole = bytes_of(path);
  const auto damage = [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    EXPECT_EQ(load_mesh_dataset(ply(ring_))->held_out().inside, labels);
    EXPECT_EQ(bytes_of(path), whole);
    EXPECT_EQ(kept_files().size(), 1u);
  };
  for (const std::size_t at : {std::size_t{0}, whole.size() / 2, whole.size() - 1}) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    damage(bytes);
  }
  damage("");
  damage(whole.substr(0, whole.size() - 1));
}

TEST_F(MeshLoading, WithoutAPlaceToKeepThemLabelsAreNotKept) {
  file("cache", "a file, no folder");
  const auto first = load_mesh_dataset(ply(ring_));
  EXPECT_EQ(bytes_of(folder_ / "cache"), "a file, no folder");
  EXPECT_EQ(first->held_out().inside.size(), MeshDataset::held_out_points);
}

TEST_F(MeshLoading, TheCacheIsWhereUsersExpectIt) {
  const char* set = std::getenv("HOME");
  const std::optional<std::string> home = set ? std::optional<std::string>(set) : std::nullopt;
  EXPECT_EQ(cache_folder(), folder_ / "cache" / "fieldscope");
  ::setenv("XDG_CACHE_HOME", "", 1);
  ::setenv("HOME", "/somewhere", 1);
  EXPECT_EQ(cache_folder(), "/somewhere/.cache/fieldscope");
  ::unsetenv("HOME");
  ::unsetenv("XDG_CACHE_HOME");
  EXPECT_TRUE(cache_folder().empty());
  keep_labels(1, {1, 0});
  EXPECT_EQ(read_labels(1, 2), std::nullopt);
  if (home) ::setenv("HOME", home->c_str(), 1);
}

TEST_F(MeshLoading, LabelsOfAnyNumberComeBack) {
  for (const std::size_t count : {0u, 1u, 7u, 8u, 9u, 1000u}) {
    std::vector<std::uint8_t> labels(count);
    for (std::size_t i = 0; i < count; ++i) labels[i] = random_bits(3, i) & 1;
    keep_labels(count, labels);
    EXPECT_EQ(read_labels(count, count), labels);
    EXPECT_EQ(read_labels(count, count + 1), std::nullopt);
  }
}

TEST_F(MeshLoading, AnInsideOutMeshIsTurnedRound) {
  Mesh turned = ring_;
  turn_round(turned);
  const auto right = load_mesh_dataset(ply(ring_)), left = load_mesh_dataset(ply(turned));
  EXPECT_TRUE(right->notes().empty());
  EXPECT_EQ(left->notes(), std::vector<std::string>{"inside out: turned round"});
  EXPECT_GT(signed_volume(left->mesh()), 0);
  EXPECT_EQ(left->held_out().inside, right->held_out().inside);
  for (std::size_t v = 0; v < left->mesh().vertices.size(); ++v)
    ASSERT_GT(dot(left->mesh().normals[v], right->mesh().normals[v]), 0.999f);
}

TEST_F(MeshLoading, SaysWhatItIs) {
  Mesh open = ring_;
  open.triangles.pop_back();
  const auto dataset = load_mesh_dataset(ply(open, "open ring.ply"));
  EXPECT_EQ(dataset->name, "open ring.ply");
  EXPECT_EQ(dataset->path, folder_ / "open ring.ply");
  EXPECT_EQ(dataset->task(), TaskKind::occupancy);
  EXPECT_EQ(dataset->extent(), "399 triangles");
  EXPECT_FALSE(dataset->topology().closed());
  ASSERT_EQ(dataset->notes().size(), 1u);
  EXPECT_EQ(dataset->notes()[0].substr(0, 22), "open: 3 boundary edges");
  SourceMesh source = source_of(torus(0.7f, 0.28f, 70, 50));
  source.notes = {"what the file's reader said"};
  const MeshDataset large(source, serially);
  EXPECT_EQ(large.extent(), "7,000 triangles");
  EXPECT_EQ(large.notes(), source.notes);
  source.triangles.resize(1);
  EXPECT_EQ(MeshDataset(source, serially).extent(), "1 triangle");
}

TEST_F(MeshLoading, ComesBackToTheFilesCoordinates) {
  Mesh moved = ring_;
  for (Vec3& p : moved.vertices) p = {10 + 3 * p.x, -20 + 3 * p.y, 5 + 3 * p.z};
  const auto dataset = load_mesh_dataset(ply(moved));
  for (std::size_t v = 0; v < moved.vertices.size(); ++v) {
    const std::array<double, 3> p = dataset->frame().to_source(dataset->mesh().vertices[v]);
    EXPECT_NEAR(p[0], moved.vertices[v].x, 1e-5);
    EXPECT_NEAR(p[1], moved.vertices[v].y, 1e-5);
    EXPECT_NEAR(p[2], moved.vertices[v].z, 1e-5);
  }
}

TEST_F(MeshLoading, ProgressNeverFallsAndEndsAtOne) {
  for (const char* round : {"labels are told", "labels are kept"}) {
    SCOPED_TRACE(round);
    double before = 0;
    int calls = 0;
    load_mesh_dataset(ply(ring_), on_threads(2), [&](double share, const char* stage) {
      EXPECT_GE(share, before);
      EXPECT_GT(std::string(stage).size(), 0u);
      if (calls++ == 0) {
        EXPECT_EQ(share, 0);
      }
      before = share;
    });
    EXPECT_EQ(before, 1);
    EXPECT_GE(calls, 10);
  }
}

TEST_F(MeshLoading, GivenUpItLeavesNothingBehind) {
  struct Enough {};
  const fs::path path = ply(cube());
  int calls = 0;
  load_mesh_dataset(path, serially, [&](double, const char*) { ++calls; });
  fs::remove_all(cache_folder());
  for (int last = 1; last <= calls; ++last) {
    int left = last;
    EXPECT_THROW(load_mesh_dataset(path, serially,
                                   [&](double, const char*) {
                                     if (--left == 0) throw Enough();
                                   }),
                 Enough);
    EXPECT_TRUE(kept_files().empty()) << last;
  }
}

TEST_F(MeshLoading, AMeshWithoutExtentIsRefusedByName) {
  Mesh point;
  point.vertices = {{1, 2, 3}, {1, 2, 3}, {1, 2, 3}};
  point.triangles = {{0, 1, 2}};
  std::string said;
  try {
    load_mesh_dataset(ply(point, "point.ply"));
  } catch (const DataError& error) {
    said = error.what();
  }
  EXPECT_NE(said.find("point.ply"), std::string::npos) << said;
}

}  // namespace
}  // namespace fieldscope
