// Our sincos and exponential against libm in double precision: at most 2 ulp of the correctly
// rounded result, through loops vectorised for each instruction set that the machine has.
#include "engine/math/elementary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float smallest_normal = std::numeric_limits<float>::min();

/// As in the kernels: whole blocks, which a compiler vectorises.
constexpr std::size_t block = 1024;
using Block = std::array<float, block>;

struct Loops {
  const char* name;
  bool available;
  void (*sincos)(const Block& x, Block& s, Block& c);
  void (*exponential)(const Block& x, Block& y);
};

#define FIELDSCOPE_TEST_LOOPS(suffix, attribute)                       \
  attribute void sincos_##suffix(const Block& x, Block& s, Block& c) { \
    for (std::size_t i = 0; i < block; ++i) {                          \
      const SinCos<float> v = sincos(x[i]);                            \
      s[i] = v.sin;                                                    \
      c[i] = v.cos;                                                    \
    }                                                                  \
  }                                                                    \
  attribute void exponential_##suffix(const Block& x, Block& y) {      \
    for (std::size_t i = 0; i < block; ++i) y[i] = exponential(x[i]);  \
  }

FIELDSCOPE_TEST_LOOPS(baseline, )
#if defined(__x86_64__) && defined(__GNUC__)
FIELDSCOPE_TEST_LOOPS(avx2, __attribute__((target("avx2,fma"))))
FIELDSCOPE_TEST_LOOPS(avx512, __attribute__((target("avx2,fma,avx512f,avx512dq,avx512vl"))))
#endif

/// One element at a time: the volatile keeps the loop scalar.
void sincos_scalar(const Block& x, Block& s, Block& c) {
  for (std::size_t i = 0; i < block; ++i) {
    const volatile float one = x[i];
    const SinCos<float> v = sincos(one);
    s[i] = v.sin;
    c[i] = v.cos;
  }
}
void exponential_scalar(const Block& x, Block& y) {
  for (std::size_t i = 0; i < block; ++i) {
    const volatile float one = x[i];
    y[i] = exponential(one);
  }
}

const std::vector<Loops>& all_loops() {
  static const std::vector<Loops> loops = {
    {"scalar", true, sincos_scalar, exponential_scalar},
    {"baseline", true, sincos_baseline, exponential_baseline},
#if defined(__x86_64__) && defined(__GNUC__)
    {"AVX2", __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"), sincos_avx2,
     exponential_avx2},
    {"AVX-512",
     __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl"),
     sincos_avx512, exponential_avx512},
#endif
  };
  return loops;
}

/// Error in units of the last place of the correctly rounded result.
double ulps(float computed, double exact) {
  const float rounded = std::max(std::abs(static_cast<float>(exact)), smallest_normal);
  return std::abs(computed - exact) / std::ldexp(1.0, std::ilogb(rounded) - 23);
}

struct Worst {
  double error = 0;
  float at = 0;
  void take(double ulp, float x) {
    if (ulp <= error) return;
    error = std::isnan(ulp) ? HUGE_VAL : ulp;
    at = x;
  }
};

/// Feeds arguments to a loop in whole blocks.
class Blocks {
 public:
  explicit Blocks(std::function<void(const Block&, std::size_t)> visit)
      : visit_(std::move(visit)) {}
  ~Blocks() {
    std::fill(x_.begin() + count_, x_.end(), 0.0f);
    visit_(x_, count_);
  }
  void add(float x) {
    x_[count_++] = x;
    if (count_ < block) return;
    visit_(x_, count_);
    count_ = 0;
  }

 private:
  std::function<void(const Block&, std::size_t)> visit_;
  Block x_{};
  std::size_t count_ = 0;
};

/// Every `stride`-th float of [-top, top].
void add_all_floats(Blocks& blocks, float top, std::uint32_t stride) {
  for (std::uint32_t bits = 0; bits <= std::bit_cast<std::uint32_t>(top); bits += stride) {
    blocks.add(std::bit_cast<float>(bits));
    blocks.add(-std::bit_cast<float>(bits));
  }
}

/// The floats on either side of every multiple of pi/2 up to 1e4: there sin or cos nearly vanish.
void add_neighbours_of_zeros(Blocks& blocks) {
  constexpr double half_pi = 1.57079632679489661923;
  for (int k = 1; k * half_pi < 1e4; ++k) {
    const auto nearest = std::bit_cast<std::uint32_t>(static_cast<float>(k * half_pi));
    for (std::uint32_t bits = nearest - 8; bits <= nearest + 8; ++bits) {
      blocks.add(std::bit_cast<float>(bits));
      blocks.add(-std::bit_cast<float>(bits));
    }
  }
}

TEST(Elementary, SincosIsWithinTwoUlp) {
  for (const Loops& loops : all_loops()) {
    if (!loops.available) continue;
    Worst sine, cosine;
    {
      Blocks blocks([&](const Block& x, std::size_t count) {
        Block s, c;
        loops.sincos(x, s, c);
        for (std::size_t i = 0; i < count; ++i) {
          sine.take(ulps(s[i], std::sin(static_cast<double>(x[i]))), x[i]);
          cosine.take(ulps(c[i], std::cos(static_cast<double>(x[i]))), x[i]);
        }
      });
      add_all_floats(blocks, 1e4f, 1511);
      add_neighbours_of_zeros(blocks);
    }
    EXPECT_LT(sine.error, 2.0) << loops.name << ", sin of " << sine.at;
    EXPECT_LT(cosine.error, 2.0) << loops.name << ", cos of " << cosine.at;
    EXPECT_GT(sine.error, 0.4) << "nothing was measured";
  }
}

