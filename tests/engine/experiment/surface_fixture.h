// A small run on a mesh, and what its surface should be.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "engine/task/surface.h"
#include "engine/train/config.h"
#include "tests/engine/data/mesh_fixture.h"
#include "tests/engine/support.h"

namespace fieldscope::test {

inline RunConfig ring_config(const OptimizerSpec& optimizer = {"adam", {}}) {
  RunConfig config;
  config.task = TaskKind::occupancy;
  config.field.hidden = {24, 24};
  config.field.knobs = {{"omega", 8}};
  config.optimizer = optimizer;
  config.training = {{"batch", 500}};
  return config;
}

/// What a surface of these weights should be.
inline std::shared_ptr<const Surface> surface_of(const RunConfig& config,
                                                 const std::vector<double>& weights, int resolution,
                                                 std::optional<SectionPlane> section = {}) {
  const Field field(resolve_config(config).field, {3, 1});
  const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(2), Precision::f32);
  SurfaceDrawing drawing(*backend, field.network(), weights, torus_dataset(),
                         {{resolution, 24, 0.5f}, section});
  while (!drawing.advance(10'000)) {
  }
  return drawing.take();
}

inline void expect_same(const Surface& drawn, const Surface& expected) {
  EXPECT_EQ(drawn.resolution, expected.resolution);
  EXPECT_TRUE(drawn.mesh.vertices == expected.mesh.vertices);
  EXPECT_TRUE(drawn.mesh.triangles == expected.mesh.triangles);
  EXPECT_TRUE(drawn.mesh.errors == expected.mesh.errors);
}

}  // namespace fieldscope::test
