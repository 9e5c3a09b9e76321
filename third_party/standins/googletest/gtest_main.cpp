// The program around the tests, for the stand-in for GoogleTest: lists, selects and runs them, with
// the options and the output that CMake's gtest_discover_tests relies on.
#include <chrono>
#include <cstdio>
#include <deque>
#include <mutex>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

namespace testing {
namespace internal {
namespace {

/// In order of their first test; references to suites stay valid.
std::deque<Suite>& suites() {
  static std::deque<Suite> all;
  return all;
}
std::vector<std::function<void()>>& actions() {
  static std::vector<std::function<void()>> all;
  return all;
}

/// Of the test that runs; its threads report too.
struct State {
  std::mutex mutex;
  bool failed = false, fatally = false, skipped = false;
};
State state;

bool seen(const bool State::*what) {
  const std::lock_guard lock(state.mutex);
  return state.*what;
}

thread_local std::vector<std::string> traces;

/// Whether a pattern with * and ? fits all of a name.
bool fits(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*') {
    for (std::size_t skip = 0; skip <= name.size(); ++skip)
      if (fits(pattern.substr(1), name.substr(skip))) return true;
    return false;
  }
  return !name.empty() && (pattern[0] == '?' || pattern[0] == name[0]) &&
         fits(pattern.substr(1), name.substr(1));
}

/// Of patterns with colons between them.
bool fits_any(std::string_view patterns, std::string_view name) {
  while (!patterns.empty()) {
    const std::size_t colon = patterns.find(':');
    if (fits(patterns.substr(0, colon), name)) return true;
    patterns.remove_prefix(colon == patterns.npos ? patterns.size() : colon + 1);
  }
  return false;
}

struct Options {
  bool list = false, disabled_too = false;
  std::string wanted = "*", unwanted;

  bool select(const TestInfo& test) const {
    const std::string name = std::string(test.test_suite_name()) + "." + test.name();
    const bool disabled = !list && !disabled_too && name.find("DISABLED_") != name.npos;
    return !disabled && fits_any(wanted, name) && !fits_any(unwanted, name);
  }
};

Options options_of(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    constexpr std::string_view filter = "--gtest_filter=";
    if (argument == "--gtest_list_tests") options.list = true;
    if (argument == "--gtest_also_run_disabled_tests") options.disabled_too = true;
    if (!argument.starts_with(filter)) continue;
    const std::string_view patterns = argument.substr(filter.size());
    const std::size_t minus = patterns.find('-');
    options.wanted = minus == 0 ? "*" : patterns.substr(0, minus);
    options.unwanted = minus == patterns.npos ? "" : patterns.substr(minus + 1);
  }
  return options;
}

void list(const Options& options) {
  for (const Suite& suite : suites()) {
    bool named = false;
    for (const TestInfo& test : suite.tests) {
      if (!options.select(test)) continue;
      if (!named) std::printf("%s.\n", suite.name.c_str());
      named = true;
      std::printf("  %s", test.name());
      if (!test.parameter_text().empty())
        std::printf("  # GetParam() = %s", test.parameter_text().c_str());
      std::printf("\n");
    }
  }
}

void guarded(const std::function<void()>& action) {
  try {
    action();
  } catch (...) {
    Report(Outcome::fatally_failed, "(no place)", 0, "Uncaught: " + caught_text()) = Message();
  }
}

/// How a test ended: "OK", "FAILED" or "SKIPPED".
const char* run(const TestInfo& test) {
  state.failed = state.fatally = state.skipped = false;
  UnitTest::GetInstance()->current = &test;
  std::printf("[ RUN      ] %s.%s\n", test.test_suite_name(), test.name());
  std::fflush(stdout);
  guarded([&] { test.make()->Run(); });
  UnitTest::GetInstance()->current = nullptr;
  return Test::HasFailure() ? "FAILED" : Test::IsSkipped() ? "SKIPPED" : "OK";
}

int run_selected(const Options& options) {
  std::vector<std::string> failed, skipped;
  std::size_t count = 0;
  for (const Suite& suite : suites()) {
    bool set_up = false;
    for (const TestInfo& test : suite.tests) {
      if (!options.select(test)) continue;
      if (!set_up) suite.set_up();
      set_up = true;
      ++count;
      const auto begin = std::chrono::steady_clock::now();
      const std::string outcome = run(test);
      const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::steady_clock::now() - begin);
      const std::string name = suite.name + "." + test.name();
      if (outcome == "FAILED") failed.push_back(name);
      if (outcome == "SKIPPED") skipped.push_back(name);
      const char* mark = outcome == "OK"       ? "[       OK ]"
                         : outcome == "FAILED" ? "[  FAILED  ]"
                                               : "[  SKIPPED ]";
      std::printf("%s %s (%lld ms)\n", mark, name.c_str(), static_cast<long long>(taken.count()));
      std::fflush(stdout);
    }
    if (set_up) suite.tear_down();
  }
  std::printf("[==========] %zu tests ran, %zu passed.\n", count,
              count - failed.size() - skipped.size());
  for (const std::string& name : skipped) std::printf("[  SKIPPED ] %s\n", name.c_str());
  for (const std::string& name : failed) std::printf("[  FAILED  ] %s\n", name.c_str());
  return failed.empty() ? 0 : 1;
}

