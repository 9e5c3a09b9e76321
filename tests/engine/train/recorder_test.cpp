// Curves: nothing extreme is lost however long a run lasts, and a saved curve goes on.
#include "engine/train/recorder.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

Progress at_step(std::uint64_t step) {
  Progress progress;
  progress.step = step;
  progress.epoch = static_cast<double>(step) / 10;
  return progress;
}

/// Noise with rare spikes, each of its own height.
std::vector<double> losses(std::size_t count) {
  std::vector<double> values = random_numbers(1, count);
  for (std::size_t i = 0; i < count; i += 977) values[i] = 10 + static_cast<double>(i);
  return values;
}

/// Each span states exactly what the losses in it were, and the spans cover all of them in order.
void expect_spans_of(const std::vector<LossPoint>& points, const std::vector<double>& values) {
  std::size_t first = 0;
  for (const LossPoint& point : points) {
    ASSERT_LE(first + point.steps, values.size());
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = begin + point.steps;
    ASSERT_EQ(point.min, *std::min_element(begin, end)) << first;
    ASSERT_EQ(point.max, *std::max_element(begin, end)) << first;
    double mean = 0;
    for (auto v = begin; v != end; ++v) mean += *v / point.steps;
    ASSERT_NEAR(point.mean, mean, 1e-9 * (1 + std::abs(mean))) << first;
    first += point.steps;
    ASSERT_EQ(point.at.step, first);
  }
  EXPECT_EQ(first, values.size());
}

TEST(Recorder, EverySpanKeepsItsLeastAndGreatest) {
  for (std::size_t count : {1u, 2u, 2047u, 2048u, 2049u, 4097u, 8191u, 100003u}) {
    SCOPED_TRACE(count);
    const std::vector<double> values = losses(count);
    Recorder recorder;
    for (std::size_t i = 0; i < count; ++i) recorder.add_loss(at_step(i + 1), values[i]);
    const History history = recorder.history();
    EXPECT_LE(history.loss.size(), History::capacity + 1);
    EXPECT_GE(history.loss.size(), std::min(count, History::capacity / 2));
    expect_spans_of(history.loss, values);
  }
}

TEST(Recorder, ASavedCurveGoesOnWithoutLoss) {
  // Stopped and restored at every kind of place, also where the list is full but for the open span.
  for (std::size_t stop : {1u, 1000u, 2047u, 2048u, 2049u, 4093u, 4094u, 4095u, 8189u, 8191u}) {
    SCOPED_TRACE(stop);
    const std::vector<double> values = losses(20011);
    Recorder first;
    for (std::size_t i = 0; i < stop; ++i) first.add_loss(at_step(i + 1), values[i]);
    Recorder second(first.history());
    for (std::size_t i = stop; i < values.size(); ++i) second.add_loss(at_step(i + 1), values[i]);
    const History history = second.history();
    EXPECT_LE(history.loss.size(), History::capacity + 1);
    expect_spans_of(history.loss, values);
  }
}

TEST(Recorder, RestoredTimeAndAgain) {
  const std::vector<double> values = losses(30000);
  Recorder recorder;
  for (std::size_t i = 0; i < values.size(); ++i) {
    recorder.add_loss(at_step(i + 1), values[i]);
    if (i % 701 == 0) recorder = Recorder(recorder.history());
  }
  EXPECT_LE(recorder.history().loss.size(), History::capacity + 1);
  expect_spans_of(recorder.history().loss, values);
}

TEST(Recorder, MeanSinceTheLastEvaluation) {
  Recorder recorder;
  EXPECT_TRUE(std::isnan(recorder.take_mean_loss()));
  for (double loss : {1.0, 2.0, 6.0}) recorder.add_loss(at_step(1), loss);
  EXPECT_EQ(recorder.take_mean_loss(), 3);
  recorder.add_loss(at_step(2), 5);
  EXPECT_EQ(recorder.take_mean_loss(), 5);
  EXPECT_TRUE(std::isnan(recorder.take_mean_loss()));
}

TEST(Recorder, ThinsOutEvaluationsForShowOnly) {
  Recorder recorder;
  const std::size_t count = 5000;
  for (std::size_t i = 0; i < count; ++i) {
    QualityPoint point;
    point.at = at_step(i);
    recorder.add_quality(point);
  }
  recorder.add_event(at_step(7), "lr 0.1");
  EXPECT_EQ(recorder.history().quality.size(), count);
  const History thinned = recorder.thinned();
  EXPECT_LE(thinned.quality.size(), History::capacity);
  EXPECT_GE(thinned.quality.size(), History::capacity / 2);
  EXPECT_EQ(thinned.quality.back().at.step, count - 1);
  for (std::size_t i = 1; i < thinned.quality.size(); ++i)
    EXPECT_LT(thinned.quality[i - 1].at.step, thinned.quality[i].at.step);
  ASSERT_EQ(thinned.events.size(), 1u);
  EXPECT_EQ(thinned.events[0].label, "lr 0.1");
}

}  // namespace
}  // namespace fieldscope
