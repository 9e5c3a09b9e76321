#include <algorithm>
#include <numeric>
#include <vector>

#include "engine/backend/cuda/launch.h"
#include "engine/backend/cuda/ray_march.h"

namespace fieldscope::cuda {

template <class T>
std::size_t RayMarch<T>::run(const RayBundle& bundle, const Forward& forward,
                             std::span<RayColour> seen) {
  const std::size_t rays = bundle.rays.size(), each = bundle.each;
  if (rays == 0) return 0;
  const std::size_t most = rays * std::min(each, RayBundle::round);
  rays_.need(rays, stream_);
  samples_.need(rays * each, stream_);
  walks_.need(rays, stream_);
  seen_.need(rays, stream_);
  coordinates_.need(radiance_coordinates * most, stream_);
  outputs_.need(radiance_outputs * most, stream_);
  going_.need(rays, stream_);
  goes_on_.need(rays, stream_);
  stream_.copy_now(rays_.data(), bundle.rays.data(), bundle.rays.size_bytes(),
                   cudaMemcpyHostToDevice);
  stream_.copy_now(samples_.data(), bundle.samples.data(), bundle.samples.size_bytes(),
                   cudaMemcpyHostToDevice);
  const FieldRay* const ray = rays_.data();
  const RaySample* const sample = samples_.data();
  RayWalk* const walk = walks_.data();
  T *const coordinates = coordinates_.data(), *const outputs = outputs_.data();
  const std::uint32_t* const going = going_.data();
  std::uint8_t* const goes_on = goes_on_.data();
  for_each(stream_, rays, [=] __device__(std::size_t i) { walk[i] = RayWalk(); });

  std::vector<std::uint32_t> still(rays);
  std::iota(still.begin(), still.end(), 0);
  std::vector<std::uint8_t> told(rays);
  std::size_t evaluations = 0;
  for (std::size_t first = 0; first < each && !still.empty(); first += RayBundle::round) {
    const std::size_t count = std::min(RayBundle::round, each - first), n = still.size();
    stream_.copy_now(going_.data(), still.data(), n * sizeof(std::uint32_t),
                     cudaMemcpyHostToDevice);
    for_each(stream_, n * count, [=] __device__(std::size_t i) {
      const std::size_t r = going[i / count];
      const float t = sample[r * each + first + i % count].t;
      put_field_input(ray[r].at(t), ray[r].view, coordinates + i * radiance_coordinates);
    });
    forward(coordinates, n * count, outputs);
    evaluations += n * count;
    const DensityActivation density = bundle.density;
    for_each(stream_, n, [=] __device__(std::size_t i) {
      const std::size_t r = going[i];
      RayWalk on = walk[r];
      for (std::size_t k = 0; k < count; ++k)
        on.pass(ray[r], sample[r * each + first + k], density,
                outputs + (i * count + k) * radiance_outputs);
      walk[r] = on;
      goes_on[i] = on.goes_on();
    });
    if (first + count == each) break;
    stream_.copy_now(told.data(), goes_on_.data(), n, cudaMemcpyDeviceToHost);
    std::size_t place = 0;
    std::erase_if(still, [&](std::uint32_t) { return told[place++] == 0; });
  }
  RayColour* const colour = seen_.data();
  const float background = bundle.background;
  for_each(stream_, rays, [=] __device__(std::size_t i) { colour[i] = walk[i].seen(background); });
  stream_.copy_now(seen.data(), seen_.data(), rays * sizeof(RayColour), cudaMemcpyDeviceToHost);
  return evaluations;
}

template <class T>
std::size_t RayMarch<T>::bytes() const {
  return rays_.size() * sizeof(FieldRay) + samples_.size() * sizeof(RaySample) +
         walks_.size() * sizeof(RayWalk) + seen_.size() * sizeof(RayColour) +
         (coordinates_.size() + outputs_.size()) * sizeof(T) +
         going_.size() * sizeof(std::uint32_t) + goes_on_.size();
}

template class RayMarch<float>;
template class RayMarch<double>;

}  // namespace fieldscope::cuda
