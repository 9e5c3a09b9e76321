// What a pass is about: samples with their targets, the loss, and which curvature.
#pragma once

#include <cstddef>

#include "engine/backend/buffer.h"
#include "engine/backend/network.h"
#include "engine/math/volume_rendering.h"

namespace fieldscope {

enum class LossKind {
  mse,    ///< mean over all B*m numbers of (y - t)^2
  bce,    ///< mean binary cross entropy of logits y with targets t in [0, 1]
  volume  ///< mean over all colours of (C - t)^2, C rendered from samples of rays; see RayBatch
};

/// How the samples of a batch make up rays, for LossKind::volume (engine/math/volume_rendering.h):
/// samples i S to i S + S - 1 are those of ray i, near to far.
struct RayBatch {
  const Buffer* lengths = nullptr;  ///< [B]: delta of each sample
  std::size_t samples = 0;          ///< S; B is a multiple of it
  DensityActivation density = DensityActivation::softplus;
  double background = 0;  ///< brightness behind everything
};

/// B samples with their targets.
struct Batch {
  const Buffer* coordinates = nullptr;  ///< [B][d]
  const Buffer* targets = nullptr;      ///< [B][m]; of LossKind::volume [B/S][3]
  std::size_t size = 0;                 ///< B; the buffers may be larger
  RayBatch rays = {};                   ///< of LossKind::volume
};

/// Numbers of a target: a colour for each ray, else as many as the network gives.
inline std::size_t target_width(const Network& network, LossKind loss) {
  return loss == LossKind::volume ? 3 : static_cast<std::size_t>(network.outputs);
}

/// How a batch's targets lie: `width` numbers for every `samples` samples, `numbers` altogether.
struct LossTargets {
  std::size_t samples = 1, width = 0, numbers = 0;
  bool fit = true;  ///< batch and network hold what the loss needs
};
inline LossTargets loss_targets(const Network& network, LossKind loss, const Batch& batch) {
  LossTargets targets;
  targets.width = target_width(network, loss);
  if (loss == LossKind::volume) {
    targets.samples = batch.rays.samples;
    targets.fit = network.outputs == radiance_outputs && targets.samples > 0 &&
                  batch.rays.lengths != nullptr && batch.rays.lengths->size() >= batch.size &&
                  batch.size % targets.samples == 0;
    if (!targets.fit) return targets;
  }
  targets.numbers = batch.size / targets.samples * targets.width;
  targets.fit = batch.targets->size() >= targets.numbers;
  return targets;
}

enum class Curvature {
  hessian,      ///< H v = d/dr grad L(w + r v) at r = 0
  gauss_newton  ///< J^T (d2L/dy2) J v, y what the field gives; of LossKind::volume the colours
};

}  // namespace fieldscope
