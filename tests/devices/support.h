// What the tests of devices share: which device is tested, and fresh random numbers. The same
// binary runs twice: once on the GPU of the machine, and is skipped where there is none; once on
// the fake one (tests/fake_cuda), everywhere.
#pragma once

#include <cstdlib>
#include <optional>
#include <ostream>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "engine/backend/devices.h"
#include "tests/engine/support.h"

namespace fieldscope::test {

/// Other inputs in every run; FIELDSCOPE_TEST_SEED repeats those of a run that failed.
inline std::uint64_t fresh_seed() {
  static const std::uint64_t seed = [] {
    const char* given = std::getenv("FIELDSCOPE_TEST_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  }();
  return seed;
}

/// A trace for failures: how to have the same inputs again.
#define FIELDSCOPE_TRACE_SEED() \
  SCOPED_TRACE("inputs again with FIELDSCOPE_TEST_SEED=" + std::to_string(test::fresh_seed()))

/// Uniform in [-1, 1), others in every run and for every `stream`.
inline std::vector<double> fresh_numbers(std::uint64_t stream, std::size_t count) {
  return random_numbers(random_key(fresh_seed(), Stream::points, stream), count);
}

/// A backend that is held against the CPU's in float64.
struct TestedBackend {
  const char* device;
  Precision precision;
};
inline constexpr TestedBackend tested_backends[] = {
    {"cpu", Precision::f32}, {"cuda", Precision::f64}, {"cuda", Precision::f32}};

inline std::ostream& operator<<(std::ostream& out, const TestedBackend& tested) {
  return out << tested.device << (tested.precision == Precision::f64 ? " float64" : " float32");
}
inline std::string name_of_backend(const testing::TestParamInfo<TestedBackend>& info) {
  return std::string(info.param.device) +
         (info.param.precision == Precision::f64 ? "_float64" : "_float32");
}

/// An environment variable for as long as this lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value, 1);
  }
  ~Variable() {
    if (before_)
      setenv(name_, before_->c_str(), 1);
    else
      unsetenv(name_);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

/// Why tests of a GPU cannot run; empty if they can.
inline std::string no_gpu() {
  return !cuda_devices().problem.empty() ? "no GPU to test: " + cuda_devices().problem : "";
}

/// Whether products that may be tf32 or bf16 are so for certain: cuBLAS decides by itself, the fake
/// does as it is allowed.
inline bool coarse_for_certain() {
  return cuda_devices().devices[0].name.find("Fake GPU") != std::string::npos;
}

#define FIELDSCOPE_NEED_GPU() \
  if (const std::string reason = test::no_gpu(); !reason.empty()) GTEST_SKIP() << reason

}  // namespace fieldscope::test
