// The loss of rendered rays on the CPU engine: its derivatives through a whole field against finite
// differences, and against themselves with other numbers of threads and other precision.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

struct Case {
  std::string activation;
  std::vector<int> hidden;
  std::size_t rays, samples;
  DensityActivation density;
  double background;
  bool closed;  ///< the last sample reaches to infinity
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.activation << "-" << c.rays << "x" << c.samples
             << (c.density == DensityActivation::exp ? "-exp" : "-softplus");
}

/// One problem on a backend of its own.
class Problem {
 public:
  Problem(const Case& c, Precision precision, int threads)
      : case_(c),
        field_(make_field(c.activation, c.hidden, 6, radiance_outputs, knobs(c.activation))),
        backend_(make_cpu_backend(std::make_shared<ThreadPool>(threads), precision)) {
    const std::size_t count = c.rays * c.samples;
    x_ = upload(*backend_, random_numbers(1, count * 6));
    std::vector<double> targets = random_numbers(3, c.rays * 3);
    for (double& t : targets) t = 0.5 * t + 0.5;
    t_ = upload(*backend_, targets);
    lengths_ = random_numbers(4, count);
    for (std::size_t i = 0; i < count; ++i) {
      lengths_[i] = (1.5 + lengths_[i]) / static_cast<double>(c.samples);
      if (c.closed && i % c.samples + 1 == c.samples) lengths_[i] = 1e10;
    }
    delta_ = upload(*backend_, lengths_);
    batch_ = {&x_, &t_, count, {&delta_, c.samples, c.density, c.background}};
    // Outputs of initial weights are small: these make colours and densities of all kinds.
    w_ = field_.initial_weights(5);
    for (std::size_t i = field_.network().output.weight; i < w_.size(); ++i) w_[i] *= 3;
  }

  const std::vector<double>& weights() const { return w_; }
  std::vector<double> moved(double step, const std::vector<double>& v) const {
    std::vector<double> to = w_;
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += step * v[i];
    return to;
  }
  std::vector<double> gradient(const std::vector<double>& w, double* loss = nullptr) {
    Buffer g = upload(*backend_, std::vector<double>(w.size(), NAN));
    const double value =
        backend_->gradient(field_.network(), LossKind::volume, upload(*backend_, w), batch_, g);
    if (loss != nullptr) *loss = value;
    return download(*backend_, g);
  }
  struct Products {
    double loss;
    std::vector<double> gradient, product;
  };
  Products products(Curvature curvature, const std::vector<double>& v) {
    Buffer g = upload(*backend_, std::vector<double>(v.size(), NAN));
    Buffer product = upload(*backend_, std::vector<double>(v.size(), NAN));
    const double loss = backend_->gradient_and_product(field_.network(), LossKind::volume,
                                                       curvature, upload(*backend_, w_),
                                                       upload(*backend_, v), batch_, g, product);
    return {loss, download(*backend_, g), download(*backend_, product)};
  }
  /// [R][3], from what forward() gives.
  std::vector<double> colours(const std::vector<double>& w) {
    const std::size_t count = case_.rays * case_.samples;
    Buffer y = backend_->allocate(count * radiance_outputs);
    backend_->forward(field_.network(), upload(*backend_, w), x_, count, y);
    std::vector<double> raw = download(*backend_, y), scratch(2 * case_.samples), all;
    for (std::size_t i = 0; i < case_.rays; ++i) {
      double colour[3], tangent[3];
      const std::size_t at = i * case_.samples;
      render_ray(RayLoss{case_.density, case_.background, 1, false},
                 RaySamples<double>{raw.data() + at * radiance_outputs, nullptr, radiance_outputs,
                                    lengths_.data() + at, case_.samples, scratch.data()},
                 colour, tangent);
      all.insert(all.end(), colour, colour + 3);
    }
    return all;
  }

 private:
  /// Moderate frequencies, so that finite differences are meaningful.
  static KnobValues knobs(const std::string& activation) {
    if (activation == "sine") return {{"omega", 3}};
    if (activation == "gaussian") return {{"sigma", 0.5}};
    if (activation == "wavelet") return {{"omega", 2}, {"scale", 1.5}};
    if (activation == "relu_pe") return {{"levels", 3}};
    return {};
  }

  Case case_;
  Field field_;
  std::unique_ptr<Backend> backend_;
  std::vector<double> w_, lengths_;
  Buffer x_, t_, delta_;
  Batch batch_;
};

