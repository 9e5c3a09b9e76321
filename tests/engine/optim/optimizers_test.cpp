// Each optimizer on a quadratic whose derivatives are known, against the same rules written out
// here in double; the registry and its messages.
#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "engine/optim/registry.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

/// L(w) = sum of h_i (w_i - c_i)^2 / 2: the gradient is h (w - c), the Hessian diag(h).
class Quadratic final : public Objective {
 public:
  explicit Quadratic(Backend& backend) : backend_(backend) {}

  Backend& backend() override { return backend_; }
  std::size_t parameters() const override { return h.size(); }
  Scalar gradient(const Buffer& w, Buffer& g) override {
    count(gradient_cost);
    ++gradients;
    return derivatives(w, g);
  }
  Scalar gradient_and_product(Curvature curvature, const Buffer& w, const Buffer& v, Buffer& g,
                              Buffer& hv) override {
    curvatures.insert(curvature);
    count(gradient_and_product_cost);
    ++products;
    std::vector<double> product = download(backend_, v);
    for (std::size_t i = 0; i < h.size(); ++i) product[i] *= h[i];
    backend_.upload(hv, std::span<const double>(product));
    return derivatives(w, g);
  }
  Scalar gradient_and_factors(const Buffer&, Buffer&, Buffer&) override {
    throw std::logic_error("a quadratic has no layers");
  }
  void draw_probe(Buffer& v, ProbeKind kind) override {
    ++probes;
    if (kind == ProbeKind::signs)
      backend_.random_signs(probes, v);
    else
      backend_.random_normals(probes, v);
  }

  double loss_at(const std::vector<double>& w) const {
    double loss = 0;
    for (std::size_t i = 0; i < h.size(); ++i) loss += h[i] * (w[i] - c[i]) * (w[i] - c[i]) / 2;
    return loss;
  }

  const std::vector<double> h = {0.5, 1, 3, 10, 40}, c = {1, -2, 0.5, 0, 3};
  int gradients = 0, products = 0;
  std::uint64_t probes = 0;
  std::set<Curvature> curvatures;

 private:
  double derivatives(const Buffer& w, Buffer& g) {
    const std::vector<double> at = download(backend_, w);
    std::vector<double> slope(h.size());
    for (std::size_t i = 0; i < h.size(); ++i) slope[i] = h[i] * (at[i] - c[i]);
    backend_.upload(g, std::span<const double>(slope));
    return loss_at(at);
  }

  Backend& backend_;
};

class Optimizers : public testing::Test {
 protected:
  std::unique_ptr<Optimizer> make(const std::string& id, const KnobValues& knobs = {}) {
    const OptimizerSpec spec = resolve_optimizer({id, knobs}, "sine");
    return find_optimizer(id).make(*backend_, {quadratic_.parameters(), {}}, spec.knobs);
  }
  /// The weights after each step.
  std::vector<std::vector<double>> walk(Optimizer& optimizer, std::uint64_t first,
                                        std::uint64_t last) {
    std::vector<std::vector<double>> path;
    for (std::uint64_t step = first; step < last; ++step) {
      optimizer.step(quadratic_, w_, g_, step);
      path.push_back(download(*backend_, w_));
    }
    return path;
  }

  const std::vector<double> start_ = {0, 0, 0, 1, -1};
  std::unique_ptr<Backend> backend_ =
      make_cpu_backend(std::make_shared<ThreadPool>(1), Precision::f64);
  Quadratic quadratic_{*backend_};
  Buffer w_ = upload(*backend_, start_), g_ = backend_->allocate(start_.size());
};

