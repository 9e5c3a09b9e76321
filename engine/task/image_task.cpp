#include "engine/task/image_task.h"

#include <algorithm>

#include "engine/math/random.h"

namespace fieldscope {
namespace {

PixelGrid grid_of(int width, int height) {
  return {static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height)};
}

/// An ImageRendering compared with the dataset.
class ImageEvaluation final : public Evaluation {
 public:
  ImageEvaluation(Backend& backend, std::shared_ptr<const ImageDataset> dataset,
                  const Network& network, const Buffer& w,
                  const std::shared_ptr<PictureStore>& store)
      : dataset_(std::move(dataset)),
        rendering_(backend, network, w, dataset_->image.width, dataset_->image.height, store) {
    rendering_.keep_on_device();
  }

  bool advance(std::size_t samples) override {
    const std::size_t channels = static_cast<std::size_t>(dataset_->image.channels);
    const std::size_t first = rendering_.done() * channels;
    const bool done = rendering_.advance(samples);
    const std::vector<float>&a = rendering_.picture()->pixels, &b = dataset_->image.pixels;
    // One sum in the order of the pixels: it does not show how they were sliced.
    for (std::size_t i = first; i < rendering_.done() * channels; ++i) {
      const double difference = static_cast<double>(a[i]) - b[i];
      squares_ += difference * difference;
    }
    return done;
  }

  Result result() override {
    Result quality;
    quality.picture = rendering_.picture();
    quality.device_picture = rendering_.device_picture();
    quality.mse = squares_ / static_cast<double>(quality.picture->pixels.size());
    quality.psnr = psnr_of_mse(quality.mse);
    return quality;
  }

 private:
  std::shared_ptr<const ImageDataset> dataset_;
  ImageRendering rendering_;
  double squares_ = 0;
};

}  // namespace

// ---- minibatches --------------------------------------------------------------------------------

TaskShape image_shape(const ImageDataset& dataset, std::size_t batch) {
  const Image& image = dataset.image;
  return {{image_coordinates, image.channels},
          LossKind::mse,
          std::clamp<std::size_t>(batch, 1, image.count()),
          image.count(),
          1,
          image.pixels.size() * sizeof(float)};
}

ImageTask::ImageTask(Backend& backend, std::shared_ptr<const ImageDataset> dataset,
                     std::uint64_t seed, std::size_t batch)
    : Task(image_shape(*dataset, batch)),
      backend_(backend),
      dataset_(std::move(dataset)),
      seed_(seed),
      grid_(grid_of(dataset_->image.width, dataset_->image.height)),
      colours_(backend.hold(dataset_->image.pixels)),
      batch_coordinates_(backend.allocate(image_coordinates * shape().batch)),
      batch_targets_(backend.allocate(shape().batch * dataset_->image.channels)) {
  batch_.coordinates = &batch_coordinates_;
  batch_.targets = &batch_targets_;
}

const Batch& ImageTask::sample(std::uint64_t step) {
  const Minibatch pixels = shape().minibatch(seed_, step);
  batch_.size = pixels.size;  // the last of an epoch may be smaller
  backend_.draw_pixels(grid_, colours_, pixels, batch_coordinates_, batch_targets_);
  return batch_;
}

/// One pixel of each of `samples` equal parts of the picture: no pixel twice.
Task::Samples ImageTask::draw(std::size_t samples, std::uint64_t key) const {
  const Image& image = dataset_->image;
  const std::size_t pixels = image.count(), channels = static_cast<std::size_t>(image.channels);
  samples = std::min(samples, pixels);
  Samples drawn;
  for (std::size_t i = 0; i < samples; ++i) {
    const std::size_t first = i * pixels / samples, last = (i + 1) * pixels / samples;
    const std::size_t pixel = first + random_below(key, i, last - first);
    double at[image_coordinates];
    grid_.coordinates(pixel, at);
    drawn.coordinates.insert(drawn.coordinates.end(), std::begin(at), std::end(at));
    for (std::size_t c = 0; c < channels; ++c)
      drawn.targets.push_back(image.pixels[pixel * channels + c]);
  }
  return drawn;
}

std::unique_ptr<Evaluation> ImageTask::evaluate(const Network& network, const Buffer& w) {
  return std::make_unique<ImageEvaluation>(backend_, dataset_, network, w, pictures_);
}

// ---- pictures -----------------------------------------------------------------------------------

std::shared_ptr<Image> PictureStore::picture(const std::shared_ptr<PictureStore>& store,
                                             std::size_t numbers) {
  auto image = std::make_unique<Image>();
  {
    const std::lock_guard lock(store->mutex_);
    image->pixels.swap(store->spare_);
  }
  image->pixels.clear();
  image->pixels.reserve(numbers);  // untouched: the first writes are what costs
  return {image.release(), [store](Image* old) {
            {
              const std::lock_guard lock(store->mutex_);
              if (store->spare_.capacity() < old->pixels.capacity())
                old->pixels.swap(store->spare_);
            }
            delete old;
          }};
}

ImageRendering::ImageRendering(Backend& backend, const Network& network, const Buffer& w, int width,
                               int height, const std::shared_ptr<PictureStore>& store)
    : backend_(backend),
      network_(network),
      grid_(grid_of(width, height)),
      weights_(backend.allocate(w.size())) {
  backend.copy(w, weights_);
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  picture_ = PictureStore::picture(store, pixels * static_cast<std::size_t>(network.outputs));
  picture_->width = width;
  picture_->height = height;
  picture_->channels = network.outputs;
}

bool ImageRendering::advance(std::size_t samples) {
  const std::size_t total = picture_->count();
  const std::size_t count = std::min(samples, total - done_);
  const std::size_t m = network_.outputs;
  if (outputs_.size() < m * count) {
    coordinates_ = Buffer();  // free first
    outputs_ = Buffer();
    coordinates_ = backend_.allocate(image_coordinates * count);
    outputs_ = backend_.allocate(m * count);
  }
  backend_.pixel_coordinates(grid_, done_, count, coordinates_);
  backend_.forward(network_, weights_, coordinates_, count, outputs_);
  if (device_picture_) device_picture_->put(outputs_, done_ * m, count * m);
  picture_->pixels.resize((done_ + count) * m);
  backend_.download(outputs_, std::span<float>(picture_->pixels.data() + done_ * m, count * m));
  done_ += count;
  return done_ == total;
}

}  // namespace fieldscope