double inner(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Of finite differences: so small that a ReLU's kink is rarely crossed.
double step_of(const Case& c) {
  return c.activation == "relu_pe" ? 1e-8 : 1e-5;
}

class VolumeLoss : public testing::TestWithParam<Case> {};

TEST_P(VolumeLoss, HessianProductsAreDifferencesOfGradients) {
  Problem problem(GetParam(), Precision::f64, 2);
  const auto v = random_numbers(2, problem.weights().size());
  const double h = step_of(GetParam());
  double left = 0, right = 0, value = 0;
  const auto g_left = problem.gradient(problem.moved(-h, v), &left);
  const auto g_right = problem.gradient(problem.moved(h, v), &right);
  const auto g = problem.gradient(problem.weights(), &value);
  EXPECT_NEAR((right - left) / (2 * h), inner(g, v), 1e-7 * std::sqrt(inner(g, g) * inner(v, v)));
  const auto both = problem.products(Curvature::hessian, v);
  EXPECT_NEAR(both.loss, value, 1e-14);
  EXPECT_LT(relative_error(both.gradient, g), 1e-13);
  std::vector<double> expected(g.size());
  for (std::size_t i = 0; i < g.size(); ++i) expected[i] = (g_right[i] - g_left[i]) / (2 * h);
  EXPECT_GT(inner(expected, expected), 0);
  EXPECT_LT(relative_error(both.product, expected), 1e-6);
}

TEST_P(VolumeLoss, GaussNewtonIsTheSquareOfTheColoursDerivative) {
  Problem problem(GetParam(), Precision::f64, 2);
  const auto u = random_numbers(7, problem.weights().size());
  const auto v = random_numbers(2, problem.weights().size());
  const auto gu = problem.products(Curvature::gauss_newton, u);
  const auto gv = problem.products(Curvature::gauss_newton, v);
  EXPECT_NEAR(inner(u, gv.product), inner(v, gu.product), 1e-10 * inner(v, gv.product));
  const double h = step_of(GetParam());
  const auto left = problem.colours(problem.moved(-h, v));
  const auto right = problem.colours(problem.moved(h, v));
  double squares = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const double slope = (right[i] - left[i]) / (2 * h);
    squares += slope * slope;
  }
  const double expected = 2 * squares / static_cast<double>(left.size());
  EXPECT_GT(expected, 0);
  EXPECT_NEAR(inner(v, gv.product), expected, 1e-5 * expected);
}

TEST_P(VolumeLoss, TheSameBitsForAnyNumberOfThreadsAndNearlyInSinglePrecision) {
  Problem exact(GetParam(), Precision::f64, 1);
  const auto v = random_numbers(2, exact.weights().size());
  const auto expected = exact.products(Curvature::hessian, v);
  Problem one(GetParam(), Precision::f32, 1);
  const auto first = one.products(Curvature::hessian, v);
  EXPECT_LT(relative_error(first.gradient, expected.gradient), 2e-4);
  EXPECT_LT(relative_error(first.product, expected.product), 2e-3);
  for (const int threads : {2, 3, 7}) {
    Problem other(GetParam(), Precision::f32, threads);
    const auto result = other.products(Curvature::hessian, v);
    EXPECT_EQ(result.loss, first.loss);
    EXPECT_EQ(result.gradient, first.gradient);
    EXPECT_EQ(result.product, first.product);
  }
}

// Rays of a sample, of less and more than a group of rows (144), batches of many blocks.
INSTANTIATE_TEST_SUITE_P(
    Rays, VolumeLoss,
    testing::Values(Case{"sine", {16, 16}, 5, 9, DensityActivation::softplus, 0, true},
                    Case{"sine", {33, 7}, 40, 64, DensityActivation::softplus, 1, false},
                    Case{"gaussian", {20, 20}, 12, 150, DensityActivation::softplus, 0.3, false},
                    Case{"wavelet", {17, 9}, 31, 13, DensityActivation::softplus, 1, false},
                    Case{"relu_pe", {24, 24}, 3, 300, DensityActivation::softplus, 0, true},
                    Case{"sine", {16}, 200, 1, DensityActivation::exp, 0.5, false},
                    Case{"tanh", {12, 12}, 7, 144, DensityActivation::exp, 1, false}));

TEST(RawJets, AreDerivativesOfEachOther) {
  constexpr double h = 1e-6;
  for (const auto activation : {DensityActivation::softplus, DensityActivation::exp})
    for (double r = -40; r < 20; r += 0.37) {
      const auto jet = [&](double x) { return density_jet(activation, x); };
      const RawJet at = jet(r), before = jet(r - h), after = jet(r + h);
      const double size = 1 + std::abs(at.f);
      EXPECT_NEAR((after.f - before.f) / (2 * h), at.d, 1e-6 * size) << r;
      if (std::abs(r - 15) > h) {
        EXPECT_NEAR((after.d - before.d) / (2 * h), at.dd, 1e-6 * size) << r;
      }
      EXPECT_GT(at.f, 0) << r;
    }
  for (double r = -40; r < 40; r += 0.37) {
    const RawJet at = logistic_jet(r), before = logistic_jet(r - h), after = logistic_jet(r + h);
    EXPECT_NEAR(at.f, 1 / (1 + std::exp(-r)), 1e-15);
    EXPECT_NEAR((after.f - before.f) / (2 * h), at.d, 1e-8);
    EXPECT_NEAR((after.d - before.d) / (2 * h), at.dd, 1e-8);
  }
}

TEST(RayLosses, StayFiniteWhereLightDiesOut) {
  for (const double huge : {1e3, 1e5, 1e30}) {
    double y[3 * 4] = {0, 1, 2, huge, 0, 1, 2, -huge, 1, 0, 0, huge};
    double ry[3 * 4] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const double lengths[3] = {1, 1, 1e10}, target[3] = {0.1, 0.2, 0.3};
    double scratch[6];
    const double loss =
        ray_loss(RayLoss{}, RaySamples<double>{y, ry, 4, lengths, 3, scratch}, target);
    EXPECT_TRUE(std::isfinite(loss));
    for (const double* all : {y, ry})
      EXPECT_TRUE(std::all_of(all, all + 12, [](double n) { return std::isfinite(n); })) << huge;
  }
}

}  // namespace
}  // namespace fieldscope
