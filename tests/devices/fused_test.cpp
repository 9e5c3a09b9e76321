// Fused passes on tensor cores against float64 on the CPU: every activation, width, depth and kind
// of loss, batches that no tile divides, in each arithmetic.
#include <algorithm>
#include <cmath>

#include "engine/field/objective.h"
#include "tests/devices/support.h"

namespace fieldscope {
namespace {

using namespace test;

using Numbers = std::vector<double>;

/// An arithmetic, and the relative error with which it takes a factor: half a unit in the last
/// place of 11 bits and of 8; of the two parts of an f32 the second is cut off at 11 bits below the
/// first.
struct Tested {
  Arithmetic arithmetic;
  const char* name;
  double rounding;
};

void PrintTo(const Tested& tested, std::ostream* out) {
  *out << tested.name;
}

constexpr Tested arithmetics[] = {{Arithmetic::f32, "f32", 0x1p-21},
                                  {Arithmetic::tf32, "tf32", 0x1p-11},
                                  {Arithmetic::bf16, "bf16", 0x1p-8}};

struct Case {
  std::string activation;
  int width, depth;
  std::size_t batch;
  LossKind loss = LossKind::mse;
  int coordinates = 2, outputs = 3;
  KnobValues knobs = {};
  int view = 0;
  std::size_t ray_samples = 0;
  bool gradient_only = false;
};

std::string text_of(const Case& c) {
  return c.activation + " " + std::to_string(c.width) + "x" + std::to_string(c.depth) + " in " +
         std::to_string(c.coordinates) + " out " + std::to_string(c.outputs) + " batch " +
         std::to_string(c.batch) + " loss " + std::to_string(static_cast<int>(c.loss));
}

std::vector<Case> cases(Arithmetic arithmetic) {
  constexpr LossKind mse = LossKind::mse, bce = LossKind::bce;
  std::vector<Case> cases;
  for (const ActivationEntry& entry : activations())
    cases.push_back({std::string(entry.id), 64, 2, 17});
  for (int depth = 1; depth <= 6; ++depth) cases.push_back({"sine", 64, depth, 33, bce, 3, 1});
  for (const std::size_t batch : {1, 512, 1000}) {
    cases.push_back({"sine", 64, 2, batch});
    cases.push_back({"wavelet", 64, 1, batch, bce, 1, 1});
  }
  for (const int width : {96, 128, 256}) {
    cases.push_back({"gaussian", width, 2, 17, mse, 2, 4, {{"sigma", 0.5}}});
    cases.push_back({"wavelet", width, 2, 17});
  }
  cases.push_back({"tanh", 64, 2, 40, mse, 3, 2, {{"encoding", 1}, {"levels", 3}}});
  cases.push_back({"silu", 64, 2, 40, bce, 2, 1, {{"encoding", 2}, {"features", 21}}});
  cases.push_back({"sine", 64, 2, 40, mse, 5, 4, {}, 2});
  cases.push_back({"relu_pe", 64, 2, 40, mse, 6, 4, {{"levels", 3}}, 3});
  for (const char* activation : {"sine", "wavelet", "softplus"})
    cases.push_back({activation, 64, 2, 150, LossKind::volume, 6, 4, {}, 3, 6});
  // More than a block of a small device, in the arithmetic that the fake is quickest in.
  if (arithmetic == Arithmetic::bf16) cases.push_back({"sine", 64, 6, 2100});
  return cases;
}

/// Few tiles, in widths that a cluster can share; the last ones in tiles that nobody has filled.
std::vector<Case> shared_cases() {
  constexpr LossKind mse = LossKind::mse, bce = LossKind::bce;
  std::vector<Case> cases;
  for (const ActivationEntry& entry : activations())
    cases.push_back({std::string(entry.id), 128, 2, 17});
  for (const int depth : {1, 3, 4}) cases.push_back({"sine", 128, depth, 33, bce, 3, 1});
  cases.push_back({"wavelet", 128, 1, 5});
  for (const char* activation : {"sine", "wavelet"}) cases.push_back({activation, 256, 3, 20});
  cases.push_back({"tanh", 128, 2, 16, mse, 3, 2, {{"encoding", 1}, {"levels", 3}}});
  cases.push_back({"silu", 128, 2, 16, bce, 2, 1, {{"encoding", 2}, {"features", 40}}});
  cases.push_back({"relu_pe", 128, 2, 16, mse, 6, 4, {{"levels", 3}}, 3});
  for (const char* activation : {"sine", "wavelet"})
    cases.push_back({activation, 128, 2, 42, LossKind::volume, 6, 4, {}, 3, 6});
  for (Case& c : cases) c.gradient_only = true;
  return cases;
}

/// More than one tile of 128 samples each, the last one not full; widths that blocks of 128 rows
/// and columns of the weight gradient divide or not.
std::vector<Case> large_cases() {
  constexpr LossKind mse = LossKind::mse, bce = LossKind::bce;
  std::vector<Case> cases;
  for (const ActivationEntry& entry : activations())
    cases.push_back({std::string(entry.id), 64, 2, 250});
  for (const int width : {32, 96, 128, 160, 256}) cases.push_back({"sine", width, 3, 250});
  cases.push_back({"gaussian", 128, 1, 128, bce, 3, 1, {{"sigma", 0.5}}});
  cases.push_back({"tanh", 128, 2, 200, mse, 3, 2, {{"encoding", 1}, {"levels", 3}}});
  cases.push_back({"silu", 160, 2, 200, bce, 2, 1, {{"encoding", 2}, {"features", 140}}});
  cases.push_back({"sine", 128, 2, 252, LossKind::volume, 6, 4, {}, 3, 6});
  for (Case& c : cases) c.gradient_only = c.width > 128;
  return cases;
}

/// What a backend makes of a case: outputs, gradients and products with both matrices, losses; or
/// the gradient alone with its loss.
struct Results {
  std::vector<Numbers> vectors;
  Numbers losses;
};

Results run(Backend& on, const Case& c, const Field& field, const Numbers& weights,
            const std::function<Numbers(std::uint64_t, std::size_t)>& fresh) {
  const Network& network = field.network();
  const std::size_t p = field.parameters();
  const bool rays = c.loss == LossKind::volume;
  const Numbers nan(std::max(p, c.batch * static_cast<std::size_t>(c.outputs)), std::nan(""));
  Numbers targets = fresh(2, rays ? c.batch / c.ray_samples * 3 : c.batch * c.outputs);
  if (c.loss == LossKind::bce)
    for (double& t : targets) t = static_cast<float>(0.5 + 0.5 * t);
  Numbers lengths = fresh(5, c.batch);
  for (double& length : lengths) length = static_cast<float>(0.3 + 0.2 * length);
  const Buffer w = upload(on, weights), v = upload(on, fresh(3, p));
  const Buffer x = upload(on, fresh(1, c.batch * static_cast<std::size_t>(c.coordinates)));
  const Buffer t = upload(on, targets), delta = upload(on, lengths);
  Buffer y = upload(on, Numbers(c.batch * static_cast<std::size_t>(c.outputs), std::nan("")));
  Buffer g = upload(on, Numbers(p, std::nan(""))), hv = upload(on, Numbers(p, std::nan("")));
  Batch batch = {&x, &t, c.batch};
  if (rays) batch.rays = {&delta, c.ray_samples, DensityActivation::softplus, 0.5};
  Results results;
  const auto keep = [&](const Buffer& buffer) { results.vectors.push_back(download(on, buffer)); };
  if (!c.gradient_only) {
    on.forward(network, w, x, c.batch, y);
    keep(y);
  }
  results.losses.push_back(on.gradient(network, c.loss, w, batch, g));
  keep(g);
  if (c.gradient_only) return results;
  for (const Curvature curvature : {Curvature::hessian, Curvature::gauss_newton}) {
    results.losses.push_back(
        on.gradient_and_product(network, c.loss, curvature, w, v, batch, g, hv));
    keep(g);
    keep(hv);
  }
  return results;
}

double norm(const Numbers& x) {
  double sum = 0;
  for (const double e : x) sum += e * e;
  return std::sqrt(sum);
}

class Fused : public testing::TestWithParam<Tested> {
 protected:
  void SetUp() override { FIELDSCOPE_NEED_GPU(); }

