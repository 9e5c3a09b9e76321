// 3D occupancy (MATHS section 6): points of [-1, 1]^3, half of them uniform and half near a mesh's
// surface, to the logit of being inside. The points are drawn afresh for every epoch from the seed;
// the field's IoU is measured on the dataset's held-out points.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/data/mesh_dataset.h"
#include "engine/task/task.h"

namespace fieldscope {

/// Points of an epoch: the paper's runs see all of them in one step.
inline constexpr std::size_t occupancy_epoch = 50'000;

/// `batch` is clamped to an epoch's points.
TaskShape occupancy_shape(const MeshDataset& dataset, std::size_t batch);

class OccupancyTask final : public Task {
 public:
  /// `spread`: see occupancy_point().
  OccupancyTask(Backend& backend, std::shared_ptr<const MeshDataset> dataset, std::uint64_t seed,
                std::size_t batch, double spread);

  const Batch& sample(std::uint64_t step) override;
  Samples draw(std::size_t samples, std::uint64_t key) const override;
  /// Of the logits: what is inside has one above 0, a probability above one half. (The paper's code
  /// compares the logit itself with 0.5.)
  std::unique_ptr<Evaluation> evaluate(const Network& network, const Buffer& w) override;

 private:
  Backend& backend_;
  std::shared_ptr<const MeshDataset> dataset_;
  std::uint64_t seed_;
  double spread_;
  HeldMesh mesh_;
  Buffer batch_coordinates_, batch_targets_;  ///< of the present minibatch
  Batch batch_;
  std::shared_ptr<Buffer> held_out_;  ///< points of the evaluations, which share it; from the first
};

}  // namespace fieldscope
