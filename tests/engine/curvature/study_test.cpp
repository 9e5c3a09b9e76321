// Estimates of curvature against the whole spectrum, on fields of about a thousand parameters with
// every activation; and the pieces against small matrices whose spectrum is known.
#include "engine/curvature/study.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "engine/curvature/exact.h"
#include "engine/curvature/landscape.h"
#include "engine/field/spec.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

using Numbers = std::vector<double>;

/// A field on random samples, so small that its whole Hessian can be had.
FrozenLoss small_loss(const std::string& activation, const std::vector<int>& hidden,
                      std::size_t samples = 200, const FieldShape& shape = {2, 3}) {
  KnobValues knobs;
  if (find_knob(find_activation(activation).knobs, "omega") != nullptr) knobs["omega"] = 6;
  if (activation == "relu_pe") knobs["levels"] = 3;
  const Field field = make_field(activation, hidden, shape, knobs);
  FrozenLoss loss;
  loss.network = field.network();
  loss.weights = field.initial_weights(3);
  loss.coordinates = random_numbers(1, static_cast<std::size_t>(shape.coordinates) * samples);
  loss.targets = random_numbers(2, static_cast<std::size_t>(shape.outputs) * samples);
  for (const ParameterTensor& tensor : field.tensors())
    loss.layers.push_back({tensor.name, tensor.offset, tensor.size});
  return loss;
}

std::unique_ptr<Backend> float64() {
  return make_cpu_backend(std::make_shared<ThreadPool>(2), Precision::f64);
}

CurvatureSettings settings_for(std::size_t parameters) {
  CurvatureSettings settings;
  settings.exact_limit = parameters;
  settings.steps = 150;
  settings.probes = 6;
  settings.trace_products = 60;
  settings.layers = false;
  settings.preconditioners = false;
  return settings;
}

TEST(Study, EstimatesAgreeWithTheWholeSpectrumForEveryActivation) {
  for (const ActivationEntry& entry : activations()) {
    SCOPED_TRACE(entry.id);
    const std::string id(entry.id);
    FrozenProblem problem(
        small_loss(id, id == "wavelet" ? std::vector<int>{20, 20} : std::vector<int>{28, 28}),
        float64());
    const CurvatureReport report = study_curvature(problem, settings_for(2000), {});
    ASSERT_TRUE(report.exact);
    const Numbers& spectrum = report.eigenvalues;
    EXPECT_GE(spectrum.size(), 800u);
    EXPECT_LE(spectrum.size(), 1400u);
    const double largest = std::max(std::abs(spectrum.front()), std::abs(spectrum.back()));
    // Both ends, and the residual says how near they are.
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(report.largest[i].value, spectrum[spectrum.size() - 1 - i], 1e-6 * largest);
      EXPECT_LE(std::abs(report.largest[i].value - spectrum[spectrum.size() - 1 - i]),
                report.largest[i].residual + 1e-9 * largest);
    }
    EXPECT_NEAR(report.smallest[0].value, spectrum.front(), 1e-6 * largest);
    // The density, as the area between the distributions next to the spectrum's width.
    const double width = spectrum.back() - spectrum.front();
    EXPECT_LT(wasserstein_distance(report.quadratures, spectrum), 0.01 * width);
    // The trace, within its error bar: four standard errors let one in 16,000 out.
    EXPECT_NEAR(report.hutchinson.value, report.trace, 4 * report.hutchinson.error);
    EXPECT_NEAR(report.hutchpp.value, report.trace, 4 * report.hutchpp.error + 1e-9 * largest);
    EXPECT_NEAR(report.trace, std::accumulate(spectrum.begin(), spectrum.end(), 0.0),
                1e-9 * largest * static_cast<double>(spectrum.size()));
  }
}

TEST(Study, EstimatesWithoutTheSpectrumAgreeWithThoseThatHaveIt) {
  for (const char* activation : {"sine", "relu_pe"}) {
    SCOPED_TRACE(activation);
    CurvatureInputs inputs;
    inputs.minibatch = 50;
    inputs.own_divisor = Numbers();
    FrozenProblem problem(small_loss(activation, {20, 20}), float64());
    inputs.own_divisor = Numbers(problem.parameters());
    for (std::size_t i = 0; i < problem.parameters(); ++i)
      (*inputs.own_divisor)[i] = 1 + static_cast<double>(i % 7);
    CurvatureSettings settings = settings_for(2000);
    settings.preconditioners = true;
    const CurvatureReport whole = study_curvature(problem, settings, inputs);
    settings.exact_limit = 0;
    const CurvatureReport estimated = study_curvature(problem, settings, inputs);
    EXPECT_FALSE(estimated.exact);
    EXPECT_TRUE(estimated.eigenvalues.empty());
    for (const Conditioned& c : estimated.conditioned) {
      SCOPED_TRACE(c.name);
      EXPECT_FALSE(c.condition.has_value());
      const auto same = std::find_if(whole.conditioned.begin(), whole.conditioned.end(),
                                     [&](const Conditioned& w) { return w.name == c.name; });
      ASSERT_NE(same, whole.conditioned.end());
      if (c.name == "equilibrated" || c.name == "jacobi")
        continue;  // the diagonal is estimated too
      EXPECT_NEAR(c.largest, same->largest, 1e-3 * same->largest);
      EXPECT_NEAR(c.spread, same->spread, 0.35 * same->spread);
    }
    const std::vector<std::string> names = {"raw", "equilibrated", "jacobi", "adam", "own", "kfac"};
    ASSERT_EQ(whole.conditioned.size(), names.size());
    for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(whole.conditioned[i].name, names[i]);
  }
}

