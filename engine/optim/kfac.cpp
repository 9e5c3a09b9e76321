#include "engine/optim/kfac.h"

#include <algorithm>
#include <cmath>

#include "engine/optim/pieces.h"

namespace fieldscope {
namespace {

constexpr std::string_view followers[] = {"adam", "sgd"};

constexpr Knob knobs[] = {
    {"lr", "Learning rate", "", 1e-8, 100, 1e-4, KnobScale::logarithmic,
     "How far a step goes along S⁻¹ ∇W A⁻¹, after Adam or momentum. As with Adam; with SGD behind, "
     "0.01 to 1."},
    {"behind", "Behind it", "", 0, 1, 0, KnobScale::choice,
     "What takes the preconditioned gradient. 'adam': as in Chng et al. 2025. 'sgd': momentum "
     "whose "
     "step is shortened to a small change of the output (KL clip), as in Ba et al. 2017.",
     followers},
    {"damping", "Damping λ", "", 1e-10, 1e4, 0.1, KnobScale::logarithmic,
     "√λ is added to both factors before they are inverted: larger is nearer to plain gradients. "
     "Chng et al. 2025: 0.1."},
    {"refresh_every", "Invert every", "steps", 1, 100000, 100, KnobScale::integer,
     "How often the factors are inverted. Chng et al. 2025: 100 (their code: every step)."},
    {"average", "Factor average ρ", "", 0, 0.9999, 0, KnobScale::near_one,
     "A ← ρ A + (1 − ρ) of this batch, S likewise. 0: the factors of the batch at hand, seen only "
     "when they are inverted, which is cheaper."},
    {"beta1", "Momentum β₁", "", 0, 0.9999, 0.9, KnobScale::near_one,
     "Adam's, where it is behind."},
    {"beta2", "2nd moment β₂", "", 0, 0.99999, 0.999, KnobScale::near_one,
     "Adam's, where it is behind."},
    {"eps", "Floor ε", "", 0, 1, 1e-8, KnobScale::logarithmic, "Adam's, where it is behind."},
    {"momentum", "Momentum μ", "", 0, 0.9999, 0.9, KnobScale::near_one,
     "b ← μ b + ν u, where SGD is behind."},
    {"kl_clip", "KL clip κ", "", 1e-8, 1e4, 1e-3, KnobScale::logarithmic,
     "ν = min(1, √(κ / (lr² u·g))), where SGD is behind. Ba et al. 2017: 1e-3."}};

class Kfac final : public Optimizer {
 public:
  Kfac(Backend& backend, const ParameterLayout& layout, const KnobValues& values)
      : Optimizer(layout.parameters, values), layout_(layout) {
    std::size_t factors = 0, gradients = 0;
    for (const LinearMap& map : layout.maps) {
      const auto n = static_cast<std::size_t>(map.in) + 1, m = static_cast<std::size_t>(map.out);
      places_.push_back({n, m, factors, factors + n * n, gradients});
      factors += n * n + m * m;
      gradients += n * m;
    }
    average_ = backend.allocate(factors);
    inverse_ = backend.allocate(factors);
    fresh_ = backend.allocate(factors);
    gradients_ = backend.allocate(gradients);
    right_ = backend.allocate(gradients);
    both_ = backend.allocate(gradients);
    direction_ = backend.allocate(layout.parameters);
    first_ = backend.allocate(layout.parameters);
    second_ = backend.allocate(layout.parameters);
  }

