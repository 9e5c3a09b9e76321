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
  if (loss_.weights.size() != parameters() ||
      loss_.targets.size() != loss_.samples() * static_cast<std::size_t>(loss_.network.outputs) ||
      loss_.samples() == 0)
    throw std::logic_error("FrozenProblem: sizes disagree");
  piece_ = std::min(loss_.samples(), most_piece);
  for (Buffer* buffer : {&weights_, &other_weights_, &direction_, &gradient_, &product_})
    *buffer = backend_->allocate(parameters());
  backend_->upload(weights_, std::span<const double>(loss_.weights));
  coordinates_ = backend_->allocate(piece_ * static_cast<std::size_t>(loss_.network.coordinates));
  targets_ = backend_->allocate(piece_ * static_cast<std::size_t>(loss_.network.outputs));
  part_.resize(parameters());
}

Batch FrozenProblem::piece(std::size_t first, std::size_t count) {
  const std::size_t d = static_cast<std::size_t>(loss_.network.coordinates);
  const std::size_t m = static_cast<std::size_t>(loss_.network.outputs);
  const auto part = [&](const std::vector<double>& all, std::size_t width, Buffer& to) {
    // The last piece may be smaller than the buffer, which takes whole uploads only.
    std::vector<double> numbers(to.size());
    std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(first * width), count * width,
                numbers.begin());
    backend_->upload(to, std::span<const double>(numbers));
  };
  part(loss_.coordinates, d, coordinates_);
  part(loss_.targets, m, targets_);
  return {&coordinates_, &targets_, count};
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
  std::size_t at = 0;  // in the targets
  for_pieces(0, 0, [&](const Batch& batch, double) {
    backend_->forward(loss_.network, other_weights_, *batch.coordinates, batch.size, outputs_);
    backend_->download(outputs_, std::span<double>(y));
    for (std::size_t i = 0; i < batch.size * m; ++i, ++at) {
      const double target = loss_.targets[at];
      if (loss_.loss == LossKind::mse)
        total += (y[i] - target) * (y[i] - target);
      else
        total += std::max(y[i], 0.0) - y[i] * target + std::log1p(std::exp(-std::abs(y[i])));
    }
  });
  return total / static_cast<double>(loss_.targets.size());
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