  std::unique_ptr<Backend> backend() {
    std::unique_ptr<Backend> on = make_backend("cuda", pool_, Precision::f32);
    on->set_arithmetic(GetParam().arithmetic);
    return on;
  }
  bool on_the_fake() { return backend()->device_name().find("Fake GPU") != std::string::npos; }
  /// One line on stderr that begins so; none if the process has warned before.
  static void expect_a_warning(const std::string& text, const std::string& begin) {
    if (text.empty()) return;
    EXPECT_TRUE(text.starts_with(begin)) << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  }
  void agrees_with_float64(const std::vector<Case>& all);
  void gives_the_same_bits_each_time(const std::vector<Case>& all);
  static Numbers fresh(std::uint64_t stream, std::size_t count) {
    Numbers numbers = fresh_numbers(stream, count);
    for (double& x : numbers) x = static_cast<float>(x);
    return numbers;
  }
  static Field field_of(Case& c) {
    for (const ActivationEntry& entry : activations())
      if (entry.id == c.activation && find_knob(entry.knobs, "omega") != nullptr)
        c.knobs.insert({"omega", 2});
    const std::vector<int> hidden(static_cast<std::size_t>(c.depth), c.width);
    return make_field(c.activation, hidden, {c.coordinates, c.outputs, c.view, false}, c.knobs);
  }
  static Numbers weights_of(const Field& field, std::uint64_t seed) {
    Numbers weights = field.initial_weights(seed);
    for (double& w : weights) w = static_cast<float>(w);
    return weights;
  }

