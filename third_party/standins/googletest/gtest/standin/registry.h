// The tests of a program, and what happens to the one that runs. Part of the stand-in for
// GoogleTest; gtest_main.cpp is the other half.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/standin/print.h>

namespace testing {

/// What fixtures derive from.
class Test {
 public:
  virtual ~Test() = default;
  static void SetUpTestSuite() {}
  static void TearDownTestSuite() {}
  static bool HasFailure();
  static bool HasFatalFailure();
  static bool IsSkipped();

  /// Sets up, runs the body unless that failed or skipped the test, and tears down. Nothing that is
  /// thrown comes out.
  void Run();

 protected:
  virtual void SetUp() {}
  virtual void TearDown() {}
  virtual void TestBody() = 0;
};

template <class T>
class WithParamInterface {
 public:
  using ParamType = T;
  static const T& GetParam() { return *parameter; }

  static inline const T* parameter = nullptr;  ///< of the test that runs
};
template <class T>
class TestWithParam : public Test, public WithParamInterface<T> {};

/// What the function that names an instance is told.
template <class T>
struct TestParamInfo {
  T param;
  std::size_t index;
};

class TestInfo {
 public:
  TestInfo(std::string suite, std::string name, std::string parameter,
           std::function<std::unique_ptr<Test>()> make)
      : suite_(std::move(suite)),
        name_(std::move(name)),
        parameter_(std::move(parameter)),
        make_(std::move(make)) {}
  const char* test_suite_name() const { return suite_.c_str(); }
  const char* name() const { return name_.c_str(); }
  const std::string& parameter_text() const { return parameter_; }
  std::unique_ptr<Test> make() const { return make_(); }

 private:
  std::string suite_, name_, parameter_;
  std::function<std::unique_ptr<Test>()> make_;
};

class UnitTest {
 public:
  static UnitTest* GetInstance();
  const TestInfo* current_test_info() const { return current; }

  const TestInfo* current = nullptr;
};

/// What a parametrised suite can be instantiated with: becomes a std::deque of any type that the
/// values convert to (a std::vector would not hold bool as such).
template <class... Values>
struct ValueList {
  std::tuple<Values...> values;

  template <class T>
  operator std::deque<T>() const {
    return std::apply([](const auto&... value) { return std::deque<T>{T(value)...}; }, values);
  }
};
template <class... T>
ValueList<std::decay_t<T>...> Values(T&&... values) {
  return {{std::forward<T>(values)...}};
}
inline ValueList<bool, bool> Bool() {
  return {{false, true}};
}
template <class Range>
auto ValuesIn(const Range& range) {
  return std::deque(std::begin(range), std::end(range));
}

namespace internal {

struct Suite {
  std::string name;
  void (*set_up)();
  void (*tear_down)();
  std::vector<TestInfo> tests;
};

/// The suite of that name, made where it is new.
Suite& suite_named(const std::string& name, void (*set_up)(), void (*tear_down)());

/// Later, when all of the program's tests and instances are known.
void when_all_are_known(std::function<void()> action);

template <class Fixture>
Suite& suite_of(const std::string& name) {
  return suite_named(name, &Fixture::SetUpTestSuite, &Fixture::TearDownTestSuite);
}

template <class T>
bool add_test(const char* suite, const char* name) {
  suite_of<T>(suite).tests.emplace_back(suite, name, "", [] { return std::make_unique<T>(); });
  return true;
}

/// The tests of a parametrised suite, which each of its instances has.
template <class Fixture>
struct Pattern {
  std::string name;
  std::function<std::unique_ptr<Test>()> make;
};
template <class Fixture>
std::vector<Pattern<Fixture>>& patterns() {
  static std::vector<Pattern<Fixture>> all;
  return all;
}

template <class Fixture, class T>
bool add_pattern(const char* name) {
  patterns<Fixture>().push_back({name, [] { return std::make_unique<T>(); }});
  return true;
}

/// By number.
struct DefaultName {
  template <class T>
  std::string operator()(const TestParamInfo<T>& info) const {
    return std::to_string(info.index);
  }
};

template <class Fixture, class Name = DefaultName>
bool instantiate(const char* prefix, const char* suite,
                 std::deque<typename Fixture::ParamType> values, Name name = {}) {
  using Value = typename Fixture::ParamType;
  const auto kept = std::make_shared<const std::deque<Value>>(std::move(values));
  when_all_are_known([=, full_name = std::string(prefix) + "/" + suite] {
    Suite& to = suite_of<Fixture>(full_name);
    for (const Pattern<Fixture>& pattern : patterns<Fixture>())
      for (std::size_t i = 0; i < kept->size(); ++i) {
        const Value& value = (*kept)[i];
        to.tests.emplace_back(
            full_name, pattern.name + "/" + std::string(name(TestParamInfo<Value>{value, i})),
            PrintToString(value), [kept, &value, make = pattern.make] {
              Fixture::parameter = &value;
              return make();
            });
      }
  });
  return true;
}

}  // namespace internal
}  // namespace testing
