// Image reconstruction (MATHS section 6): coordinates (row, column), each linspace(-1, 1) with end
// points included, to colours in [0, 1]; minibatches drawn without replacement, so that an epoch
// sees every pixel once.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/task/task.h"

namespace fieldscope {

class ImageTask final : public Task {
 public:
  /// `batch` is clamped to the number of pixels.
  ImageTask(Backend& backend, std::shared_ptr<const ImageDataset> dataset, std::uint64_t seed,
            std::size_t batch);

  int coordinates() const override { return 2; }
  int outputs() const override { return dataset_->image.channels; }
  LossKind loss() const override { return LossKind::mse; }
  std::uint64_t steps_per_epoch() const override;
  const Batch& sample(std::uint64_t step) override;
  std::unique_ptr<Evaluation> evaluate(const Network& network, const Buffer& w) override;

 private:
  void shuffle(std::uint64_t epoch);

  Backend& backend_;
  std::shared_ptr<const ImageDataset> dataset_;
  std::uint64_t seed_;
  std::size_t batch_size_;
  Buffer coordinates_, targets_;              ///< of all pixels, row-major
  Buffer batch_coordinates_, batch_targets_;  ///< of the present minibatch
  std::vector<std::uint32_t> order_;          ///< pixels in the order of epoch shuffled_epoch_
  std::uint64_t shuffled_epoch_ = ~std::uint64_t{0};
  Batch batch_;
};

/// The field's picture at any size, over the same square, in slices.
class ImageRendering {
 public:
  ImageRendering(Backend& backend, const Network& network, const Buffer& w, int width, int height);

  /// Renders the next slice; true when that was the last one.
  bool advance();
  /// How much of the picture is done, in [0, 1].
  double share() const {
    return static_cast<double>(done_) / static_cast<double>(picture_->count());
  }
  /// Once advance() has returned true.
  std::shared_ptr<const Image> picture() const { return picture_; }

 private:
  Backend& backend_;
  Network network_;
  Buffer weights_, coordinates_, outputs_;
  std::shared_ptr<Image> picture_;
  std::size_t done_ = 0;
};

}  // namespace fieldscope
