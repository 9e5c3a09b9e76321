#include "engine/backend/flops.h"

#include <gtest/gtest.h>

#include "engine/backend/cpu/peak.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using test::make_field;

FlopsPerSample flops_of(const std::string& activation, std::vector<int> hidden,
                        KnobValues knobs = {}) {
  return count_flops(make_field(activation, std::move(hidden), 2, 3, std::move(knobs)).network());
}

TEST(Flops, PaperNetwork) {
  // Multiply-adds of the first map, of the others, and of the output.
  const double first = 2 * 256, others = 3 * 256 * 256 + 256 * 3;
  const FlopsPerSample flops = flops_of("sine", {256, 256, 256, 256});
  EXPECT_EQ(flops.inference, 2 * (first + others));
  EXPECT_EQ(flops.gradient, 2 * (2 * first + 3 * others));
  EXPECT_EQ(flops.product, 2 * (4 * first + 9 * others));
}

TEST(Flops, TwoMapsAreTwice) {
  const FlopsPerSample flops = flops_of("wavelet", {8, 4});
  const double first = 2 * (2 * 8), hidden = 2 * (8 * 4), output = 4 * 3;
  EXPECT_EQ(flops.inference, 2 * (first + hidden + output));
  EXPECT_EQ(flops.gradient, 2 * (2 * first + 3 * (hidden + output)));
  EXPECT_EQ(flops.product, 2 * (4 * first + 9 * (hidden + output)));
}

TEST(Flops, EncodingWidensTheFirstMap) {
  const FlopsPerSample flops = flops_of("relu_pe", {5}, {{"levels", 3}});
  const double first = 2 * (1 + 2 * 3) * 5, output = 5 * 3;
  EXPECT_EQ(flops.inference, 2 * (first + output));
  EXPECT_EQ(flops.gradient, 2 * (2 * first + 3 * output));
}

TEST(Flops, WithoutHiddenLayersTheOutputIsFirst) {
  const FlopsPerSample flops = flops_of("relu", {});
  EXPECT_EQ(flops.inference, 2 * 6);
  EXPECT_EQ(flops.gradient, 2 * 12);
  EXPECT_EQ(flops.product, 2 * 24);
}

TEST(Flops, AViewDirectionHasNoDerivatives) {
  const FlopsPerSample flops =
      count_flops(test::make_field("sine", {8, 6}, {6, 4, 3, true}).network());
  // What has none in the first map and in the head's; what has one.
  const double first = 3 * 8, view = 3 * 3, others = 8 * 6 + 6 * 1 + 6 * 3 + 3 * 3;
  EXPECT_EQ(flops.inference, 2 * (first + view + others));
  EXPECT_EQ(flops.gradient, 2 * (2 * (first + view) + 3 * others));
  EXPECT_EQ(flops.product, 2 * (4 * (first + view) + 9 * others));
}

TEST(FmaPeak, CountsEveryThread) {
  // Any processor of this century does a tenth of a GFLOP/s, none yet a thousand on a thread.
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    const double peak = measure_fma_peak(pool, 0.002);
    EXPECT_GT(peak, 0.1) << threads;
    EXPECT_LT(peak, 1000.0 * threads) << threads;
  }
}

}  // namespace
}  // namespace fieldscope
