// What sphere tracing asks of the demo scene: no distance too long, no solid outside of its ball.
#include <gtest/gtest.h>

#include "tools/demo_image/noise.h"
#include "tools/demo_scene/scene.h"
#include "tools/demo_scene/tracer.h"

namespace fieldscope::demo_scene {
namespace {

// Points in the cube of that half side around a centre, the same in every run.
Vec3 scattered(std::uint32_t index, Vec3 centre, double half) {
  const auto along = [&](std::uint32_t axis) {
    return (2 * static_cast<double>(demo_image::hash01(index, axis, 7)) - 1) * half;
  };
  return centre + Vec3{along(0), along(1), along(2)};
}

TEST(DemoScene, PartsAreInsideTheirBalls) {
  for (std::size_t k = 0; k < scene().size(); ++k) {
    const Part& part = scene()[k];
    for (std::uint32_t i = 0; i < 20000; ++i) {
      const Vec3 p = scattered(i, part.centre, 1.4 * part.radius + 0.02);
      if (length(p - part.centre) <= part.radius) continue;
      ASSERT_GT(part.distance(p), 0) << "part " << k;
    }
  }
}

TEST(DemoScene, IsInsideItsBallAndCube) {
  for (std::uint32_t i = 0; i < 40000; ++i) {
    const Vec3 p = scattered(i, {}, 1.4);
    const bool inside =
        length(p) < kReach && std::max({std::abs(p.x), std::abs(p.y), std::abs(p.z)}) < 1.2;
    if (inside) continue;
    for (std::size_t k = 0; k < scene().size(); ++k) {
      ASSERT_GT(scene()[k].distance(p), 0) << "part " << k;
    }
  }
}

// A distance that grows faster than the way is longer than the way to the surface may be.
TEST(DemoScene, DistancesAreNotTooLong) {
  for (std::size_t k = 0; k < scene().size(); ++k) {
    const Part& part = scene()[k];
    for (std::uint32_t i = 0; i < 4000; ++i) {
      const Vec3 p = scattered(i, part.centre, part.radius);
      const double d = part.distance(p);
      if (d <= 0) continue;
      for (std::uint32_t j = 0; j < 6; ++j) {
        const Vec3 direction = normalize(scattered(i * 6 + j + 100000, {}, 1));
        ASSERT_GT(part.distance(p + direction * (0.98 * d)), 0) << "part " << k << " at " << d;
      }
    }
  }
}

TEST(DemoScene, MaterialsAreColours) {
  for (const Part& part : scene()) {
    for (std::uint32_t i = 0; i < 500; ++i) {
      Vec3 normal = normalize(scattered(i, {}, 1));
      const Material m = part.material(scattered(i + 1000, part.centre, part.radius), normal);
      for (const double channel : {m.albedo.x, m.albedo.y, m.albedo.z}) {
        ASSERT_GE(channel, 0);
        ASSERT_LE(channel, 1);
      }
      ASSERT_NEAR(length(normal), 1, 1e-9);
    }
  }
}

TEST(DemoScene, DoesNotDependOnThreads) {
  const Camera camera = splits().front().cameras.front();
  const auto one = render(camera, {.size = 24, .samples = 2, .threads = 1});
  EXPECT_EQ(one, render(camera, {.size = 24, .samples = 2, .threads = 3}));
}

}  // namespace
}  // namespace fieldscope::demo_scene