TEST(Study, AProductIsTheMatrixTimesTheVectorWhateverThePieces) {
  const FrozenLoss loss = small_loss("gaussian", {9, 7}, 2500);  // three pieces, the last smaller
  FrozenProblem problem(loss, float64());
  const std::size_t n = problem.parameters();
  for (const Curvature curvature : {Curvature::hessian, Curvature::gauss_newton}) {
    const Numbers h = exact_matrix(problem, curvature);
    const Numbers v = random_numbers(9, n);
    Numbers product(n), want(n);
    problem.multiply(curvature, v, product);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) want[i] += h[i * n + j] * v[j];
    EXPECT_LT(relative_error(product, want), 1e-12);
  }
  // The gradient is the slope of the value.
  const Numbers g = problem.gradient();
  Numbers moved = loss.weights;
  for (std::size_t i = 0; i < n; i += 11) {
    moved[i] = loss.weights[i] + 1e-6;
    const double high = problem.value(moved);
    moved[i] = loss.weights[i] - 1e-6;
    EXPECT_NEAR((high - problem.value(moved)) / 2e-6, g[i], 1e-7);
    moved[i] = loss.weights[i];
  }
}

TEST(Study, APauseCanEndIt) {
  int pauses = 0;
  FrozenProblem problem(small_loss("sine", {20, 20}), float64(), [&] {
    if (++pauses > 10) throw Cancelled();
  });
  EXPECT_THROW(study_curvature(problem, settings_for(2000), {}), Cancelled);
}

TEST(Study, ProgressRisesToTheEnd) {
  FrozenProblem problem(small_loss("tanh", {8, 8}), float64());
  CurvatureSettings settings = settings_for(0);
  settings.layers = settings.preconditioners = true;
  settings.steps = 10;
  double last = 0;
  study_curvature(problem, settings, {}, [&](double share, const std::string& what) {
    EXPECT_GE(share, last);
    EXPECT_LE(share, 1);
    EXPECT_FALSE(what.empty());
    last = share;
  });
  EXPECT_GT(last, 0.9);
}

TEST(Study, ReluIsSparseWhereSineIsDense) {
  CurvatureSettings settings = settings_for(0);
  settings.steps = 5;
  settings.hv_probes = 2;
  const auto zeros = [&](const char* activation) {
    FrozenProblem problem(small_loss(activation, {28, 28}, 3), float64());
    return study_curvature(problem, settings, {}).hv.front();
  };
  for (const char* dense : {"sine", "gaussian", "wavelet", "sinc"}) {
    EXPECT_EQ(zeros(dense).zero, 0) << dense;
    const auto histogram = zeros(dense).histogram;
    EXPECT_NEAR(std::accumulate(histogram.begin(), histogram.end(), 0.0), 1, 1e-12);
  }
  EXPECT_GT(zeros("relu").zero, 0.05);
}

// ---- the pieces ---------------------------------------------------------------------------------

TEST(Condition, IsTheRatioOfTheSizes) {
  const ConditionNumber c = condition_number(Numbers{-4, 1, 2, 0.5});
  EXPECT_DOUBLE_EQ(c.kappa, 8);
  EXPECT_EQ(c.rank, 4u);
  EXPECT_FALSE(c.singular());
  EXPECT_DOUBLE_EQ(c.negative_share, 0.25);
  EXPECT_EQ(condition_text(c), "8");
}

TEST(Condition, OfASingularMatrixSaysItsRankAndNeverRounding) {
  const ConditionNumber c = condition_number(Numbers{1, 0.1, 1e-19, 0, -1e-18});
  EXPECT_EQ(c.rank, 2u);
  EXPECT_TRUE(c.singular());
  EXPECT_DOUBLE_EQ(c.kappa, 10);
  EXPECT_DOUBLE_EQ(c.authors, 1e19);
  EXPECT_EQ(condition_text(c), "rank 2 of 5, 10 within it");
  EXPECT_EQ(condition_number(Numbers{1, 0.1, 1e-3}, 0.01).rank, 2u);
  EXPECT_EQ(condition_text(condition_number(Numbers{0, 0})), "rank 0 of 2");
}