TEST_F(Optimizers, EachDecreasesAConvexQuadratic) {
  const OptimizerSpec specs[] = {{"sgd", {{"lr", 0.03}}},
                                 {"sgd", {{"lr", 0.01}, {"momentum", 0.8}}},
                                 {"adam", {{"lr", 0.05}}},
                                 {"esgd", {{"lr", 0.15}}},
                                 {"esgd", {{"lr", 0.15}, {"bias_correction", 1}}},
                                 {"esgd", {{"lr", 0.1}, {"probes", 1}, {"first_probes", 8}}},
                                 {"sgd", {{"lr", 0.01}, {"momentum", 0.8}, {"nesterov", 1}}},
                                 {"adamw", {{"lr", 0.05}, {"weight_decay", 1e-4}}},
                                 {"esgd_nesterov", {{"lr", 0.15}}},
                                 {"esgd_adam", {{"lr", 0.15}, {"adam_lr", 0.1}}},
                                 {"adahessian", {{"samples", 2}}},
                                 {"adahessian_e", {}},
                                 {"adahessian_j", {{"lr", 0.1}}},
                                 {"adahessian", {{"hessian_power", 0.5}, {"lr", 0.1}}},
                                 {"sophia_h", {{"lr", 0.05}, {"gamma", 1}}},
                                 {"lbfgs", {}},
                                 {"lbfgs", {{"line_search", 0}, {"lr", 0.5}}},
                                 {"newton_cg", {}},
                                 {"newton_cg", {{"curvature", 0}}},
                                 // A vector alone: no layers, so only what is behind them.
                                 {"muon", {{"adam_lr", 0.05}}},
                                 {"soap", {{"lr", 0.05}, {"beta2", 0.999}}},
                                 {"shampoo", {{"lr", 0.002}}}};
  for (const OptimizerSpec& spec : specs) {
    w_ = upload(*backend_, start_);
    const auto optimizer = make(spec.id, spec.knobs);
    const double before = quadratic_.loss_at(start_);
    // The loss returned is that before the step, and the gradient buffer holds that step's.
    EXPECT_EQ(optimizer->step(quadratic_, w_, g_, 0), before) << spec.id;
    EXPECT_EQ(download(*backend_, g_)[4], 40.0 * (-1 - 3)) << spec.id;
    const auto path = walk(*optimizer, 1, 400);
    EXPECT_LT(quadratic_.loss_at(path.back()), 1e-3 * before) << spec.id;
  }
}

TEST_F(Optimizers, SgdIsHeavyBall) {
  const auto path = walk(*make("sgd", {{"lr", 0.01}, {"momentum", 0.7}}), 0, 20);
  std::vector<double> w = start_, b(w.size());
  for (const auto& after : path)
    for (std::size_t i = 0; i < w.size(); ++i) {
      b[i] = 0.7 * b[i] + quadratic_.h[i] * (w[i] - quadratic_.c[i]);
      w[i] -= 0.01 * b[i];
      EXPECT_NEAR(after[i], w[i], 1e-13);
    }
}

TEST_F(Optimizers, AdamIsKingmaAndBasAlgorithm) {
  const auto path =
      walk(*make("adam", {{"lr", 0.05}, {"beta1", 0.8}, {"beta2", 0.95}, {"eps", 0.01}}), 0, 50);
  std::vector<double> w = start_, m(w.size()), v(w.size());
  double t = 0;
  for (const auto& after : path) {
    ++t;
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double g = quadratic_.h[i] * (w[i] - quadratic_.c[i]);
      m[i] = 0.8 * m[i] + 0.2 * g;
      v[i] = 0.95 * v[i] + 0.05 * g * g;
      w[i] -= 0.05 * (m[i] / (1 - std::pow(0.8, t))) /
              (std::sqrt(v[i] / (1 - std::pow(0.95, t))) + 0.01);
      EXPECT_NEAR(after[i], w[i], 1e-12);
    }
  }
}

TEST_F(Optimizers, EsgdInBothWaysOfBiasCorrection) {
  for (int mode : {0, 1}) {
    SCOPED_TRACE(mode);
    w_ = upload(*backend_, start_);
    const auto path = walk(*make("esgd", {{"lr", 0.1},
                                          {"beta1", 0.8},
                                          {"beta2", 0.95},
                                          {"eps", 0.01},
                                          {"warmup", 3},
                                          {"refresh_every", 5},
                                          {"bias_correction", mode}}),
                           0, 40);
    std::vector<double> w = start_, m(w.size()), d(w.size());
    double refreshes = 0;
    for (std::size_t step = 0; step < path.size(); ++step) {
      const bool refresh = step < 3 || step % 5 == 0;
      refreshes += refresh;
      const double t = static_cast<double>(step) + 1;
      const double n = mode == 0 ? t : refreshes;
      for (std::size_t i = 0; i < w.size(); ++i) {
        const double h = quadratic_.h[i], g = h * (w[i] - quadratic_.c[i]);
        if (refresh) d[i] = 0.95 * d[i] + 0.05 * h * h;  // (Hv)^2 = h^2, whatever v's signs
        m[i] = 0.8 * m[i] + 0.2 * g;
        w[i] -= 0.1 * (m[i] / (1 - std::pow(0.8, t))) /
                (std::sqrt(d[i] / (1 - std::pow(0.95, n))) + 0.01);
        EXPECT_NEAR(path[step][i], w[i], 1e-12) << step;
      }
    }
  }
}