TEST(Elementary, ExponentialIsWithinTwoUlpWhereverItIsNormal) {
  for (const Loops& loops : all_loops()) {
    if (!loops.available) continue;
    Worst worst;
    std::size_t overflows = 0, underflows = 0;
    {
      Blocks blocks([&](const Block& x, std::size_t count) {
        Block y;
        loops.exponential(x, y);
        for (std::size_t i = 0; i < count; ++i) {
          const double exact = std::exp(static_cast<double>(x[i]));
          if (exact < static_cast<double>(smallest_normal)) {
            EXPECT_EQ(y[i], 0.0f) << loops.name << ", exp of " << x[i];
            ++underflows;
          } else if (static_cast<float>(exact) == infinity) {
            EXPECT_EQ(y[i], infinity) << loops.name << ", exp of " << x[i];
            ++overflows;
          } else {
            worst.take(ulps(y[i], exact), x[i]);
          }
        }
      });
      add_all_floats(blocks, 90.0f, 1511);
      // Every float around both ends.
      for (const float end : {88.7228394f, -87.3365479f, 88.3762626f}) {
        const auto bits = std::bit_cast<std::uint32_t>(end);
        for (std::uint32_t b = bits - 500; b <= bits + 500; ++b)
          blocks.add(std::bit_cast<float>(b));
      }
    }
    EXPECT_LT(worst.error, 2.0) << loops.name << ", exp of " << worst.at;
    EXPECT_GT(worst.error, 0.4) << "nothing was measured";
    EXPECT_GT(overflows, 500u);
    EXPECT_GT(underflows, 500u);
  }
}

/// The pieces of tanh, softplus and powers: a few ulp, next to 0 as well.
TEST(Elementary, SmallPiecesKeepTheirRelativePrecision) {
  Worst rest, logarithm_of_sum, logs, powers, slopes, values;
  for (int step = 0; step <= 200000; ++step) {
    const float share = static_cast<float>(step) / 200000.0f;
    const float tiny = std::pow(10.0f, -30.0f * share);  // 1 to 1e-30
    for (const float x : {share, tiny}) {
      if (x == 0) continue;
      rest.take(ulps(one_minus_exponential(-x, exponential(-x)), -std::expm1(-double{x})), -x);
      logarithm_of_sum.take(ulps(log_of_one_plus(x), std::log1p(double{x})), x);
    }
    const float wide = std::pow(10.0f, 60.0f * share - 30.0f);
    const double exact = std::log(double{wide});
    // Relative next to 1 too, where the logarithm vanishes.
    logs.take(ulps(logarithm(wide), exact), wide);
    powers.take(std::abs(power_of(wide, 0.3f) / std::pow(double{wide}, double{0.3f}) - 1), wide);
    const float u = 160.0f * share - 80.0f;
    const Sigmoid<float> s = sigmoid(u);
    values.take(ulps(s.value, 1 / (1 + std::exp(-double{u}))), u);
    const double e = std::exp(-std::abs(double{u}));
    slopes.take(ulps(s.slope, e / ((1 + e) * (1 + e))), u);
  }
  EXPECT_LT(rest.error, 4.0) << rest.at;
  EXPECT_LT(logarithm_of_sum.error, 4.0) << logarithm_of_sum.at;
  EXPECT_LT(logs.error, 4.0) << logs.at;
  EXPECT_LT(powers.error, 1e-5) << powers.at;
  EXPECT_LT(values.error, 4.0) << values.at;
  EXPECT_LT(slopes.error, 5.0) << slopes.at;
  EXPECT_GT(rest.error, 0.4) << "nothing was measured";
}

TEST(Elementary, SpecialArguments) {
  const float quiet = std::numeric_limits<float>::quiet_NaN();
  const float odd = std::bit_cast<float>(0x7fc12345u);  // a NaN with bits of its own
  for (const Loops& loops : all_loops()) {
    if (!loops.available) continue;
    SCOPED_TRACE(loops.name);
    Block x{}, s, c, e;
    const std::array<float, 10> special = {quiet, -quiet,  odd,  infinity, -infinity,
                                           0.0f,  -300.0f, 1e4f, -3e38f,   3e38f};
    std::copy(special.begin(), special.end(), x.begin());
    loops.sincos(x, s, c);
    loops.exponential(x, e);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(std::isnan(e[i])) << i;
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(std::isnan(s[i]) && std::isnan(c[i])) << i;
    EXPECT_EQ(e[3], infinity);
    EXPECT_EQ(e[4], 0.0f);
    EXPECT_EQ(s[5], 0.0f);
    EXPECT_EQ(c[5], 1.0f);
    EXPECT_EQ(e[5], 1.0f);
    EXPECT_EQ(e[6], 0.0f);
    EXPECT_EQ(e[7], infinity);
    EXPECT_EQ(e[8], 0.0f);
    EXPECT_EQ(e[9], infinity);
  }
}

}  // namespace
}  // namespace fieldscope
