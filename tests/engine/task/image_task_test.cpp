// Minibatches of an image and the quality of a picture, against the plain definitions.
#include "engine/task/image_task.h"

#include <map>

#include <gtest/gtest.h>

#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

std::shared_ptr<const ImageDataset> dataset_of(int width, int height, int channels) {
  auto dataset = std::make_shared<ImageDataset>();
  Image& image = dataset->image;
  image.width = width;
  image.height = height;
  image.channels = channels;
  for (double number : random_numbers(9, image.count() * channels))
    image.pixels.push_back(static_cast<float>(0.5 + 0.5 * number));
  return dataset;
}

struct Samples {
  std::vector<double> coordinates, targets;
  std::size_t size = 0;
  bool operator==(const Samples&) const = default;
};

class ImageTasks : public testing::Test {
 protected:
  ImageTask task_of(std::shared_ptr<const ImageDataset> dataset, std::size_t batch,
                    std::uint64_t seed = 1) {
    return ImageTask(*backend_, std::move(dataset), seed, batch);
  }
  Samples sample(ImageTask& task, std::uint64_t step) {
    const Batch& batch = task.sample(step);
    Samples samples{download(*backend_, *batch.coordinates), download(*backend_, *batch.targets),
                    batch.size};
    samples.coordinates.resize(2 * batch.size);
    samples.targets.resize(batch.size * static_cast<std::size_t>(task.shape().field.outputs));
    return samples;
  }

  std::unique_ptr<Backend> backend_ =
      make_cpu_backend(std::make_shared<ThreadPool>(2), Precision::f64);
};

double place(int i, int count) {
  return count == 1 ? 0 : -1 + 2.0 * i / (count - 1);
}

TEST_F(ImageTasks, EveryPixelOncePerEpochWithItsOwnColour) {
  const auto dataset = dataset_of(7, 5, 3);
  ImageTask task = task_of(dataset, 8);
  ASSERT_EQ(task.shape().steps_per_epoch(), 5u);  // 35 pixels: 8 8 8 8 3
  std::vector<double> orders[3];
  for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
    std::map<std::pair<double, double>, std::vector<double>> seen;
    for (std::uint64_t step = 0; step < 5; ++step) {
      const Samples s = sample(task, 5 * epoch + step);
      EXPECT_EQ(s.size, step < 4 ? 8u : 3u);
      for (std::size_t i = 0; i < s.size; ++i) {
        seen[{s.coordinates[2 * i], s.coordinates[2 * i + 1]}] = {
            s.targets[3 * i], s.targets[3 * i + 1], s.targets[3 * i + 2]};
      }
      orders[epoch].insert(orders[epoch].end(), s.coordinates.begin(), s.coordinates.end());
    }
    ASSERT_EQ(seen.size(), 35u);
    for (int y = 0; y < 5; ++y) {
      for (int x = 0; x < 7; ++x) {
        const float* p = dataset->image.at(x, y);
        const auto found = seen.find({place(y, 5), place(x, 7)});  // (row, column)
        ASSERT_NE(found, seen.end()) << x << " " << y;
        EXPECT_EQ(found->second, (std::vector<double>{p[0], p[1], p[2]}));
      }
    }
  }
  EXPECT_NE(orders[0], orders[1]);
  EXPECT_NE(orders[1], orders[2]);
}

TEST_F(ImageTasks, AnyStepIsReachedByItself) {
  const auto dataset = dataset_of(7, 5, 3);
  ImageTask sequential = task_of(dataset, 8);
  std::vector<Samples> all;
  for (std::uint64_t step = 0; step < 20; ++step) all.push_back(sample(sequential, step));
  for (std::uint64_t step : {13u, 4u, 19u, 0u, 14u, 15u}) {
    ImageTask fresh = task_of(dataset, 8);
    EXPECT_EQ(sample(fresh, step), all[step]) << step;
    EXPECT_EQ(sample(sequential, step), all[step]) << step;  // and by going back
  }
}

