#include "engine/optim/adahessian.h"

#include <algorithm>
#include <cmath>

#include "engine/optim/first_moment.h"
#include "engine/optim/probes.h"

namespace fieldscope {
namespace {

constexpr Knob knobs[] = {
    {"lr", "Learning rate", "", 1e-8, 100, 0.15, KnobScale::logarithmic,
     "θ ← θ − lr m′ / (√D′ᵏ + ε). How far a step goes once each direction is divided by its "
     "curvature. Too large diverges. Chng et al. 2025: 0.15, and 0.1 with ReLU + PE."},
    {"beta1", "Momentum β₁", "", 0, 0.9999, 0.9, KnobScale::near_one,
     "m ← β₁ m + (1 − β₁) g. Gradients are averaged over about 1/(1 − β₁) steps. Yao et al. 2021: "
     "0.9."},
    {"beta2", "Curvature β₂", "", 0, 0.99999, 0.999, KnobScale::near_one,
     "D ← β₂ D + (1 − β₂) of what the probes saw. Yao et al. 2021: 0.999."},
    {"eps", "Floor ε", "", 0, 1, 1e-4, KnobScale::logarithmic,
     "Added to √D′ᵏ: directions flatter than this are not sped up further. Chng et al. 2025: "
     "1e-4."},
    {"hessian_power", "Hessian power k", "", 0.01, 1, 1, KnobScale::linear,
     "1 divides by the curvature, less by a power of it, nearer to plain momentum. Yao et al. "
     "2021: "
     "1."},
    {"samples", "Probes a refresh", "", 1, 64, 1, KnobScale::integer,
     "Hessian products that each refresh averages; each costs two gradients more. Yao et al. 2021: "
     "1."},
    {"refresh_every", "Refresh every", "steps", 1, 100000, 1, KnobScale::integer,
     "How often D sees new Hessian products. Chng et al. 2025: 1."},
    {"first_probes", "First probes", "", 1, 64, 2, KnobScale::integer,
     "At least so many products at the first step. With one some entries of √D′ are tiny by chance "
     "and throw their weights far off, which lasts (see ESGD). The authors' code: 1."},
    probes_knob};

/// What D averages of the products h = Hv.
enum class Estimate {
  signed_diagonal,  ///< (mean over probes of v h)^2
  squares,          ///< mean of h^2: equilibration
  sizes             ///< mean of |v h|: the authors' Jacobi variant
};

class AdaHessian final : public FirstMomentOptimizer {
 public:
  AdaHessian(Backend& backend, const ParameterLayout& layout, const KnobValues& values,
             Estimate estimate)
      : FirstMomentOptimizer(backend, layout, values),
        estimate_(estimate),
        diagonal_(backend.allocate(layout.parameters)),
        probe_(backend.allocate(layout.parameters)),
        product_(backend.allocate(layout.parameters)) {
    if (estimate == Estimate::signed_diagonal) mean_ = backend.allocate(layout.parameters);
  }

  Scalar take_step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step) override {
    const auto every = static_cast<std::uint64_t>(knob("refresh_every"));
    const Scalar loss =
        step % every == 0 ? refresh(objective, w, gradient, step) : objective.gradient(w, gradient);
    const double t = static_cast<double>(step) + 1;
    const double refreshes = static_cast<double>(step / every) + 1;
    const double correction1 = first_correction(t);
    const double correction2 = 1 - std::pow(knob("beta2"), refreshes);
    Buffer* const state[] = {&first_, &diagonal_};
    UpdateRule rule;
    if (knob("hessian_power") == 1) {
      rule = EsgdRule{lr(), knob("beta1"), knob("eps"), correction1, correction2, false};
    } else {
      rule = HessianPowerRule{lr(),        knob("beta1"), knob("eps"), knob("hessian_power"),
                              correction1, correction2};
    }
    objective.backend().apply_update(rule, w, gradient, state);
    return loss;
  }
  std::vector<State> state() override { return with_first_moment({{"D", &diagonal_}}); }
  std::optional<std::vector<double>> divisor(const Backend& backend,
                                             std::uint64_t steps) const override {
    if (steps == 0) return std::nullopt;
    const auto every = static_cast<std::uint64_t>(knob("refresh_every"));
    const double refreshes = static_cast<double>((steps - 1) / every) + 1;
    std::vector<double> d = root_of(backend, diagonal_, 1 - std::pow(knob("beta2"), refreshes), 0);
    for (double& x : d) x = std::pow(x, knob("hessian_power")) + knob("eps");
    return d;
  }

 private:
  Scalar refresh(Objective& objective, const Buffer& w, Buffer& gradient, std::uint64_t step) {
    Backend& backend = objective.backend();
    const double beta2 = knob("beta2");
    const double samples =
        step == 0 ? std::max(knob("samples"), knob("first_probes")) : knob("samples");
    const double share = (1 - beta2) / samples;
    Scalar loss;
    for (int i = 0; i < static_cast<int>(samples); ++i) {
      objective.draw_probe(probe_, probe_kind(knob("probes")));
      loss = objective.gradient_and_product(Curvature::hessian, w, probe_, gradient, product_);
      const double keep = i == 0 ? beta2 : 1;
      if (estimate_ == Estimate::squares) {
        Buffer* const state[] = {&diagonal_};
        backend.apply_update(SquareAverageRule{keep, share}, probe_, product_, state);
      } else if (estimate_ == Estimate::sizes) {
        Buffer* const state[] = {&diagonal_, &probe_};
        backend.apply_update(ProbeAverageRule{keep, share, true}, probe_, product_, state);
      } else {
        Buffer* const state[] = {&mean_, &probe_};
        const ProbeAverageRule rule{i == 0 ? 0.0 : 1.0, 1 / samples, false};
        backend.apply_update(rule, probe_, product_, state);
      }
    }
    if (estimate_ == Estimate::signed_diagonal) {
      Buffer* const state[] = {&diagonal_};
      backend.apply_update(SquareAverageRule{beta2, 1 - beta2}, probe_, mean_, state);
    }
    return loss;
  }

  const Estimate estimate_;
  Buffer diagonal_;
  Buffer probe_, product_, mean_;  ///< scratch of a refresh
};

}  // namespace

std::span<const Knob> adahessian_knobs() {
  return knobs;
}

std::unique_ptr<Optimizer> make_adahessian(Backend& backend, const ParameterLayout& layout,
                                           const KnobValues& values) {
  return std::make_unique<AdaHessian>(backend, layout, values, Estimate::signed_diagonal);
}
std::unique_ptr<Optimizer> make_adahessian_e(Backend& backend, const ParameterLayout& layout,
                                             const KnobValues& values) {
  return std::make_unique<AdaHessian>(backend, layout, values, Estimate::squares);
}
std::unique_ptr<Optimizer> make_adahessian_j(Backend& backend, const ParameterLayout& layout,
                                             const KnobValues& values) {
  return std::make_unique<AdaHessian>(backend, layout, values, Estimate::sizes);
}

}  // namespace fieldscope
