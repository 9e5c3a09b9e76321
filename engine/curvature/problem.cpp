#include "engine/curvature/problem.h"

#include <algorithm>
#include <cmath>

namespace fieldscope {
namespace {

/// Samples in a piece: small enough that whoever shares the machine never waits for long.
constexpr std::size_t most_piece = 1024;

}  // namespace

FrozenProblem::FrozenProblem(const FrozenLoss& loss, std::unique_ptr<Backend> backend, Pause pause)
    : loss_(loss), backend_(std::move(backend)), pause_(std::move(pause)) {
  const bool volume = loss_.loss == LossKind::volume;
  const std::size_t ray = loss_.rays.samples;
  target_width_ = target_width(loss_.network, loss_.loss);
  if (loss_.weights.size() != parameters() || loss_.samples() == 0 || ray == 0 ||
      loss_.samples() % ray != 0 || loss_.targets.size() != loss_.samples() / ray * target_width_ ||
      (volume && loss_.rays.lengths.size() != loss_.samples()))
    throw std::logic_error("FrozenProblem: sizes disagree");
  piece_ = std::min(loss_.samples(), std::max<std::size_t>(most_piece / ray, 1) * ray);
  for (Buffer* buffer : {&weights_, &other_weights_, &direction_, &gradient_, &product_})
    *buffer = backend_->allocate(parameters());
  backend_->upload(weights_, std::span<const double>(loss_.weights));
  coordinates_ = backend_->allocate(piece_ * static_cast<std::size_t>(loss_.network.coordinates));
  targets_ = backend_->allocate(piece_ / ray * target_width_);
  if (volume) lengths_ = backend_->allocate(piece_);
  part_.resize(parameters());
}

Batch FrozenProblem::piece(std::size_t first, std::size_t count) {
  const std::size_t d = static_cast<std::size_t>(loss_.network.coordinates);
  const std::size_t ray = loss_.rays.samples;
  const auto part = [&](const std::vector<double>& all, std::size_t begin, std::size_t size,
                        Buffer& to) {
    // The last piece may be smaller than the buffer, which takes whole uploads only.
    std::vector<double> numbers(to.size());
    std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(begin), size, numbers.begin());
    backend_->upload(to, std::span<const double>(numbers));
  };
  part(loss_.coordinates, first * d, count * d, coordinates_);
  part(loss_.targets, first / ray * target_width_, count / ray * target_width_, targets_);
  Batch batch{&coordinates_, &targets_, count};
  if (loss_.loss == LossKind::volume) {
    part(loss_.rays.lengths, first, count, lengths_);
    batch.rays = {&lengths_, ray, loss_.rays.density, loss_.rays.background};
  }
  return batch;
}

/// body(batch, its share of the samples asked for) for each piece, with a pause before.
template <class Body>
void FrozenProblem::for_pieces(std::size_t first, std::size_t count, const Body& body) {
  const std::size_t all = count > 0 ? count : loss_.samples() - first;
  for (std::size_t at = 0; at < all; at += piece_) {
    if (pause_) pause_();
    const std::size_t some = std::min(piece_, all - at);
    body(piece(first + at, some), static_cast<double>(some) / static_cast<double>(all));
  }
}

double FrozenProblem::value(std::span<const double> w) {
  const std::size_t m = static_cast<std::size_t>(loss_.network.outputs);
  backend_->upload(other_weights_, w);
  if (outputs_.empty()) outputs_ = backend_->allocate(piece_ * m);
  std::vector<double> y(piece_ * m);
  double total = 0;
  std::size_t at = 0;  // sample
  for_pieces(0, 0, [&](const Batch& batch, double) {
    backend_->forward(loss_.network, other_weights_, *batch.coordinates, batch.size, outputs_);
    backend_->download(outputs_, std::span<double>(y));
    total += loss_of(y, at, batch.size);
    at += batch.size;
  });
  return total / static_cast<double>(loss_.targets.size());
}

/// Added up over samples [first, first + count), y[count][m] what the field gives there.
double FrozenProblem::loss_of(const std::vector<double>& y, std::size_t first,
                              std::size_t count) const {
  double total = 0;
  if (loss_.loss == LossKind::volume) {
    const FrozenRays& rays = loss_.rays;
    const RayLoss each{rays.density, rays.background, 1, false};
    std::vector<double> scratch(2 * rays.samples), numbers(y);
    for (std::size_t i = 0; i < count / rays.samples; ++i) {
      const std::size_t at = i * rays.samples;
      const RaySamples<double> ray{
          numbers.data() + at * radiance_outputs, nullptr,      radiance_outputs,
          rays.lengths.data() + first + at,       rays.samples, scratch.data()};
      total += ray_loss(each, ray, loss_.targets.data() + (first / rays.samples + i) * 3);
    }
    return total;
  }
  const double* target = loss_.targets.data() + first * target_width_;
  for (std::size_t i = 0; i < count * target_width_; ++i, ++target)
    total += loss_.loss == LossKind::mse
                 ? (y[i] - *target) * (y[i] - *target)
                 : std::max(y[i], 0.0) - y[i] * *target + std::log1p(std::exp(-std::abs(y[i])));
  return total;
}

std::vector<double> FrozenProblem::gradient(std::size_t first, std::size_t count) {
  std::vector<double> sum(parameters());
  for_pieces(first, count, [&](const Batch& batch, double share) {
    backend_->gradient(loss_.network, loss_.loss, weights_, batch, gradient_);
    backend_->download(gradient_, std::span<double>(part_));
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += share * part_[i];
  });
  return sum;
}

void FrozenProblem::multiply(Curvature curvature, std::span<const double> v,
                             std::span<double> product) {
  backend_->upload(direction_, v);
  std::fill(product.begin(), product.end(), 0.0);
  for_pieces(0, 0, [&](const Batch& batch, double share) {
    backend_->gradient_and_product(loss_.network, loss_.loss, curvature, weights_, direction_,
                                   batch, gradient_, product_);
    backend_->download(product_, std::span<double>(part_));
    for (std::size_t i = 0; i < product.size(); ++i) product[i] += share * part_[i];
  });
  ++products_;
}

std::vector<double> FrozenProblem::factors() {
  std::size_t size = 0;
  for (const LinearMap& map : layout_of(loss_.network).maps)
    size += static_cast<std::size_t>((map.in + 1) * (map.in + 1) + map.out * map.out);
  Buffer buffer = backend_->allocate(size);
  std::vector<double> sum(size), part(size);
  for_pieces(0, 0, [&](const Batch& batch, double share) {
    backend_->gradient_and_factors(loss_.network, loss_.loss, weights_, batch, gradient_, buffer);
    backend_->download(buffer, std::span<double>(part));
    for (std::size_t i = 0; i < size; ++i) sum[i] += share * part[i];
  });
  return sum;
}

}  // namespace fieldscope