// On L = sum h (w - c)^2 / 2 the factor by which each step shrinks an error is known.
TEST_F(Optimizers, DiagonalNewtonStepsShrinkErrorsByTheirRate) {
  const auto factor = [&](const std::string& id, const KnobValues& knobs, auto expected) {
    SCOPED_TRACE(id);
    w_ = upload(*backend_, start_);
    const auto path = walk(*make(id, knobs), 0, 20);
    std::vector<double> before = start_;
    for (const auto& after : path) {
      for (std::size_t i = 0; i < after.size(); ++i)
        EXPECT_NEAR(after[i] - quadratic_.c[i],
                    (before[i] - quadratic_.c[i]) * expected(quadratic_.h[i]), 1e-9);
      before = after;
    }
  };
  const auto newton = [](double) { return 1 - 0.3; };
  const KnobValues plain = {{"lr", 0.3}, {"beta1", 0}, {"beta2", 0}, {"eps", 1e-14}};
  factor("adahessian", plain, newton);
  factor("adahessian_e", plain, newton);
  factor("adahessian_j", plain, [](double h) { return 1 - 0.3 * std::sqrt(h); });
  KnobValues half = plain;
  half["hessian_power"] = 0.5;
  half["lr"] = 0.2;
  factor("adahessian", half, [](double h) { return 1 - 0.2 * std::sqrt(h); });
  KnobValues esgd = plain;
  esgd.insert({{"refresh_every", 1}, {"first_probes", 1}});
  factor("esgd", esgd, newton);
  factor("esgd_nesterov", esgd, newton);
  esgd.insert({{"mix", 0}});
  factor("esgd_adam", esgd, newton);
  // Sophia takes its step in units of the largest that is not clipped.
  factor("sophia_h", {{"lr", 0.3}, {"beta1", 0}, {"beta2", 0}, {"gamma", 10}, {"refresh_every", 1}},
         [](double) { return 1 - 0.3 / 10; });
  factor("sgd", {{"lr", 0.02}}, [](double h) { return 1 - 0.02 * h; });
}

/// Half the squared distance of all parameters to a target, laid out as three maps. A matrix that
/// starts at U S V^T from its target is moved along U V^T by optimizers that make all singular
/// values alike.
class Distance final : public Objective {
 public:
  Distance(Backend& backend, std::vector<double> target)
      : backend_(backend), target_(test::upload(backend, target)) {}

  static ParameterLayout layout() {
    return {21, {{1, 1, 0, 1}, {4, 3, 2, 14}, {3, 1, 17, 20}}, {1}};
  }

  Backend& backend() override { return backend_; }
  std::size_t parameters() const override { return target_.size(); }
  Scalar gradient(const Buffer& w, Buffer& g) override {
    count(gradient_cost);
    backend_.copy(w, g);
    backend_.axpy(-1, target_, g);
    return backend_.dot(g, g) / 2;
  }
  Scalar gradient_and_product(Curvature, const Buffer& w, const Buffer& v, Buffer& g,
                              Buffer& hv) override {
    backend_.copy(v, hv);
    return gradient(w, g);
  }
  Scalar gradient_and_factors(const Buffer&, Buffer&, Buffer&) override {
    throw std::logic_error("a distance has no samples");
  }
  void draw_probe(Buffer& v, ProbeKind) override { backend_.random_signs(++probes_, v); }

 private:
  Backend& backend_;
  Buffer target_;
  std::uint64_t probes_ = 0;
};

