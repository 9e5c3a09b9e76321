// What is learned: minibatches, the loss head, and how good a field is. A task belongs to one run
// and lives on that run's backend; its dataset is shared between runs. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/data/image.h"

namespace fieldscope {

/// How good a field is, over the whole dataset.
struct Quality {
  double mse = 0;
  double psnr = 0;                       ///< dB
  std::shared_ptr<const Image> picture;  ///< the field's own picture, unclamped
};

/// An evaluation in progress, on its own copy of the weights, in slices of whatever size suits the
/// caller: the result is the same bits. Beginning, ending and every slice cost no more than the
/// slice's samples do, however large the whole is.
class Evaluation {
 public:
  virtual ~Evaluation() = default;
  /// Evaluates the next `samples` (at least 1) or what is left; true when that was the last slice.
  virtual bool advance(std::size_t samples) = 0;
  /// Once advance() has returned true.
  virtual Quality result() = 0;
};

class Task {
 public:
  virtual ~Task() = default;

  virtual int coordinates() const = 0;  ///< d of the field
  virtual int outputs() const = 0;      ///< m of the field
  virtual LossKind loss() const = 0;
  virtual std::uint64_t steps_per_epoch() const = 0;

  /// The minibatch of a step: the same for every run with this dataset, seed and batch size.
  virtual const Batch& sample(std::uint64_t step) = 0;

  /// `samples` of the dataset (all there are, if those are fewer) for a diagnosis, spread over it
  /// at random by `key`: coordinates [B][d] and targets [B][m] on the host.
  struct Samples {
    std::vector<double> coordinates, targets;
  };
  virtual Samples draw(std::size_t samples, std::uint64_t key) const = 0;

  /// Evaluates weights w[P] (copied) of a network of this task.
  virtual std::unique_ptr<Evaluation> evaluate(const Network& network, const Buffer& w) = 0;
};

}  // namespace fieldscope
