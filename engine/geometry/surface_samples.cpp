#include "engine/geometry/surface_samples.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "engine/math/random.h"

namespace fieldscope {
namespace {

/// Mean and greatest distance of one surface's points to the other surface.
std::pair<double, double> directed(const Mesh& from, const MeshTree& to, std::size_t samples,
                                   std::uint64_t key, const Parallel& parallel) {
  const SurfaceSampler sampler(from);
  std::vector<float> distances(samples + from.vertices.size());
  parallel(distances.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Vec3 p = i < samples ? sampler.sample(key, i) : from.vertices[i - samples];
      distances[i] = to.nearest(p).distance;
    }
  });
  const auto sampled = distances.begin() + static_cast<std::ptrdiff_t>(samples);
  const double sum = std::accumulate(distances.begin(), sampled, 0.0);
  return {samples > 0 ? sum / static_cast<double>(samples) : 0,
          *std::max_element(distances.begin(), distances.end())};
}

}  // namespace

SurfaceSampler::SurfaceSampler(const Mesh& mesh) : mesh_(mesh) {
  areas_.reserve(mesh.triangles.size());
  double sum = 0;
  for (const auto& [a, b, c] : mesh.triangles) {
    const Vec3 corner = mesh.vertices[a];
    sum += length(cross(mesh.vertices[b] - corner, mesh.vertices[c] - corner)) / 2.0;
    areas_.push_back(sum);
  }
}

SurfaceDistances surface_distances(const Mesh& a, const MeshTree& tree_a, const Mesh& b,
                                   const MeshTree& tree_b, std::size_t samples, std::uint64_t key,
                                   const Parallel& parallel) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  if (a.triangles.empty() && b.triangles.empty()) return {};
  if (a.triangles.empty() || b.triangles.empty()) return {infinite, infinite, infinite, infinite};
  SurfaceDistances distances;
  std::tie(distances.mean_a_to_b, distances.max_a_to_b) =
      directed(a, tree_b, samples, key, parallel);
  std::tie(distances.mean_b_to_a, distances.max_b_to_a) =
      directed(b, tree_a, samples, random_key(key, Stream::points, 1), parallel);
  return distances;
}

}  // namespace fieldscope
