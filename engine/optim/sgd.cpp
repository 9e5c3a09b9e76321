#include "engine/optim/sgd.h"

namespace fieldscope {
namespace {

constexpr Knob knobs[] = {
    {"lr", "Learning rate", "", 1e-8, 1e4, 1, KnobScale::logarithmic,
     "θ ← θ − lr b. How far a step goes along the momentum; the steepest direction limits it. Chng "
     "et al. 2025: 1."},
    {"momentum", "Momentum μ", "", 0, 0.9999, 0, KnobScale::near_one,
     "b ← μ b + g, a heavy ball: steps in a lasting direction grow up to 1/(1 − μ) times. 0 is "
     "plain gradient descent. Polyak 1964."},
    {"nesterov", "Nesterov", "", 0, 1, 0, KnobScale::toggle,
     "θ ← θ − lr (g + μ b): looks ahead along the momentum. Sutskever et al. 2013."}};

class Sgd final : public Optimizer {
 public:
  Sgd(Backend& backend, const ParameterLayout& layout, const KnobValues& values)
      : Optimizer(layout.parameters, values), momentum_(backend.allocate(layout.parameters)) {}

  Scalar take_step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t) override {
    const Scalar loss = objective.gradient(w, gradient);
    Buffer* const state[] = {&momentum_};
    objective.backend().apply_update(SgdRule{lr(), knob("momentum"), knob("nesterov") != 0}, w,
                                     gradient, state);
    return loss;
  }
  std::optional<MeanGradient> mean_gradient(std::uint64_t steps) const override {
    if (steps == 0) return std::nullopt;
    return MeanGradient{&momentum_, 1 - knob("momentum")};  // b is a sum with weights μᵏ
  }
  void begin_with(Backend& backend, const MeanGradient& mean) override {
    backend.copy(*mean.buffer, momentum_);
    backend.scale(mean.factor / (1 - knob("momentum")), momentum_);
  }
  std::vector<State> state() override { return {{"momentum", &momentum_}}; }

 private:
  Buffer momentum_;
};

}  // namespace

std::span<const Knob> sgd_knobs() {
  return knobs;
}

std::unique_ptr<Optimizer> make_sgd(Backend& backend, const ParameterLayout& layout,
                                    const KnobValues& values) {
  return std::make_unique<Sgd>(backend, layout, values);
}

}  // namespace fieldscope
