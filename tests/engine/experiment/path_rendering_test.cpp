#include "engine/experiment/path_rendering.h"

#include <atomic>
#include <thread>

#include "engine/export/video.h"
#include "engine/math/error.h"
#include "tests/engine/export/temporary_folder.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;

class PathRenderings : public TemporaryFolderTest {
 protected:
  /// Cameras along x, before pictures of 12 x 7.
  PathRenderingSettings settings(int frames) const {
    PathRenderingSettings settings;
    settings.folder = folder_ / "out";
    for (int i = 0; i < frames; ++i) {
      PosedCamera camera;
      camera.pose.origin = {static_cast<float>(i) / 10, 0, 0};
      camera.lens.width = 12;
      camera.lens.height = 7;
      settings.cameras.push_back(camera);
    }
    return settings;
  }
  bool has(const std::string& name) const { return fs::exists(folder_ / "out" / name); }
};

/// As bright as the camera is far from the middle, in four slices.
Image draw(const PosedCamera& camera, const SliceDone& slice_done) {
  for (const double share : {0.25, 0.5, 0.75, 1.0}) slice_done(share);
  Image image{camera.lens.width, camera.lens.height, 3, {}};
  image.pixels.assign(3 * image.count(), camera.pose.origin.x);
  return image;
}

TEST_F(PathRenderings, LeaveNumberedPicturesAndAVideo) {
  PathRendering rendering(settings(6), draw);
  std::vector<double> shares;
  double left = -1;
  int done = 0;
  const auto result = rendering.run([&](const PathRendering::Progress& progress) {
    EXPECT_EQ(progress.frames, 6);
    EXPECT_GE(progress.done, done);
    done = progress.done;
    left = progress.seconds_left;
    shares.push_back(progress.share);
  });
  EXPECT_EQ(result.frames, 6);
  EXPECT_FALSE(result.cancelled);
  EXPECT_EQ(result.older_pictures, 0);
  EXPECT_EQ(done, 6);
  EXPECT_NEAR(left, 0, 1e-9);
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_EQ(shares.size(), 6u * 5);
  for (int i = 0; i < 6; ++i) {
    const Image image = load_image(result.pictures / PathRendering::picture_name(i));
    EXPECT_EQ(image.width, 12);
    EXPECT_EQ(image.height, 7);
    EXPECT_NEAR(image.pixels[0], static_cast<float>(i) / 10, 0.003);
  }
  EXPECT_EQ(result.pictures, folder_ / "out" / "frames");
  EXPECT_TRUE(has("frames/0006.png"));
  EXPECT_FALSE(has("frames/0007.png"));
  EXPECT_EQ(has("video.mp4"), video_problem().empty());
  EXPECT_EQ(result.video.empty(), !video_problem().empty());
  EXPECT_EQ(result.video_problem, video_problem());
}

TEST_F(PathRenderings, EndWithWhatThereIs) {
  PathRendering rendering(settings(100), draw);
  const auto result = rendering.run([&](const PathRendering::Progress& progress) {
    if (progress.done == 3 && progress.share > 0.03) rendering.cancel();
  });
  EXPECT_TRUE(result.cancelled);
  EXPECT_EQ(result.frames, 3);
  EXPECT_TRUE(has("frames/0003.png"));
  EXPECT_FALSE(has("frames/0004.png"));
  EXPECT_EQ(has("video.mp4"), video_problem().empty());
}

TEST_F(PathRenderings, CancelledBeforeTheFirstFrameLeaveNothing) {
  PathRendering rendering(settings(3), draw);
  rendering.cancel();
  const auto result = rendering.run();
  EXPECT_TRUE(result.cancelled);
  EXPECT_EQ(result.frames, 0);
  EXPECT_TRUE(result.video.empty());
  EXPECT_TRUE(result.pictures.empty());
  EXPECT_TRUE(fs::is_empty(folder_ / "out"));
}

TEST_F(PathRenderings, AreCancelledFromAnotherThread) {
  std::atomic<bool> begun{false};
  PathRendering rendering(settings(2),
                          [&](const PosedCamera&, const SliceDone& slice_done) -> Image {
                            for (;;) {
                              begun = true;
                              slice_done(0.5);
                              std::this_thread::yield();
                            }
                          });
  PathRendering::Result result;
  std::thread worker([&] { result = rendering.run(); });
  while (!begun) std::this_thread::yield();
  rendering.cancel();
  worker.join();
  EXPECT_TRUE(result.cancelled);
  EXPECT_EQ(result.frames, 0);
}

TEST_F(PathRenderings, FailuresLeaveNoVideo) {
  PathRendering rendering(settings(3), [](const PosedCamera& camera, const SliceDone& slice_done) {
    if (camera.pose.origin.x > 0.15f) throw DeviceError("lost");
    return draw(camera, slice_done);
  });
  EXPECT_THROW(rendering.run(), DeviceError);
  EXPECT_TRUE(has("frames/0002.png"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "out"), {}), 1);
  file("taken", "a file");
  PathRenderingSettings bad = settings(2);
  bad.folder = folder_ / "taken";
  EXPECT_THROW(PathRendering(bad, draw).run(), DataError);
  EXPECT_THROW(PathRendering(settings(0), draw), UsageError);
}

TEST_F(PathRenderings, TellOfPicturesFromBefore) {
  PathRenderingSettings only_pictures = settings(5), fewer = settings(2), only_video = settings(2);
  only_pictures.video = false;
  only_video.pictures = false;
  EXPECT_TRUE(PathRendering(only_pictures, draw).run().video.empty());
  EXPECT_EQ(PathRendering(fewer, draw).run().older_pictures, 3);
  fs::remove_all(folder_ / "out");
  EXPECT_TRUE(PathRendering(only_video, draw).run().pictures.empty());
  EXPECT_FALSE(has("frames"));
}

}  // namespace
}  // namespace fieldscope
