// Stand-in for gtest/gtest.h, for machines that do not have GoogleTest (package libgtest-dev): its
// macros as far as the tests use them, and a program around the tests (gtest_main.cpp) that CMake's
// gtest_discover_tests understands. What it lacks is listed in third_party/README.md.
#pragma once

#include <cmath>
#include <concepts>
#include <cstring>
#include <exception>
#include <functional>
#include <limits>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

#include <gtest/standin/registry.h>

namespace testing {

/// Text that grows by <<.
class Message {
 public:
  template <class T>
  Message& operator<<(const T& value) {
    out_ << value;
    return *this;
  }
  std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

namespace internal {

enum class Outcome { failed, fatally_failed, skipped };

/// Tells of something that happened at a place: `Report(...) = Message() << more;`.
class Report {
 public:
  Report(Outcome outcome, const char* file, int line, std::string text)
      : outcome_(outcome), file_(file), line_(line), text_(std::move(text)) {}
  void operator=(const Message& more) const;

 private:
  Outcome outcome_;
  const char* file_;
  int line_;
  std::string text_;
};

/// One line of context for what is reported while it lives, on its thread.
class Trace {
 public:
  Trace(const char* file, int line, const std::string& text);
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
};

void CaptureStdout();
std::string GetCapturedStdout();

/// What is wrong, and nothing if all is well.
class Check {
 public:
  Check(bool passed, std::string text) : passed_(passed), text_(std::move(text)) {}
  explicit operator bool() const { return passed_; }
  const std::string& text() const { return text_; }

