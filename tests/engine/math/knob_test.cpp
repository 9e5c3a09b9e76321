#include "engine/math/knob.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr std::string_view modes[] = {"steps", "refreshes"};
constexpr Knob rate = {"lr", "Rate", "", 1e-3, 1, 0.1, KnobScale::logarithmic, "help"};
constexpr Knob whole = {"n", "Count", "", 1, 9, 3, KnobScale::integer, "help"};
constexpr Knob mode = {"mode", "Mode", "", 0, 1, 0, KnobScale::choice, "help", modes};

TEST(Knob, ReadsNumbersAndChoices) {
  EXPECT_EQ(parse_knob("x", rate, "5e-2"), 0.05);
  EXPECT_EQ(parse_knob("x", whole, "7"), 7);
  EXPECT_EQ(parse_knob("x", mode, "refreshes"), 1);
  EXPECT_EQ(format_knob(mode, 1), "refreshes");
  EXPECT_EQ(format_knob(rate, 0.05), "0.05");
}

TEST(Knob, RefusesWhatIsNotInRangeAndSaysTheRange) {
  for (const char* bad : {"nan", "inf", "2", "0", "-1", "", "0.1x", "lr"})
    EXPECT_THROW(parse_knob("esgd", rate, bad), UsageError) << bad;
  EXPECT_THROW(parse_knob("x", whole, "2.5"), UsageError);
  EXPECT_THROW(parse_knob("x", mode, "sometimes"), UsageError);
  try {
    check_knob("esgd", rate, std::nan(""));
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "esgd: lr=nan is not valid; give a number from 0.001 to 1");
  }
}

}  // namespace
}  // namespace fieldscope
