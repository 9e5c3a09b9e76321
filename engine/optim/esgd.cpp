#include "engine/optim/esgd.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/optim/first_moment.h"
#include "engine/optim/probes.h"

namespace fieldscope {
namespace {

constexpr std::string_view corrections[] = {"steps", "refreshes"};

constexpr std::array knobs = std::to_array<Knob>(
    {{"lr", "Learning rate", "", 1e-8, 100, 0.15, KnobScale::logarithmic,
      "θ ← θ − lr m′ / (√D′ + ε). How far a step goes once each direction is divided by its "
      "curvature. Too large diverges. Chng et al. 2025: 0.15, and 0.1 with ReLU + PE. With sine "
      "and "
      "two "
      "first probes, 1 is steady and faster."},
     {"beta1", "Momentum β₁", "", 0, 0.9999, 0.9, KnobScale::near_one,
      "m ← β₁ m + (1 − β₁) g. Gradients are averaged over about 1/(1 − β₁) steps: more is calmer, "
      "slower to turn. Chng et al. 2025: 0.9."},
     {"beta2", "Curvature β₂", "", 0, 0.99999, 0.999, KnobScale::near_one,
      "D ← β₂ D + (1 − β₂)(Hv)², at refreshes only. Squared Hessian products are averaged over "
      "about 1/(1 − β₂) of them. Chng et al. 2025: 0.999."},
     {"eps", "Floor ε", "", 0, 1, 1e-4, KnobScale::logarithmic,
      "Added to √D′: directions flatter than this are not sped up further. Dauphin et al. 2015 and "
      "Chng et al. 2025: 1e-4."},
     {"refresh_every", "Refresh every", "steps", 1, 100000, 100, KnobScale::integer,
      "How often D sees a new Hessian product once warm-up is over. Each costs two gradients more. "
      "Chng et al. 2025: 100."},
     {"warmup", "Warm-up", "steps", 1, 100000, 50, KnobScale::integer,
      "D sees a new Hessian product, with a fresh v of ±1, at every one of the first steps. Chng "
      "et "
      "al. 2025: 50."},
     {"first_probes", "First probes", "", 1, 64, 2, KnobScale::integer,
      "The first step divides by the √D′ of so many products. With one, as in the paper's code, "
      "some entries of it are tiny by chance and throw their weights far off: good or bad luck "
      "that lasts. Two make runs of all seeds alike."},
     {"bias_correction", "Bias counts", "", 0, 1, 0, KnobScale::choice,
      "D′ = D / (1 − β₂ⁿ). 'steps': n counts all steps, as the code of Chng et al. 2025 does and "
      "their results need. 'refreshes': n counts the refreshes, which gives the unbiased mean.",
      corrections},
     probes_knob});

/// What the mixture with Adam has behind ESGD's own.
constexpr std::array mixture_knobs = std::to_array<Knob>(
    {{"mix", "Share of Adam κ", "", 0, 1, 0.5, KnobScale::linear,
      "0: ESGD. 1: Adam. Between: the geometric mean of the two steps, κ of it Adam's. The second "
      "open question of Chng et al. 2025."},
     {"adam_lr", "Adam's rate", "", 1e-8, 10, 1e-4, KnobScale::logarithmic,
      "The learning rate of Adam's part. Chng et al. 2025: 1e-4, and 1e-3 with ReLU + PE."},
     {"adam_eps", "Adam's floor", "", 1e-12, 1, 1e-8, KnobScale::logarithmic,
      "Added to √v′ in Adam's part. Kingma and Ba 2015: 1e-8."}});
constexpr auto mixed_knobs = [] {
  std::array<Knob, knobs.size() + mixture_knobs.size()> all{};
  std::copy(knobs.begin(), knobs.end(), all.begin());
  std::copy(mixture_knobs.begin(), mixture_knobs.end(), all.begin() + knobs.size());
  return all;
}();

enum class Variant { plain, nesterov, mixed };

class Esgd final : public FirstMomentOptimizer {
 public:
  Esgd(Backend& backend, const ParameterLayout& layout, const KnobValues& values, Variant variant)
      : FirstMomentOptimizer(backend, layout, values),
        variant_(variant),
        diagonal_(backend.allocate(layout.parameters)),
        probe_(backend.allocate(layout.parameters)),
        product_(backend.allocate(layout.parameters)) {
    if (variant == Variant::mixed) second_ = backend.allocate(layout.parameters);
  }

