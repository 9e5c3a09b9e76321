// A field at points that lie in host memory or with its backend: in slices of any length, on a copy
// of the weights. One thread at a time.
#pragma once

#include <span>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/math/vec3.h"

namespace fieldscope {

class FieldAtPoints {
 public:
  /// Copies the weights, of the same backend.
  FieldAtPoints(Backend& backend, const Network& network, const Buffer& weights);
  /// The same with weights on the host.
  FieldAtPoints(Backend& backend, const Network& network, std::span<const double> weights);

  /// Outputs [B][m] at coordinates [B][d]; valid until the next call.
  std::span<const float> values(std::span<const float> coordinates);
  /// The same of a field of points in space.
  std::span<const float> values(std::span<const Vec3> points);
  /// The same at `count` points from `first` on of those that a buffer of the backend's holds.
  std::span<const float> values(Buffer& points, std::size_t first, std::size_t count);

 private:
  void make_room(std::size_t count);
  std::span<const float> values(std::size_t count);  ///< at the first of coordinates_

  Backend& backend_;
  Network network_;
  Buffer weights_, coordinates_, outputs_;
  std::vector<float> at_, values_;  ///< as long as the longest slice so far
  std::vector<float> points_;
};

}  // namespace fieldscope