TEST_F(ImageTasks, TheSeedDecidesTheOrder) {
  const auto dataset = dataset_of(9, 9, 1);
  ImageTask a = task_of(dataset, 16, 3), b = task_of(dataset, 16, 3), c = task_of(dataset, 16, 4);
  const auto other = make_cpu_backend(std::make_shared<ThreadPool>(1), Precision::f64);
  ImageTask d(*other, dataset, 3, 16);
  for (std::uint64_t step = 0; step < 12; ++step) {
    const Samples expected = sample(a, step);
    EXPECT_EQ(sample(b, step), expected) << step;
    EXPECT_EQ(sample(d, step), expected) << step;
    EXPECT_NE(sample(c, step), expected) << step;
  }
}

TEST_F(ImageTasks, OrdersAreNotBiased) {
  // Where pixel 0 lands in 2000 epochs of 10 pixels: each place 200 times, give or take.
  ImageTask task = task_of(dataset_of(10, 1, 1), 1);
  std::vector<int> counts(10);
  for (std::uint64_t step = 0; step < 20000; ++step)
    if (sample(task, step).coordinates[1] == -1) ++counts[step % 10];
  for (int count : counts) EXPECT_NEAR(count, 200, 5 * std::sqrt(200 * 0.9));
}

TEST_F(ImageTasks, ABatchLargerThanTheImageIsTheImage) {
  ImageTask task = task_of(dataset_of(7, 5, 3), 512);
  EXPECT_EQ(task.shape().steps_per_epoch(), 1u);
  EXPECT_EQ(sample(task, 3).size, 35u);
}

TEST_F(ImageTasks, EvaluationIsThePlainMeanSquare) {
  for (int channels : {1, 3}) {
    const auto dataset = dataset_of(71, 63, channels);
    ImageTask task = task_of(dataset, 100);
    EXPECT_EQ(task.shape().field.outputs, channels);
    const Field field = make_field("sine", {12, 9}, 2, channels);
    const Buffer w = upload(*backend_, field.initial_weights(2));
    const auto evaluation = task.evaluate(field.network(), w);
    int slices = 1;
    while (!evaluation->advance(1000)) ++slices;
    EXPECT_EQ(slices, 5);  // 71 * 63 = 4473 pixels
    const Evaluation::Result quality = evaluation->result();

    std::vector<double> at;
    for (int y = 0; y < 63; ++y)
      for (int x = 0; x < 71; ++x) at.insert(at.end(), {place(y, 63), place(x, 71)});
    Buffer y = backend_->allocate(dataset->image.pixels.size());
    backend_->forward(field.network(), w, upload(*backend_, at), dataset->image.count(), y);
    const std::vector<double> values = download(*backend_, y);
    double mse = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double difference = values[i] - dataset->image.pixels[i];
      mse += difference * difference / static_cast<double>(values.size());
      EXPECT_NEAR(quality.picture->pixels[i], values[i], 1e-6);
    }
    EXPECT_NEAR(quality.mse, mse, 1e-6 * mse);
    EXPECT_NEAR(quality.psnr, -10 * std::log10(mse), 1e-5);
    EXPECT_EQ(quality.picture->width, 71);
    EXPECT_EQ(quality.picture->height, 63);
    EXPECT_EQ(quality.picture->channels, channels);
  }
}

TEST_F(ImageTasks, AnEvaluationKeepsTheWeightsItBeganWith) {
  const auto dataset = dataset_of(71, 63, 3);
  ImageTask task = task_of(dataset, 100);
  const Field field = make_field("sine", {8}, 2, 3);
  Buffer w = upload(*backend_, field.initial_weights(2));
  const auto whole = task.evaluate(field.network(), w);
  while (!whole->advance(2048)) {
  }
  const auto disturbed = task.evaluate(field.network(), w);
  disturbed->advance(2048);
  backend_->fill(w, 0);
  while (!disturbed->advance(2048)) {
  }
  EXPECT_EQ(disturbed->result().mse, whole->result().mse);
}