std::FILE* captured = nullptr;
int real_stdout = -1;

}  // namespace

Suite& suite_named(const std::string& name, void (*set_up)(), void (*tear_down)()) {
  for (Suite& suite : suites())
    if (suite.name == name) return suite;
  return suites().emplace_back(Suite{name, set_up, tear_down, {}});
}

void when_all_are_known(std::function<void()> action) {
  actions().push_back(std::move(action));
}

void Report::operator=(const Message& more) const {
  const std::lock_guard lock(state.mutex);
  if (outcome_ == Outcome::skipped) {
    state.skipped = true;
  } else {
    state.failed = true;
    state.fatally = state.fatally || outcome_ == Outcome::fatally_failed;
  }
  std::string text = text_;
  if (!text.empty() && !more.text().empty()) text += '\n';
  text += more.text();
  for (std::size_t i = traces.size(); i-- > 0;) text += "\n  in " + traces[i];
  std::printf("%s:%d: %s\n%s\n", file_, line_, outcome_ == Outcome::skipped ? "Skipped" : "Failure",
              text.c_str());
  std::fflush(stdout);
}

Trace::Trace(const char* file, int line, const std::string& text) {
  traces.push_back(std::string(file) + ":" + std::to_string(line) + ": " + text);
}
Trace::~Trace() {
  traces.pop_back();
}

std::string caught_text() {
  try {
    throw;
  } catch (const std::exception& error) {
    return std::string("an exception that says: ") + error.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

void CaptureStdout() {
  std::fflush(stdout);
  captured = std::tmpfile();
  real_stdout = ::dup(STDOUT_FILENO);
  ::dup2(::fileno(captured), STDOUT_FILENO);
}

std::string GetCapturedStdout() {
  std::fflush(stdout);
  ::dup2(real_stdout, STDOUT_FILENO);
  ::close(real_stdout);
  std::string text;
  std::rewind(captured);
  for (int c = std::fgetc(captured); c != EOF; c = std::fgetc(captured))
    text += static_cast<char>(c);
  std::fclose(captured);
  return text;
}

}  // namespace internal

UnitTest* UnitTest::GetInstance() {
  static UnitTest instance;
  return &instance;
}

bool Test::HasFailure() {
  return internal::seen(&internal::State::failed);
}
bool Test::HasFatalFailure() {
  return internal::seen(&internal::State::fatally);
}
bool Test::IsSkipped() {
  return internal::seen(&internal::State::skipped);
}

void Test::Run() {
  internal::guarded([&] { SetUp(); });
  if (!HasFatalFailure() && !IsSkipped()) internal::guarded([&] { TestBody(); });
  internal::guarded([&] { TearDown(); });
}

}  // namespace testing

int main(int count, char** arguments) {
  for (const auto& action : testing::internal::actions()) action();
  const testing::internal::Options options = testing::internal::options_of(count, arguments);
  if (options.list) {
    testing::internal::list(options);
    return 0;
  }
  return testing::internal::run_selected(options);
}
