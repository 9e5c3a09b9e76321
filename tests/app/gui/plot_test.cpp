// Axes, smoothing, reading and label placement of the plot: pure parts, no window.
#include "app/gui/widgets/plot.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "app/gui/run_view.h"
#include "app/gui/widgets/plot_axis.h"
#include "engine/optim/registry.h"

namespace fieldscope::gui {
namespace {

TEST(PlotAxis, LinearTicksAre125AndInside) {
  for (const double high : {0.37, 1.0, 9.3, 128.0, 20000.0}) {
    const Axis axis(0, high, false);
    const auto ticks = axis.ticks(800, 72);
    ASSERT_GE(ticks.size(), 3u) << high;
    const double step = ticks[1].value - ticks[0].value;
    const double mantissa = step / std::pow(10.0, std::floor(std::log10(step) + 1e-9));
    EXPECT_TRUE(std::fabs(mantissa - 1) < 1e-6 || std::fabs(mantissa - 2) < 1e-6 ||
                std::fabs(mantissa - 5) < 1e-6)
        << step;
    EXPECT_GE(step / high * 800, 71.0);
    for (const auto& tick : ticks) {
      EXPECT_GE(tick.value, 0);
      EXPECT_LE(tick.value, high * (1 + 1e-9));
    }
  }
}

TEST(PlotAxis, DecadesAreTicked125) {
  const Axis axis(1e-3, 1, true);
  std::vector<double> labelled;
  for (const auto& tick : axis.ticks(900, 40))
    if (tick.major) labelled.push_back(tick.value);
  ASSERT_EQ(labelled.size(), 10u);
  EXPECT_NEAR(labelled[1], 0.002, 1e-9);
  EXPECT_NEAR(labelled[2], 0.005, 1e-9);
  EXPECT_NEAR(labelled[3], 0.01, 1e-9);
}

TEST(PlotAxis, SmallNumbersReadAlikeAndMinusIsAMinus) {
  EXPECT_EQ(tick_label(0.0005, 0.0005), "0.0005");
  EXPECT_EQ(tick_label(0.001, 0.001), "0.001");
  EXPECT_EQ(tick_label(2e-5, 2e-5), "2e-5");
  EXPECT_EQ(tick_label(-5, 5), "−5");
  EXPECT_EQ(tick_label(2e6, 1e6), "2 M");
  EXPECT_EQ(tick_label(1e12, 1e12), "1e12");
  EXPECT_EQ(tick_label(2.5e9, 5e8), "2.5e9");
}

TEST(PlotAxis, ZoomKeepsWhatIsUnderThePointer) {
  for (const bool logarithmic : {false, true}) {
    const Axis axis(1, 1000, logarithmic);
    const double before = axis.value(0.3);
    EXPECT_NEAR(axis.zoomed(0.3, 0.5).value(0.3), before, 1e-9 * before);
    EXPECT_NEAR(axis.panned(0.25).value(0), axis.value(0.25), 1e-9 * before);
  }
}

TEST(PlotAxis, BadRangesBecomeUsable) {
  EXPECT_GT(Axis(5, 5, false).high(), Axis(5, 5, false).low());
  EXPECT_GT(Axis(-1, 2, true).low(), 0);
  EXPECT_GT(Axis(0, 0, true).high(), Axis(0, 0, true).low());
  EXPECT_TRUE(std::isinf(Axis(1, 10, true).position(0)));
}

std::vector<PlotPoint> noisy_line(int count) {
  std::vector<PlotPoint> points;
  for (int i = 0; i < count; ++i) {
    const double y = i + (i % 2 ? 3.0 : -3.0);
    points.push_back({static_cast<double>(i), y, y - 1, y + 1});
  }
  return points;
}

TEST(Plot, SmoothingCalmsTheCurveWithinItsBand) {
  const auto points = noisy_line(400);
  std::vector<PlotPoint> smooth;
  smooth_points(points, {}, 0.5, Axis(0, 400, false), smooth);
  ASSERT_EQ(smooth.size(), points.size());
  double rough = 0, calm = 0;
  for (std::size_t i = 50; i < 350; ++i) {
    rough = std::max(rough, std::fabs(points[i].y - static_cast<double>(i)));
    calm = std::max(calm, std::fabs(smooth[i].y - static_cast<double>(i)));
    // Half the window is 0.5² · 8% of 400 = 8 points.
    double low = points[i].low, high = points[i].high;
    for (std::size_t j = i - 8; j <= i + 8; ++j) {
      low = std::min(low, points[j].low);
      high = std::max(high, points[j].high);
    }
    EXPECT_EQ(smooth[i].low, low);
    EXPECT_EQ(smooth[i].high, high);
  }
  EXPECT_LT(calm, rough / 10);
  // The newest value is calm as well: one noisy point is no event.
  EXPECT_LT(std::fabs(smooth.back().y - 399), 2.5);
  smooth_points(points, {}, 0, Axis(0, 400, false), smooth);
  EXPECT_EQ(smooth[7].y, points[7].y);
  // The strongest, on a curve that falls steeply and at its ends.
  std::vector<PlotPoint> falling;
  for (int i = 0; i < 300; ++i)
    falling.push_back({static_cast<double>(i), std::exp(-0.1 * i), std::exp(-0.1 * i) * 0.9,
                       std::exp(-0.1 * i) * 1.1});
  smooth_points(falling, {}, 1, Axis(1e-13, 1, true), smooth);
  for (const auto& p : smooth) {
    EXPECT_LE(p.low, p.y);
    EXPECT_GE(p.high, p.y);
  }
}

TEST(Plot, SmoothingDoesNotReachAcrossAMark) {
  // A switch throws the loss from 1 up to 5: neither shows on the other side.
  std::vector<PlotPoint> points;
  for (int i = 0; i < 200; ++i) {
    const double y = i <= 100 ? 1 : 5;
    points.push_back({static_cast<double>(i), y, y, y});
  }
  const std::vector<PlotMark> marks = {{100, "→ Adam"}};
  std::vector<PlotPoint> smooth;
  smooth_points(points, marks, 1, Axis(0, 6, false), smooth);
  for (std::size_t i = 0; i < points.size(); ++i) EXPECT_DOUBLE_EQ(smooth[i].y, points[i].y) << i;
  EXPECT_EQ(smooth[100].high, 1);
  EXPECT_EQ(smooth[101].low, 5);
}

TEST(Plot, ReadsValuesAndFirstTimes) {
  const std::vector<PlotPoint> rising = {{0, 10, 10, 10}, {1, 20, 20, 20}, {3, 25, 25, 25}};
  const Axis linear(0, 3, false), decades(1, 100, true);
  EXPECT_DOUBLE_EQ(*value_at(rising, 0.5, linear, linear), 15);
  EXPECT_DOUBLE_EQ(*value_at(rising, 3, linear, linear), 25);
  EXPECT_FALSE(value_at(rising, 3.1, linear, linear));
  EXPECT_FALSE(value_at(rising, -0.1, linear, linear));
  EXPECT_DOUBLE_EQ(*first_reaching(rising, 5, true, linear, linear), 0);
  EXPECT_FALSE(first_reaching(rising, 30, true, linear, linear));
  EXPECT_DOUBLE_EQ(*first_reaching(rising, 12, false, linear, linear), 0);
  // Both go by the line as it is drawn: a level is reached where the line has it.
  EXPECT_DOUBLE_EQ(*first_reaching(rising, 15, true, linear, linear), 0.5);
  EXPECT_DOUBLE_EQ(*first_reaching(rising, 22, true, linear, linear), 1.8);
  EXPECT_NEAR(*value_at(rising, 0.5, linear, decades), std::sqrt(200), 1e-9);
  for (const Axis& y : {linear, decades})
    for (const double x : {0.25, 1.0, 2.5})
      EXPECT_NEAR(*first_reaching(rising, *value_at(rising, x, linear, y), true, linear, y), x,
                  1e-9);
}

TEST(Plot, LabelsDoNotOverlapAndKeepTheirOrder) {
  std::vector<float> centres = {100, 101, 99, 180, 179, 20};
  const auto wanted = centres;
  spread_labels(centres, 18, 0, 190);
  for (std::size_t a = 0; a < centres.size(); ++a) {
    EXPECT_GE(centres[a], 9.0f - 0.01f);
    EXPECT_LE(centres[a], 181.0f + 0.01f);
    for (std::size_t b = 0; b < centres.size(); ++b) {
      if (a == b) continue;
      EXPECT_GE(std::fabs(centres[a] - centres[b]), 18.0f - 0.01f);
      if (wanted[a] < wanted[b]) {
        EXPECT_LT(centres[a], centres[b]);
      }
    }
  }
}

// Files name knobs by their ids; the marks in the window do not, and they know whose knob it was.
TEST(RunView, MarksSayTheNamesOfKnobs) {
  Snapshot snapshot;
  snapshot.initial.optimizer = preset_optimizer("esgd", "sine");
  snapshot.edits = {
      {10, SetKnob{SetKnob::Target::optimizer, "refresh_every", 400}},
      {20, SetKnob{SetKnob::Target::optimizer, "beta2", 0.99}},
      {30, SwitchOptimizer{preset_optimizer("adam", "sine")}},
      {40, SetKnob{SetKnob::Target::optimizer, "beta2", 0.5}},
      {50, SetKnob{SetKnob::Target::training, "batch", 1}},
  };
  auto history = std::make_shared<History>();
  for (const auto& recorded : snapshot.edits) {
    Progress at;
    at.step = recorded.step;
    history->events.push_back({at, describe(recorded.edit)});
  }
  history->events.push_back({{}, "forked"});
  snapshot.history = history;
  RunView view;
  view.snapshot = &snapshot;
  std::vector<std::string> labels;
  for (const auto& mark : view.curve(Metric::loss, XAxis::step).marks) labels.push_back(mark.label);
  const std::vector<std::string> wanted = {
      "Refresh every 400 steps", "Curvature β₂ 0.99", "→ Adam",
      "2nd moment β₂ 0.5",       "Batch 1 sample",    "forked"};
  EXPECT_EQ(labels, wanted);
}

}  // namespace
}  // namespace fieldscope::gui
