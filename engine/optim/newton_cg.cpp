#include "engine/optim/newton_cg.h"

#include <cmath>

namespace fieldscope {
namespace {

constexpr std::string_view curvatures[] = {"hessian", "gauss_newton"};

constexpr Knob knobs[] = {
    {"lr", "Step length", "", 1e-8, 10, 1, KnobScale::logarithmic,
     "θ ← θ + lr d with (C + λI) d = −g. 1 is Newton's own step."},
    {"damping", "Damping λ", "", 1e-12, 1e6, 0.1, KnobScale::logarithmic,
     "What λ begins with; it then follows how well the quadratic model foretold the loss "
     "(Levenberg-Marquardt): smaller where it did, larger where it did not. Martens 2010."},
    {"iterations", "CG iterations", "", 1, 1000, 10, KnobScale::integer,
     "At most so many conjugate-gradient iterations a step; each costs a Hessian product."},
    {"tolerance", "CG tolerance", "", 0, 1, 0.1, KnobScale::logarithmic,
     "Iterations end when the residual is this share of the gradient."},
    {"curvature", "Curvature C", "", 0, 1, 1, KnobScale::choice,
     "'gauss_newton': Jᵀ(∂²L/∂y²)J, never negative. 'hessian': the whole second derivative; "
     "iterations end where it is negative.",
     curvatures}};

class NewtonCg final : public Optimizer {
 public:
  NewtonCg(Backend& backend, const ParameterLayout& layout, const KnobValues& values)
      : Optimizer(layout.parameters, values),
        damping_(backend.allocate(2)),
        d_(backend.allocate(layout.parameters)),
        r_(backend.allocate(layout.parameters)),
        p_(backend.allocate(layout.parameters)),
        cp_(backend.allocate(layout.parameters)),
        scratch_(backend.allocate(layout.parameters)),
        start_(backend.allocate(layout.parameters)) {}

  Scalar take_step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t) override {
    Backend& backend = objective.backend();
    const double loss = objective.gradient(w, gradient);
    double damping = present_damping(backend);
    solve(objective, w, gradient, damping);

    // What the quadratic model foretells, without the damping: g.d + d C d / 2, and
    // (C + damping I) d = -g - r.
    const double along = backend.dot(gradient, d_);
    const double bent = -along - backend.dot(d_, r_) - damping * backend.dot(d_, d_);
    const double foretold = lr() * along + 0.5 * lr() * lr() * bent;
    backend.copy(w, start_);
    backend.axpy(lr(), d_, w);
    const double moved = objective.gradient(w, scratch_);
    if (moved < loss) {
      const double kept = (moved - loss) / foretold;
      if (kept > 0.75) damping *= 2.0 / 3;
      if (kept < 0.25) damping *= 3.0 / 2;
    } else {
      backend.copy(start_, w);
      damping *= 4;
    }
    keep_damping(backend, damping);
    return loss;
  }
  std::vector<State> state() override { return {{"damping", &damping_}}; }

 private:
  /// d from (C + damping I) d = -g by conjugate gradients from 0; r = -g - (C + damping I) d.
  void solve(Objective& objective, const Buffer& w, const Buffer& gradient, double damping) {
    Backend& backend = objective.backend();
    const auto curvature = knob("curvature") == 0 ? Curvature::hessian : Curvature::gauss_newton;
    backend.fill(d_, 0);
    backend.copy(gradient, r_);
    backend.scale(-1, r_);
    backend.copy(r_, p_);
    double rr = backend.dot(r_, r_);
    const double enough = knob("tolerance") * knob("tolerance") * rr;
    for (int i = 0; i < static_cast<int>(knob("iterations")) && rr > 0; ++i) {
      objective.gradient_and_product(curvature, w, p_, scratch_, cp_);
      backend.axpy(damping, p_, cp_);
      const double bent = backend.dot(p_, cp_);
      if (!(bent > 0)) {
        if (i > 0) return;
        backend.copy(r_, d_);  // steepest descent
        backend.axpy(-1, cp_, r_);
        return;
      }
      const double length = rr / bent;
      backend.axpy(length, p_, d_);
      backend.axpy(-length, cp_, r_);
      const double next = backend.dot(r_, r_);
      if (next <= enough) return;
      backend.scale(next / rr, p_);
      backend.axpy(1, r_, p_);
      rr = next;
    }
  }

  /// Where the steps so far have brought the damping, unless its knob has been turned since.
  double present_damping(const Backend& backend) const {
    double kept[2];
    backend.download(damping_, std::span<double>(kept));
    return static_cast<float>(kept[1]) == static_cast<float>(knob("damping")) ? kept[0]
                                                                              : knob("damping");
  }
  void keep_damping(Backend& backend, double damping) {
    const double kept[] = {damping, knob("damping")};
    backend.upload(damping_, std::span<const double>(kept));
  }

  Buffer damping_;                           ///< now, and the knob that it came from
  Buffer d_, r_, p_, cp_, scratch_, start_;  ///< of a step
};

}  // namespace

std::span<const Knob> newton_cg_knobs() {
  return knobs;
}

std::unique_ptr<Optimizer> make_newton_cg(Backend& backend, const ParameterLayout& layout,
                                          const KnobValues& values) {
  return std::make_unique<NewtonCg>(backend, layout, values);
}

}  // namespace fieldscope
