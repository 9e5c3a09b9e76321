#include "engine/backend/cpu/march.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace fieldscope {

std::size_t march_on_host(Backend& backend, const Network& network, const Buffer& weights,
                          const RayBundle& bundle, std::span<RayColour> seen) {
  const std::size_t rays = bundle.rays.size();
  if (bundle.samples.size() != rays * bundle.each || seen.size() < rays)
    throw std::logic_error("march: sizes disagree");
  const std::size_t most = rays * std::min(bundle.each, RayBundle::round);
  Buffer coordinates = backend.allocate(radiance_coordinates * most);
  Buffer outputs = backend.allocate(radiance_outputs * most);
  std::vector<float> inputs(coordinates.size()), raw(outputs.size());
  std::vector<RayWalk> walks(rays);
  std::vector<std::size_t> going(rays);
  std::iota(going.begin(), going.end(), 0);
  std::size_t evaluations = 0;
  for (std::size_t first = 0; first < bundle.each && !going.empty(); first += RayBundle::round) {
    const std::size_t count = std::min(RayBundle::round, bundle.each - first);
    const auto samples_of = [&](std::size_t ray) {
      return bundle.samples.subspan(ray * bundle.each + first, count);
    };
    float* to = inputs.data();
    for (const std::size_t ray : going)
      for (const RaySample& sample : samples_of(ray)) {
        put_field_input(bundle.rays[ray].at(sample.t), bundle.rays[ray].view, to);
        to += radiance_coordinates;
      }
    const std::size_t points = going.size() * count;
    backend.upload(coordinates, std::span<const float>(inputs));
    backend.forward(network, weights, coordinates, points, outputs);
    backend.download(outputs, std::span(raw).first(radiance_outputs * points));
    evaluations += points;
    const float* at = raw.data();
    std::erase_if(going, [&](std::size_t ray) {
      RayWalk& walk = walks[ray];
      for (const RaySample& sample : samples_of(ray)) {
        walk.pass(bundle.rays[ray], sample, bundle.density, at);
        at += radiance_outputs;
      }
      return !walk.goes_on();
    });
  }
  for (std::size_t ray = 0; ray < rays; ++ray) seen[ray] = walks[ray].seen(bundle.background);
  return evaluations;
}

}  // namespace fieldscope
