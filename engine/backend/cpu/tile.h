// The work that one thread does at a time: a tile of samples through the whole network, forward,
// loss and backward. Declares the entry points of the vectorised kernels; the instruction set is
// chosen at run time (kernels.cpp).
#pragma once

#include <cstddef>

#include "engine/backend/backend.h"

namespace fieldscope::cpu {

/// Samples in a tile. Inside a tile, numbers are stored feature-major, [feature][tile_samples], so
/// that every loop over samples is contiguous and of constant length.
inline constexpr std::size_t tile_samples = 64;

/// Leading dimension of transposed activations: rounded up so that whole vectors can be read.
inline constexpr std::size_t padded(std::size_t n) {
  return (n + 15) / 16 * 16;
}

/// Alignment of buffers and rows, in bytes.
inline constexpr std::size_t alignment = 64;

/// What a pass over the batch computes.
enum class Pass { forward, gradient, product };

/// One tile of one pass. Pointers are the pass's own, shared by all its tiles, except `scratch`,
/// `gradient`, `product` and `loss`, which belong to the calling thread alone.
template <class T>
struct TileJob {
  const Network* network = nullptr;
  Pass pass = Pass::forward;
  LossKind loss_kind = LossKind::mse;
  Curvature curvature = Curvature::hessian;
  const T* weights = nullptr;      ///< [P]
  const T* direction = nullptr;    ///< [P], for Pass::product
  const T* coordinates = nullptr;  ///< [count][d]: this tile's first sample
  const T* targets = nullptr;      ///< [count][m], unless Pass::forward
  std::size_t count = 0;           ///< samples in the tile, at most tile_samples
  double scale = 0;                ///< 1 / (B m), the weight of each number in the loss
  T* outputs = nullptr;            ///< [count][m], for Pass::forward
  T* gradient = nullptr;           ///< [P], added to
  T* product = nullptr;            ///< [P], added to, for Pass::product
  T* scratch = nullptr;            ///< scratch_size() numbers
  double* loss = nullptr;          ///< added to
};

/// Numbers of scratch that a tile needs.
std::size_t scratch_size(const Network& network, Pass pass);

void run_tile(const TileJob<float>& job);
void run_tile(const TileJob<double>& job);

/// An elementwise update of n weights with their state.
template <class T>
struct UpdateJob {
  const UpdateRule* rule = nullptr;
  T* weights = nullptr;         ///< [n]
  const T* gradient = nullptr;  ///< [n]
  T* const* state = nullptr;    ///< as many pointers to [n] as the rule has states
  std::size_t size = 0;
};

void run_update(const UpdateJob<float>& job);
void run_update(const UpdateJob<double>& job);

}  // namespace fieldscope::cpu
