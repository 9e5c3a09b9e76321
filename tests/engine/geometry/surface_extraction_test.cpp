#include "engine/geometry/surface_extraction.h"

#include <chrono>
#include <cstdio>
#include <functional>

#include <gtest/gtest.h>

#include "engine/math/error.h"
#include "tests/engine/geometry/meshes.h"

namespace fieldscope::test {
namespace {

using ScalarField = std::function<float(Vec3)>;

struct Extracted {
  Mesh mesh;
  std::size_t evaluations = 0;
  double seconds = 0;  // without the field
};

Extracted extract(const ScalarField& field, const ExtractionSettings& settings,
                  std::size_t slice = 65536) {
  Extracted result;
  SurfaceExtraction extraction(settings);
  std::vector<float> values;
  double share = 0;
  using Clock = std::chrono::steady_clock;
  const auto timed = [&](auto&& call) {
    const auto begin = Clock::now();
    call();
    result.seconds += std::chrono::duration<double>(Clock::now() - begin).count();
  };
  while (!extraction.done()) {
    std::span<const Vec3> points;
    timed([&] { points = extraction.wanted(slice); });
    EXPECT_GT(points.size(), 0u);
    EXPECT_LE(points.size(), slice);
    values.clear();
    bool in_box = true;
    for (const Vec3 p : points) {
      in_box = in_box && std::max({std::abs(p.x), std::abs(p.y), std::abs(p.z)}) <= 1;
      values.push_back(field(p));
    }
    EXPECT_TRUE(in_box);
    timed([&] { extraction.give(values); });
    EXPECT_GE(extraction.share(), share);
    share = extraction.share();
    EXPECT_LE(share, 1.0);
  }
  EXPECT_EQ(share, 1.0);
  EXPECT_TRUE(extraction.wanted(slice).empty());
  result.evaluations = extraction.evaluations();
  result.mesh = extraction.take();
  return result;
}

Extracted extract(const ScalarField& field, int resolution) {
  ExtractionSettings settings;
  settings.resolution = resolution;
  return extract(field, settings);
}

void expect_solid(const Mesh& mesh) {
  EXPECT_EQ(flaw_of_solid(mesh), "");
  EXPECT_GT(volume_of(mesh), 0.0);
  ASSERT_EQ(mesh.normals.size(), mesh.vertices.size());
  for (const Vec3 n : mesh.normals) ASSERT_NEAR(length(n), 1, 1e-5f);
}

ScalarField sphere(float radius) {
  return [radius](Vec3 p) { return radius - length(p); };
}

ScalarField torus_field(float major, float minor) {
  return [=](Vec3 p) { return static_cast<float>(-distance_to_torus(p, major, minor)); };
}

ScalarField waves(std::uint64_t seed, double frequency) {
  return [=](Vec3 p) {
    double sum = 0;
    for (std::uint64_t i = 0; i < 8; ++i) {
      const Vec3 k = random_point(seed, i);
      sum += std::sin(frequency * dot(k, p) + 7 * random_uniform(seed + 1000, i));
    }
    return static_cast<float>(sum);
  };
}

float gyroid(Vec3 p) {
  const float k = 2 * std::numbers::pi_v<float>;
  return std::sin(k * p.x) * std::cos(k * p.y) + std::sin(k * p.y) * std::cos(k * p.z) +
         std::sin(k * p.z) * std::cos(k * p.x);
}

TEST(SurfaceExtraction, Sphere) {
  const double volume = 4.0 / 3 * std::numbers::pi * 0.512, area = 4 * std::numbers::pi * 0.64;
  double last_error = 1;
  for (const int resolution : {16, 32, 64, 128}) {
    const Mesh mesh = extract(sphere(0.8f), resolution).mesh;
    expect_solid(mesh);
    EXPECT_EQ(euler_characteristic(mesh), 2);
    const double error = std::abs(volume_of(mesh) / volume - 1);
    EXPECT_LT(error, last_error / 3) << resolution;  // second order
    last_error = error;
    EXPECT_LT(std::abs(area_of(mesh) / area - 1), 40.0 / (resolution * resolution));
  }
  EXPECT_LT(last_error, 3e-4);
}

TEST(SurfaceExtraction, NormalsOfASphereAreWithinADegree) {
  const Mesh mesh = extract(sphere(0.8f), 128).mesh;
  for (std::size_t i = 0; i < mesh.vertices.size(); ++i) {
    const Vec3 outward = normalised(mesh.vertices[i]);
    ASSERT_GT(dot(mesh.normals[i], outward), std::cos(std::numbers::pi / 180));
  }
}

TEST(SurfaceExtraction, TorusHasOneHandle) {
  const Mesh mesh = extract(torus_field(0.6f, 0.25f), 96).mesh;
  expect_solid(mesh);
  EXPECT_EQ(euler_characteristic(mesh), 0);
  EXPECT_NEAR(volume_of(mesh), 2 * std::numbers::pi * std::numbers::pi * 0.6 * 0.0625, 3e-3);
}

TEST(SurfaceExtraction, SameAsTheFullGridForSmoothFields) {
  ExtractionSettings sparse, dense;
  sparse.resolution = dense.resolution = dense.coarse = 128;
  for (const ScalarField& field :
       {sphere(0.7f), torus_field(0.55f, 0.3f), waves(81, 6), waves(82, 12), ScalarField(gyroid)}) {
    const Extracted few = extract(field, sparse), all = extract(field, dense);
    EXPECT_LT(few.evaluations, all.evaluations);
    EXPECT_TRUE(few.mesh.vertices == all.mesh.vertices);
    EXPECT_TRUE(few.mesh.triangles == all.mesh.triangles);
    EXPECT_TRUE(few.mesh.normals == all.mesh.normals);
    expect_solid(few.mesh);
  }
}

TEST(SurfaceExtraction, SlicesDoNotMatter) {
  ExtractionSettings settings;
  settings.resolution = 40;
  settings.coarse = 10;
  const Mesh a = extract(waves(83, 8), settings, 7).mesh;
  const Mesh b = extract(waves(83, 8), settings, 1u << 20).mesh;
  EXPECT_TRUE(a.vertices == b.vertices && a.triangles == b.triangles && a.normals == b.normals);
  EXPECT_GT(a.triangles.size(), 1000u);
}

TEST(SurfaceExtraction, ThinShellIsFoundBetweenTheCoarsePoints) {
  // One and a half of the final cells thick: three quarters of a coarse one.
  const float half = 0.75f * 2 / 128;
  for (const float radius : {0.6f, 0.703125f, 0.77f}) {
    const auto shell = [=](Vec3 p) { return half - std::abs(length(p) - radius); };
    const Mesh mesh = extract(shell, 128).mesh;
    expect_solid(mesh);
    EXPECT_EQ(euler_characteristic(mesh), 4);  // an outer and an inner sphere, without a hole
    EXPECT_NEAR(volume_of(mesh), 4 * std::numbers::pi * radius * radius * 2 * half, 0.01);
  }
}

TEST(SurfaceExtraction, FollowsWhatTheCoarseGridSeesAPieceOf) {
  // A thin wire, of which signs on the coarse grid show beads here and there.
  const auto wire = [](Vec3 p) {
    const float ring = std::hypot(std::hypot(p.x - 0.03f, p.y + 0.02f) - 0.7f, p.z - 0.004f);
    return std::exp(-ring * ring / 2e-4f) - 0.2f;
  };
  ExtractionSettings settings;
  settings.resolution = 128;
  settings.coarse = 32;
  settings.caution = 0;
  const Mesh mesh = extract(wire, settings).mesh;
  expect_solid(mesh);
  EXPECT_EQ(euler_characteristic(mesh), 0);
  const double radius = std::sqrt(2e-4 * std::log(5.0));
  EXPECT_NEAR(volume_of(mesh) / (2 * std::pow(std::numbers::pi * radius, 2) * 0.7), 1, 0.05);
}

TEST(SurfaceExtraction, FindsABallWithinOneCoarseCell) {
  // All corners of that cell are as far from it: what gives it away is the slope around.
  const float middle = 0.5f / 32;
  const auto ball = [=](Vec3 p) { return 0.015f - length(p - Vec3{middle, middle, middle}); };
  const Mesh mesh = extract(ball, 256).mesh;
  expect_solid(mesh);
  EXPECT_EQ(euler_characteristic(mesh), 2);
  EXPECT_NEAR(volume_of(mesh) / (4.0 / 3 * std::numbers::pi * std::pow(0.015, 3)), 1, 0.2);
}

bool within(Vec3 p, Vec3 low, Vec3 high) {
  return p.x > low.x && p.x < high.x && p.y > low.y && p.y < high.y && p.z > low.z && p.z < high.z;
}

TEST(SurfaceExtraction, FollowsIntoWhatNoCoarserGridKnows) {
  // A room at the top of the box, between the coarse points, at the end of a corridor that only the
  // finest grid has points in: none of the cells in the middle of its cap has a change of sign.
  const auto rooms = [](Vec3 p) {
    return within(p, {-0.8f, -0.1f, 0.6f}, {-0.4f, 0.4f, 0.98f}) ||
                   within(p, {-0.5f, 0.115f, 0.96f}, {0.125f, 0.135f, 0.98f}) ||
                   within(p, {0.02f, 0.02f, 0.9f}, {0.23f, 0.23f, 2})
               ? 1.f
               : -1.f;
  };
  ExtractionSettings settings, full;
  settings.resolution = full.resolution = full.coarse = 64;
  settings.coarse = 8;
  settings.caution = 0;
  const Extracted found = extract(rooms, settings), expected = extract(rooms, full);
  EXPECT_LT(found.evaluations, expected.evaluations / 4);
  EXPECT_EQ(flaw_of_solid(found.mesh), "");
  EXPECT_TRUE(found.mesh.vertices == expected.mesh.vertices);
  EXPECT_TRUE(found.mesh.triangles == expected.mesh.triangles);
}

TEST(SurfaceExtraction, WhatIsNotANumberIsOutside) {
  const auto ball = [](Vec3 p) { return length(p) < 0.7f ? 1.f : static_cast<float>(NAN); };
  const Mesh mesh = extract(ball, 96).mesh;
  expect_solid(mesh);
  EXPECT_NEAR(volume_of(mesh), 4.0 / 3 * std::numbers::pi * 0.343, 0.1);
}

TEST(SurfaceExtraction, WhatReachesTheBoxIsCapped) {
  const Mesh mesh = extract(sphere(1.2f), 100).mesh;
  expect_solid(mesh);
  EXPECT_EQ(euler_characteristic(mesh), 2);
  int capped = 0;
  for (std::size_t i = 0; i < mesh.vertices.size(); ++i) {
    const Vec3 v = mesh.vertices[i], n = mesh.normals[i];
    const float reach = std::max({std::abs(v.x), std::abs(v.y), std::abs(v.z)});
    EXPECT_LT(reach, 1 + 1e-4f);
    if (std::abs(v.x) > 1 && std::hypot(v.y, v.z) < 0.6f) {  // within the cap, not at its rim
      ++capped;
      EXPECT_GT(n.x * v.x, 0.99f);
    }
  }
  EXPECT_GT(capped, 1000);
  // The ball without six domes of height 0.2.
  const double pi = std::numbers::pi;
  EXPECT_NEAR(volume_of(mesh), 4.0 / 3 * pi * 1.728 - 6 * pi * 0.04 * (3.6 - 0.2) / 3, 5e-3);
}

TEST(SurfaceExtraction, EverythingInsideIsTheBox) {
  for (const int resolution : {8, 96}) {
    const Mesh mesh = extract([](Vec3) { return 3.f; }, resolution).mesh;
    expect_solid(mesh);
    EXPECT_EQ(euler_characteristic(mesh), 2);
    EXPECT_NEAR(volume_of(mesh), 8, 8e-3);
  }
}

TEST(SurfaceExtraction, NothingInsideIsEmpty) {
  for (const float value : {-1.f, 0.f, static_cast<float>(NAN), static_cast<float>(-INFINITY)}) {
    const Mesh mesh = extract([=](Vec3) { return value; }, 100).mesh;
    EXPECT_TRUE(mesh.vertices.empty() && mesh.triangles.empty() && mesh.normals.empty());
  }
}

TEST(SurfaceExtraction, NoiseIsASolid) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const auto noise = [=](Vec3 p) {
      const auto cell = [](float x) { return static_cast<std::uint64_t>((x + 2) * 1000); };
      const std::uint64_t index = cell(p.x) + 5000 * (cell(p.y) + 5000 * cell(p.z));
      if (index % 97 == 0) return static_cast<float>(NAN);
      return static_cast<float>(random_normal(seed, index));
    };
    ExtractionSettings settings;
    settings.resolution = 24;
    settings.coarse = seed % 2 == 0 ? 24 : 6;  // all at once; and where refinement must follow
    settings.caution = 0.1f;
    const Mesh mesh = extract(noise, settings).mesh;
    EXPECT_EQ(flaw_of_solid(mesh), "") << seed;
    EXPECT_GT(mesh.triangles.size(), 20000u);
  }
}