TEST_F(Optimizers, MatrixOptimizersShrinkAllSingularValuesAlike) {
  // D = W - C = 2 u1 v1^T + 1 u2 v2^T + 0.5 u3 v3^T with orthonormal u and v.
  const double u[3][3] = {
      {2.0 / 3, -1.0 / 3, 2.0 / 3}, {2.0 / 3, 2.0 / 3, -1.0 / 3}, {-1.0 / 3, 2.0 / 3, 2.0 / 3}};
  const double v[3][4] = {{0.5, 0.5, 0.5, 0.5}, {0.5, -0.5, 0.5, -0.5}, {0.5, 0.5, -0.5, -0.5}};
  const double singular[3] = {2, 1, 0.5};
  const auto difference = [&](double moved) {
    std::vector<double> d(12);
    for (int k = 0; k < 3; ++k)
      for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 4; ++j) d[4 * i + j] += (singular[k] - moved) * u[k][i] * v[k][j];
    return d;
  };
  const std::vector<double> target = random_numbers(3, 21);
  const auto walked = [&](const OptimizerSpec& spec, int steps) {
    Distance distance(*backend_, target);
    std::vector<double> start = target;
    const std::vector<double> d = difference(0);
    for (int i = 0; i < 12; ++i) start[2 + i] += d[i];
    Buffer w = upload(*backend_, start), g = backend_->allocate(21);
    const OptimizerSpec resolved = resolve_optimizer(spec, "sine");
    const auto optimizer =
        find_optimizer(spec.id).make(*backend_, Distance::layout(), resolved.knobs);
    for (int step = 0; step < steps; ++step) optimizer->step(distance, w, g, step);
    std::vector<double> now = download(*backend_, w);
    std::vector<double> matrix(12);
    for (int i = 0; i < 12; ++i) matrix[i] = now[2 + i] - target[2 + i];
    return matrix;
  };
  const KnobValues shampoo = {{"lr", 0.02},    {"momentum", 0}, {"nesterov", 0},
                              {"grafting", 0}, {"beta2", 0},    {"matrix_eps", 1e-20}};
  EXPECT_LT(relative_error(walked({"shampoo", shampoo}, 10), difference(0.2)), 1e-6);
  // SOAP's first step only looks. Only its smaller side has a basis: v is not among them, so that
  // the matrix is Adam's sign of U^T D there.
  const KnobValues soap = {{"lr", 0.01},        {"beta1", 0},         {"beta2", 0},
                           {"shampoo_beta", 0}, {"refresh_every", 1}, {"eps", 1e-12}};
  std::vector<double> expected(12);
  for (int k = 0; k < 3; ++k)
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 4; ++j)
        expected[4 * i + j] += (singular[k] - 0.1 * 2) * u[k][i] * v[k][j];
  // sign(v) = 2 v here: each of the ten steps moves a row by 0.01 sign(v_k) = 0.02 v_k.
  EXPECT_LT(relative_error(walked({"soap", soap}, 11), expected), 1e-6);
  // Muon's five iterations bring singular values to between 0.68 and 1.14 only.
  const KnobValues muon = {{"lr", 0.02}, {"momentum", 0}, {"nesterov", 0}};
  const std::vector<double> after = walked({"muon", muon}, 10);
  for (int k = 0; k < 3; ++k) {
    double value = 0;
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 4; ++j) value += u[k][i] * after[4 * i + j] * v[k][j];
    EXPECT_GT(singular[k] - value, 0.68 * 0.2);
    EXPECT_LT(singular[k] - value, 1.14 * 0.2);
  }
}

TEST_F(Optimizers, NewtonCgSolvesTheDampedSystem) {
  for (int curvature : {0, 1}) {
    w_ = upload(*backend_, start_);
    const auto path = walk(
        *make(
            "newton_cg",
            {{"damping", 0.5}, {"iterations", 20}, {"tolerance", 1e-12}, {"curvature", curvature}}),
        0, 4);
    double damping = 0.5;  // the model is exact: each step lowers it
    std::vector<double> error;
    for (std::size_t i = 0; i < start_.size(); ++i) error.push_back(start_[i] - quadratic_.c[i]);
    for (const auto& after : path) {
      for (std::size_t i = 0; i < after.size(); ++i) {
        error[i] *= damping / (quadratic_.h[i] + damping);
        EXPECT_NEAR(after[i] - quadratic_.c[i], error[i], 1e-9);
      }
      damping *= 2.0 / 3;
    }
  }
  EXPECT_EQ(quadratic_.curvatures.size(), 2u);
}