TEST_F(ImageTasks, ASliceIsAsLargeAsItIsAskedToBe) {
  const Field field = make_field("sine", {8}, 2, 3);
  const Buffer w = upload(*backend_, field.initial_weights(2));
  ImageRendering rendering(*backend_, field.network(), w, 71, 63);
  EXPECT_TRUE(rendering.picture()->pixels.empty()) << "the whole was touched in advance";
  std::size_t done = 0;
  for (const std::size_t samples : {64, 1, 2000, 700}) {
    EXPECT_FALSE(rendering.advance(samples));
    done += samples;
    EXPECT_EQ(rendering.done(), done);
    EXPECT_EQ(rendering.picture()->pixels.size(), 3 * done) << "more than the slice was touched";
  }
  EXPECT_TRUE(rendering.advance(100000));
  EXPECT_EQ(rendering.done(), 4473u);
}

TEST_F(ImageTasks, SlicesDoNotShowInTheResult) {
  const auto single = make_cpu_backend(std::make_shared<ThreadPool>(2), Precision::f32);
  for (const char* activation : {"sine", "wavelet", "relu_pe"}) {
    const Field field = make_field(activation, {21, 33}, 2, 3);
    ImageTask task(*single, dataset_of(71, 63, 3), 1, 100);
    const Buffer w = upload(*single, field.initial_weights(2));
    std::vector<Evaluation::Result> results;
    for (const std::size_t samples : {100000, 64, 1, 100, 1024}) {
      const auto evaluation = task.evaluate(field.network(), w);
      while (!evaluation->advance(samples)) {
      }
      results.push_back(evaluation->result());
      EXPECT_EQ(results.back().mse, results.front().mse) << activation << ", slices of " << samples;
      EXPECT_EQ(results.back().picture->pixels, results.front().picture->pixels)
          << activation << ", slices of " << samples;
    }
  }
}

TEST_F(ImageTasks, PicturesOfThePastServeAgain) {
  const Field field = make_field("sine", {8}, 2, 3);
  ImageTask task = task_of(dataset_of(71, 63, 3), 100);
  const Buffer w = upload(*backend_, field.initial_weights(2));
  const auto evaluated = [&] {
    const auto evaluation = task.evaluate(field.network(), w);
    while (!evaluation->advance(1000)) {
    }
    return evaluation->result().picture;
  };
  auto first = evaluated();
  const std::vector<float> pixels = first->pixels;
  auto second = evaluated();  // while the first is still looked at
  EXPECT_EQ(first->pixels, pixels);
  const float* memory = first->pixels.data();
  first.reset();
  const auto third = evaluated();
  EXPECT_EQ(third->pixels.data(), memory);
  EXPECT_EQ(third->pixels, pixels);
  EXPECT_EQ(second->pixels, pixels);
}

TEST(PictureStores, OutliveNobodyAndAreOutlivedByPictures) {
  auto store = std::make_shared<PictureStore>();
  auto picture = PictureStore::picture(store, 100);
  store.reset();
  picture->pixels.assign(100, 1.0f);
  picture.reset();
}

TEST_F(ImageTasks, AnImageOfOnePixel) {
  for (int channels : {1, 3}) {
    ImageTask task = task_of(dataset_of(1, 1, channels), 512);
    EXPECT_EQ(task.shape().steps_per_epoch(), 1u);
    const Samples s = sample(task, 7);
    EXPECT_EQ(s.size, 1u);
    EXPECT_EQ(s.coordinates, (std::vector<double>{0, 0}));
    const Field field = make_field("relu", {3}, 2, channels);
    const auto evaluation =
        task.evaluate(field.network(), upload(*backend_, field.initial_weights(2)));
    EXPECT_TRUE(evaluation->advance(2048));
    EXPECT_TRUE(std::isfinite(evaluation->result().psnr));
  }
}

TEST_F(ImageTasks, ARenderingOfAnotherSizeCoversTheSameSquare) {
  const Field field = make_field("sine", {8}, 2, 3);
  const Buffer w = upload(*backend_, field.initial_weights(2));
  const auto render = [&](int width, int height) {
    ImageRendering rendering(*backend_, field.network(), w, width, height);
    while (!rendering.advance(2048)) {
    }
    return *rendering.picture();
  };
  const Image small = render(5, 4), large = render(9, 7);  // both have the corners and each other
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 5; ++x)
      for (int c = 0; c < 3; ++c)
        EXPECT_NEAR(small.at(x, y)[c], large.at(2 * x, 2 * y)[c], 1e-6) << x << " " << y;
}

}  // namespace
}  // namespace fieldscope
