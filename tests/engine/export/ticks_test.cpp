#include "engine/export/ticks.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

using Ticks = std::vector<double>;

TEST(TicksOfAxes, LinearAreRoundNumbers) {
  EXPECT_EQ(linear_ticks(0, 1280, 7), (Ticks{0, 200, 400, 600, 800, 1000, 1200}));
  EXPECT_EQ(linear_ticks(0, 1280, 4), (Ticks{0, 500, 1000}));
  EXPECT_EQ(linear_ticks(0, 0.15, 5), (Ticks{0, 0.05, 0.1, 0.15}));
  EXPECT_EQ(linear_ticks(-1, 1, 5), (Ticks{-1, -0.5, 0, 0.5, 1}));
  EXPECT_TRUE(linear_ticks(1, 1, 5).empty());
  EXPECT_TRUE(linear_ticks(0, std::numeric_limits<double>::infinity(), 5).empty());
}

TEST(TicksOfAxes, NeverMoreThanAskedFor) {
  for (double low = -3; low < 3; low += 0.37) {
    for (double length = 1e-6; length < 1e9; length *= 3.3) {
      for (const int most : {2, 3, 5, 9}) {
        const auto ticks = linear_ticks(low, low + length, most);
        EXPECT_LE(static_cast<int>(ticks.size()), most);
        EXPECT_TRUE(std::is_sorted(ticks.begin(), ticks.end()));
      }
    }
  }
}

TEST(TicksOfAxes, LogarithmicTicksAreOneTwoFive) {
  EXPECT_EQ(log_ticks(0.002, 0.3, 9), (Ticks{0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2}));
  EXPECT_EQ(log_ticks(1e-5, 1, 6), (Ticks{1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1}));
  EXPECT_EQ(log_ticks(1e-12, 1, 5), (Ticks{1e-12, 1e-9, 1e-6, 1e-3, 1}));
  EXPECT_EQ(log_ticks(3, 4, 5), linear_ticks(3, 4, 5));
  EXPECT_TRUE(log_ticks(0, 1, 5).empty());
}

TEST(TicksOfAxes, Labels) {
  EXPECT_EQ(tick_label(0), "0");
  EXPECT_EQ(tick_label(0.05), "0.05");
  EXPECT_EQ(tick_label(0.001), "0.001");
  EXPECT_EQ(tick_label(2e-5), "2·10⁻⁵");
  EXPECT_EQ(tick_label(1e-12), "10⁻¹²");
  EXPECT_EQ(tick_label(1200), "1200");
  EXPECT_EQ(tick_label(25000), "25k");
  EXPECT_EQ(tick_label(2e6), "2M");
  EXPECT_EQ(tick_label(-0.5), "-0.5");
}

TEST(TicksOfAxes, RoundingUp) {
  EXPECT_EQ(round_up_125(0.11), 0.2);
  EXPECT_EQ(round_up_125(0.2), 0.2);
  EXPECT_EQ(round_up_125(51), 100);
  EXPECT_EQ(round_up_scale(0.11), 0.15);
  EXPECT_EQ(round_up_scale(0.9), 1);
}

TEST(Spread, KeepsLabelsApartInOrderAndInside) {
  const Ticks wanted = {50, 51, 52, 10, 99, 98};
  Ticks placed = wanted;
  spread(placed, 15, 0, 100);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_GE(placed[i], 0);
    EXPECT_LE(placed[i], 100);
    for (std::size_t j = 0; j < wanted.size(); ++j) {
      if (wanted[i] < wanted[j]) {
        EXPECT_GE(placed[j] - placed[i], 15 - 1e-9);
      }
    }
  }
  EXPECT_EQ(placed[3], 10) << "a label with room of its own stays where it is";
}

TEST(Spread, TooManyForTheRoomStillKeepDistance) {
  Ticks placed(8, 5.0);
  spread(placed, 15, 0, 60);
  std::sort(placed.begin(), placed.end());
  EXPECT_EQ(placed.front(), 0);
  for (std::size_t i = 1; i < placed.size(); ++i) EXPECT_NEAR(placed[i] - placed[i - 1], 15, 1e-9);
}

TEST(TicksOfAxes, PrintedLabelsHaveAMinus) {
  EXPECT_EQ(printed_label(-20), "−20");
  EXPECT_EQ(printed_label(20), "20");
}

TEST(Ticks, AnAxisHasOneNotation) {
  EXPECT_EQ(printed_labels({1e5, 1e7, 1e9}), (std::vector<std::string>{"10⁵", "10⁷", "10⁹"}));
  EXPECT_EQ(printed_labels({1e5, 1e6}), (std::vector<std::string>{"100k", "1M"}));
  EXPECT_EQ(printed_labels({0, 2e9}), (std::vector<std::string>{"0", "2·10⁹"}));
}

}  // namespace
}  // namespace fieldscope