  std::shared_ptr<ThreadPool> pool_ = std::make_shared<ThreadPool>(2);
};

void Fused::agrees_with_float64(const std::vector<Case>& all) {
  FIELDSCOPE_TRACE_SEED();
  const auto reference = make_cpu_backend(pool_, Precision::f64);
  const auto on = backend();
  testing::internal::CaptureStderr();
  for (Case c : all) {
    SCOPED_TRACE(text_of(c));
    const Field field = field_of(c);
    // Each product of matrices adds about a rounding, which the layers behind it pass on several
    // times larger, the second derivatives most. On which side of a kink a unit falls that lies
    // within a rounding of it is chance: so many units, of the sum of squares, are altogether
    // wrong. Of a small batch that may be one unit, which is too many: with other inputs it is not.
    const bool kinks = c.activation.starts_with("relu") || c.activation == "finer";
    const double tolerance = kinks ? 6 * std::sqrt(GetParam().rounding) : 100 * GetParam().rounding;
    Results want, got;
    std::vector<double> errors;
    double worst = 0;
    for (std::uint64_t attempt = 0; attempt < (kinks ? 3u : 1u); ++attempt) {
      const auto inputs = [attempt](std::uint64_t stream, std::size_t count) {
        return fresh(stream + 100 * attempt, count);
      };
      const Numbers weights = weights_of(field, fresh_seed() + attempt);
      want = run(*reference, c, field, weights, inputs);
      got = run(*on, c, field, weights, inputs);
      errors.clear();
      for (std::size_t i = 0; i < want.vectors.size(); ++i) {
        Numbers difference = got.vectors[i];
        for (std::size_t k = 0; k < difference.size(); ++k) difference[k] -= want.vectors[i][k];
        errors.push_back(norm(difference) / norm(want.vectors[i]));
        if (std::getenv("FIELDSCOPE_MEASURE"))
          std::printf("%s %-60s %zu %.2e = %.2f roundings\n", GetParam().name, text_of(c).c_str(),
                      i, errors[i], errors[i] / GetParam().rounding);
      }
      worst = *std::max_element(errors.begin(), errors.end());
      if (!(worst > tolerance)) break;  // also what is no number: that is never chance
    }
    for (std::size_t i = 0; i < errors.size(); ++i)
      EXPECT_LE(errors[i], tolerance) << "result " << i;
    for (std::size_t i = 0; i < want.losses.size(); ++i)
      EXPECT_NEAR(got.losses[i], want.losses[i], tolerance * std::abs(want.losses[i]));
    // It is this arithmetic that was at work and no better one.
    EXPECT_GE(worst, GetParam().rounding / 100);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_P(Fused, AgreesWithFloat64) {
  agrees_with_float64(cases(GetParam().arithmetic));
}

void Fused::gives_the_same_bits_each_time(const std::vector<Case>& all) {
  FIELDSCOPE_TRACE_SEED();
  for (Case c : all) {
    const Field field = field_of(c);
    const Numbers weights = weights_of(field, 1);
    const auto one = backend(), other = backend();
    const Results want = run(*one, c, field, weights, &fresh);
    const std::size_t memory = one->memory_bytes();
    for (Backend* on : {one.get(), other.get()}) {
      const Results got = run(*on, c, field, weights, &fresh);
      EXPECT_EQ(got.vectors, want.vectors);
      EXPECT_EQ(got.losses, want.losses);
    }
    EXPECT_EQ(one->memory_bytes(), memory);  // a second pass takes no more
  }
}

TEST_P(Fused, TheSameBitsEachTime) {
  gives_the_same_bits_each_time({{"wavelet", 64, 2, 300}, {"sine", 96, 1, 129, LossKind::bce}});
}

TEST_P(Fused, TakesNoMoreMemoryThanItSays) {
  Case c = {"sine", 32, 1, 12000, LossKind::volume, 6, 4, {}, 3, 6};
  const Field field = field_of(c);
  const auto on = backend();
  const std::size_t before = on->memory_bytes();
  run(*on, c, field, weights_of(field, 1), &fresh);
  EXPECT_LE(on->memory_bytes(), before + on->pass_bytes(field.network(), c.batch) + 100000);
}

/// The last block of a batch may be divided into more parts than a full one: here 9984 samples into
/// 24, 10240 into 23, since a part is a multiple of 32 samples.
TEST_P(Fused, ABlockMayHaveMorePartsThanALargerOne) {
  const Variable many("FAKE_CUDA_PROCESSORS", "12");
  const std::size_t device = cuda_devices().devices[0].memory_bytes;
  if (!on_the_fake() || device != std::size_t{256} << 20)
    GTEST_SKIP() << "the sizes are those of a device of 256 MiB";
  Case c = {"sine", 64, 3, 10240 + 9984};
  c.gradient_only = true;
  agrees_with_float64({c});
}

TEST_P(Fused, WhatIsNotFiniteStaysSo) {
  Case c = {"sine", 64, 2, 33};
  const Field field = field_of(c);
  for (const double wrong : {std::nan(""), HUGE_VAL}) {
    Numbers weights = weights_of(field, 1);
    weights[field.network().hidden[1].u.weight + 5] = wrong;
    for (const double loss : run(*backend(), c, field, weights, &fresh).losses)
      EXPECT_FALSE(std::isfinite(loss));
  }
}

TEST_P(Fused, IsTrustedWithEveryPreset) {
  for (const ActivationEntry& entry : activations()) {
    SCOPED_TRACE(entry.id);
    const Field field = make_field(std::string(entry.id), std::vector<int>(4, 64), 2, 3);
    const auto outputs = [&] {
      const auto on = backend();
      const Buffer w = upload(*on, weights_of(field, 1)), x = upload(*on, fresh(1, 2 * 20));
      Buffer y = upload(*on, Numbers(3 * 20, std::nan("")));
      on->forward(field.network(), w, x, 20, y);
      return download(*on, y);
    };
    const Variable passes("FIELDSCOPE_CUDA_PASSES", "fused");
    const Numbers fused = outputs();
    const Variable other("FIELDSCOPE_CUDA_PASSES", "layers");
    EXPECT_NE(outputs(), fused);
  }
}

/// From one arithmetic to another and back, each with the bits that it has by itself.
TEST_P(Fused, TheArithmeticChangesBetweenPasses) {
  Case c = {"sine", 64, 2, 33};
  const Field field = field_of(c);
  const Numbers weights = weights_of(field, 1);
  const auto on = make_backend("cuda", pool_, Precision::f32);
  const Results plain = run(*on, c, field, weights, &fresh);
  const Results want = run(*backend(), c, field, weights, &fresh);
  {
    const ArithmeticScope scope(*on, GetParam().arithmetic);
    EXPECT_EQ(on->arithmetic(), GetParam().arithmetic);
    EXPECT_EQ(run(*on, c, field, weights, &fresh).vectors, want.vectors);
  }
  EXPECT_EQ(on->arithmetic(), Arithmetic::f32);
  EXPECT_EQ(run(*on, c, field, weights, &fresh).vectors, plain.vectors);
  EXPECT_EQ(want.vectors == plain.vectors, GetParam().arithmetic == Arithmetic::f32);
}

/// Layer by layer the products are cuBLAS', which may take a smaller arithmetic or not.
TEST_P(Fused, LayersTakeTheArithmeticToo) {
  const Variable layers("FIELDSCOPE_CUDA_PASSES", "layers");
  Case c = {"sine", 64, 3, 129};
  const Field field = field_of(c);
  const Numbers weights = weights_of(field, 1);
  const auto reference = make_cpu_backend(pool_, Precision::f64), on = backend();
  const Results want = run(*reference, c, field, weights, &fresh);
  const Results got = run(*on, c, field, weights, &fresh);
  double worst = 0;
  for (std::size_t i = 0; i < want.vectors.size(); ++i)
    worst = std::max(worst, relative_error(got.vectors[i], want.vectors[i]));
  EXPECT_LE(worst, 100 * GetParam().rounding);
  if (!coarse_for_certain() || GetParam().arithmetic == Arithmetic::f32) return;
  EXPECT_GE(worst, GetParam().rounding / 10);
}

/// Tiles that clusters of blocks share: where a device (9.0 or more) has four processors for each.
/// The fake has fewer unless it is told.
class Shared : public Fused {
 protected:
  Results results() {
    Case c = {"sine", 256, 2, 20};  // narrower, f32 adds up in the same order
    const Field field = field_of(c);
    return run(*backend(), c, field, weights_of(field, 1), &fresh);
  }

  const Variable processors_{"FAKE_CUDA_PROCESSORS", "132"};
};

TEST_P(Shared, AgreesWithFloat64) {
  agrees_with_float64(shared_cases());
}

TEST_P(Shared, TheSameBitsEachTime) {
  gives_the_same_bits_each_time({{"wavelet", 128, 2, 40}, {"sine", 256, 1, 17, LossKind::bce}});
}

TEST_P(Shared, OnlyTheGradientsOfFewTiles) {
  if (!on_the_fake()) GTEST_SKIP() << "only the fake can be told what it has";
  const Results shared = results();
  for (const auto& [name, value] :
       {std::pair{"FAKE_CUDA_PROCESSORS", "7"},  // for two tiles
        std::pair{"FAKE_CUDA_CAPABILITY", "80"}, std::pair{"FIELDSCOPE_CUDA_PASSES", "unshared"}}) {
    const Variable otherwise(name, value);
    const Results others = results();
    EXPECT_NE(others.vectors[1], shared.vectors[1]);
    for (const std::size_t i : {0u, 2u, 3u, 4u, 5u})
      EXPECT_EQ(others.vectors[i], shared.vectors[i]) << i;
  }
}

TEST_P(Shared, WhereItDoesNotAgreeOnlySharingIsGivenUp) {
  if (!on_the_fake()) GTEST_SKIP() << "only the fake can be made to fail";
  const auto by_blocks = [&] {
    const Variable few("FAKE_CUDA_PROCESSORS", "3");
    return results();
  };
  const Results want = by_blocks();
  EXPECT_NE(results().vectors, want.vectors);
  const Variable wrong("FAKE_CUDA_WRONG_CLUSTERS", "1");
  testing::internal::CaptureStderr();
  EXPECT_EQ(results().vectors, want.vectors);
  EXPECT_EQ(results().vectors, want.vectors);
  expect_a_warning(testing::internal::GetCapturedStderr(),
                   "fieldscope: CUDA tiles are not shared in clusters: fused ones in shared tiles "
                   "of 16 differ by");
}

/// Tiles of 128 samples, in tf32 and bf16, where all processors have some of them.
class Large : public Fused {
 protected:
  Results results(const char* processors) {
    const Variable of_the_fake("FAKE_CUDA_PROCESSORS", processors);
    Case c = {"sine", 160, 2, 1536};
    const Field field = field_of(c);
    return run(*backend(), c, field, weights_of(field, 1), &fresh);
  }
};

TEST_P(Large, AgreesWithFloat64) {
  const Variable one("FAKE_CUDA_PROCESSORS", "1");
  agrees_with_float64(large_cases());
}

TEST_P(Large, TheSameBitsEachTime) {
  const Variable one("FAKE_CUDA_PROCESSORS", "1");
  gives_the_same_bits_each_time({{"sine", 128, 2, 250}});
}

/// The weight gradient behind them has larger blocks and adds up in another order; the rest has the
/// same bits.
TEST_P(Large, OnlyTheGradientWhereTheyFitAndAreEnough) {
  if (!on_the_fake()) GTEST_SKIP() << "only the fake can be told what it has";
  const bool has_them = GetParam().arithmetic != Arithmetic::f32;
  const Results large = results("12");
  const Results small = [&] {
    const Variable memory("FAKE_CUDA_SHARED_KB", "80");
    return results("12");
  }();
  EXPECT_EQ(large.vectors[1] != small.vectors[1], has_them);
  for (const std::size_t i : {0u, 2u, 3u, 4u, 5u})
    EXPECT_EQ(large.vectors[i], small.vectors[i]) << i;
}

/// What is not trusted is not used: the numbers are those of the other passes, to the last bit.
class NotFused : public Fused {
 protected:
  void SetUp() override {
    Fused::SetUp();
    if (!IsSkipped() && !on_the_fake()) GTEST_SKIP() << "only the fake can be made to fail";
  }
  Results results() {
    Case c = {"sine", 64, 2, 33};
    const Field field = field_of(c);
    return run(*backend(), c, field, weights_of(field, 1), &fresh);
  }
  Results layer_by_layer() {
    const Variable passes("FIELDSCOPE_CUDA_PASSES", "layers");
    return results();
  }
};

TEST_P(NotFused, WhereItDoesNotAgree) {
  const Results want = layer_by_layer();
  EXPECT_NE(results().vectors, want.vectors);
  const Variable wrong("FAKE_CUDA_WRONG_PRODUCTS", "1");
  testing::internal::CaptureStderr();
  EXPECT_EQ(results().vectors, want.vectors);
  EXPECT_EQ(results().vectors, want.vectors);
  expect_a_warning(testing::internal::GetCapturedStderr(),
                   "fieldscope: CUDA passes go layer by layer: fused ones in tiles of");
}

TEST_P(NotFused, WhereTheDeviceHasNoSuchTensorCores) {
  const Results want = layer_by_layer();
  const Variable older("FAKE_CUDA_CAPABILITY", "75");
  EXPECT_EQ(results().vectors, want.vectors);
}

TEST_P(NotFused, WhereNobodyKnowsWhatWasMeant) {
  const Variable passes("FIELDSCOPE_CUDA_PASSES", "molten");
  EXPECT_EQ(refusal([&] { results(); }),
            "FIELDSCOPE_CUDA_PASSES: there is no \"molten\"; there is fused, unshared, layers");
}

std::string name_of(const testing::TestParamInfo<Tested>& tested) {
  return tested.param.name;
}
INSTANTIATE_TEST_SUITE_P(Devices, Fused, testing::ValuesIn(arithmetics), name_of);
INSTANTIATE_TEST_SUITE_P(Devices, Shared, testing::ValuesIn(arithmetics), name_of);
INSTANTIATE_TEST_SUITE_P(Devices, Large, testing::ValuesIn(arithmetics), name_of);
INSTANTIATE_TEST_SUITE_P(Devices, NotFused, testing::ValuesIn(arithmetics), name_of);

}  // namespace
}  // namespace fieldscope
