// The drawn surface of a field against its extraction by hand, its section against the field, its
// errors against the true surface.
#include "engine/task/surface.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/engine/data/mesh_fixture.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

struct Drawable {
  Field field;
  std::vector<double> weights;
};

/// Logit 1 - 8 * (how far the point is from the cube of half width 0.5, added up over the axes).
Drawable cube_field() {
  Drawable cube{make_field("relu", {6}, 3, 1), {}};
  for (int axis = 0; axis < 3; ++axis)
    for (const double sign : {1.0, -1.0})
      for (int k = 0; k < 3; ++k) cube.weights.push_back(k == axis ? sign : 0);
  cube.weights.insert(cube.weights.end(), 6, -0.5);
  cube.weights.insert(cube.weights.end(), 6, -8);
  cube.weights.push_back(1);
  return cube;
}

/// Something with holes and islands that runs into the box.
Drawable crumpled_field() {
  Drawable crumpled{make_field("sine", {20, 20}, 3, 1, {{"omega", 6}}), {}};
  crumpled.weights = crumpled.field.initial_weights(5);
  return crumpled;
}

class Surfaces : public testing::Test {
 protected:
  std::shared_ptr<const Surface> draw(const Drawable& of, const SurfaceSettings& settings,
                                      std::size_t slice = 5000) {
    SurfaceDrawing drawing(*backend_, of.field.network(), of.weights, truth_, settings);
    double share = 0;
    while (!drawing.advance(slice)) {
      EXPECT_GE(drawing.share(), share);
      EXPECT_LE(drawing.share(), 1);
      share = drawing.share();
    }
    return drawing.take();
  }
  std::vector<float> logits(const Drawable& of, std::span<const Vec3> points) {
    std::vector<float> at;
    for (const Vec3 p : points) at.insert(at.end(), {p.x, p.y, p.z});
    Buffer coordinates = backend_->allocate(at.size()), out = backend_->allocate(points.size());
    backend_->upload(coordinates, std::span<const float>(at));
    backend_->forward(of.field.network(), upload(*backend_, of.weights), coordinates, points.size(),
                      out);
    std::vector<float> logits(points.size());
    backend_->download(out, std::span<float>(logits));
    return logits;
  }

  std::shared_ptr<const MeshDataset> truth_ = torus_dataset();
  std::unique_ptr<Backend> backend_ =
      make_cpu_backend(std::make_shared<ThreadPool>(2), Precision::f32);
};

TEST_F(Surfaces, AreWhatTheExtractionGives) {
  for (const Drawable& field : {cube_field(), crumpled_field()})
    for (const int resolution : {24, 50}) {
      const ExtractionSettings settings = {resolution, 24};
      SurfaceExtraction extraction(settings);
      while (!extraction.done()) extraction.give(logits(field, extraction.wanted(777)));
      const std::shared_ptr<const Surface> drawn = draw(field, {settings, {}});
      EXPECT_EQ(drawn->resolution, extraction.resolution());
      EXPECT_EQ(drawn->evaluations, extraction.evaluations());
      const Mesh expected = extraction.take();
      ASSERT_GT(expected.triangles.size(), 500u);
      EXPECT_TRUE(drawn->mesh.vertices == expected.vertices);
      EXPECT_TRUE(drawn->mesh.triangles == expected.triangles);
      EXPECT_TRUE(drawn->mesh.normals == expected.normals);
      EXPECT_TRUE(topology_of(drawn->mesh).solid()) << flaw_of_solid(drawn->mesh);
      EXPECT_FALSE(drawn->section.has_value());
    }
}

TEST_F(Surfaces, TheCubeIsWhereItsFieldSays) {
  const std::shared_ptr<const Surface> drawn = draw(cube_field(), {{64, 24, 0.5f}, {}});
  const auto beyond = [](float x) { return std::max(std::fabs(x) - 0.5f, 0.0f); };
  for (const Vec3 p : drawn->mesh.vertices)
    ASSERT_NEAR(beyond(p.x) + beyond(p.y) + beyond(p.z), 0.125, 0.5 / 64);
  // The cube, a slab of 1/8 on each face, a prism on each edge, a corner of an octahedron on each
  // corner; grids cut edges.
  const double volume = 1 + 6 / 8.0 + 12 / 128.0 + 8 / (6 * 512.0);
  EXPECT_NEAR(volume_of(drawn->mesh), volume, 0.01 * volume);
  EXPECT_EQ(topology_of(drawn->mesh).components, 1u);
}

TEST_F(Surfaces, TheSameForAnySlices) {
  const SurfaceSettings settings = {{32, 24, 0.5f}, SectionPlane{0, 0.25f}};
  const std::shared_ptr<const Surface> expected = draw(crumpled_field(), settings);
  for (const std::size_t slice : {std::size_t{97}, std::size_t{1} << 20}) {
    const std::shared_ptr<const Surface> drawn = draw(crumpled_field(), settings, slice);
    EXPECT_TRUE(drawn->mesh.vertices == expected->mesh.vertices);
    EXPECT_TRUE(drawn->mesh.normals == expected->mesh.normals);
    EXPECT_TRUE(drawn->mesh.errors == expected->mesh.errors);
    EXPECT_TRUE(drawn->section->probabilities == expected->section->probabilities);
    EXPECT_EQ(drawn->mean_error, expected->mean_error);
  }
}

