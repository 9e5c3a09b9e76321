// Pictures that stay on the device that evaluated them.
#include "engine/backend/devices.h"
#include "engine/train/session.h"
#include "tests/devices/support.h"

namespace fieldscope {
namespace {

using namespace test;

TEST(PicturesOnAGpu, StayThereForAWindowThatDrawsOnIt) {
  FIELDSCOPE_NEED_GPU();
  RunConfig config;
  config.field.hidden = {24, 24};
  config.training["batch"] = 64;
  const auto pool = std::make_shared<ThreadPool>(1);
  for (const char* device : {"cpu", "cuda:0"}) {
    config.device = device;
    Session session(resolve_config(config), small_dataset(), pool);
    session.finish_evaluation();
    const Snapshot snapshot = session.snapshot();
    ASSERT_TRUE(snapshot.picture);
    ASSERT_EQ(snapshot.device_picture != nullptr, config.device != "cpu");
    if (!snapshot.device_picture) continue;
    // No OpenGL here: it says so, and the host's picture serves.
    EXPECT_FALSE(snapshot.device_picture->write(DevicePicture::Form::display, 1));
    EXPECT_FALSE(snapshot.device_picture->write(DevicePicture::Form::values, 1));
  }
}

TEST(PicturesOnAGpu, OutliveTheRunThatMadeThem) {
  FIELDSCOPE_NEED_GPU();
  RunConfig config;
  config.field.hidden = {24, 24};
  config.training["batch"] = 64;
  config.device = "cuda:0";
  std::shared_ptr<const DevicePicture> kept;
  {
    Session session(resolve_config(config), small_dataset(), std::make_shared<ThreadPool>(1));
    session.finish_evaluation();
    kept = session.snapshot().device_picture;
  }
  ASSERT_TRUE(kept);
  EXPECT_FALSE(kept->write(DevicePicture::Form::values, 1));
  kept.reset();  // without the run's backend
}

/// Whoever lets a picture go does not wait for the device to free memory.
TEST(PicturesOnAGpu, LeaveTheirMemoryToTheNext) {
  FIELDSCOPE_NEED_GPU();
  auto backend = make_backend("cuda:0", nullptr, Precision::f32);
  constexpr std::size_t numbers = 4 << 20, bytes = numbers * sizeof(float);
  auto picture = backend->make_picture(numbers, 1);
  ASSERT_TRUE(picture);
  const std::size_t with_one = cuda_free_bytes(0);
  picture.reset();
  EXPECT_EQ(cuda_free_bytes(0), with_one);
  picture = backend->make_picture(numbers, 1);
  EXPECT_EQ(cuda_free_bytes(0), with_one);
  auto second = backend->make_picture(numbers, 1);
  EXPECT_LE(cuda_free_bytes(0) + bytes, with_one);
  // One of another size is none of theirs.
  second.reset();
  second = backend->make_picture(numbers / 2, 1);
  EXPECT_GT(cuda_free_bytes(0) + bytes, with_one);
  // What outlives its backend goes back to the device's; the next backend that goes frees it.
  backend.reset();
  const std::size_t with_two = cuda_free_bytes(0);
  picture.reset();
  second.reset();
  EXPECT_EQ(cuda_free_bytes(0), with_two);
  make_backend("cuda:0", nullptr, Precision::f32).reset();
  EXPECT_GE(cuda_free_bytes(0), with_two + bytes);
}

}  // namespace
}  // namespace fieldscope