SymmetricProduct diagonal_product(const Numbers& d) {
  return [d](std::span<const double> x, std::span<double> y) {
    for (std::size_t i = 0; i < d.size(); ++i) y[i] = d[i] * x[i];
  };
}

TEST(Lanczos, FindsAllOfASmallSpectrum) {
  const Numbers d = {-3, -1, 0, 0.5, 2, 7};
  const Krylov krylov = lanczos(diagonal_product(d), Numbers(6, 1.0), 100);
  ASSERT_EQ(krylov.diagonal.size(), 6u);  // and no further
  const SpectrumEnds ends = spectrum_ends(krylov, 6);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(ends.smallest[i].value, d[i], 1e-12);
    EXPECT_NEAR(std::abs(ends.smallest[i].vector[i]), 1, 1e-9);
  }
}

TEST(Lanczos, StopsWhereTheSpaceIsExhausted) {
  const Krylov krylov = lanczos(diagonal_product(Numbers(50, 3.0)), Numbers(50, 1.0), 20);
  EXPECT_EQ(krylov.diagonal.size(), 1u);
  EXPECT_DOUBLE_EQ(krylov.diagonal[0], 3);
  EXPECT_EQ(krylov.rest, 0);
}

TEST(Lanczos, ResidualsAreThose) {
  Numbers d(300);
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = std::sin(static_cast<double>(i));
  const SymmetricProduct product = diagonal_product(d);
  const SpectrumEnds ends = spectrum_ends(lanczos(product, random_sign_vector(1, d.size()), 20), 3);
  for (const EigenPair& pair : ends.largest) {
    Numbers y(d.size());
    product(pair.vector, y);
    double residual = 0;
    for (std::size_t i = 0; i < d.size(); ++i)
      residual += std::pow(y[i] - pair.value * pair.vector[i], 2);
    EXPECT_NEAR(std::sqrt(residual), pair.residual, 1e-10);
  }
}

TEST(Density, IntegratesToOneAndHasItsErrorFromTheProbes) {
  Numbers d(400);
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = static_cast<double>(i % 20);
  std::vector<Quadrature> probes;
  for (std::uint64_t key = 0; key < 5; ++key)
    probes.push_back(quadrature(lanczos(diagonal_product(d), random_sign_vector(key, 400), 12)));
  const SpectralDensity density = spectral_density(probes);
  double integral = 0;
  for (std::size_t i = 1; i < density.at.size(); ++i)
    integral +=
        0.5 * (density.density[i] + density.density[i - 1]) * (density.at[i] - density.at[i - 1]);
  EXPECT_NEAR(integral, 1, 1e-3);
  EXPECT_GT(*std::max_element(density.error.begin(), density.error.end()), 0);
}

TEST(Wasserstein, IsHowFarMassHasToGo) {
  const std::vector<Quadrature> probes = {{{0, 1}, {0.5, 0.5}}};
  EXPECT_NEAR(wasserstein_distance(probes, Numbers{0, 1}), 0, 1e-15);
  EXPECT_NEAR(wasserstein_distance(probes, Numbers{2, 3}), 2, 1e-15);
  EXPECT_NEAR(wasserstein_distance(probes, Numbers{0, 0, 0, 1}), 0.25, 1e-15);
}

TEST(Trace, HutchppIsExactWhereTheRankIsSmall) {
  Numbers d(500);
  d[3] = 5;
  d[77] = -2;
  d[400] = 1;
  const Estimate estimate = hutchpp_trace(diagonal_product(d), 500, 30, 1);
  EXPECT_NEAR(estimate.value, 4, 1e-9);
  const Estimate plain = hutchinson_trace(diagonal_product(d), 500, 30, 1);
  EXPECT_NEAR(plain.value, 4, 1e-12);  // signs are exact for a diagonal matrix
}

TEST(Preconditioners, ScaleRowsAndColumns) {
  const Numbers a = {4, 2, 2, 9};
  EXPECT_EQ(jacobi_diagonal(2, a), (Numbers{4, 9}));
  const Numbers norms = equilibration_diagonal(2, a);
  EXPECT_DOUBLE_EQ(norms[0], std::sqrt(20.0));
  const Numbers scaled = preconditioned(2, a, Numbers{4, 9});
  EXPECT_NEAR(scaled[0], 1, 1e-15);
  EXPECT_NEAR(scaled[1], 2.0 / 6, 1e-15);
  EXPECT_NEAR(scaled[3], 1, 1e-15);
  EXPECT_EQ(preconditioned(2, a, Numbers{0, 9})[0], 0);
}