TEST_F(Optimizers, NewtonCgRefusesAStepThatRaisesTheLoss) {
  const auto optimizer = make("newton_cg", {{"lr", 3}, {"damping", 1e-3}});  // far beyond
  EXPECT_EQ(walk(*optimizer, 0, 1)[0], start_);
  std::vector<double> damping(2);
  backend_->download(*optimizer->state()[0].buffer, std::span<double>(damping));
  EXPECT_NEAR(damping[0], 4e-3, 1e-12);
}

TEST_F(Optimizers, LbfgsEndsAQuadraticOfFiveInAFewSteps) {
  const auto path = walk(*make("lbfgs"), 0, 20);
  EXPECT_LT(quadratic_.loss_at(path[19]), 1e-16 * quadratic_.loss_at(start_));
  // Every step satisfies the Wolfe conditions, so none raises the loss.
  for (std::size_t i = 1; i < 20; ++i)
    EXPECT_LE(quadratic_.loss_at(path[i]), quadratic_.loss_at(path[i - 1]) * (1 + 1e-12) + 1e-30);
}

TEST_F(Optimizers, SchedulesSayTheRateOfEachStep) {
  const auto rate = [&](const KnobValues& knobs, std::uint64_t step) {
    KnobValues all = {{"lr", 2}, {"schedule_steps", 100}, {"schedule_factor", 0.1}};
    for (const auto& [id, value] : knobs) all[id] = value;
    return make("sgd", all)->learning_rate(step);
  };
  EXPECT_EQ(rate({}, 1000), 2);
  EXPECT_EQ(rate({{"schedule", 1}}, 0), 2);
  EXPECT_NEAR(rate({{"schedule", 1}}, 50), 2 * 0.55, 1e-12);
  EXPECT_NEAR(rate({{"schedule", 1}}, 1000), 0.2, 1e-12);
  EXPECT_EQ(rate({{"schedule", 2}}, 99), 2);
  EXPECT_NEAR(rate({{"schedule", 2}}, 250), 0.02, 1e-12);
  EXPECT_NEAR(rate({{"schedule", 3}}, 50), 2 * std::sqrt(0.1), 1e-12);
  EXPECT_NEAR(rate({{"lr_warmup", 10}}, 0), 0.2, 1e-12);
  EXPECT_EQ(rate({{"lr_warmup", 10}}, 9), 2);
  // And steps follow it.
  const auto path =
      walk(*make("sgd", {{"lr", 0.02}, {"schedule", 2}, {"schedule_steps", 1}}), 0, 3);
  double error = start_[4] - quadratic_.c[4];
  for (int i = 0; i < 3; ++i) {
    error *= 1 - 0.02 * std::pow(0.1, i) * quadratic_.h[4];
    EXPECT_NEAR(path[i][4] - quadratic_.c[4], error, 1e-12);
  }
}

TEST_F(Optimizers, LongGradientsAreClippedAndWeightsDecay) {
  const auto clipped = walk(*make("sgd", {{"lr", 0.5}, {"clip", 2}}), 0, 1)[0];
  double moved = 0;
  for (std::size_t i = 0; i < clipped.size(); ++i)
    moved += (clipped[i] - start_[i]) * (clipped[i] - start_[i]);
  EXPECT_NEAR(std::sqrt(moved), 0.5 * 2, 1e-12);
  w_ = upload(*backend_, start_);
  const auto free = walk(*make("sgd", {{"lr", 0.01}, {"clip", 1e6}}), 0, 1)[0];
  w_ = upload(*backend_, start_);
  const auto decayed = walk(*make("sgd", {{"lr", 0.01}, {"weight_decay", 3}}), 0, 1)[0];
  for (std::size_t i = 0; i < free.size(); ++i)
    EXPECT_NEAR(decayed[i], free[i] - 0.01 * 3 * start_[i], 1e-14);
}

