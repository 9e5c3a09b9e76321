// Minibatches of an occupancy task and the measures of a field, against the plain definitions.
#include "engine/task/occupancy_task.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tests/engine/data/mesh_fixture.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

struct Samples {
  std::vector<double> coordinates, targets;
  bool operator==(const Samples&) const = default;

  void append(const Samples& more) {
    coordinates.insert(coordinates.end(), more.coordinates.begin(), more.coordinates.end());
    targets.insert(targets.end(), more.targets.begin(), more.targets.end());
  }
};

class OccupancyTasks : public testing::Test {
 protected:
  OccupancyTask task_of(std::size_t batch, std::uint64_t seed = 1,
                        double spread = occupancy_spread) {
    return OccupancyTask(*backend_, dataset_, seed, batch, spread);
  }
  Samples sample(OccupancyTask& task, std::uint64_t step) { return sample(*backend_, task, step); }
  static Samples sample(const Backend& backend, OccupancyTask& task, std::uint64_t step) {
    const Batch& batch = task.sample(step);
    Samples samples{download(backend, *batch.coordinates), download(backend, *batch.targets)};
    samples.coordinates.resize(3 * batch.size);
    samples.targets.resize(batch.size);
    return samples;
  }
  Samples epoch(OccupancyTask& task, std::uint64_t number) {
    Samples all;
    const std::uint64_t steps = task.shape().steps_per_epoch();
    for (std::uint64_t step = 0; step < steps; ++step)
      all.append(sample(task, number * steps + step));
    return all;
  }
  /// Point `index` of an epoch, by its definition.
  Vec3 point(std::uint64_t seed, std::uint64_t epoch, std::uint64_t index) {
    return occupancy_point(dataset_->surface(), random_key(seed, Stream::points, epoch), index,
                           occupancy_spread);
  }

  std::shared_ptr<const MeshDataset> dataset_ = torus_dataset();
  std::unique_ptr<Backend> backend_ =
      make_cpu_backend(std::make_shared<ThreadPool>(2), Precision::f64);
};

TEST_F(OccupancyTasks, AnEpochHasItsPointsWithTheirLabels) {
  OccupancyTask task = task_of(7000);
  for (const std::uint64_t number : {0u, 3u}) {
    const Samples s = epoch(task, number);
    ASSERT_EQ(s.targets.size(), occupancy_epoch);
    std::size_t inside = 0;
    for (std::size_t i = 0; i < occupancy_epoch; ++i) {
      const Vec3 p = point(1, number, i);
      ASSERT_EQ(s.coordinates[3 * i], p.x) << i;
      ASSERT_EQ(s.coordinates[3 * i + 1], p.y) << i;
      ASSERT_EQ(s.coordinates[3 * i + 2], p.z) << i;
      ASSERT_EQ(s.targets[i], dataset_->solid().inside(p) ? 1 : 0) << i;
      // Not only what the code says of itself: the faces are this close to the ring.
      const double distance = distance_to_torus(p, 0.7f, 0.28f);
      if (distance > 0.0015 || distance < -0.006) {
        ASSERT_EQ(s.targets[i], distance < 0 ? 1 : 0) << i;
      }
      inside += s.targets[i] == 1;
    }
    // Half of those near the surface, and what the ring fills of the box: 2 pi^2 R r^2 / 8.
    const double share = 0.25 + 0.5 * 2 * 9.8696 * 0.7 * 0.28 * 0.28 / 8;
    EXPECT_NEAR(static_cast<double>(inside) / occupancy_epoch, share, 0.02);
  }
}

TEST_F(OccupancyTasks, TheOddPointsAreNearTheSurface) {
  for (const double spread : {0.01, 0.03}) {
    OccupancyTask task = task_of(occupancy_epoch, 1, spread);
    const Samples s = sample(task, 0);
    double squares = 0;
    std::size_t far = 0;
    for (std::size_t i = 0; i < occupancy_epoch; ++i) {
      const auto number = [&](std::size_t axis) {
        return static_cast<float>(s.coordinates[3 * i + axis]);
      };
      const double distance =
          distance_to_torus({number(0), number(1), number(2)}, 0.7f, 0.28f) / spread;
      if (i % 2 == 1) {
        squares += distance * distance / (occupancy_epoch / 2);
      } else {
        far += std::fabs(distance) > 5;
      }
    }
    // The ring is curved and made of flat faces: not exactly 1.
    EXPECT_NEAR(std::sqrt(squares), 1, 0.06);
    EXPECT_GT(far, occupancy_epoch / 4);
  }
}

