#include "engine/optim/esgd.h"

#include <cmath>

namespace fieldscope {
namespace {

constexpr std::string_view corrections[] = {"steps", "refreshes"};

constexpr Knob knobs[] = {
    {"lr", "Learning rate", "", 1e-8, 100, 0.15, KnobScale::logarithmic,
     "θ ← θ − lr m′ / (√D′ + ε). How far a step goes once each direction is divided by its "
     "curvature. Too large diverges. Chng et al. 2025: 0.15, and 0.1 with ReLU + PE. With sine and "
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
     "D sees a new Hessian product, with a fresh v of ±1, at every one of the first steps. Chng et "
     "al. 2025: 50."},
    {"first_probes", "First probes", "", 1, 64, 2, KnobScale::integer,
     "The first step divides by the √D′ of so many products. With one, as in the paper's code, "
     "some entries of it are tiny by chance and throw their weights far off: good or bad luck "
     "that lasts. Two make runs of all seeds alike."},
    {"bias_correction", "Bias counts", "", 0, 1, 0, KnobScale::choice,
     "D′ = D / (1 − β₂ⁿ). 'steps': n counts all steps, as the code of Chng et al. 2025 does and "
     "their results need. 'refreshes': n counts the refreshes, which gives the unbiased mean.",
     corrections}};

class Esgd final : public Optimizer {
 public:
  Esgd(Backend& backend, std::size_t parameters, const KnobValues& values)
      : Optimizer(parameters, values),
        first_(backend.allocate(parameters)),
        diagonal_(backend.allocate(parameters)),
        probe_(backend.allocate(parameters)),
        product_(backend.allocate(parameters)),
        refreshes_(backend.allocate(1)) {}

  double step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step) override {
    Backend& backend = objective.backend();
    const bool refresh = step < static_cast<std::uint64_t>(knob("warmup")) ||
                         step % static_cast<std::uint64_t>(knob("refresh_every")) == 0;
    const double beta2 = knob("beta2");
    double loss = 0;
    if (refresh) {
      const double probes = step == 0 ? knob("first_probes") : 1;
      SquareAverageRule rule{beta2, (1 - beta2) / probes};
      for (int i = 0; i < static_cast<int>(probes); ++i) {
        objective.draw_probe(probe_);
        loss = objective.gradient_and_product(Curvature::hessian, w, probe_, gradient, product_);
        Buffer* const state[] = {&diagonal_};
        backend.apply_update(rule, w, product_, state);
        rule.beta = 1;  // D has been damped for this step
      }
      backend.fill(refreshes_, refresh_count(backend) + 1);
    } else {
      loss = objective.gradient(w, gradient);
    }
    EsgdRule rule;
    rule.lr = knob("lr");
    rule.beta1 = knob("beta1");
    rule.eps = knob("eps");
    const double t = static_cast<double>(step) + 1;
    rule.correction1 = 1 - std::pow(rule.beta1, t);
    rule.correction2 =
        1 - std::pow(beta2, knob("bias_correction") == 0 ? t : refresh_count(backend));
    Buffer* const state[] = {&first_, &diagonal_};
    backend.apply_update(rule, w, gradient, state);
    return loss;
  }
  std::vector<State> state() override {
    return {{"m", &first_}, {"D", &diagonal_}, {"refreshes", &refreshes_}};
  }

 private:
  double refresh_count(const Backend& backend) const {
    double count = 0;
    backend.download(refreshes_, std::span(&count, 1));
    return count;
  }

  Buffer first_, diagonal_;
  Buffer probe_, product_;  ///< scratch of a refresh
  Buffer refreshes_;        ///< their number, kept with the state so that checkpoints hold it
};

}  // namespace

std::span<const Knob> esgd_knobs() {
  return knobs;
}

std::unique_ptr<Optimizer> make_esgd(Backend& backend, std::size_t parameters,
                                     const KnobValues& values) {
  return std::make_unique<Esgd>(backend, parameters, values);
}

}  // namespace fieldscope
