// What tiles say about a run: whether its number is of now; how its photographs are named; the
// value under the pointer is the one that is painted.
#include "app/gui/run_view.h"

#include <gtest/gtest.h>

namespace fieldscope::gui {
namespace {

TEST(RunView, AMeasurementIsOldOnceStepsAndTimeHavePassed) {
  Snapshot snapshot;
  RunView run;
  run.snapshot = &snapshot;
  EXPECT_FALSE(run.quality_is_old()) << "there is none";
  snapshot.quality.emplace();
  snapshot.quality->at.step = 1000;
  snapshot.quality->at.train_seconds = 50;
  const auto at = [&](std::uint64_t step, double seconds) {
    snapshot.progress.step = step;
    snapshot.progress.train_seconds = seconds;
    return run.quality_is_old();
  };
  EXPECT_FALSE(at(1000, 50));
  EXPECT_FALSE(at(1090, 58)) << "few steps";
  EXPECT_FALSE(at(1500, 50.5)) << "a moment";
  EXPECT_TRUE(at(1150, 58));
}

TEST(Photographs, HaveOneName) {
  PosedViews scene;
  scene.training.resize(22);
  scene.held_out.resize(8);
  scene.held_out[0].name = "r_0.png";
  scene.training[21].name = "r_21.png";
  EXPECT_EQ(photograph_name(scene, {true, 0}), "r_0.png  ·  held out 1 of 8");
  EXPECT_EQ(photograph_name(scene, {false, 21}), "r_21.png  ·  training 22 of 22");
}

// 5 × 3 pixels of which every second one has been rendered.
RenderedView coarse() {
  RenderedView view;
  view.width = 5;
  view.height = 3;
  view.stride = 2;
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 5; ++x) {
      const bool known = x % 2 == 0 && y % 2 == 0;
      for (int c = 0; c < 3; ++c)
        view.colour.push_back(known ? 0.1f * static_cast<float>(x + y + c) : -1);
      view.opacity.push_back(known ? 0.2f * static_cast<float>(x) : -1);
      view.depth.push_back(known ? 1 + static_cast<float>(x) : -1);
    }
  return view;
}

TEST(Samples, AreWhatIsPainted) {
  const RenderedView view = coarse();
  Image truth;
  truth.width = view.width, truth.height = view.height, truth.channels = 3;
  truth.pixels.assign(45, 0.3f);
  SceneScale scale;
  const Image colour = paint(view, SceneMode::colour, scale, nullptr),
              opacity = paint(view, SceneMode::opacity, scale, nullptr);
  for (int y = 0; y < view.height; ++y)
    for (int x = 0; x < view.width; ++x) {
      const ViewSample seen =
          sample_view(view, (static_cast<float>(x) + 0.5f) / 5, (static_cast<float>(y) + 0.5f) / 3);
      for (int c = 0; c < 3; ++c)
        EXPECT_FLOAT_EQ(seen.colour[static_cast<std::size_t>(c)], colour.at(x, y)[c]);
      EXPECT_FLOAT_EQ(seen.opacity, opacity.at(x, y)[0]);
      EXPECT_GE(seen.depth, 1) << "of a pixel that was rendered";
    }
  EXPECT_FALSE(sample_view(view, 0, 0).has_depth()) << "nothing is there";
  EXPECT_TRUE(sample_view(view, 0.99f, 0).has_depth());
  // |0.1 - 0.3| + |0.2 - 0.3| + |0.3 - 0.3| over 3, at column 1.
  EXPECT_NEAR(sample_view(view, 0.3f, 0).error(truth.at(1, 0)), 0.1f, 1e-6f);
}

}  // namespace
}  // namespace fieldscope::gui
