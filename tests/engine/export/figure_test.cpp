#include "engine/export/figure.h"

#include <cmath>
#include <limits>

#include "engine/math/colormap.h"
#include "engine/math/error.h"
#include "tests/engine/export/temporary_folder.h"

namespace fieldscope {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Image flat(int width, int height, Rgb colour) {
  Image image{width, height, 3, {}};
  for (int i = 0; i < width * height; ++i) {
    image.pixels.insert(image.pixels.end(), colour.begin(), colour.end());
  }
  return image;
}

FigureInput example(int runs, int width, int height) {
  FigureInput input;
  input.title = "A comparison";
  input.subtitle = "of flat pictures";
  input.ground_truth = flat(width, height, {1, 0, 0});
  Plot quality{.title = "PSNR (dB)", .x_label = "step"};
  Plot loss{.title = "Loss", .x_label = "step", .log_y = true};
  for (int i = 0; i < runs; ++i) {
    const auto index = static_cast<std::size_t>(i);
    FigureRun run{.label = "ESGD · sine", .colour = run_colours[index]};
    run.picture = flat(width, height, {0, 0, 1});
    run.score = 20 + i;
    input.runs.push_back(run);
    PlotSeries series{.label = run.label, .colour = run.colour, .style = run_line_style(index)};
    series.points = {{0, 10, nan, nan}, {1, 15.0 + i, 14, 18}, {2, 20.0 + i, nan, nan}};
    series.marks = {{1, "-> Adam"}};
    quality.series.push_back(series);
    loss.series.push_back(series);
  }
  input.plots = {quality, loss};
  return input;
}

/// How many pixels have exactly this colour.
int count_pixels(const Image& image, Rgb colour) {
  int count = 0;
  for (std::size_t i = 0; i < image.count(); ++i) {
    bool same = true;
    for (std::size_t c = 0; c < 3; ++c) {
      same = same && std::lround(image.pixels[i * 3 + c] * 255) == std::lround(colour[c] * 255);
    }
    count += same;
  }
  return count;
}

class Figure : public TemporaryFolderTest {
 protected:
  void SetUp() override {
    if (!figures_available()) GTEST_SKIP() << "built without Cairo";
    TemporaryFolderTest::SetUp();
  }
  Image drawn(const FigureInput& input) {
    write_figure_png(folder_ / "figure.png", input);
    return load_image(folder_ / "figure.png");
  }
};

TEST_F(Figure, ShowsGroundTruthEveryPictureAndEveryError) {
  // |red - blue| has a mean of 2/3 in every pixel, the scale ends at 0.8.
  const Rgb error = colormap(Colormap::magma, (2.0f / 3) / 0.8f);
  for (int runs = 1; runs <= 8; ++runs) {
    SCOPED_TRACE(runs);
    const Image page = drawn(example(runs, 40, 30));
    const int red = count_pixels(page, {1, 0, 0});
    EXPECT_GT(red, 300 * 200);
    EXPECT_NEAR(count_pixels(page, {0, 0, 1}), runs * red, 0.02 * runs * red);
    EXPECT_NEAR(count_pixels(page, error), runs * red, 0.03 * runs * red);
    for (int y = 0; y < page.height; ++y) {
      const float* pixel = page.at(page.width - 20, y);
      ASSERT_EQ(pixel[0] + pixel[1] + pixel[2], 3) << "something runs into the margin at " << y;
    }
  }
}

TEST_F(Figure, TakesAnyAspectAndSize) {
  for (const auto& [width, height] :
       {std::pair{1, 1}, {400, 4}, {4, 400}, {3, 2000}, {2000, 3}, {1200, 900}}) {
    SCOPED_TRACE(std::to_string(width) + "x" + std::to_string(height));
    const Image page = drawn(example(2, width, height));
    EXPECT_GT(count_pixels(page, {1, 0, 0}), 500);
    EXPECT_LT(page.height, 4000);
    EXPECT_LT(page.width, 4000);
  }
}

TEST_F(Figure, SvgIsWholeAndHoldsThePictures) {
  write_figure_svg(folder_ / "figure.svg", example(2, 16, 16));
  const std::string svg = bytes_of(folder_ / "figure.svg");
  EXPECT_EQ(svg.rfind("<?xml", 0), 0u);
  EXPECT_NE(svg.find("</svg>"), std::string::npos);
  std::size_t pictures = 0;
  for (std::size_t at = svg.find("data:image/png"); at != std::string::npos;
       at = svg.find("data:image/png", at + 1)) {
    ++pictures;
  }
  EXPECT_GE(pictures, 4u);
}

TEST_F(Figure, SurvivesWhatRunsCanBring) {
  FigureInput input = example(3, 16, 16);
  input.title = "bad \xff text \xc3";
  input.runs[0].picture = {};
  input.runs[0].score = nan;
  input.runs[1].score = std::numeric_limits<double>::infinity();
  input.runs[2].label = std::string(500, 'x');
  input.runs[2].picture.pixels[5] = std::nanf("");
  for (Plot& plot : input.plots) {
    plot.series[0].points.clear();
    plot.series[1].points = {{0, nan, nan, nan}, {1, -1, nan, nan}, {2, 0, nan, nan}};
    plot.series[2].points = {{5, 7, nan, nan}};
    plot.series[2].marks.assign(40, {5, "a mark"});
    plot.series[2].marks.push_back({1e300, "far away"});
  }
  const Image page = drawn(input);
  EXPECT_GT(count_pixels(page, {1, 0, 0}), 1000);
  input.plots.clear();
  EXPECT_LT(drawn(input).height, page.height);
}

TEST_F(Figure, ADivergedRunLeavesTheOthersTheirScales) {
  FigureInput sound = example(2, 40, 30);
  sound.plots.clear();
  const Rgb error = colormap(Colormap::magma, (2.0f / 3) / 0.8f);
  FigureInput input = sound;
  input.runs[1].picture = flat(40, 30, {1.4e19f, 0, 0});
  input.runs[1].failure = "diverged at step 7";
  input.runs[1].outlier = true;
  EXPECT_NEAR(2 * count_pixels(drawn(input), error), count_pixels(drawn(sound), error), 2000);
  input.runs[1].outlier = false;
  EXPECT_LT(count_pixels(drawn(input), error), 1000);  // so the flag is what does it
}

TEST_F(Figure, NotANumberIsNotABlackPicture) {
  FigureInput input = example(2, 40, 30);
  input.plots.clear();
  const float not_a_number = std::nanf("");
  input.runs[1].picture = flat(40, 30, {not_a_number, not_a_number, not_a_number});
  EXPECT_LT(count_pixels(drawn(input), {0, 0, 0}), 20000);
}

TEST_F(Figure, AnOutlierDoesNotStretchTheAxis) {
  Plot plot{.title = "PSNR"};
  plot.series.push_back({.label = "a", .colour = 0xFF0000, .points = {{0, 10}, {1, 30}}});
  const auto red_height = [&] {
    write_plot_png(folder_ / "plot.png", plot, 640, 360, 1);
    const Image page = load_image(folder_ / "plot.png");
    int top = page.height, bottom = 0;
    for (int y = 0; y < page.height; ++y) {
      for (int x = 0; x < 500; ++x) {
        const float* pixel = page.at(x, y);
        if (pixel[0] < 0.9f || pixel[1] > 0.1f || pixel[2] > 0.1f) continue;
        top = std::min(top, y);
        bottom = std::max(bottom, y);
      }
    }
    return bottom - top;
  };
  const int alone = red_height();
  EXPECT_GT(alone, 150);
  plot.series.push_back(
      {.label = "b", .colour = 0x0000FF, .points = {{0, 10}, {1, -600}}, .outlier = true});
  EXPECT_NEAR(red_height(), alone, 3);
  plot.series[1].outlier = false;
  EXPECT_LT(red_height(), 40);
}

TEST_F(Figure, LongNamesTakeMoreLines) {
  FigureInput input = example(4, 40, 30);
  input.plots.clear();
  const int height = drawn(input).height;
  for (FigureRun& run : input.runs)
    run.label = "ESGD lr 0.2 refresh_every 100 damping 0.001 beta2 0.9";
  EXPECT_GE(drawn(input).height, height + 2 * 2 * 16);
  // What differs is at the end: it must show.
  FigureInput other = input;
  other.runs[0].label = "ESGD lr 0.2 refresh_every 100 damping 0.001 beta2 0.8";
  EXPECT_NE(drawn(other).pixels, drawn(input).pixels);
}

TEST_F(Figure, RefusesWhatCannotBeDrawn) {
  EXPECT_THROW(write_figure_png(folder_ / "a.png", FigureInput{}), UsageError);
  FigureInput input = example(1, 16, 16);
  input.runs[0].picture = flat(8, 8, {0, 0, 1});
  EXPECT_THROW(write_figure_png(folder_ / "a.png", input), UsageError);
  EXPECT_THROW(write_figure_png(folder_ / "missing" / "a.png", example(1, 8, 8)), DataError);
  EXPECT_EQ(files(), 0u);
}

TEST_F(Figure, PlotAlone) {
  const Plot plot = example(4, 8, 8).plots[1];
  write_plot_png(folder_ / "plot.png", plot, 640, 360, 1);
  write_plot_svg(folder_ / "plot.svg", plot);
  const Image page = load_image(folder_ / "plot.png");
  EXPECT_EQ(page.width, 640);
  EXPECT_EQ(page.height, 360);
  const int ink = 640 * 360 - count_pixels(page, {1, 1, 1});
  EXPECT_GT(ink, 2000);
  EXPECT_NE(bytes_of(folder_ / "plot.svg").find("</svg>"), std::string::npos);
}

TEST(ErrorMaps, AbsoluteErrorAndScale) {
  const Image error = absolute_error(flat(2, 2, {1, 0, 0}), flat(2, 2, {0, 0, 1}));
  EXPECT_EQ(error.channels, 1);
  EXPECT_FLOAT_EQ(error.pixels[3], 2.0f / 3);
  EXPECT_DOUBLE_EQ(error_scale({error}), 0.8);
  EXPECT_DOUBLE_EQ(error_scale({}), 1);
  EXPECT_THROW(absolute_error(flat(2, 2, {}), flat(2, 1, {})), UsageError);
}

}  // namespace
}  // namespace fieldscope
