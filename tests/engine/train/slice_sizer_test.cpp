#include "engine/train/slice_sizer.h"

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

/// After some slices on a machine that needs so long for a sample.
SliceSizer settled(double seconds_per_sample, SliceSizer sizer = {}) {
  for (int i = 0; i < 30; ++i)
    sizer.took(static_cast<double>(sizer.samples()) * seconds_per_sample);
  return sizer;
}

double duration(const SliceSizer& sizer, double seconds_per_sample) {
  return static_cast<double>(sizer.samples()) * seconds_per_sample;
}

TEST(SliceSizer, SettlesAtTheTarget) {
  for (const double each : {0.1e-6, 1e-6, 7e-6, 20e-6}) {
    const double seconds = duration(settled(each), each);
    EXPECT_LE(seconds, SliceSizer::target_seconds);
    EXPECT_GE(seconds, SliceSizer::target_seconds / 2) << each;
  }
}

TEST(SliceSizer, KeepsItsBounds) {
  EXPECT_EQ(settled(0).samples(), SliceSizer::largest);
  EXPECT_EQ(settled(1).samples(), SliceSizer::smallest);
  EXPECT_EQ(settled(3e-7).samples() % SliceSizer::smallest, 0u);
}

TEST(SliceSizer, ShrinksAtOnceAndGrowsCarefully) {
  SliceSizer sizer = settled(0.5e-6);
  const std::size_t before = sizer.samples();
  sizer.took(10 * SliceSizer::target_seconds);  // somebody else was busy
  EXPECT_LE(sizer.samples(), before / 10);
  const std::size_t small = sizer.samples();
  sizer.took(1e-6);
  EXPECT_EQ(sizer.samples(), 2 * small);
}

}  // namespace
}  // namespace fieldscope