TEST(SurfaceExtraction, StepsHaveNormalsByTheirFaces) {
  // Occupancy without a slope anywhere: the field's differences vanish.
  const auto step = [](Vec3 p) { return std::abs(p.x) < 0.51f ? 1.f : -1.f; };
  const Mesh mesh = extract(step, 16).mesh;
  expect_solid(mesh);
  int flat = 0;
  for (std::size_t i = 0; i < mesh.vertices.size(); ++i) {
    const Vec3 v = mesh.vertices[i];
    if (std::max(std::abs(v.y), std::abs(v.z)) > 0.8f) continue;
    ++flat;
    EXPECT_GT(mesh.normals[i].x * (v.x > 0 ? 1 : -1), 0.999f);
  }
  EXPECT_GT(flat, 200);
}

TEST(SurfaceExtraction, ResolutionIsRoundedUp) {
  const std::pair<int, int> cases[] = {{8, 8},     {95, 95},   {96, 96},   {97, 98},
                                       {200, 200}, {257, 260}, {500, 504}, {512, 512}};
  for (const auto& [asked, got] : cases) {
    ExtractionSettings settings;
    settings.resolution = asked;
    EXPECT_EQ(SurfaceExtraction(settings).resolution(), got);
  }
  for (const int wrong : {0, 7, 513}) {
    ExtractionSettings settings;
    settings.resolution = wrong;
    EXPECT_THROW(SurfaceExtraction{settings}, UsageError);
  }
}

