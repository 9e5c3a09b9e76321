// Points and labels by their definitions, and from copies of a mesh's arrays, as a device has them.
#include "engine/math/occupancy_points.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include <gtest/gtest.h>

#include "engine/geometry/solid.h"
#include "engine/geometry/surface_samples.h"
#include "tests/engine/geometry/meshes.h"

namespace fieldscope::test {
namespace {

constexpr std::uint64_t key = 41;
constexpr double spread = 0.02;

/// Its first triangles left out: the winding number decides everywhere.
Mesh with_a_hole(Mesh mesh) {
  mesh.triangles.erase(mesh.triangles.begin(), mesh.triangles.begin() + 20);
  return mesh;
}

/// Some without area: among the others, at the beginning and at the end.
Mesh with_empty_triangles(Mesh mesh) {
  for (const std::size_t at : {std::size_t{0}, std::size_t{0}, mesh.triangles.size() / 2})
    mesh.triangles.insert(mesh.triangles.begin() + static_cast<std::ptrdiff_t>(at), {5, 5, 9});
  mesh.triangles.push_back({3, 3, 3});
  return mesh;
}

std::vector<Mesh> meshes() {
  const Mesh ring = torus(0.7f, 0.28f, 48, 24);
  return {ring, with_a_hole(ring), with_empty_triangles(ring), octahedron(0.9f)};
}

struct Parts {
  explicit Parts(const Mesh& mesh) : solid(mesh), surface(mesh) {}
  MeshView view() const { return {surface.view(), solid.view()}; }
  Solid solid;
  SurfaceSampler surface;
};

/// The same in other memory; no array may be missed.
class Copy {
 public:
  explicit Copy(const MeshView& view) : view_(view) {
    view_.for_arrays([&]<class Element>(std::span<Element>& array) {
      auto memory =
          std::shared_ptr<void>(::operator new(array.size_bytes() + 1, std::align_val_t(256)),
                                [](void* data) { ::operator delete(data, std::align_val_t(256)); });
      std::memcpy(memory.get(), array.data(), array.size_bytes());
      array = {static_cast<Element*>(memory.get()), array.size()};
      arrays_.push_back(std::move(memory));
    });
  }
  const MeshView& view() const { return view_; }
  std::size_t arrays() const { return arrays_.size(); }

 private:
  MeshView view_;
  std::vector<std::shared_ptr<void>> arrays_;
};

TEST(SurfaceView, PointsByTheDefinition) {
  for (const Mesh& mesh : meshes()) {
    std::vector<double> areas;
    double sum = 0;
    for (const auto& [a, b, c] : mesh.triangles) {
      const Vec3 corner = mesh.vertices[a];
      sum += length(cross(mesh.vertices[b] - corner, mesh.vertices[c] - corner)) / 2.0;
      areas.push_back(sum);
    }
    const SurfaceSampler sampler(mesh);
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      const auto found =
          std::upper_bound(areas.begin(), areas.end() - 1, random_uniform(key, 3 * i) * sum);
      const Triangle& t = mesh.triangles[static_cast<std::size_t>(found - areas.begin())];
      const double root = std::sqrt(random_uniform(key, 3 * i + 1));
      const double along = random_uniform(key, 3 * i + 2);
      const double weights[] = {1 - root, root * (1 - along), root * along};
      Vec3 want = mesh.vertices[t[0]] * static_cast<float>(weights[0]);
      for (std::size_t k = 1; k < 3; ++k)
        want = want + mesh.vertices[t[k]] * static_cast<float>(weights[k]);
      ASSERT_EQ(sampler.view().point(key, i), want) << i;
    }
  }
}

TEST(SurfaceView, TheLastTriangleTakesWhatIsLeft) {
  // A rounded sum of areas may be reached: then the number is that of no triangle before the last.
  const std::vector<double> areas = {0, 0, 0};
  const std::vector<Vec3> vertices = {{0, 0, 0}, {1, 1, 1}};
  const std::vector<Triangle> triangles = {{0, 0, 0}, {0, 0, 0}, {1, 1, 1}};
  const Vec3 p = SurfaceView{areas, triangles, vertices}.point(key, 1);
  EXPECT_NEAR(p.x, 1, 1e-6);
}

TEST(OccupancyPoints, TheSameFromCopiesOfTheArrays) {
  for (const Mesh& mesh : meshes()) {
    auto parts = std::make_unique<Parts>(mesh);
    const Copy copy(parts->view());
    EXPECT_EQ(copy.arrays() * sizeof(std::span<const float>), sizeof(MeshView));
    constexpr std::size_t size = 8000;
    const OccupancyPoints points = {key, 333, size, spread};
    std::vector<float> coordinates(3 * size), labels(size);
    std::vector<double> windings;
    std::size_t inside = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const Vec3 p = occupancy_point(parts->surface.view(), key, 333 + i, spread);
      coordinates[3 * i] = p.x;
      coordinates[3 * i + 1] = p.y;
      coordinates[3 * i + 2] = p.z;
      labels[i] = parts->solid.inside(p);
      inside += labels[i] == 1;
      windings.push_back(parts->solid.tree().winding_number(p, 1.5f));
      // By the cell, or else by the tree.
      if (!winds_evenly(mesh)) {
        EXPECT_EQ(labels[i] == 1, windings[i] > 0.5);
      } else if (std::abs(windings[i] - 0.5) < 0.4) {
        EXPECT_EQ(labels[i] == 1, parts->solid.tree().winding_number(p, 4) > 0.5);
      }
    }
    EXPECT_GT(inside, size / 4);
    EXPECT_LT(inside, size / 2);
    parts.reset();  // what was not copied is gone
    std::vector<float> at(3 * size), to(size);
    for (std::size_t i = 0; i < size; ++i) points.draw(copy.view(), i, at.data(), to.data());
    EXPECT_EQ(at, coordinates);
    EXPECT_EQ(to, labels);
    for (std::size_t i = 0; i < size; ++i) {
      const Vec3 p = {at[3 * i], at[3 * i + 1], at[3 * i + 2]};
      ASSERT_EQ(copy.view().solid.tree.winding_number(p, 1.5f), windings[i]) << i;
    }
  }
}

}  // namespace
}  // namespace fieldscope::test