TEST_F(Surfaces, ErrorsAreDistancesToTheTruth) {
  const std::shared_ptr<const Surface> drawn = draw(cube_field(), {{32, 24, 0.5f}, {}});
  const Mesh& mesh = drawn->mesh;
  ASSERT_EQ(mesh.errors.size(), mesh.vertices.size());
  double sum = 0, most = 0;
  for (std::size_t v = 0; v < mesh.vertices.size(); ++v) {
    ASSERT_EQ(mesh.errors[v], truth_->solid().tree().nearest(mesh.vertices[v]).distance);
    ASSERT_NEAR(mesh.errors[v], std::fabs(distance_to_torus(mesh.vertices[v], 0.7f, 0.28f)), 0.006);
    sum += mesh.errors[v];
    most = std::max<double>(most, mesh.errors[v]);
  }
  EXPECT_DOUBLE_EQ(drawn->mean_error, sum / static_cast<double>(mesh.errors.size()));
  EXPECT_EQ(drawn->max_error, most);
}

TEST_F(Surfaces, SectionsAreTheFieldOnAPlane) {
  constexpr int last = Section::side - 1;
  EXPECT_EQ(Section::point({0, 0.5f}, 0, last), (Vec3{0.5f, -1, 1}));
  EXPECT_EQ(Section::point({1, 0.5f}, 0, last), (Vec3{-1, 0.5f, 1}));
  EXPECT_EQ(Section::point({2, 0.5f}, 0, last), (Vec3{-1, 1, 0.5f}));
  EXPECT_EQ(Section::point({2, -1}, last, last), (Vec3{1, 1, -1}));
  const Drawable field = crumpled_field();
  for (const int axis : {0, 1, 2}) {
    const SectionPlane plane{axis, 0.3f};
    const std::shared_ptr<const Surface> drawn = draw(field, {{24, 24, 0.5f}, plane});
    ASSERT_TRUE(drawn->section.has_value());
    EXPECT_EQ(drawn->section->plane, plane);
    std::vector<Vec3> points;
    for (int row = 0; row < Section::side; ++row)
      for (int column = 0; column < Section::side; ++column)
        points.push_back(Section::point(plane, column, row));
    const std::vector<float> expected = logits(field, points);
    ASSERT_EQ(drawn->section->probabilities.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_NEAR(drawn->section->probabilities[i], 1 / (1 + std::exp(-double{expected[i]})), 1e-6);
    EXPECT_EQ(drawn->evaluations, draw(field, {{24, 24, 0.5f}, {}})->evaluations + points.size());
  }
}

TEST_F(Surfaces, AFieldWithoutASurfaceHasAnEmptyOne) {
  Drawable nothing = cube_field();
  nothing.weights.back() = -1;
  const std::shared_ptr<const Surface> drawn = draw(nothing, {{64, 24, 0.5f}, SectionPlane{}});
  EXPECT_TRUE(drawn->mesh.vertices.empty());
  EXPECT_EQ(drawn->mean_error, 0);
  EXPECT_EQ(drawn->max_error, 0);
  EXPECT_LT(drawn->section->probabilities[80 * 160 + 80], 0.5f);
  for (double& weight : nothing.weights) weight = std::nan("");
  EXPECT_TRUE(draw(nothing, {{32, 24, 0.5f}, {}})->mesh.vertices.empty());
}

TEST_F(Surfaces, WhatFillsTheBoxEndsThere) {
  Drawable all = cube_field();
  all.weights.back() = 100;
  const std::shared_ptr<const Surface> drawn = draw(all, {{24, 24, 0.5f}, {}});
  EXPECT_TRUE(topology_of(drawn->mesh).solid());
  EXPECT_NEAR(volume_of(drawn->mesh), 8, 0.02);
}

TEST_F(Surfaces, SettingsOutOfRangeAreRefused) {
  const auto refused = [&](const SurfaceSettings& settings) {
    EXPECT_THROW(draw(cube_field(), settings), UsageError);
  };
  refused({{7, 24, 0.5f}, {}});
  refused({{513, 24, 0.5f}, {}});
  for (const SectionPlane& plane : {SectionPlane{3, 0}, SectionPlane{-1, 0}, SectionPlane{0, 1.5f},
                                    SectionPlane{0, std::nanf("")}})
    refused({{24, 24, 0.5f}, plane});
  EXPECT_NO_THROW(draw(cube_field(), {{8, 24, 0.5f}, SectionPlane{1, -1}}));
}

}  // namespace
}  // namespace fieldscope