TEST(SurfaceExtraction, RefusesWhatIsOutOfTurn) {
  SurfaceExtraction extraction({});
  const std::size_t wanted = extraction.wanted(100).size();
  EXPECT_EQ(wanted, 100u);
  EXPECT_EQ(extraction.wanted(50).size(), 100u);  // the same again, until its values are given
  EXPECT_THROW(extraction.give(std::vector<float>(99)), UsageError);
  EXPECT_THROW(extraction.take(), UsageError);
}

TEST(SurfaceExtraction, FineGridsCostLittle) {
  for (const auto& [name, field] : {std::pair<const char*, ScalarField>{"sphere", sphere(0.8f)},
                                    std::pair<const char*, ScalarField>{"gyroid", gyroid}}) {
    const Extracted result = extract(field, 512);
    const double dense = 513.0 * 513 * 513;
    std::printf(
        "%s at 512: %.1f million evaluations, %.0f%% of the grid's points; %zu triangles, "
        "%.2f s without the field\n",
        name, 1e-6 * static_cast<double>(result.evaluations),
        100 * static_cast<double>(result.evaluations) / dense, result.mesh.triangles.size(),
        result.seconds);
    EXPECT_LT(static_cast<double>(result.evaluations), dense / 3);
    EXPECT_GT(result.mesh.triangles.size(), 1000000u);
  }
}

}  // namespace
}  // namespace fieldscope::test
