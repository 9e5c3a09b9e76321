#include "engine/optim/adam.h"

#include <cmath>

#include "engine/optim/first_moment.h"

namespace fieldscope {
namespace {

constexpr Knob knobs[] = {
    {"lr", "Learning rate", "", 1e-8, 10, 1e-4, KnobScale::logarithmic,
     "θ ← θ − lr m′ / (√v′ + ε). How far a step goes: every weight moves by about lr at first. Too "
     "large diverges. Chng et al. 2025: 1e-4, and 1e-3 with ReLU + PE."},
    {"beta1", "Momentum β₁", "", 0, 0.9999, 0.9, KnobScale::near_one,
     "m ← β₁ m + (1 − β₁) g. Gradients are averaged over about 1/(1 − β₁) steps: more is calmer, "
     "slower to turn. Kingma and Ba 2015: 0.9."},
    {"beta2", "2nd moment β₂", "", 0, 0.99999, 0.999, KnobScale::near_one,
     "v ← β₂ v + (1 − β₂) g². Squared gradients are averaged over about 1/(1 − β₂) steps; √v sets "
     "each weight's own step. Kingma and Ba 2015: 0.999."},
    {"eps", "Floor ε", "", 0, 1, 1e-8, KnobScale::logarithmic,
     "Added to √v′, so that tiny gradients do not make huge steps. Larger values turn Adam towards "
     "plain momentum. Kingma and Ba 2015: 1e-8."}};

class Adam final : public FirstMomentOptimizer {
 public:
  Adam(Backend& backend, const ParameterLayout& layout, const KnobValues& values)
      : FirstMomentOptimizer(backend, layout, values),
        second_(backend.allocate(layout.parameters)) {}

  Scalar take_step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step) override {
    const Scalar loss = objective.gradient(w, gradient);
    const double t = static_cast<double>(step) + 1;
    AdamRule rule = AdamRule::at(t, lr(), knob("beta1"), knob("beta2"), knob("eps"));
    rule.correction1 = first_correction(t);
    Buffer* const state[] = {&first_, &second_};
    objective.backend().apply_update(rule, w, gradient, state);
    return loss;
  }
  std::vector<State> state() override { return with_first_moment({{"v", &second_}}); }
  std::optional<std::vector<double>> divisor(const Backend& backend,
                                             std::uint64_t steps) const override {
    if (steps == 0) return std::nullopt;
    const double correction = 1 - std::pow(knob("beta2"), static_cast<double>(steps));
    return root_of(backend, second_, correction, knob("eps"));
  }

 private:
  Buffer second_;
};

}  // namespace

std::span<const Knob> adam_knobs() {
  return knobs;
}

std::unique_ptr<Optimizer> make_adam(Backend& backend, const ParameterLayout& layout,
                                     const KnobValues& values) {
  return std::make_unique<Adam>(backend, layout, values);
}

}  // namespace fieldscope
