// Videos of runs along a path, beside their training: of the weights of the moment when they were
// asked for, whole or ended early.
#include "app/gui/video_export.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "engine/data/view_paths.h"
#include "engine/experiment/experiment.h"
#include "engine/export/video.h"
#include "tests/engine/experiment/view_fixture.h"
#include "tests/engine/export/temporary_folder.h"

namespace fieldscope::gui {
namespace {

class VideoExports : public TemporaryFolderTest {
 protected:
  VideoExports() : experiment_(test::small_views(), Experiment::Settings{2, {}, true, {}}) {
    run_ = experiment_.add(test::radiance_config());
  }

  VideoOrder order(int frames, int side = 16) const {
    const CameraPath path = built_in_path(*test::small_views(), BuiltInPath::orbit, 1);
    VideoOrder order{{}, {}, fieldscope::ViewMode::colour, {path, 24}};
    for (const CameraKey& moment : path.frames(frames))
      order.cameras.push_back(camera_of(moment, side, side));
    return order;
  }
  VideoOrder::Take take(const std::string& name) {
    return {name, experiment_.frozen_field(run_), folder_ / name};
  }
  VideoExport::Outcome outcome(VideoExport& video) {
    for (int i = 0; i < 3000 && !video.ended(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(video.ended());
    return video.outcome();
  }
  std::string frame(const std::string& name, int index) const {
    return bytes_of(folder_ / name / "frames" / PathRendering::picture_name(index));
  }

  Experiment experiment_;
  RunId run_ = 0;
};

TEST_F(VideoExports, AreOfTheWeightsOfTheirMoment) {
  VideoOrder first = order(3);
  first.takes = {take("before")};
  const VideoOrder::Take late = take("asked for before");
  experiment_.post(run_, StepOnce{30});
  for (int i = 0; i < 1000 && experiment_.latest(run_).progress.step < 30; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  first.takes.push_back(late);
  first.takes.push_back(take("after"));
  VideoExport video(std::move(first), experiment_.pool(), [] {});
  const VideoExport::Outcome done = outcome(video);
  EXPECT_EQ(done.problem, "");
  EXPECT_FALSE(done.cancelled);
  ASSERT_EQ(done.results.size(), 3u);
  for (const PathRendering::Result& result : done.results) {
    EXPECT_EQ(result.frames, 3);
    EXPECT_EQ(result.video.empty(), !video_problem().empty());
  }
  for (const int i : {0, 1, 2}) {
    EXPECT_EQ(frame("before", i), frame("asked for before", i));
    EXPECT_NE(frame("before", i), frame("after", i));
  }
  EXPECT_NE(frame("after", 0), frame("after", 1)) << "the camera moves";
  const CameraPathFile path =
      read_camera_path(folder_ / "after" / "path.json", test::small_views()->frame);
  EXPECT_EQ(path.frames_per_second, 24);
  EXPECT_EQ(path.path.seconds(), 1);
  EXPECT_NEAR(video.progress().share, 1, 1e-9);
}

TEST_F(VideoExports, EndEarlyWithWhatThereIs) {
  VideoOrder wanted = order(1000, 32);
  wanted.takes = {take("first"), take("second")};
  VideoExport video(std::move(wanted), experiment_.pool(), [] {});
  for (int i = 0; i < 3000 && video.progress().frame < 3; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const VideoExport::Progress now = video.progress();
  EXPECT_EQ(now.label, "first");
  EXPECT_EQ(now.frames, 1000);
  EXPECT_GT(now.share, 0);
  EXPECT_LT(now.share, 0.5);
  EXPECT_GT(now.seconds_left, 0);
  video.cancel();
  const VideoExport::Outcome done = outcome(video);
  EXPECT_TRUE(done.cancelled);
  ASSERT_EQ(done.results.size(), 1u);
  EXPECT_GE(done.results.front().frames, 2);
  EXPECT_LT(done.results.front().frames, 1000);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "second"));
}

TEST_F(VideoExports, AreGivenUpWithTheWindow) {
  VideoOrder wanted = order(1000, 64);
  wanted.takes = {take("first")};
  const auto begun = std::chrono::steady_clock::now();
  {
    const VideoExport video(std::move(wanted), experiment_.pool(), [] {});
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30));
}

TEST_F(VideoExports, SayWhatIsWrong) {
  std::promise<FrozenField> none;
  none.set_exception(std::make_exception_ptr(std::runtime_error("the run has ended")));
  VideoOrder wanted = order(2);
  wanted.takes = {{"gone", none.get_future().share(), folder_ / "gone"}};
  VideoExport video(std::move(wanted), experiment_.pool(), [] {});
  const VideoExport::Outcome done = outcome(video);
  EXPECT_EQ(done.problem, "the run has ended");
  EXPECT_TRUE(done.results.empty());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "gone"));
}

}  // namespace
}  // namespace fieldscope::gui
