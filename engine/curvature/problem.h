// A loss frozen at some weights and a batch: what all diagnoses of curvature look at. It lives on a
// backend of its own, so that training goes on beside it; vectors come and go as doubles on the
// host. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/field/objective.h"

namespace fieldscope {

/// Parameters [first, first + size) with a name: a tensor, a layer or all of them.
struct ParameterBlock {
  std::string name;
  std::size_t first = 0, size = 0;

  bool operator==(const ParameterBlock&) const = default;
};

/// RayBatch on the host.
struct FrozenRays {
  std::vector<double> lengths;  ///< [B]
  std::size_t samples = 1;      ///< S; 1 where there are no rays
  DensityActivation density = DensityActivation::softplus;
  double background = 0;
};

/// What a problem is made of: plain host data.
struct FrozenLoss {
  Network network;
  LossKind loss = LossKind::mse;
  std::vector<double> weights;      ///< [P]
  std::vector<double> coordinates;  ///< [B][d]
  std::vector<double> targets;      ///< [B][m]; of LossKind::volume [B/S][3]
  FrozenRays rays;                  ///< of LossKind::volume
  std::vector<ParameterBlock> layers;
  std::size_t samples() const {
    return coordinates.size() / static_cast<std::size_t>(network.coordinates);
  }
};

class FrozenProblem {
 public:
  /// Between two pieces of a product over the batch, some milliseconds apart: throws Cancelled to
  /// end the diagnosis, or waits so that training gets its share.
  using Pause = std::function<void()>;

  FrozenProblem(const FrozenLoss& loss, std::unique_ptr<Backend> backend, Pause pause = {});

  std::size_t parameters() const { return loss_.network.parameters; }
  const FrozenLoss& loss() const { return loss_; }
  Backend& backend() { return *backend_; }

  /// The loss at other weights w[P], on the frozen batch.
  double value(std::span<const double> w);
  /// g[P] = the gradient at the frozen weights; of samples [first, first + count), or all.
  std::vector<double> gradient(std::size_t first = 0, std::size_t count = 0);
  /// product[P] = H v or the Gauss-Newton product; v[P].
  void multiply(Curvature curvature, std::span<const double> v, std::span<double> product);
  /// The Kronecker factors of each map, as Backend::gradient_and_factors lays them out.
  std::vector<double> factors();

  /// Hessian (or Gauss-Newton) products so far.
  std::size_t products() const { return products_; }

 private:
  Batch piece(std::size_t first, std::size_t count);
  double loss_of(const std::vector<double>& y, std::size_t first, std::size_t count) const;
  template <class Body>
  void for_pieces(std::size_t first, std::size_t count, const Body& body);

  FrozenLoss loss_;
  std::unique_ptr<Backend> backend_;
  Pause pause_;
  std::size_t target_width_ = 0;
  std::size_t piece_ = 0;  ///< samples in a piece: of whole rays
  Buffer weights_, other_weights_, direction_, gradient_, product_;
  Buffer coordinates_, targets_, lengths_, outputs_;
  std::vector<double> part_;
  std::size_t products_ = 0;
};

}  // namespace fieldscope
