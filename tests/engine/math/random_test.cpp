#include "engine/math/random.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

constexpr int count = 200000;

TEST(Random, UniformHasTheRightMeanVarianceAndNoSerialCorrelation) {
  const std::uint64_t key = random_key(3, Stream::weights, 7);
  double sum = 0, squares = 0, products = 0;
  for (int i = 0; i < count; ++i) {
    const double x = random_uniform(key, i) - 0.5;
    sum += x;
    squares += x * x;
    products += x * (random_uniform(key, i + 1) - 0.5);
  }
  // Five standard deviations of each estimate.
  EXPECT_NEAR(sum / count, 0, 5 * std::sqrt(1.0 / 12 / count));
  EXPECT_NEAR(squares / count, 1.0 / 12, 5 * std::sqrt(1.0 / 180 / count));
  EXPECT_NEAR(products / count, 0, 5 / 12.0 / std::sqrt(count));
}

TEST(Random, SignsAreBalancedAndStreamsIndependent) {
  double sum = 0, agreement = 0;
  const std::uint64_t a = random_key(0, Stream::probes, 0), b = random_key(0, Stream::probes, 1);
  for (int i = 0; i < count; ++i) {
    sum += random_sign(a, i);
    agreement += random_sign(a, i) * random_sign(b, i);
  }
  EXPECT_NEAR(sum / count, 0, 5 / std::sqrt(count));
  EXPECT_NEAR(agreement / count, 0, 5 / std::sqrt(count));
}

TEST(Random, BelowIsUniformOverItsRange) {
  std::vector<int> hits(10);
  for (int i = 0; i < count; ++i) ++hits.at(random_below(random_key(1, Stream::batches, 2), i, 10));
  for (int h : hits) EXPECT_NEAR(h, count / 10, 5 * std::sqrt(count * 0.09));
}

TEST(Random, KeysDifferInEveryArgument) {
  const std::uint64_t key = random_key(1, Stream::weights, 1);
  EXPECT_NE(key, random_key(2, Stream::weights, 1));
  EXPECT_NE(key, random_key(1, Stream::batches, 1));
  EXPECT_NE(key, random_key(1, Stream::weights, 2));
}

}  // namespace
}  // namespace fieldscope