  Scalar take_step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step) override {
    Backend& backend = objective.backend();
    const bool due = step % static_cast<std::uint64_t>(knob("refresh_every")) == 0;
    const double rho = step == 0 ? 0 : knob("average");
    Scalar loss;
    if (due || rho > 0) {
      loss = objective.gradient_and_factors(w, gradient, fresh_);
      backend.scale(rho, average_);
      backend.axpy(1 - rho, fresh_, average_);
    } else {
      loss = objective.gradient(w, gradient);
    }
    if (due) invert(backend);
    precondition(backend, gradient);
    if (knob("behind") == 0) {
      const double t = static_cast<double>(step) + 1;
      const AdamRule rule = AdamRule::at(t, lr(), knob("beta1"), knob("beta2"), knob("eps"));
      Buffer* const state[] = {&first_, &second_};
      backend.apply_update(rule, w, direction_, state);
    } else {
      const double along = lr() * lr() * backend.dot(direction_, gradient);
      if (along > 0) backend.scale(std::min(1.0, std::sqrt(knob("kl_clip") / along)), direction_);
      Buffer* const state[] = {&first_};
      backend.apply_update(SgdRule{lr(), knob("momentum"), false}, w, direction_, state);
    }
    return loss;
  }
  std::vector<State> state() override {
    return {{"factors", &average_}, {"inverses", &inverse_}, {"m", &first_}, {"v", &second_}};
  }

 private:
  struct Place {
    std::size_t n, m;      ///< sizes of A and S
    std::size_t a, s;      ///< where they lie among the factors
    std::size_t gradient;  ///< [dW | db], [m][n]
  };

  void invert(Backend& backend) {
    std::vector<MatrixPower> powers;
    const double shift = std::sqrt(knob("damping"));
    for (const Place& p : places_) {
      powers.push_back(
          {matrix_in(average_, p.a, p.n, p.n), matrix_in(inverse_, p.a, p.n, p.n), shift, 0, -1});
      powers.push_back(
          {matrix_in(average_, p.s, p.m, p.m), matrix_in(inverse_, p.s, p.m, p.m), shift, 0, -1});
    }
    backend.power(powers);
  }

  /// direction = S^-1 [dW | db] A^-1 of each map.
  void precondition(Backend& backend, Buffer& gradient) {
    std::vector<MatrixCopy> in, out;
    std::vector<MatrixProduct> right, left;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const Place& p = places_[i];
      const LinearMap& map = layout_.maps[i];
      const auto parts = [&](Buffer& parameters, Buffer& joined, bool to_joined) {
        const Matrix weights = matrix_in(parameters, map.weight, p.m, p.n - 1);
        const Matrix biases = matrix_in(parameters, map.bias, p.m, 1);
        const Matrix joined_weights = {&joined, p.gradient, p.m, p.n - 1, p.n};
        const Matrix joined_biases = {&joined, p.gradient + p.n - 1, p.m, 1, p.n};
        if (to_joined) {
          in.push_back({weights, joined_weights});
          in.push_back({biases, joined_biases});
        } else {
          out.push_back({joined_weights, weights});
          out.push_back({joined_biases, biases});
        }
      };
      parts(gradient, gradients_, true);
      parts(direction_, both_, false);
      right.push_back({matrix_in(gradients_, p.gradient, p.m, p.n),
                       matrix_in(inverse_, p.a, p.n, p.n),
                       matrix_in(right_, p.gradient, p.m, p.n)});
      left.push_back({matrix_in(inverse_, p.s, p.m, p.m), matrix_in(right_, p.gradient, p.m, p.n),
                      matrix_in(both_, p.gradient, p.m, p.n)});
    }
    backend.copy(gradient, direction_);  // parameters of no map stay as they are
    backend.copy(in);
    backend.multiply(right);
    backend.multiply(left);
    backend.copy(out);
  }

  const ParameterLayout layout_;
  std::vector<Place> places_;
  Buffer average_, inverse_, first_, second_;
  Buffer fresh_, gradients_, right_, both_, direction_;  ///< scratch of a step
};

}  // namespace

std::span<const Knob> kfac_knobs() {
  return knobs;
}

std::unique_ptr<Optimizer> make_kfac(Backend& backend, const ParameterLayout& layout,
                                     const KnobValues& values) {
  return std::make_unique<Kfac>(backend, layout, values);
}

}  // namespace fieldscope
