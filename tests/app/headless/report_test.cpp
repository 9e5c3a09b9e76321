// Curves, texts and folders that the verbs report with.

#include <cmath>
#include <limits>

#include "app/headless/curves.h"
#include "app/headless/output_folder.h"
#include "app/headless/progress_line.h"
#include "app/headless/text.h"
#include "engine/math/error.h"
#include "tests/engine/export/temporary_folder.h"

namespace fieldscope {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Text, WidthsCountLettersNotBytes) {
  EXPECT_EQ(display_width("± ω"), 3u);
  EXPECT_EQ(clipped_to("±ω·x", 2), "±ω");
  EXPECT_EQ(clipped_to("ab", 9), "ab");
  EXPECT_EQ(table_text({{"run", "dB"}, {"ESGD · σ", "9.5"}}), "run        dB\nESGD · σ  9.5\n");
}

TEST(Text, NumbersAsPeopleSayThem) {
  EXPECT_EQ(score_text(TaskKind::image, 28.045), "28.05");
  EXPECT_EQ(score_text(TaskKind::image, nan), "–");
  EXPECT_EQ(score_text(TaskKind::occupancy, 0.99123), "0.9912");
  EXPECT_EQ(rate_text(541.2), "541");
  EXPECT_EQ(rate_text(1234), "1.23 k");
  EXPECT_EQ(rate_text(388999), "389 k");
  EXPECT_EQ(rate_text(0.5), "0.50");
  EXPECT_EQ(rate_text(nan), "–");
  EXPECT_EQ(duration_text(0), "0 s");
  EXPECT_EQ(duration_text(0.00042), "0.42 ms");
  EXPECT_EQ(duration_text(0.037), "37 ms");
  EXPECT_EQ(duration_text(0.0994), "99 ms");
  EXPECT_EQ(duration_text(0.5), "0.50 s");
  EXPECT_EQ(duration_text(8), "8 s");
  EXPECT_EQ(duration_text(8.2), "8.2 s");
  EXPECT_EQ(duration_text(9.96), "10 s");
  EXPECT_EQ(duration_text(42.4), "42 s");
  EXPECT_EQ(duration_text(125), "2 min 5 s");
  EXPECT_EQ(duration_text(3600), "1 h");
  EXPECT_EQ(duration_text(1e30), duration_text(1e12));
}

