// Image reconstruction (MATHS section 6): coordinates of pixels (PixelGrid) to colours in [0, 1];
// minibatches drawn without replacement, so that an epoch sees every pixel once, by the backend,
// which holds the picture. Whatever grows with the picture is done bit by bit: no step waits for
// it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/task/task.h"

namespace fieldscope {

/// Coordinates of a picture's samples.
inline constexpr std::size_t image_coordinates = 2;

/// Memory of pictures that nobody looks at any more, kept for the next ones: a picture of a camera
/// is 100 MB and more, and getting and returning that much would take longer than a training step.
/// Thread-safe.
class PictureStore {
 public:
  /// An empty picture with room for so many numbers, whose memory comes back here.
  static std::shared_ptr<Image> picture(const std::shared_ptr<PictureStore>& store,
                                        std::size_t numbers);

 private:
  std::mutex mutex_;
  std::vector<float> spare_;
};

/// `batch` is clamped to the number of pixels.
TaskShape image_shape(const ImageDataset& dataset, std::size_t batch);

class ImageTask final : public Task {
 public:
  /// `batch` is clamped to the number of pixels.
  ImageTask(Backend& backend, std::shared_ptr<const ImageDataset> dataset, std::uint64_t seed,
            std::size_t batch);

  const Batch& sample(std::uint64_t step) override;
  Samples draw(std::size_t samples, std::uint64_t key) const override;
  std::unique_ptr<Evaluation> evaluate(const Network& network, const Buffer& w) override;

 private:
  Backend& backend_;
  std::shared_ptr<const ImageDataset> dataset_;
  std::uint64_t seed_;
  PixelGrid grid_;
  HeldNumbers colours_;                       ///< of the picture
  Buffer batch_coordinates_, batch_targets_;  ///< of the present minibatch
  Batch batch_;
  std::shared_ptr<PictureStore> pictures_ = std::make_shared<PictureStore>();
};

/// The field's picture at any size, over the same square, in slices.
class ImageRendering {
 public:
  ImageRendering(Backend& backend, const Network& network, const Buffer& w, int width, int height,
                 const std::shared_ptr<PictureStore>& store = std::make_shared<PictureStore>());

  /// Renders the next `samples` pixels, or what is left; true when those were the last.
  bool advance(std::size_t samples);
  std::size_t done() const { return done_; }  ///< pixels
  /// How much of the picture is done, in [0, 1].
  double share() const {
    return static_cast<double>(done_) / static_cast<double>(picture_->count());
  }
  /// Whole once advance() has returned true; before, only its first done() pixels are there.
  std::shared_ptr<const Image> picture() const { return picture_; }
  /// From here on the device keeps it, too, if it can.
  void keep_on_device() {
    device_picture_ = backend_.make_picture(picture_->count() * network_.outputs, network_.outputs);
  }
  std::shared_ptr<const DevicePicture> device_picture() const { return device_picture_; }

 private:
  Backend& backend_;
  Network network_;
  PixelGrid grid_;
  Buffer weights_;
  Buffer coordinates_, outputs_;  ///< of a slice
  std::shared_ptr<Image> picture_;
  std::shared_ptr<DevicePicture> device_picture_;
  std::size_t done_ = 0;
};

}  // namespace fieldscope