  Scalar take_step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step) override {
    const bool refresh_due = step < static_cast<std::uint64_t>(knob("warmup")) ||
                             step % static_cast<std::uint64_t>(knob("refresh_every")) == 0;
    const Scalar loss =
        refresh_due ? refresh(objective, w, gradient, step) : objective.gradient(w, gradient);
    const double t = static_cast<double>(step) + 1, beta1 = knob("beta1"), beta2 = knob("beta2");
    const double correction1 = first_correction(t);
    const double steps2 = 1 - std::pow(beta2, t);
    const double correction2 = curvature_correction(t);
    if (variant_ == Variant::mixed) {
      const EsgdAdamRule rule{lr(),        knob("adam_lr"),  knob("mix"), beta1,       beta2,
                              knob("eps"), knob("adam_eps"), correction1, correction2, steps2};
      Buffer* const state[] = {&first_, &diagonal_, &second_};
      objective.backend().apply_update(rule, w, gradient, state);
    } else {
      const EsgdRule rule{lr(),        beta1,       knob("eps"),
                          correction1, correction2, variant_ == Variant::nesterov};
      Buffer* const state[] = {&first_, &diagonal_};
      objective.backend().apply_update(rule, w, gradient, state);
    }
    return loss;
  }
  std::vector<State> state() override {
    std::vector<State> all = with_first_moment({{"D", &diagonal_}, {"refreshes", &refreshes_}});
    if (variant_ == Variant::mixed) all.push_back({"v", &second_});
    return all;
  }
  std::optional<std::vector<double>> divisor(const Backend& backend,
                                             std::uint64_t steps) const override {
    if (steps == 0) return std::nullopt;
    const double t = static_cast<double>(steps);
    std::vector<double> d = root_of(backend, diagonal_, curvature_correction(t), knob("eps"));
    if (variant_ != Variant::mixed) return d;
    const std::vector<double> adam =
        root_of(backend, second_, 1 - std::pow(knob("beta2"), t), knob("adam_eps"));
    for (std::size_t i = 0; i < d.size(); ++i)
      d[i] = std::pow(d[i], 1 - knob("mix")) * std::pow(adam[i], knob("mix"));
    return d;
  }

 private:
  /// D sees a new Hessian product; returns the loss, and the gradient with it.
  Scalar refresh(Objective& objective, const Buffer& w, Buffer& gradient, std::uint64_t step) {
    Backend& backend = objective.backend();
    const double probes = step == 0 ? knob("first_probes") : 1, beta2 = knob("beta2");
    SquareAverageRule rule{beta2, (1 - beta2) / probes};
    Scalar loss;
    for (int i = 0; i < static_cast<int>(probes); ++i) {
      objective.draw_probe(probe_, probe_kind(knob("probes")));
      loss = objective.gradient_and_product(Curvature::hessian, w, probe_, gradient, product_);
      Buffer* const state[] = {&diagonal_};
      backend.apply_update(rule, probe_, product_, state);
      rule.beta = 1;  // D has been damped for this step
    }
    ++refreshes_;
    return loss;
  }
  /// What D must be divided by after `t` steps.
  double curvature_correction(double t) const {
    return 1 - std::pow(knob("beta2"), knob("bias_correction") == 0 ? t : refreshes_);
  }

  const Variant variant_;
  Buffer diagonal_;
  Buffer second_;           ///< of the gradient, in the mixture with Adam
  Buffer probe_, product_;  ///< scratch of a refresh
  double refreshes_ = 0;    ///< their number
};

}  // namespace

std::span<const Knob> esgd_knobs() {
  return knobs;
}
std::span<const Knob> esgd_adam_knobs() {
  return mixed_knobs;
}

std::unique_ptr<Optimizer> make_esgd(Backend& backend, const ParameterLayout& layout,
                                     const KnobValues& values) {
  return std::make_unique<Esgd>(backend, layout, values, Variant::plain);
}
std::unique_ptr<Optimizer> make_esgd_nesterov(Backend& backend, const ParameterLayout& layout,
                                              const KnobValues& values) {
  return std::make_unique<Esgd>(backend, layout, values, Variant::nesterov);
}
std::unique_ptr<Optimizer> make_esgd_adam(Backend& backend, const ParameterLayout& layout,
                                          const KnobValues& values) {
  return std::make_unique<Esgd>(backend, layout, values, Variant::mixed);
}

}  // namespace fieldscope