TEST(Progress, BarFitsTheTerminalAndSaysAll) {
  ProgressLine::State state;
  state.share = 0.43;
  state.step = 550;
  state.score = 28.31;
  state.steps_per_second = 541;
  state.seconds_left = 12;
  const std::string bar = ProgressLine::bar_text("ESGD · sine", state, 200);
  for (const char* part : {"ESGD · sine", "43%", "28.31 dB", "541 steps/s", "12 s left"}) {
    EXPECT_NE(bar.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(display_width(ProgressLine::bar_text("ESGD · sine", state, 30)), 30u);
  EXPECT_EQ(ProgressLine::line_text("ESGD", state),
            "ESGD: step 550 (43%), 28.31 dB  541 steps/s  12 s left");
  state.score = nan;
  state.loss = 0.0123;
  EXPECT_NE(ProgressLine::line_text("ESGD", state).find("loss 0.0123"), std::string::npos);
  ProgressLine::State frames = state;
  frames.counts_steps = false;
  frames.steps_per_second = 0;
  frames.at = "frame 52 of 120";
  EXPECT_EQ(ProgressLine::line_text("render", frames), "render: 43%, frame 52 of 120  12 s left");
  // Before the first step there is nothing to say but what goes on.
  ProgressLine::State first;
  first.score = first.loss = first.seconds_left = nan;
  first.steps_per_second = nan;
  EXPECT_EQ(ProgressLine::line_text("ESGD", first), "ESGD: step 0 (0%), starting");
  first.counts_steps = false;
  EXPECT_EQ(ProgressLine::line_text("render", first), "render: 0%, starting");
  first.counts_steps = true;
  first.measuring = true;
  EXPECT_EQ(ProgressLine::line_text("ESGD", first), "ESGD: step 0 (0%), measuring the picture");
}

History history_of(int losses, int evaluations) {
  History history;
  for (int i = 1; i <= losses; ++i) {
    LossPoint point;
    point.at.step = static_cast<std::uint64_t>(i);
    point.mean = i;
    point.min = i - 0.5;
    point.max = i + 0.5;
    point.steps = 1;
    history.loss.push_back(point);
  }
  for (int i = 0; i < evaluations; ++i) {
    QualityPoint point;
    point.at.step = static_cast<std::uint64_t>(i) * 10;
    point.psnr = 20 + i;
    history.quality.push_back(point);
  }
  return history;
}

TEST(Curves, LossesAreThinnedWithTheirRangeKept) {
  const auto points = loss_points(history_of(1000, 0), CurveAxis::step, 100);
  ASSERT_EQ(points.size(), 100u);
  EXPECT_EQ(points[0].x, 10);
  EXPECT_DOUBLE_EQ(points[0].y, 5.5);
  EXPECT_DOUBLE_EQ(points[0].low, 0.5);
  EXPECT_DOUBLE_EQ(points[0].high, 10.5);
  EXPECT_EQ(points.back().x, 1000);
  EXPECT_EQ(loss_points(history_of(7, 0), CurveAxis::step, 100).size(), 7u);
  EXPECT_TRUE(loss_points({}, CurveAxis::step).empty());
}

TEST(Curves, TheMeasurementBeforeTrainingIsLeftOutOfLongCurves) {
  EXPECT_EQ(quality_points(history_of(0, 11), CurveAxis::step).size(), 10u);
  EXPECT_EQ(quality_points(history_of(0, 2), CurveAxis::step).size(), 2u);
}

TEST(Curves, MeanOfSeedsWithRange) {
  const std::vector<PlotPoint> a = {{0, 1, nan, nan}, {10, 3, nan, nan}, {20, 5, nan, nan}};
  const std::vector<PlotPoint> b = {{0, 3, nan, nan}, {15, 6, nan, nan}};
  const std::vector<std::vector<PlotPoint>> both = {a, b};
  const auto mean = mean_curve(both);
  ASSERT_EQ(mean.size(), 2u) << "only as far as both reach";
  EXPECT_EQ(mean[0].y, 2);
  EXPECT_EQ(mean[1].x, 10);
  EXPECT_DOUBLE_EQ(mean[1].y, 4);
  EXPECT_DOUBLE_EQ(mean[1].low, 3);
  EXPECT_DOUBLE_EQ(mean[1].high, 5);
  EXPECT_EQ(mean_curve(std::span(both).first(1)).size(), 3u);
  EXPECT_TRUE(mean_curve({}).empty());
}

TEST(Curves, PlotsHoldEveryRunWithItsMarks) {
  History history = history_of(100, 5);
  history.events.push_back({Progress{50, 0.5, 1, 60}, "→ Adam"});
  const CurveRun run{"ESGD", 0x0072B2, LineStyle::dashed, {&history, &history}};
  const Plot plot = quality_plot({&run, 1}, CurveAxis::gradients, TaskKind::image);
  ASSERT_EQ(plot.series.size(), 1u);
  EXPECT_EQ(plot.series[0].marks.at(0).x, 60);
  EXPECT_EQ(plot.x_label, "gradient evaluations");
  EXPECT_TRUE(loss_plot({&run, 1}, CurveAxis::step, TaskKind::image).log_y);
}

class Folders : public TemporaryFolderTest {};

TEST_F(Folders, EmptyOnesDisappearAgain) {
  { OutputFolder out(folder_ / "a" / "b"); }
  EXPECT_EQ(files(), 0u);
  {
    OutputFolder out(folder_ / "a" / "b");
    std::ofstream(out.folder("c") / "file") << "x";
  }
  EXPECT_TRUE(std::filesystem::exists(folder_ / "a" / "b" / "c" / "file"));
  { OutputFolder again(folder_ / "a" / "b"); }
  EXPECT_TRUE(std::filesystem::exists(folder_ / "a" / "b" / "c" / "file"));
}

TEST_F(Folders, OnesThatWereThereStay) {
  std::filesystem::create_directory(folder_ / "mine");
  { OutputFolder out(folder_ / "mine" / "new"); }
  EXPECT_TRUE(std::filesystem::exists(folder_ / "mine"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mine" / "new"));
}

TEST_F(Folders, AFileInTheWayIsNamed) {
  const auto path = file("taken", "x");
  try {
    OutputFolder out(path / "out");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("taken"), std::string::npos);
  }
}

TEST_F(Folders, NamesAreSafe) {
  EXPECT_EQ(file_name_part("lighthouse (demo)"), "lighthouse-demo");
  EXPECT_EQ(file_name_part("../../etc"), "etc");
  EXPECT_EQ(file_name_part("ESGD · σ"), "ESGD");
  EXPECT_EQ(file_name_part("//"), "data");
  const auto path = default_output_path("train", "a b.png");
  EXPECT_EQ(path.parent_path(), "out");
  EXPECT_EQ(path.filename().string().rfind("train-a-b-2", 0), 0u) << path;
}

}  // namespace
}  // namespace fieldscope
