// Built with GoogleTest and with the stand-in for it: the same tests under the same names end the
// same way, as gtest_outcomes_test.py checks. Half of them fail on purpose.
#include <cstdio>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

TEST(Passing, Comparisons) {
  EXPECT_TRUE(1);
  EXPECT_FALSE(0);
  EXPECT_EQ((std::vector<int>{1, 2}), (std::vector<int>{1, 2})) << "with a text " << 3;
  EXPECT_EQ(std::string("x"), "x");
  EXPECT_NE(1, 2);
  EXPECT_LT(1, 2);
  EXPECT_LE(2, 2);
  EXPECT_GT(2u, 1u);
  EXPECT_GE(2.0, 1);
  EXPECT_NEAR(1, 1.1, 0.11);
  EXPECT_FLOAT_EQ(1.0f, 1.0000001f);
  EXPECT_DOUBLE_EQ(0.1 + 0.2, 0.3);
  EXPECT_STREQ("a", std::string("a").c_str());
  EXPECT_STRNE("a", "b");
  EXPECT_THROW(throw std::out_of_range(""), std::logic_error);
  EXPECT_NO_THROW(static_cast<void>(0));
  ASSERT_EQ(1, 1);
  SUCCEED();
}

TEST(Failing, True) {
  EXPECT_TRUE(false);
}
TEST(Failing, Equal) {
  EXPECT_EQ(1, 2) << "on purpose";
}
TEST(Failing, Near) {
  EXPECT_NEAR(1, 1.2, 0.1);
}
TEST(Failing, NotANumberIsNearNothing) {
  EXPECT_NEAR(1, std::stod("nan"), 1e9);
}
TEST(Failing, Almost) {
  EXPECT_FLOAT_EQ(1.0f, 1.000001f);
}
TEST(Failing, WrongException) {
  EXPECT_THROW(throw 1, std::exception);
}
TEST(Failing, NoException) {
  EXPECT_THROW(static_cast<void>(0), std::exception);
}
TEST(Failing, Uncaught) {
  throw std::runtime_error("nobody catches this");
}
TEST(Failing, AssertionsEndTheFunction) {
  const auto inner = [] { ASSERT_TRUE(false); };
  inner();
  if (HasFatalFailure()) return;
  throw std::logic_error("not reached");
}
TEST(Failing, ChecksInsideChecks) {
  EXPECT_NO_THROW(EXPECT_EQ(1, 2));
}

TEST(Other, Skips) {
  GTEST_SKIP() << "on purpose";
}

/// Its tests come together, whatever stands between them.
TEST(Passing, Nothing) {}

TEST(Other, DISABLED_NeverRuns) {
  FAIL();
}

class Fixture : public testing::Test {
 protected:
  void SetUp() override { value_ = 1; }
  void TearDown() override { EXPECT_EQ(value_, 1); }
  int value_ = 0;
};
TEST_F(Fixture, PassesInTearDown) {
  EXPECT_EQ(value_, 1);
  EXPECT_STREQ(testing::UnitTest::GetInstance()->current_test_info()->name(), "PassesInTearDown");
}
TEST_F(Fixture, FailsInTearDown) {
  value_ = 2;
}

class SkippedInSetUp : public testing::Test {
 protected:
  void SetUp() override { GTEST_SKIP(); }
};
TEST_F(SkippedInSetUp, Body) {
  FAIL();
}

struct Case {
  int number;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << "number-" << c.number;
}
class Numbered : public testing::TestWithParam<Case> {
 protected:
  int number_ = GetParam().number;
};
TEST_P(Numbered, IsOne) {
  EXPECT_EQ(number_, 1);
}
TEST_P(Numbered, IsSmall) {
  EXPECT_LT(number_, 10);
}
INSTANTIATE_TEST_SUITE_P(Some, Numbered, testing::Values(Case{1}, Case{2}));

class Named : public testing::TestWithParam<bool> {};
TEST_P(Named, IsTrue) {
  EXPECT_TRUE(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Both, Named, testing::Bool(),
                         [](const auto& of) { return of.param ? "yes" : "no"; });
INSTANTIATE_TEST_SUITE_P(One, Named, testing::ValuesIn(std::vector<bool>{true}));

TEST(Output, IsCaptured) {
  testing::internal::CaptureStdout();
  std::printf("hidden\n");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "hidden\n");
}

}  // namespace