TEST_F(Optimizers, EsgdRefreshesInWarmupAndThenNowAndAgain) {
  const auto optimizer = make("esgd", {{"warmup", 7}, {"refresh_every", 10}, {"first_probes", 1}});
  for (std::uint64_t step = 0; step < 45; ++step) {
    const int products = quadratic_.products, gradients = quadratic_.gradients;
    const std::uint64_t probes = quadratic_.probes;
    optimizer->step(quadratic_, w_, g_, step);
    const bool refresh = step < 7 || step == 10 || step == 20 || step == 30 || step == 40;
    EXPECT_EQ(quadratic_.products - products, refresh ? 1 : 0) << step;
    EXPECT_EQ(quadratic_.probes - probes, refresh ? 1u : 0u) << step;
    EXPECT_EQ(quadratic_.gradients - gradients, refresh ? 0 : 1) << step;
    EXPECT_EQ(quadratic_.take_cost(), refresh ? 3 : 1) << step;
    EXPECT_EQ(quadratic_.take_cost(), 0);
  }
}

TEST_F(Optimizers, SeveralProbesAtTheFirstStepShareOneRefresh) {
  const KnobValues one = {{"warmup", 3}, {"beta2", 0.9}, {"lr", 0.01}, {"first_probes", 1}};
  KnobValues four = one;
  four["first_probes"] = 4;
  const auto expected = walk(*make("esgd", one), 0, 8);
  const auto optimizer = make("esgd", four);
  w_ = upload(*backend_, start_);
  quadratic_.take_cost();
  const int products = quadratic_.products;
  // The Hessian is diagonal: every product squares to the same, and so does their mean.
  const auto path = walk(*optimizer, 0, 8);
  EXPECT_EQ(quadratic_.products - products, 4 + 2);
  EXPECT_EQ(quadratic_.take_cost(), 6 * 3 + 5);
  for (std::size_t step = 0; step < path.size(); ++step)
    for (std::size_t i = 0; i < path[step].size(); ++i)
      EXPECT_NEAR(path[step][i], expected[step][i], 1e-12) << step;
}

TEST_F(Optimizers, TheDefaultScheduleIsThePapersWithASecondProbeAtFirst) {
  const auto optimizer = make("esgd");
  walk(*optimizer, 0, 250);
  EXPECT_EQ(quadratic_.products, 50 + 2 + 1);  // steps 0 to 49, 100, 200
  EXPECT_EQ(quadratic_.gradients, 250 - 52);
}

TEST_F(Optimizers, OnlyEsgdAsksForProducts) {
  walk(*make("adam"), 0, 20);
  walk(*make("sgd", {{"lr", 0.01}}), 0, 20);
  EXPECT_EQ(quadratic_.products, 0);
  EXPECT_EQ(quadratic_.take_cost(), 40);
}

TEST_F(Optimizers, TheStateIsAllThatIsNeededToGoOn) {
  const OptimizerSpec specs[] = {
      {"sgd", {{"lr", 0.01}, {"momentum", 0.9}}},
      {"adam", {{"lr", 0.05}}},
      {"esgd", {{"warmup", 5}, {"refresh_every", 9}}},
      {"esgd", {{"warmup", 5}, {"refresh_every", 9}, {"bias_correction", 1}}},
      {"esgd_adam", {{"warmup", 5}, {"refresh_every", 9}}},
      {"adahessian", {{"refresh_every", 5}}},
      {"sophia_h", {{"refresh_every", 5}, {"gamma", 10}}},
      {"lbfgs", {{"line_search", 0}, {"lr", 0.1}}},
      {"newton_cg", {{"iterations", 2}}},
      {"muon", {}},
      {"soap", {}},
      {"shampoo", {{"lr", 0.002}}}};
  for (const OptimizerSpec& spec : specs) {
    SCOPED_TRACE(spec.id);
    w_ = upload(*backend_, start_);
    const auto first = make(spec.id, spec.knobs), second = make(spec.id, spec.knobs),
               forgetful = make(spec.id, spec.knobs);
    walk(*first, 0, 12);
    const std::vector<double> middle = download(*backend_, w_);
    const auto from = first->state(), to = second->state();
    ASSERT_EQ(from.size(), to.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      EXPECT_EQ(from[i].name, to[i].name);
      if (from[i].buffer != nullptr)
        backend_->copy(*from[i].buffer, *to[i].buffer);
      else
        *to[i].number = *from[i].number;
    }
    const auto expected = walk(*first, 12, 30);
    w_ = upload(*backend_, middle);
    EXPECT_EQ(walk(*second, 12, 30), expected);
    w_ = upload(*backend_, middle);
    EXPECT_NE(walk(*forgetful, 12, 30), expected);
  }
}

