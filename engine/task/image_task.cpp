#include "engine/task/image_task.h"

#include <algorithm>
#include <numeric>

#include "engine/math/random.h"

namespace fieldscope {
namespace {

/// Pixels in a slice of an evaluation: a few milliseconds of a 4x256 network on two cores.
constexpr std::size_t slice_pixels = 2048;

/// linspace(-1, 1, count)[i]; the middle of the range for a single sample.
double linspace(int i, int count) {
  return count == 1 ? 0.0 : -1.0 + 2.0 * i / (count - 1);
}

/// Coordinates (row, column) of pixels [first, last) of a width x height picture.
std::vector<double> pixel_coordinates(int width, int height, std::size_t first, std::size_t last) {
  std::vector<double> coordinates;
  coordinates.reserve(2 * (last - first));
  for (std::size_t i = first; i < last; ++i) {
    coordinates.push_back(linspace(static_cast<int>(i / width), height));
    coordinates.push_back(linspace(static_cast<int>(i % width), width));
  }
  return coordinates;
}

/// An ImageRendering compared with the dataset.
class ImageEvaluation final : public Evaluation {
 public:
  ImageEvaluation(Backend& backend, std::shared_ptr<const ImageDataset> dataset,
                  const Network& network, const Buffer& w)
      : dataset_(std::move(dataset)),
        rendering_(backend, network, w, dataset_->image.width, dataset_->image.height) {}

  bool advance() override { return rendering_.advance(); }

  Quality result() override {
    Quality quality;
    quality.picture = rendering_.picture();
    const std::vector<float>&a = quality.picture->pixels, &b = dataset_->image.pixels;
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double difference = static_cast<double>(a[i]) - b[i];
      sum += difference * difference;
    }
    quality.mse = sum / static_cast<double>(a.size());
    quality.psnr = psnr_of_mse(quality.mse);
    return quality;
  }

 private:
  std::shared_ptr<const ImageDataset> dataset_;
  ImageRendering rendering_;
};

}  // namespace

ImageTask::ImageTask(Backend& backend, std::shared_ptr<const ImageDataset> dataset,
                     std::uint64_t seed, std::size_t batch)
    : backend_(backend), dataset_(std::move(dataset)), seed_(seed) {
  const Image& image = dataset_->image;
  const std::size_t pixels = image.count();
  batch_size_ = std::clamp<std::size_t>(batch, 1, pixels);
  coordinates_ = backend.allocate(2 * pixels);
  backend.upload(coordinates_,
                 std::span<const double>(pixel_coordinates(image.width, image.height, 0, pixels)));
  targets_ = backend.allocate(image.pixels.size());
  backend.upload(targets_, std::span<const float>(image.pixels));
  batch_coordinates_ = backend.allocate(2 * batch_size_);
  batch_targets_ = backend.allocate(batch_size_ * image.channels);
  batch_.coordinates = &batch_coordinates_;
  batch_.targets = &batch_targets_;
}

std::uint64_t ImageTask::steps_per_epoch() const {
  return (dataset_->image.count() + batch_size_ - 1) / batch_size_;
}

void ImageTask::shuffle(std::uint64_t epoch) {
  // Fisher-Yates from the identity, so that any epoch can be reached without the ones before it.
  order_.resize(dataset_->image.count());
  std::iota(order_.begin(), order_.end(), 0u);
  const std::uint64_t key = random_key(seed_, Stream::batches, epoch);
  for (std::size_t i = order_.size(); i > 1; --i)
    std::swap(order_[i - 1], order_[random_below(key, i, i)]);
  shuffled_epoch_ = epoch;
}

const Batch& ImageTask::sample(std::uint64_t step) {
  const std::uint64_t epoch = step / steps_per_epoch();
  if (epoch != shuffled_epoch_) shuffle(epoch);
  const std::size_t first = (step % steps_per_epoch()) * batch_size_;
  batch_.size =
      std::min(batch_size_, order_.size() - first);  // the last of an epoch may be smaller
  const std::span<const std::uint32_t> rows(order_.data() + first, batch_.size);
  backend_.gather(coordinates_, rows, 2, batch_coordinates_);
  backend_.gather(targets_, rows, dataset_->image.channels, batch_targets_);
  return batch_;
}

std::unique_ptr<Evaluation> ImageTask::evaluate(const Network& network, const Buffer& w) {
  return std::make_unique<ImageEvaluation>(backend_, dataset_, network, w);
}

ImageRendering::ImageRendering(Backend& backend, const Network& network, const Buffer& w, int width,
                               int height)
    : backend_(backend),
      network_(network),
      weights_(backend.allocate(w.size())),
      coordinates_(backend.allocate(2 * slice_pixels)),
      outputs_(backend.allocate(network.outputs * slice_pixels)),
      picture_(std::make_shared<Image>()) {
  backend.copy(w, weights_);
  picture_->width = width;
  picture_->height = height;
  picture_->channels = network.outputs;
  picture_->pixels.resize(picture_->count() * network.outputs);
}

bool ImageRendering::advance() {
  const std::size_t total = picture_->count();
  const std::size_t count = std::min(slice_pixels, total - done_);
  std::vector<double> at =
      pixel_coordinates(picture_->width, picture_->height, done_, done_ + count);
  at.resize(2 * slice_pixels);
  backend_.upload(coordinates_, std::span<const double>(at));
  backend_.forward(network_, weights_, coordinates_, count, outputs_);
  const std::size_t m = network_.outputs;
  backend_.download(outputs_, std::span<float>(picture_->pixels.data() + done_ * m, count * m));
  done_ += count;
  return done_ == total;
}

}  // namespace fieldscope
