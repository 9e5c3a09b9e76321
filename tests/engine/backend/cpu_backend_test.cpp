// The CPU engine against plain loops in double, against finite differences, and against itself with
// other numbers of threads.
#include "engine/backend/cpu/cpu_backend.h"

#include <cmath>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "engine/field/objective.h"
#include "tests/engine/plain_forward.h"

namespace fieldscope {
namespace {

using namespace test;

struct Case {
  std::string activation;
  std::vector<int> hidden;
  int coordinates, outputs;
  std::size_t batch;
  int view = 0;
  bool head = false;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  out << c.activation;
  for (int width : c.hidden) out << "-" << width;
  out << "-in" << c.coordinates << "-out" << c.outputs << "-batch" << c.batch;
  if (c.view > 0) out << "-view" << c.view;
  return out << (c.head ? "-head" : "");
}

/// Moderate frequencies, so that finite differences are meaningful.
Field field_of(const Case& c) {
  KnobValues knobs;
  if (c.activation == "sine") knobs = {{"omega", 3}};
  if (c.activation == "gaussian") knobs = {{"sigma", 0.5}};
  if (c.activation == "wavelet") knobs = {{"omega", 2}, {"scale", 1.5}};
  if (c.activation == "relu_pe") knobs = {{"levels", 3}};
  if (c.activation == "sinc" || c.activation == "finer") knobs = {{"omega", 2}};
  if (c.activation == "gabor") knobs = {{"omega", 2}, {"scale", 1.5}};
  // Some with an encoding that is not their own.
  if (c.activation == "tanh") knobs.insert({{"encoding", 1}, {"levels", 2}});
  if (c.activation == "silu" || c.activation == "gabor")
    knobs.insert({{"encoding", 2}, {"features", 21}, {"bandwidth", 0.3}});
  return make_field(c.activation, c.hidden, {c.coordinates, c.outputs, c.view, c.head}, knobs);
}

class CpuBackendCases : public testing::TestWithParam<Case> {
 protected:
  std::shared_ptr<ThreadPool> pool = std::make_shared<ThreadPool>(2);
};

TEST_P(CpuBackendCases, ForwardAgreesWithPlainLoops) {
  const Case& c = GetParam();
  const Field field = field_of(c);
  const auto w = field.initial_weights(5), x = random_numbers(1, c.batch * c.coordinates);
  const PlainForward plain(field, w);
  std::vector<double> expected;
  for (std::size_t i = 0; i < c.batch; ++i) {
    const auto y = plain({x.begin() + i * c.coordinates, x.begin() + (i + 1) * c.coordinates});
    expected.insert(expected.end(), y.begin(), y.end());
  }
  for (Precision precision : {Precision::f64, Precision::f32}) {
    const auto backend = make_cpu_backend(pool, precision);
    Buffer y = upload(*backend, std::vector<double>(c.batch * c.outputs, NAN));
    backend->forward(field.network(), upload(*backend, w), upload(*backend, x), c.batch, y);
    EXPECT_LT(relative_error(download(*backend, y), expected),
              precision == Precision::f64 ? 1e-14 : 2e-5);
  }
}

TEST_P(CpuBackendCases, GradientAndProductsAgreeWithFiniteDifferences) {
  const Case& c = GetParam();
  const Field field = field_of(c);
  const auto backend = make_cpu_backend(pool, Precision::f64);
  const std::size_t parameters = field.parameters();
  const auto w = field.initial_weights(5);
  const auto v = random_numbers(2, parameters);
  Buffer x = upload(*backend, random_numbers(1, c.batch * c.coordinates));
  std::vector<double> targets = random_numbers(3, c.batch * c.outputs);
  for (double& t : targets) t = 0.5 * t + 0.5;
  Buffer t = upload(*backend, targets);
  const Batch batch{&x, &t, c.batch};
  for (LossKind loss : {LossKind::mse, LossKind::bce}) {
    const auto gradient_at = [&](double step, double* value) {
      std::vector<double> moved = w;
      for (std::size_t i = 0; i < parameters; ++i) moved[i] += step * v[i];
      Buffer g = upload(*backend, std::vector<double>(parameters, NAN));
      const double l = backend->gradient(field.network(), loss, upload(*backend, moved), batch, g);
      if (value != nullptr) *value = l;
      return download(*backend, g);
    };
    // Small enough that a ReLU's kink is rarely crossed, large enough against rounding.
    constexpr double h = 1e-6;
    double left = 0, right = 0, value = 0;
    const auto g_left = gradient_at(-h, &left), g_right = gradient_at(h, &right);
    const auto g = gradient_at(0, &value);
    double slope = 0, size = 0;
    for (std::size_t i = 0; i < parameters; ++i)
      slope += g[i] * v[i], size += std::abs(g[i] * v[i]);
    EXPECT_NEAR((right - left) / (2 * h), slope, 1e-7 * (1 + size));

    Buffer fused = upload(*backend, std::vector<double>(parameters, NAN));
    Buffer product = upload(*backend, std::vector<double>(parameters, NAN));
    const double fused_value = backend->gradient_and_product(
        field.network(), loss, Curvature::hessian, upload(*backend, w), upload(*backend, v), batch,
        fused, product);
    EXPECT_NEAR(fused_value, value, 1e-14 * std::abs(value));
    EXPECT_LT(relative_error(download(*backend, fused), g), 1e-13);
    std::vector<double> expected(parameters);
    for (std::size_t i = 0; i < parameters; ++i) expected[i] = (g_right[i] - g_left[i]) / (2 * h);
    EXPECT_LT(relative_error(download(*backend, product), expected), 2e-6);
  }
}

TEST_P(CpuBackendCases, TheSameBitsForAnyNumberOfThreads) {
  const Case& c = GetParam();
  const Field field = field_of(c);
  std::vector<std::vector<double>> results;
  for (int threads : {1, 2, 3, 7}) {
    const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(threads), Precision::f32);
    Buffer w = upload(*backend, field.initial_weights(5));
    Buffer v = upload(*backend, random_numbers(2, field.parameters()));
    Buffer x = upload(*backend, random_numbers(1, c.batch * c.coordinates));
    Buffer t = upload(*backend, random_numbers(3, c.batch * c.outputs));
    Buffer g = backend->allocate(field.parameters()), h = backend->allocate(field.parameters());
    const double loss = backend->gradient_and_product(
        field.network(), LossKind::mse, Curvature::hessian, w, v, {&x, &t, c.batch}, g, h);
    std::vector<double> all = download(*backend, g);
    const auto product = download(*backend, h);
    all.insert(all.end(), product.begin(), product.end());
    all.push_back(loss);
    all.push_back(backend->dot(g, h));
    results.push_back(all);
  }
  for (const auto& result : results) EXPECT_EQ(result, results.front());
}

/// Runs `body` with the kernels of every instruction set that this machine has.
template <class Body>
void for_each_instruction_set(Body&& body) {
  const auto all = hwy::SupportedTargets();
  for (auto rest = all; rest != 0; rest &= rest - 1) {
    const auto one = rest & -rest;
    hwy::SetSupportedTargetsForTest(one);
    hwy::GetChosenTarget().DeInit();  // chosen again at the next call
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();  // chosen again at the next call
}

TEST_P(CpuBackendCases, EveryInstructionSetAgrees) {
  const Case& c = GetParam();
  const Field field = field_of(c);
  const auto w = field.initial_weights(5), v = random_numbers(2, field.parameters());
  const auto x = random_numbers(1, c.batch * c.coordinates);
  const auto t = random_numbers(3, c.batch * c.outputs);
  std::vector<std::string> names;
  for (Precision precision : {Precision::f64, Precision::f32}) {
    std::vector<double> expected;
    for_each_instruction_set([&] {
      names.push_back(cpu_instruction_set());
      const auto backend = make_cpu_backend(pool, precision);
      Buffer bw = upload(*backend, w), bv = upload(*backend, v), bx = upload(*backend, x);
      Buffer bt = upload(*backend, t);
      Buffer g = backend->allocate(w.size()), h = backend->allocate(w.size());
      Buffer y = backend->allocate(c.batch * c.outputs);
      backend->forward(field.network(), bw, bx, c.batch, y);
      const double loss = backend->gradient_and_product(
          field.network(), LossKind::mse, Curvature::hessian, bw, bv, {&bx, &bt, c.batch}, g, h);
      std::vector<double> all{loss};
      for (const Buffer* part : {&g, &h, &y})
        for (double number : download(*backend, *part)) all.push_back(number);
      if (expected.empty()) expected = all;
      EXPECT_LT(relative_error(all, expected), precision == Precision::f64 ? 1e-13 : 5e-5)
          << names.back() << " against " << names.front();
    });
  }
  EXPECT_GE(names.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, CpuBackendCases,
    testing::Values(Case{"sine", {16, 16}, 2, 3, 64}, Case{"sine", {7, 13, 5}, 2, 3, 129},
                    Case{"sine", {1}, 1, 1, 1}, Case{"sine", {33}, 3, 4, 700},
                    // Around the edges of panels (32), strips (12), groups (144) and blocks.
                    Case{"sine", {1, 1}, 2, 3, 1}, Case{"sine", {31, 32, 33}, 2, 33, 12},
                    Case{"sine", {64, 65}, 33, 1, 145}, Case{"gaussian", {34, 3}, 2, 3, 1153},
                    Case{"wavelet", {33, 35}, 2, 5, 2737}, Case{"relu_pe", {130}, 5, 3, 13},
                    Case{"gaussian", {16, 9}, 2, 3, 65}, Case{"gaussian", {5, 1, 6}, 3, 1, 63},
                    Case{"wavelet", {16, 16}, 2, 3, 64}, Case{"wavelet", {11, 7, 3}, 2, 2, 97},
                    Case{"relu", {19, 8}, 2, 3, 50}, Case{"relu_pe", {12, 17}, 2, 3, 130},
                    Case{"relu", {}, 2, 3, 40}, Case{"tanh", {9, 14}, 2, 3, 70},
                    Case{"silu", {20, 6}, 3, 1, 150}, Case{"gabor", {13, 8}, 2, 3, 65},
                    Case{"sinc", {10, 12}, 2, 2, 33}, Case{"finer", {8, 8}, 2, 3, 40},
                    Case{"softplus", {12, 5}, 2, 3, 77}));

// View features across the edge of a panel (33 and 40 columns, and their own), at its beginning
// (64), and with every encoding.
INSTANTIATE_TEST_SUITE_P(
    Views, CpuBackendCases,
    testing::Values(Case{"sine", {5, 33}, 6, 4, 145, 3}, Case{"sine", {5, 33}, 6, 4, 145, 3, true},
                    Case{"sine", {40}, 5, 4, 700, 2, true}, Case{"sine", {1}, 2, 2, 1, 1, true},
                    Case{"wavelet", {33, 40, 5}, 6, 4, 130, 3},
                    Case{"wavelet", {33, 40, 5}, 6, 4, 1153, 3, true},
                    Case{"wavelet", {5, 64}, 6, 4, 12, 3, true},
                    Case{"relu_pe", {40, 33}, 6, 4, 97, 3},
                    Case{"relu_pe", {40, 33}, 6, 4, 97, 3, true},
                    Case{"silu", {20, 33}, 6, 4, 64, 3}, Case{"silu", {20, 33}, 6, 4, 64, 3, true},
                    Case{"tanh", {34, 31}, 6, 4, 50, 3, true}, Case{"relu", {}, 6, 4, 40, 3, true},
                    Case{"gaussian", {9}, 3, 3, 33, 0, true}));

TEST(CpuBackend, SumsAndFiniteness) {
  const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(2), Precision::f32);
  const std::vector<double> a(70001, 0.5);
  Buffer x = upload(*backend, a), y = upload(*backend, a);
  EXPECT_EQ(backend->dot(x, y), 70001 * 0.25);
  backend->axpy(2, x, y);
  EXPECT_EQ(download(*backend, y), std::vector<double>(70001, 1.5));
  EXPECT_TRUE(backend->all_finite(y));
  for (double bad : {static_cast<double>(INFINITY), static_cast<double>(NAN)}) {
    std::vector<double> broken = a;
    broken[70000] = bad;
    EXPECT_FALSE(backend->all_finite(upload(*backend, broken)));
  }
}

TEST(CpuBackend, MemoryDoesNotGrowWithTheBatch) {
  const Field field = make_field("sine", {64, 64}, 2, 3);
  const auto peak = [&](std::size_t batch) {
    const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(2), Precision::f32);
    Buffer w = upload(*backend, field.initial_weights(5));
    Buffer v = upload(*backend, field.initial_weights(6));
    Buffer x = upload(*backend, random_numbers(1, batch * 2));
    Buffer t = upload(*backend, random_numbers(3, batch * 3));
    Buffer g = backend->allocate(w.size()), h = backend->allocate(w.size());
    backend->gradient_and_product(field.network(), LossKind::mse, Curvature::hessian, w, v,
                                  {&x, &t, batch}, g, h);
    return backend->peak_memory_bytes() - x.bytes() - t.bytes();
  };
  EXPECT_EQ(peak(10000), peak(50000));
}

TEST(CpuBackend, AnotherNetworkOnTheSameBackend) {
  const auto pool = std::make_shared<ThreadPool>(2);
  const auto result = [&](Backend& backend, const Field& field) {
    Buffer w = upload(backend, field.initial_weights(5));
    Buffer x = upload(backend, random_numbers(1, 2 * 100)),
           t = upload(backend, random_numbers(3, 3 * 100));
    Buffer g = backend.allocate(w.size());
    backend.gradient(field.network(), LossKind::mse, w, {&x, &t, 100}, g);
    return download(backend, g);
  };
  const auto shared = make_cpu_backend(pool, Precision::f32);
  for (const Field& field :
       {make_field("sine", {70, 40}, 2, 3), make_field("wavelet", {40, 70}, 2, 3),
        make_field("sine", {70, 40}, 2, 3), make_field("relu_pe", {33}, 2, 3)})
    EXPECT_EQ(result(*shared, field), result(*make_cpu_backend(pool, Precision::f32), field));
}

TEST(CpuBackend, CountsItsMemory) {
  const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(1), Precision::f32);
  const std::size_t before = backend->memory_bytes();
  {
    const Buffer buffer = backend->allocate(1000000);
    EXPECT_GE(backend->memory_bytes(), before + 4000000);
  }
  EXPECT_EQ(backend->memory_bytes(), before);
  EXPECT_GE(backend->peak_memory_bytes(), before + 4000000);
}

TEST(ThreadPool, ManyCallersAtOnceEachGetAllIndicesOnce) {
  ThreadPool pool(3);
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int c = 0; c < 4; ++c) {
    callers.emplace_back([&] {
      for (int round = 0; round < 300; ++round) {
        std::vector<std::atomic<int>> hits(37);
        pool.parallel_for(hits.size(), [&](std::size_t i) { ++hits[i]; });
        for (const auto& h : hits) wrong += h != 1;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace fieldscope
