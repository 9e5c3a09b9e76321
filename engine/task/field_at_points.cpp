#include "engine/task/field_at_points.h"

#include <algorithm>

namespace fieldscope {

FieldAtPoints::FieldAtPoints(Backend& backend, const Network& network, const Buffer& weights)
    : backend_(backend), network_(network), weights_(backend.allocate(weights.size())) {
  backend.copy(weights, weights_);
}

FieldAtPoints::FieldAtPoints(Backend& backend, const Network& network,
                             std::span<const double> weights)
    : backend_(backend), network_(network), weights_(backend.allocate(weights.size())) {
  backend.upload(weights_, weights);
}

std::span<const float> FieldAtPoints::values(std::span<const float> coordinates) {
  const std::size_t count = coordinates.size() / static_cast<std::size_t>(network_.coordinates);
  const std::size_t numbers = count * static_cast<std::size_t>(network_.outputs);
  if (at_.size() < coordinates.size()) {
    at_.resize(coordinates.size());
    values_.resize(numbers);
    coordinates_ = Buffer();
    coordinates_ = backend_.allocate(at_.size());
    outputs_ = Buffer();
    outputs_ = backend_.allocate(numbers);
  }
  std::copy(coordinates.begin(), coordinates.end(), at_.begin());
  backend_.upload(coordinates_, std::span<const float>(at_));
  backend_.forward(network_, weights_, coordinates_, count, outputs_);
  const std::span<float> values(values_.data(), numbers);
  backend_.download(outputs_, values);
  return values;
}

std::span<const float> FieldAtPoints::values(std::span<const Vec3> points) {
  points_.clear();
  for (const Vec3& p : points) points_.insert(points_.end(), {p.x, p.y, p.z});
  return values(std::span<const float>(points_));
}

}  // namespace fieldscope
