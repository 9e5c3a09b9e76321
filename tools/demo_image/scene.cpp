#include "tools/demo_image/scene.h"

#include <future>
#include <utility>

#include "tools/demo_image/mountains.h"
#include "tools/demo_image/props.h"
#include "tools/demo_image/shore.h"

namespace fieldscope::demo_image {
namespace {

constexpr float kShoreSlope = 2.6f, kMountainSlope = 1.9f;
constexpr float kNearEnd = 140, kFar = 20000;

}  // namespace

Scene make_scene(int sky_rows, int threads) {
  // Erosion runs on one thread; the near ground is made beside it.
  std::future<Heightfield> carved = std::async(std::launch::async, make_mountains);
  Heightfield shore = make_shore(threads);
  Mesh mesh;
  add_lighthouse(mesh);
  add_cabin(mesh);
  add_fence(mesh, shore);
  add_gulls(mesh);
  add_sailboat(mesh);
  add_rocks(mesh, shore);
  add_plants(mesh, shore);
  Bvh props(mesh.triangles());
  Heightfield mountains = carved.get();
  Heightfield smoothed = make_smoothed(mountains);
  return {std::move(mountains), std::move(smoothed), std::move(shore), std::move(props),
          Sky(sky_rows, threads)};
}

Hit intersect(const Scene& scene, const Ray& ray) {
  Hit hit;
  if (ray.direction.y < 0 && ray.origin.y > 0) {
    hit.t = -ray.origin.y / ray.direction.y;
    hit.kind = Hit::Kind::kWater;
  }
  const float ground = scene.shore.intersect(ray, 1e-3f, std::min(hit.t, kNearEnd), kShoreSlope);
  if (ground > 0) {
    hit.t = ground;
    hit.kind = Hit::Kind::kShore;
  }
  const Bvh::Hit prop = scene.props.nearest(ray, std::min(hit.t, kNearEnd));
  if (prop.triangle != nullptr) {
    hit.t = prop.t;
    hit.kind = Hit::Kind::kProp;
    hit.prop = prop;
  }
  if (hit.t > kNearEnd) {
    const float ridge =
        scene.mountains.intersect(ray, kNearEnd, std::min(hit.t, kFar), kMountainSlope);
    if (ridge > 0) {
      hit.t = ridge;
      hit.kind = Hit::Kind::kMountain;
    }
  }
  return hit;
}

bool blocked_near(const Scene& scene, const Ray& ray, float reach) {
  return scene.props.occluded(ray, reach) ||
         scene.shore.intersect(ray, 0.02f, reach, kShoreSlope) > 0;
}

bool blocked_far(const Scene& scene, const Ray& ray) {
  return scene.mountains.intersect(ray, 12, kFar, kMountainSlope) > 0;
}

}  // namespace fieldscope::demo_image