TEST(Preconditioners, KfacIsExactForALinearModel) {
  // One linear map: the Hessian of the mean squared error is (2/m) A x I, and with S = I what is
  // left is (2/m) I up to damping.
  const FrozenLoss loss = small_loss("sine", {}, 300);
  FrozenProblem problem(loss, float64());
  const std::size_t n = problem.parameters();
  const Numbers h = exact_matrix(problem, Curvature::hessian);
  Numbers factors = problem.factors();
  const std::size_t in = static_cast<std::size_t>(loss.network.output.in) + 1;
  std::fill(factors.begin() + static_cast<std::ptrdiff_t>(in * in), factors.end(), 0.0);
  for (std::size_t o = 0; o < 3; ++o) factors[in * in + o * 3 + o] = 1;
  const Numbers left = kfac_preconditioned(h, loss.network, factors, 1e-24);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      EXPECT_NEAR(left[i * n + j], i == j ? 2.0 / 3 : 0, 1e-6) << i << " " << j;
}

TEST(Preconditioners, KfacGoesMapByMapThroughAHead) {
  const FrozenLoss loss = small_loss("sine", {5, 4}, 200, {6, 4, 3, true});
  FrozenProblem problem(loss, float64());
  const std::size_t n = problem.parameters();
  const Numbers factors = problem.factors();
  // Where the matrix is what the factors say, A x S of each map, the identity is left of it.
  Numbers a(n * n);
  std::size_t at = 0;
  for (const LinearMap& map : layout_of(loss.network).maps) {
    const auto in = static_cast<std::size_t>(map.in), out = static_cast<std::size_t>(map.out);
    const auto place = [&](std::size_t o, std::size_t i) {
      return i < in ? map.weight + o * in + i : map.bias + o;
    };
    const double* inputs = factors.data() + at;
    const double* outputs = inputs + (in + 1) * (in + 1);
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t p = 0; p < out; ++p)
        for (std::size_t i = 0; i <= in; ++i)
          for (std::size_t j = 0; j <= in; ++j)
            a[place(o, i) * n + place(p, j)] = inputs[i * (in + 1) + j] * outputs[o * out + p];
    at += (in + 1) * (in + 1) + out * out;
  }
  ASSERT_EQ(at, factors.size());
  const Numbers left = kfac_preconditioned(a, loss.network, factors, 1e-26);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      ASSERT_NEAR(left[i * n + j], i == j ? 1 : 0, 1e-4) << i << " " << j;
}

TEST(LossLandscape, HasTheLossInTheMiddleAndItsCurvatureAlongTheLine) {
  const FrozenLoss loss = small_loss("sine", {12, 12});
  FrozenProblem problem(loss, float64());
  const Direction d = filter_normalised_direction(loss, 5);
  const Landscape line = loss_line(problem, d, -1e-3, 1e-3, 3);
  ASSERT_EQ(line.loss.size(), 3u);
  EXPECT_DOUBLE_EQ(line.a[1], 0);
  EXPECT_DOUBLE_EQ(line.loss[1], problem.value(loss.weights));
  Numbers hd(problem.parameters());
  problem.multiply(Curvature::hessian, d.v, hd);
  const double curvature = std::inner_product(hd.begin(), hd.end(), d.v.begin(), 0.0);
  EXPECT_NEAR((line.loss[0] - 2 * line.loss[1] + line.loss[2]) / 1e-6, curvature,
              1e-3 * std::abs(curvature));
  const Landscape plane = loss_plane(problem, d, filter_normalised_direction(loss, 6), 0.5, 5);
  EXPECT_EQ(plane.loss.size(), 25u);
  EXPECT_DOUBLE_EQ(plane.loss[12], line.loss[1]);
  EXPECT_EQ(plane.directions, (std::vector<std::string>{"random", "random"}));
}

TEST(LossLandscape, DirectionsAreAsLongAsTheWeightsTheyMove) {
  const FrozenLoss loss = small_loss("tanh", {6, 5});
  const Direction d = filter_normalised_direction(loss, 5);
  const LinearMap& map = loss.network.hidden[1].u;
  for (int o = 0; o < map.out; ++o) {
    double ours = 0, theirs = 0;
    for (int i = 0; i < map.in; ++i) {
      const std::size_t at = map.weight + static_cast<std::size_t>(o * map.in + i);
      ours += d.v[at] * d.v[at];
      theirs += loss.weights[at] * loss.weights[at];
    }
    EXPECT_NEAR(ours, theirs, 1e-12);
  }
}

}  // namespace
}  // namespace fieldscope
