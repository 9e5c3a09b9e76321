#include "engine/optim/optimizer.h"

#include <algorithm>
#include <cmath>

namespace fieldscope {
namespace {

constexpr std::string_view schedules[] = {"constant", "cosine", "step", "exponential"};
enum Schedule { constant, cosine, step_wise, exponential_decay };

constexpr Knob knobs[] = {
    {"schedule", "Schedule", "", 0, 3, 0, KnobScale::choice,
     "How the learning rate changes over the steps t. 'cosine': along half a cosine down to "
     "lr times the factor after T steps, then constant. 'step': times the factor every T steps. "
     "'exponential': times the factor over every T steps, smoothly.",
     schedules},
    {"schedule_steps", "Schedule T", "steps", 1, 1e9, 10000, KnobScale::integer,
     "Steps that the schedule takes, counted from where this optimizer started."},
    {"schedule_factor", "Schedule factor", "", 1e-6, 1, 0.1, KnobScale::logarithmic,
     "What T steps make of the learning rate."},
    {"lr_warmup", "Rate warm-up", "steps", 0, 1e9, 0, KnobScale::integer,
     "The learning rate grows linearly from 0 over so many first steps. 0: full at once."},
    {"clip", "Clip gradient", "", 0, 1e9, 0, KnobScale::logarithmic,
     "A gradient longer than this is shortened to it. 0: never. Pascanu et al. 2013."},
    {"weight_decay", "Weight decay λ", "", 0, 10, 0, KnobScale::logarithmic,
     "θ ← θ − lr λ θ beside the step, decoupled from the gradient. 0: none. Loshchilov and Hutter "
     "2019."}};

/// Another objective with its gradients shortened.
class Clipped final : public Objective {
 public:
  Clipped(Objective& objective, double longest) : objective_(objective), longest_(longest) {}

  Backend& backend() override { return objective_.backend(); }
  std::size_t parameters() const override { return objective_.parameters(); }
  Scalar gradient(const Buffer& w, Buffer& g) override {
    return shorten(objective_.gradient(w, g), g);
  }
  Scalar gradient_and_product(Curvature curvature, const Buffer& w, const Buffer& v, Buffer& g,
                              Buffer& hv) override {
    return shorten(objective_.gradient_and_product(curvature, w, v, g, hv), g);
  }
  Scalar gradient_and_factors(const Buffer& w, Buffer& g, Buffer& factors) override {
    return shorten(objective_.gradient_and_factors(w, g, factors), g);
  }
  void draw_probe(Buffer& v, ProbeKind kind) override { objective_.draw_probe(v, kind); }

 private:
  Scalar shorten(Scalar loss, Buffer& g) {
    const double length = std::sqrt(backend().dot(g, g));
    if (length > longest_) backend().scale(longest_ / length, g);
    return loss;
  }

  Objective& objective_;
  double longest_;
};

}  // namespace

std::span<const Knob> common_optimizer_knobs() {
  return knobs;
}

bool schedule_uses(const KnobValues& values, std::string_view knob) {
  if (knob != "schedule_steps" && knob != "schedule_factor") return true;
  const auto found = values.find("schedule");
  return found != values.end() && static_cast<Schedule>(found->second) != constant;
}

double Optimizer::learning_rate(std::uint64_t step) const {
  const double t = static_cast<double>(step), period = knob("schedule_steps");
  const double factor = knob("schedule_factor"), done = t / period;
  double rate = knob("lr");
  switch (static_cast<Schedule>(knob("schedule"))) {
    case constant:
      break;
    case cosine:
      rate *= factor + (1 - factor) * 0.5 * (1 + std::cos(M_PI * std::min(done, 1.0)));
      break;
    case step_wise:
      rate *= std::pow(factor, std::floor(done));
      break;
    case exponential_decay:
      rate *= std::pow(factor, done);
      break;
  }
  const double warmup = knob("lr_warmup");
  return t + 1 < warmup ? rate * (t + 1) / warmup : rate;
}

Scalar Optimizer::step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step) {
  lr_ = learning_rate(step);
  const double decay = lr_ * knob("weight_decay"), clip = knob("clip");
  if (decay > 0) {
    if (before_.size() != w.size()) before_ = objective.backend().allocate(w.size());
    objective.backend().copy(w, before_);
  }
  Scalar loss;
  if (clip > 0) {
    Clipped clipped(objective, clip);
    loss = take_step(clipped, w, gradient, step);
  } else {
    loss = take_step(objective, w, gradient, step);
  }
  if (decay > 0) objective.backend().axpy(-decay, before_, w);
  return loss;
}

}  // namespace fieldscope