 private:
  bool passed_;
  std::string text_;
};

/// What the last check on this thread found wrong. Not a variable in the macros: a check may
/// contain a function that contains checks, whose variables would then hide each other.
inline std::string& failure() {
  static thread_local std::string text;
  return text;
}
inline bool passed(const Check& check) {
  if (!check) failure() = check.text();
  return static_cast<bool>(check);
}

template <class T>
Check check_bool(const T& value, bool wanted, const char* expression) {
  const bool actual = static_cast<bool>(value);
  if (actual == wanted) return {true, ""};
  return {false, std::string("Value of: ") + expression + "\n  Actual: " + PrintToString(actual) +
                     "\nExpected: " + PrintToString(wanted)};
}

/// Whole numbers of different signs compare by value, without the compiler's warning.
template <class A, class B>
concept MixedSigns = std::integral<A> && std::integral<B> && !std::same_as<A, bool> &&
                     !std::same_as<B, bool> && std::is_signed_v<A> != std::is_signed_v<B>;

#define STANDIN_COMPARISON(name, op, mixed)         \
  struct name {                                     \
    static constexpr const char* text = #op;        \
    template <class A, class B>                     \
    bool operator()(const A& a, const B& b) const { \
      if constexpr (MixedSigns<A, B>)               \
        return mixed(a, b);                         \
      else                                          \
        return static_cast<bool>(a op b);           \
    }                                               \
  }
STANDIN_COMPARISON(Equal, ==, std::cmp_equal);
STANDIN_COMPARISON(NotEqual, !=, std::cmp_not_equal);
STANDIN_COMPARISON(Less, <, std::cmp_less);
STANDIN_COMPARISON(LessEqual, <=, std::cmp_less_equal);
STANDIN_COMPARISON(Greater, >, std::cmp_greater);
STANDIN_COMPARISON(GreaterEqual, >=, std::cmp_greater_equal);
#undef STANDIN_COMPARISON

inline std::string comparison_text(const char* a, const std::string& a_value, const char* op,
                                   const char* b, const std::string& b_value) {
  return std::string("Expected: ") + a + " " + op + " " + b + "\n  Actual: " + a_value + " and " +
         b_value;
}

template <class Comparison, class A, class B>
Check check(const char* a_text, const char* b_text, const A& a, const B& b) {
  if (Comparison()(a, b)) return {true, ""};
  return {false,
          comparison_text(a_text, PrintToString(a), Comparison::text, b_text, PrintToString(b))};
}

inline Check check_near(const char* a_text, const char* b_text, double a, double b,
                        double tolerance) {
  const double difference = std::fabs(a - b);
  if (difference <= tolerance || a == b) return {true, ""};
  return {false, comparison_text(a_text, PrintToString(a), "near", b_text, PrintToString(b)) +
                     ", which differ by " + PrintToString(difference) + ", more than " +
                     PrintToString(tolerance)};
}

/// At most four representable numbers apart.
template <class Float>
Check check_almost(const char* a_text, const char* b_text, Float a, Float b) {
  Float low = b, high = b;
  for (int i = 0; i < 4; ++i) {
    low = std::nextafter(low, -std::numeric_limits<Float>::infinity());
    high = std::nextafter(high, std::numeric_limits<Float>::infinity());
  }
  if (low <= a && a <= high) return {true, ""};
  return {false, comparison_text(a_text, PrintToString(a), "almost ==", b_text, PrintToString(b))};
}

inline Check check_text(const char* a_text, const char* b_text, const char* a, const char* b,
                        bool same) {
  const bool are_same = a && b ? std::strcmp(a, b) == 0 : a == b;
  if (are_same == same) return {true, ""};
  return {false,
          comparison_text(a_text, PrintToString(a), same ? "==" : "!=", b_text, PrintToString(b))};
}

/// What the exception that is being handled says of itself.
std::string caught_text();

template <class Expected, class Statement>
Check check_throw(const char* expected, const Statement& statement) {
  std::string got = "nothing";
  try {
    statement();
  } catch (const Expected&) {
    return {true, ""};
  } catch (...) {
    got = caught_text();
  }
  return {false, std::string("Expected: throws ") + expected + "\n  Actual: throws " + got};
}

template <class Statement>
Check check_no_throw(const Statement& statement) {
  try {
    statement();
    return {true, ""};
  } catch (...) {
    return {false, "Expected: throws nothing\n  Actual: throws " + caught_text()};
  }
}

}  // namespace internal
}  // namespace testing

// Every check ends in something that takes <<, and is no "if" that a following "else" could join.
#define STANDIN_REPORT_(outcome, text)                                                           \
  ::testing::internal::Report(::testing::internal::Outcome::outcome, __FILE__, __LINE__, text) = \
      ::testing::Message()
#define STANDIN_EXPECT_(check)                              \
  ::testing::internal::passed(check) ? static_cast<void>(0) \
                                     : STANDIN_REPORT_(failed, ::testing::internal::failure())
#define STANDIN_ASSERT_(check)                \
  while (!::testing::internal::passed(check)) \
  return STANDIN_REPORT_(fatally_failed, ::testing::internal::failure())

#define STANDIN_COMPARE_(comparison, a, b) \
  ::testing::internal::check<::testing::internal::comparison>(#a, #b, a, b)

#define EXPECT_TRUE(x) STANDIN_EXPECT_(::testing::internal::check_bool(x, true, #x))
#define EXPECT_FALSE(x) STANDIN_EXPECT_(::testing::internal::check_bool(x, false, #x))
#define EXPECT_EQ(a, b) STANDIN_EXPECT_(STANDIN_COMPARE_(Equal, a, b))
#define EXPECT_NE(a, b) STANDIN_EXPECT_(STANDIN_COMPARE_(NotEqual, a, b))
#define EXPECT_LT(a, b) STANDIN_EXPECT_(STANDIN_COMPARE_(Less, a, b))
#define EXPECT_LE(a, b) STANDIN_EXPECT_(STANDIN_COMPARE_(LessEqual, a, b))
#define EXPECT_GT(a, b) STANDIN_EXPECT_(STANDIN_COMPARE_(Greater, a, b))
#define EXPECT_GE(a, b) STANDIN_EXPECT_(STANDIN_COMPARE_(GreaterEqual, a, b))
#define EXPECT_NEAR(a, b, tolerance) \
  STANDIN_EXPECT_(::testing::internal::check_near(#a, #b, a, b, tolerance))
#define EXPECT_FLOAT_EQ(a, b) \
  STANDIN_EXPECT_(::testing::internal::check_almost<float>(#a, #b, a, b))
#define EXPECT_DOUBLE_EQ(a, b) \
  STANDIN_EXPECT_(::testing::internal::check_almost<double>(#a, #b, a, b))
#define EXPECT_STREQ(a, b) STANDIN_EXPECT_(::testing::internal::check_text(#a, #b, a, b, true))
#define EXPECT_STRNE(a, b) STANDIN_EXPECT_(::testing::internal::check_text(#a, #b, a, b, false))
#define EXPECT_THROW(statement, type) \
  STANDIN_EXPECT_(::testing::internal::check_throw<type>(#type, [&] { statement; }))
#define EXPECT_NO_THROW(statement) \
  STANDIN_EXPECT_(::testing::internal::check_no_throw([&] { statement; }))

// The same, and the function that they stand in ends.
#define ASSERT_TRUE(x) STANDIN_ASSERT_(::testing::internal::check_bool(x, true, #x))
#define ASSERT_FALSE(x) STANDIN_ASSERT_(::testing::internal::check_bool(x, false, #x))
#define ASSERT_EQ(a, b) STANDIN_ASSERT_(STANDIN_COMPARE_(Equal, a, b))
#define ASSERT_NE(a, b) STANDIN_ASSERT_(STANDIN_COMPARE_(NotEqual, a, b))
#define ASSERT_LT(a, b) STANDIN_ASSERT_(STANDIN_COMPARE_(Less, a, b))
#define ASSERT_LE(a, b) STANDIN_ASSERT_(STANDIN_COMPARE_(LessEqual, a, b))
#define ASSERT_GT(a, b) STANDIN_ASSERT_(STANDIN_COMPARE_(Greater, a, b))
#define ASSERT_GE(a, b) STANDIN_ASSERT_(STANDIN_COMPARE_(GreaterEqual, a, b))
#define ASSERT_NEAR(a, b, tolerance) \
  STANDIN_ASSERT_(::testing::internal::check_near(#a, #b, a, b, tolerance))
#define ASSERT_FLOAT_EQ(a, b) \
  STANDIN_ASSERT_(::testing::internal::check_almost<float>(#a, #b, a, b))
#define ASSERT_DOUBLE_EQ(a, b) \
  STANDIN_ASSERT_(::testing::internal::check_almost<double>(#a, #b, a, b))
#define ASSERT_STREQ(a, b) STANDIN_ASSERT_(::testing::internal::check_text(#a, #b, a, b, true))
#define ASSERT_STRNE(a, b) STANDIN_ASSERT_(::testing::internal::check_text(#a, #b, a, b, false))
#define ASSERT_THROW(statement, type) \
  STANDIN_ASSERT_(::testing::internal::check_throw<type>(#type, [&] { statement; }))
#define ASSERT_NO_THROW(statement) \
  STANDIN_ASSERT_(::testing::internal::check_no_throw([&] { statement; }))

#define ADD_FAILURE() STANDIN_REPORT_(failed, "Failed")
#define FAIL() return STANDIN_REPORT_(fatally_failed, "Failed")
#define GTEST_FAIL() FAIL()
#define SUCCEED() static_cast<void>(0), ::testing::Message()
#define GTEST_SKIP() return STANDIN_REPORT_(skipped, "")

#define STANDIN_JOIN_(a, b) a##b
#define STANDIN_NAME_(a, b) STANDIN_JOIN_(a, b)
#define SCOPED_TRACE(what)                                                  \
  const ::testing::internal::Trace STANDIN_NAME_(standin_trace_, __LINE__)( \
      __FILE__, __LINE__, (::testing::Message() << (what)).text())

#define STANDIN_TEST_(suite, name, fixture, add)  \
  class suite##_##name##_Test : public fixture {  \
    void TestBody() override;                     \
    static const bool added_;                     \
  };                                              \
  const bool suite##_##name##_Test::added_ = add; \
  void suite##_##name##_Test::TestBody()
#define TEST_F(fixture, name)           \
  STANDIN_TEST_(fixture, name, fixture, \
                ::testing::internal::add_test<fixture##_##name##_Test>(#fixture, #name))
#define TEST(suite, name)                     \
  STANDIN_TEST_(suite, name, ::testing::Test, \
                ::testing::internal::add_test<suite##_##name##_Test>(#suite, #name))
#define TEST_P(fixture, name)           \
  STANDIN_TEST_(fixture, name, fixture, \
                (::testing::internal::add_pattern<fixture, fixture##_##name##_Test>(#name)))
// After the name: the values, and if wanted a function that names each.
#define INSTANTIATE_TEST_SUITE_P(prefix, fixture, ...)                      \
  [[maybe_unused]] const bool standin_##prefix##_##fixture##_instantiated = \
      ::testing::internal::instantiate<fixture>(#prefix, #fixture, __VA_ARGS__)
