#include "engine/task/field_at_points.h"

namespace fieldscope {
namespace {

constexpr std::size_t axes = 3;

}  // namespace

FieldAtPoints::FieldAtPoints(Backend& backend, const Network& network, const Buffer& weights)
    : backend_(backend), network_(network), weights_(backend.allocate(weights.size())) {
  backend.copy(weights, weights_);
}

FieldAtPoints::FieldAtPoints(Backend& backend, const Network& network,
                             std::span<const double> weights)
    : backend_(backend), network_(network), weights_(backend.allocate(weights.size())) {
  backend.upload(weights_, weights);
}

std::span<const float> FieldAtPoints::values(std::span<const Vec3> points) {
  const std::size_t count = points.size();
  if (values_.size() < count) {
    values_.resize(count);
    at_.resize(axes * count);
    coordinates_ = Buffer();
    coordinates_ = backend_.allocate(axes * count);
    outputs_ = Buffer();
    outputs_ = backend_.allocate(count);
  }
  for (std::size_t i = 0; i < count; ++i) {
    at_[axes * i] = points[i].x;
    at_[axes * i + 1] = points[i].y;
    at_[axes * i + 2] = points[i].z;
  }
  backend_.upload(coordinates_, std::span<const float>(at_));
  backend_.forward(network_, weights_, coordinates_, count, outputs_);
  const std::span<float> values(values_.data(), count);
  backend_.download(outputs_, values);
  return values;
}

}  // namespace fieldscope
