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

void FieldAtPoints::make_room(std::size_t count) {
  const std::size_t size = count * static_cast<std::size_t>(network_.coordinates);
  if (coordinates_.size() >= size) return;
  coordinates_ = Buffer();
  coordinates_ = backend_.allocate(size);
  outputs_ = Buffer();
  outputs_ = backend_.allocate(count * static_cast<std::size_t>(network_.outputs));
  values_.resize(outputs_.size());
}

std::span<const float> FieldAtPoints::values(std::size_t count) {
  backend_.forward(network_, weights_, coordinates_, count, outputs_);
  const std::span<float> values(values_.data(), count * static_cast<std::size_t>(network_.outputs));
  backend_.download(outputs_, values);
  return values;
}

std::span<const float> FieldAtPoints::values(std::span<const float> coordinates) {
  const std::size_t count = coordinates.size() / static_cast<std::size_t>(network_.coordinates);
  make_room(count);
  at_.resize(coordinates_.size());
  std::copy(coordinates.begin(), coordinates.end(), at_.begin());
  backend_.upload(coordinates_, std::span<const float>(at_));
  return values(count);
}

std::span<const float> FieldAtPoints::values(std::span<const Vec3> points) {
  points_.clear();
  for (const Vec3& p : points) points_.insert(points_.end(), {p.x, p.y, p.z});
  return values(std::span<const float>(points_));
}

std::span<const float> FieldAtPoints::values(Buffer& points, std::size_t first, std::size_t count) {
  make_room(count);
  // One row: copied in one piece.
  const std::size_t d = network_.coordinates, size = count * d;
  const MatrixCopy slice = {matrix_in(points, first * d, 1, size),
                            matrix_in(coordinates_, 0, 1, size)};
  backend_.copy(std::span(&slice, 1));
  return values(count);
}

}  // namespace fieldscope