TEST_F(Optimizers, AKnobTakesEffectAtTheNextStep) {
  const auto optimizer = make("sgd", {{"lr", 0.01}});
  optimizer->set_knob("lr", 0.02);
  EXPECT_EQ(optimizer->knob("lr"), 0.02);
  EXPECT_NEAR(walk(*optimizer, 0, 1)[0][4], -1 + 0.02 * 40 * 4, 1e-14);
}

TEST_F(Optimizers, CountTheMemoryOfTheirState) {
  EXPECT_GE(make("sgd")->state_bytes(), 5 * sizeof(double));
  EXPECT_GE(make("adam")->state_bytes(), 10 * sizeof(double));
  EXPECT_GE(make("esgd")->state_bytes(), 11 * sizeof(double));
}

TEST(OptimizerRegistry, RefusalsNameTheChoices) {
  const std::string unknown = refusal([] { find_optimizer("adagrad"); });
  EXPECT_NE(unknown.find("'adagrad'"), std::string::npos) << unknown;
  for (const OptimizerEntry& entry : optimizers())
    EXPECT_NE(unknown.find(entry.id), std::string::npos) << unknown;
  for (const OptimizerEntry& entry : optimizers()) {
    const std::string id(entry.id);
    const std::string knob = refusal([&] { resolve_optimizer({id, {{"speed", 1}}}, "sine"); });
    for (const Knob& k : entry.knobs) EXPECT_NE(knob.find(k.id), std::string::npos) << knob;
    for (double bad : {static_cast<double>(NAN), static_cast<double>(INFINITY), -1.0, 0.0, 1e9}) {
      const std::string value = refusal([&] { resolve_optimizer({id, {{"lr", bad}}}, "sine"); });
      EXPECT_NE(value.find("lr"), std::string::npos) << value;
      EXPECT_NE(value.find(" to "), std::string::npos) << value;
    }
  }
  EXPECT_NE(refusal([] {
              resolve_optimizer({"esgd", {{"warmup", 2.5}}}, "sine");
            }).find("whole number"),
            std::string::npos);
  const std::string choice = refusal([] {
    resolve_optimizer({"esgd", {{"bias_correction", 2}}}, "sine");
  });
  EXPECT_NE(choice.find("steps or refreshes"), std::string::npos) << choice;
}

TEST(OptimizerRegistry, PresetsFollowTheActivation) {
  EXPECT_EQ(preset_optimizer("esgd", "sine").knobs.at("lr"), 1);
  EXPECT_EQ(preset_optimizer("esgd", "sine", LossKind::bce).knobs.at("lr"), 0.01);
  EXPECT_EQ(preset_optimizer("esgd", "wavelet").knobs.at("lr"), 0.15);
  EXPECT_EQ(preset_optimizer("esgd", "relu_pe").knobs.at("lr"), 0.1);
  EXPECT_EQ(preset_optimizer("adam", "wavelet").knobs.at("lr"), 1e-4);
  EXPECT_EQ(preset_optimizer("adam", "relu_pe").knobs.at("lr"), 1e-3);
  EXPECT_EQ(preset_optimizer("sgd", "relu").knobs.at("lr"), 1);
  EXPECT_EQ(preset_optimizer("sgd", "gaussian").knobs.at("lr"), 0.1);
  EXPECT_EQ(preset_optimizer("sgd", "sine").knobs.at("lr"), 0.01);
  EXPECT_EQ(resolve_optimizer({"adam", {{"lr", 0.5}}}, "relu_pe").knobs.at("lr"), 0.5);
  for (const OptimizerEntry& entry : optimizers())
    EXPECT_EQ(preset_optimizer(entry.id, "sine").knobs.size(), entry.knobs.size()) << entry.id;
}

}  // namespace
}  // namespace fieldscope
