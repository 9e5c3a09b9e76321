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

class Adam final : public Optimizer {
 public:
  Adam(Backend& backend, const ParameterLayout& layout, const KnobValues& values)
      : Optimizer(layout.parameters, values),
        first_(backend, layout.parameters),
        second_(backend.allocate(layout.parameters)) {}

  double take_step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step) override {
    const double loss = objective.gradient(w, gradient);
    AdamRule rule;
    rule.lr = lr();
    rule.beta1 = knob("beta1");
    rule.beta2 = knob("beta2");
    rule.eps = knob("eps");
    const double t = static_cast<double>(step) + 1;
    rule.correction1 = first_.correction(objective.backend(), rule.beta1, t);
    rule.correction2 = 1 - std::pow(rule.beta2, t);
    Buffer* const state[] = {&first_.buffer(), &second_};
    objective.backend().apply_update(rule, w, gradient, state);
    return loss;
  }
  std::optional<MeanGradient> mean_gradient(const Backend& backend,
                                            std::uint64_t steps) const override {
    return first_.mean(backend, knob("beta1"), steps);
  }
  void begin_with(Backend& backend, const MeanGradient& mean) override {
    first_.begin_with(backend, mean);
  }
  std::vector<State> state() override {
    std::vector<State> all = first_.state();
    all.push_back({"v", &second_});
    return all;
  }

 private:
  FirstMoment first_;
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
