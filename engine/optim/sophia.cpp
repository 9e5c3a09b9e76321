#include "engine/optim/sophia.h"

#include <algorithm>

#include "engine/optim/first_moment.h"
#include "engine/optim/probes.h"

namespace fieldscope {
namespace {

constexpr Knob knobs[] = {
    {"lr", "Learning rate", "", 1e-8, 10, 1e-4, KnobScale::logarithmic,
     "θ ← θ − lr clip(m / max(γ h, ε), 1): no weight moves by more than lr in a step. Liu et al. "
     "2024 take about the rate of Adam."},
    {"beta1", "Momentum β₁", "", 0, 0.9999, 0.965, KnobScale::near_one,
     "m ← β₁ m + (1 − β₁) g. Liu et al. 2024: 0.965."},
    {"beta2", "Curvature β₂", "", 0, 0.99999, 0.99, KnobScale::near_one,
     "h ← β₂ h + (1 − β₂) v∘Hv, at refreshes. Liu et al. 2024: 0.99."},
    {"gamma", "Clipping γ", "", 1e-8, 1e4, 0.01, KnobScale::logarithmic,
     "The smaller, the more entries are clipped, which makes their steps like signed momentum. Liu "
     "et al. 2024: 0.01, so that about half are clipped."},
    {"eps", "Floor ε", "", 1e-30, 1, 1e-12, KnobScale::logarithmic,
     "Under γ h, where the curvature is negative or zero: there steps are clipped. Liu et al. "
     "2024: "
     "1e-12."},
    {"refresh_every", "Refresh every", "steps", 1, 100000, 10, KnobScale::integer,
     "How often h sees a new Hessian product, at the cost of two gradients more. Liu et al. 2024: "
     "10."},
    probes_knob};

class Sophia final : public FirstMomentOptimizer {
 public:
  Sophia(Backend& backend, const ParameterLayout& layout, const KnobValues& values)
      : FirstMomentOptimizer(backend, layout, values),
        diagonal_(backend.allocate(layout.parameters)),
        probe_(backend.allocate(layout.parameters)),
        product_(backend.allocate(layout.parameters)) {}

  Scalar take_step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step) override {
    Backend& backend = objective.backend();
    Scalar loss;
    if (step % static_cast<std::uint64_t>(knob("refresh_every")) == 0) {
      objective.draw_probe(probe_, probe_kind(knob("probes")));
      loss = objective.gradient_and_product(Curvature::hessian, w, probe_, gradient, product_);
      Buffer* const state[] = {&diagonal_, &probe_};
      const ProbeAverageRule rule{knob("beta2"), 1 - knob("beta2"), false};
      backend.apply_update(rule, probe_, product_, state);
    } else {
      loss = objective.gradient(w, gradient);
    }
    Buffer* const state[] = {&first_, &diagonal_};
    const SophiaRule rule{lr(), knob("beta1"), knob("gamma"), knob("eps")};
    backend.apply_update(rule, w, gradient, state);
    return loss;
  }
  std::vector<State> state() override { return with_first_moment({{"h", &diagonal_}}); }
  std::optional<std::vector<double>> divisor(const Backend& backend,
                                             std::uint64_t steps) const override {
    if (steps == 0) return std::nullopt;
    std::vector<double> d(diagonal_.size());
    backend.download(diagonal_, std::span<double>(d));
    for (double& h : d) h = std::max(knob("gamma") * h, knob("eps"));
    return d;
  }

 private:
  Buffer diagonal_;
  Buffer probe_, product_;  ///< scratch of a refresh
};

}  // namespace

std::span<const Knob> sophia_knobs() {
  return knobs;
}

std::unique_ptr<Optimizer> make_sophia(Backend& backend, const ParameterLayout& layout,
                                       const KnobValues& values) {
  return std::make_unique<Sophia>(backend, layout, values);
}

}  // namespace fieldscope
