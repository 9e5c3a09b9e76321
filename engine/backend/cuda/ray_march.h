// What rays see of a radiance field: samples' inputs, the field and its quadrature on the device.
// The host lays samples out and decides from round to round which rays go on, for which it is told
// a byte of each. The twin of march_on_host().
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "engine/backend/cuda/handles.h"
#include "engine/backend/ray_bundle.h"

namespace fieldscope::cuda {

template <class T>
class RayMarch {
 public:
  explicit RayMarch(Stream& stream) : stream_(stream) {}

  /// The field's raw numbers [samples][4] at coordinates [samples][6].
  using Forward = std::function<void(const T* coordinates, std::size_t samples, T* outputs)>;

  /// seen[rays]; returns the evaluations of the field.
  std::size_t run(const RayBundle& bundle, const Forward& forward, std::span<RayColour> seen);

  std::size_t bytes() const;

 private:
  Stream& stream_;
  DeviceArray<FieldRay> rays_;
  DeviceArray<RaySample> samples_;
  DeviceArray<RayWalk> walks_;
  DeviceArray<RayColour> seen_;
  DeviceArray<T> coordinates_, outputs_;  ///< of a round
  DeviceArray<std::uint32_t> going_;      ///< rays that go on
  DeviceArray<std::uint8_t> goes_on_;     ///< whether each of these still does
};

}  // namespace fieldscope::cuda
