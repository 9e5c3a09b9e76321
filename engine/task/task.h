// What is learned: minibatches, the loss head, and how good a field is. A task belongs to one run
// and lives on that run's backend; its dataset is shared between runs. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/data/image.h"
#include "engine/field/field.h"
#include "engine/math/knob.h"
#include "engine/math/shuffle.h"
#include "engine/task/quality.h"

namespace fieldscope {

class ThreadPool;

/// An evaluation in progress, on its own copy of the weights, in slices of whatever size suits the
/// caller: the result is the same bits. Beginning, ending and every slice cost no more than the
/// slice's samples do, however large the whole is.
class Evaluation {
 public:
  struct Result : Quality {
    std::shared_ptr<const Image> picture;  ///< the field's own, unclamped; null: it has none
    std::shared_ptr<const DevicePicture>
        device_picture;              ///< the same on the device, if it keeps it
    std::vector<ViewQuality> views;  ///< NeRF: the held-out views that were measured
  };

  virtual ~Evaluation() = default;
  /// Evaluates the next `samples` (at least 1) or what is left; true when that was the last slice.
  virtual bool advance(std::size_t samples) = 0;
  /// Once advance() has returned true.
  virtual Result result() = 0;
};

/// What a dataset asks of fields and minibatches.
struct TaskShape {
  FieldShape field;
  LossKind loss = LossKind::mse;
  std::size_t batch = 0;        ///< samples a step
  std::size_t epoch = 0;        ///< samples an epoch
  std::size_t evaluations = 1;  ///< of the field for each sample: NeRF's are rays
  std::size_t held = 0;         ///< bytes of the dataset that the backend holds: Backend::hold()

  std::uint64_t steps_per_epoch() const { return (epoch + batch - 1) / batch; }
  /// In the minibatch of a step: the last of an epoch may have fewer.
  std::size_t samples_of(std::uint64_t step) const {
    const std::size_t first = step % steps_per_epoch() * batch;
    return batch < epoch - first ? batch : epoch - first;
  }
  /// Of a finite dataset, the items of a step's minibatch: an epoch sees every item once, in an
  /// order that the seed decides.
  Minibatch minibatch(std::uint64_t seed, std::uint64_t step) const {
    const std::uint64_t key = random_key(seed, Stream::batches, step / steps_per_epoch());
    return {Shuffle(key, epoch), step % steps_per_epoch() * batch, samples_of(step)};
  }
};

class Task {
 public:
  explicit Task(const TaskShape& shape) : shape_(shape) {}
  virtual ~Task() = default;

  const TaskShape& shape() const { return shape_; }

  /// Before the minibatch of a step is drawn: tasks may learn from the field where to look, at
  /// those steps where looks() says so.
  virtual bool looks(std::uint64_t) const { return false; }
  virtual void look(std::uint64_t, const Network&, const Buffer&) {}

  /// The minibatch of a step: the same for every run with this dataset, seed and training knobs.
  virtual const Batch& sample(std::uint64_t step) = 0;

  /// `samples` of the dataset (all there are, if those are fewer) for a diagnosis, spread over it
  /// at random by `key`: coordinates [B][d] and targets [B][m] on the host.
  struct Samples {
    std::vector<double> coordinates, targets;
    // Of LossKind::volume, see RayBatch: coordinates and lengths of B, targets [B/S][3].
    std::vector<double> lengths;
    std::size_t ray_samples = 1;
    DensityActivation density = DensityActivation::softplus;
    double background = 0;
  };
  virtual Samples draw(std::size_t samples, std::uint64_t key) const = 0;

  /// Evaluates weights w[P] (copied) of a network of this task.
  virtual std::unique_ptr<Evaluation> evaluate(const Network& network, const Buffer& w) = 0;

  /// What look() has found out, for checkpoints; empty: nothing.
  virtual std::vector<double> state() const { return {}; }
  virtual void restore_state(std::span<const double>) {}

 private:
  TaskShape shape_;
};

/// `training` holds the task's training knobs (engine/train/config.h).
TaskShape task_shape(const Dataset& dataset, const KnobValues& training);

/// `pool` helps with work on the host; may be null. The backend and the pool must outlive the task.
std::unique_ptr<Task> make_task(Backend& backend, std::shared_ptr<const Dataset> dataset,
                                std::uint64_t seed, const KnobValues& training, ThreadPool* pool);

}  // namespace fieldscope