TEST_F(OccupancyTasks, TheSamePointsForEveryBatch) {
  OccupancyTask whole = task_of(occupancy_epoch);
  ASSERT_EQ(whole.shape().steps_per_epoch(), 1u);
  const Samples expected[] = {sample(whole, 0), sample(whole, 1)};
  EXPECT_NE(expected[0], expected[1]);
  for (const std::size_t batch : {7000u, 25'000u, 333u}) {
    OccupancyTask task = task_of(batch);
    for (const std::uint64_t number : {0u, 1u})
      EXPECT_EQ(epoch(task, number), expected[number]) << batch;
  }
}

TEST_F(OccupancyTasks, TheLastMinibatchHasWhatIsLeft) {
  OccupancyTask task = task_of(7000);
  EXPECT_EQ(task.shape().steps_per_epoch(), 8u);
  for (std::uint64_t step = 0; step < 17; ++step)
    EXPECT_EQ(task.sample(step).size, step % 8 == 7 ? 1000u : 7000u) << step;
}

TEST_F(OccupancyTasks, NoPointComesTwice) {
  OccupancyTask task = task_of(5000);
  std::vector<std::array<double, 3>> all;
  for (std::uint64_t step = 0; step < 20; ++step) {
    const Samples s = sample(task, step);
    for (std::size_t i = 0; i < s.targets.size(); ++i)
      all.push_back({s.coordinates[3 * i], s.coordinates[3 * i + 1], s.coordinates[3 * i + 2]});
  }
  std::sort(all.begin(), all.end());
  EXPECT_TRUE(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_F(OccupancyTasks, AnyNumberOfThreadsAnyStepFirst) {
  OccupancyTask plain = task_of(3000);
  std::vector<Samples> all;
  for (std::uint64_t step = 0; step < 20; ++step) all.push_back(sample(plain, step));
  for (const int threads : {1, 2, 3}) {
    const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(threads), Precision::f64);
    for (const std::uint64_t step : {18u, 4u, 16u, 17u, 0u}) {
      OccupancyTask fresh(*backend, dataset_, 1, 3000, occupancy_spread);
      EXPECT_EQ(sample(*backend, fresh, step), all[step]) << step;
      EXPECT_EQ(sample(plain, step), all[step]) << step;  // and by going back
    }
  }
}

TEST_F(OccupancyTasks, TheSeedDecides) {
  OccupancyTask a = task_of(100, 3), b = task_of(100, 3), c = task_of(100, 4);
  EXPECT_EQ(sample(a, 5), sample(b, 5));
  EXPECT_NE(sample(a, 5), sample(c, 5));
}

TEST_F(OccupancyTasks, ABatchIsAtMostAnEpoch) {
  EXPECT_EQ(occupancy_shape(*dataset_, 1'000'000).batch, occupancy_epoch);
  EXPECT_EQ(occupancy_shape(*dataset_, 0).batch, 1u);
  const TaskShape shape = occupancy_shape(*dataset_, 5000);
  EXPECT_EQ(shape.field.coordinates, 3);
  EXPECT_EQ(shape.field.outputs, 1);
  EXPECT_EQ(shape.loss, LossKind::bce);
  EXPECT_EQ(shape.epoch, 50'000u);
  EXPECT_EQ(shape.steps_per_epoch(), 10u);
}

TEST_F(OccupancyTasks, DrawsForADiagnosis) {
  OccupancyTask task = task_of(100);
  const Task::Samples drawn = task.draw(500, 9), more = task.draw(600, 9),
                      other = task.draw(500, 8);
  ASSERT_EQ(drawn.coordinates.size(), 1500u);
  ASSERT_EQ(drawn.targets.size(), 500u);
  EXPECT_NE(other.coordinates, drawn.coordinates);
  EXPECT_TRUE(std::equal(drawn.targets.begin(), drawn.targets.end(), more.targets.begin()));
  for (std::size_t i = 0; i < 500; ++i) {
    const auto number = [&](std::size_t axis) {
      return static_cast<float>(drawn.coordinates[3 * i + axis]);
    };
    const Vec3 p = {number(0), number(1), number(2)};
    EXPECT_EQ(drawn.targets[i], dataset_->solid().inside(p) ? 1 : 0);
  }
}

// ---- evaluation ---------------------------------------------------------------------------------

/// The logit w . p + b of a network without hidden layers.
Field plane_field() {
  return make_field("sine", {}, 3, 1);
}

class OccupancyEvaluations : public OccupancyTasks {
 protected:
  Quality evaluate(const Field& field, const std::vector<double>& weights,
                   std::size_t slice = 1 << 15) {
    const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(2), Precision::f32);
    OccupancyTask task(*backend, dataset_, 1, 100, occupancy_spread);
    const auto evaluation = task.evaluate(field.network(), upload(*backend, weights));
    while (!evaluation->advance(slice)) {
    }
    EXPECT_EQ(evaluation->result().picture, nullptr);
    return evaluation->result();
  }
};

TEST_F(OccupancyEvaluations, AgreeWithThePlainDefinitions) {
  // Powers of two: the logits are the same numbers in any order of computation.
  const std::vector<double> weights = {0, 0, 8, -2};
  const Quality got = evaluate(plane_field(), weights);
  double both = 0, either = 0, right = 0, entropy = 0, uniform_both = 0, uniform_either = 0;
  const auto& [points, inside] = dataset_->held_out();
  const auto n = static_cast<double>(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double logit = 8 * points[i].z - 2;
    const bool truth = inside[i] == 1, told = points[i].z > 0.25f;
    const double probability = 1 / (1 + std::exp(-logit));
    entropy -= std::log(truth ? probability : 1 - probability);
    right += truth == told;
    both += truth && told;
    either += truth || told;
    if (i % 2 == 0) {
      uniform_both += truth && told;
      uniform_either += truth || told;
    }
  }
  EXPECT_GT(both, 0);
  EXPECT_DOUBLE_EQ(got.iou, both / either);
  EXPECT_DOUBLE_EQ(got.accuracy, right / n);
  EXPECT_DOUBLE_EQ(got.uniform_iou, uniform_both / uniform_either);
  EXPECT_NE(got.iou, got.uniform_iou);
  EXPECT_NEAR(got.bce, entropy / n, 1e-6 * entropy / n);
  EXPECT_EQ(got.score(), got.iou);
  EXPECT_TRUE(std::isnan(got.psnr) && std::isnan(got.mse));
}

TEST_F(OccupancyEvaluations, LargeLogitsDoNotOverflow) {
  const Quality got = evaluate(plane_field(), {0, 0, 0, 1e6});  // all told inside, for certain
  const auto& inside = dataset_->held_out().inside;
  const double share = static_cast<double>(std::count(inside.begin(), inside.end(), 1)) /
                       static_cast<double>(inside.size());
  EXPECT_DOUBLE_EQ(got.iou, share);
  EXPECT_DOUBLE_EQ(got.accuracy, share);
  EXPECT_NEAR(got.bce, 1e6 * (1 - share), 1);
}

TEST_F(OccupancyEvaluations, ALogitOfNothingIsOutside) {
  const Quality got = evaluate(plane_field(), {0, 0, 0, 0});
  EXPECT_EQ(got.iou, 0);
  EXPECT_NEAR(got.bce, std::log(2), 1e-9);
}

TEST_F(OccupancyEvaluations, TheSameBitsForAnySlices) {
  const Field field = make_field("sine", {20, 17}, 3, 1);
  const std::vector<double> weights = field.initial_weights(4);
  const Quality whole = evaluate(field, weights, MeshDataset::held_out_points);
  EXPECT_GT(whole.iou, 0);
  for (const std::size_t slice : {std::size_t{1} << 15, std::size_t{1000}, std::size_t{321}}) {
    const Quality got = evaluate(field, weights, slice);
    EXPECT_EQ(got.bce, whole.bce) << slice;
    EXPECT_EQ(got.iou, whole.iou) << slice;
    EXPECT_EQ(got.accuracy, whole.accuracy) << slice;
    EXPECT_EQ(got.uniform_iou, whole.uniform_iou) << slice;
  }
}

TEST_F(OccupancyEvaluations, WhatIsNoNumberHasNoScore) {
  for (std::size_t bad = 0; bad < 4; ++bad) {
    std::vector<double> weights = {0, 0, 8, -2};
    weights[bad] = std::nan("");
    const Quality got = evaluate(plane_field(), weights);
    EXPECT_TRUE(std::isnan(got.bce) && std::isnan(got.iou) && std::isnan(got.accuracy) &&
                std::isnan(got.uniform_iou) && std::isnan(got.score()));
  }
}

TEST_F(OccupancyEvaluations, NothingInsideAndNothingToldAgree) {
  Mesh square;  // encloses nothing
  square.vertices = {{-1, -1, 0}, {1, -1, 0}, {1, 1, 0}, {-1, 1, 0}};
  square.triangles = {{0, 1, 2}, {0, 2, 3}};
  dataset_ = dataset_of(square);
  const auto& inside = dataset_->held_out().inside;
  ASSERT_EQ(std::count(inside.begin(), inside.end(), 1), 0);
  const Quality none = evaluate(plane_field(), {0, 0, 0, -4});
  EXPECT_EQ(none.iou, 1);
  EXPECT_EQ(none.uniform_iou, 1);
  EXPECT_EQ(none.accuracy, 1);
  const Quality all = evaluate(plane_field(), {0, 0, 0, 4});
  EXPECT_EQ(all.iou, 0);
  EXPECT_EQ(all.accuracy, 0);
}

TEST_F(OccupancyEvaluations, TheWeightsAreCopied) {
  const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(1), Precision::f32);
  OccupancyTask task(*backend, dataset_, 1, 100, occupancy_spread);
  Buffer weights = upload(*backend, {0, 0, 8, -2});
  const auto evaluation = task.evaluate(plane_field().network(), weights);
  evaluation->advance(1000);
  backend->upload(weights, std::span<const double>(std::vector<double>{0, 0, 0, 100}));
  while (!evaluation->advance(1 << 15)) {
  }
  EXPECT_EQ(evaluation->result().iou, evaluate(plane_field(), {0, 0, 8, -2}).iou);
}

}  // namespace
}  // namespace fieldscope
