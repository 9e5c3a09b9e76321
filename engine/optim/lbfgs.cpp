#include "engine/optim/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/optim/line_search.h"

namespace fieldscope {
namespace {

constexpr std::string_view searches[] = {"fixed", "strong_wolfe"};

constexpr Knob knobs[] = {
    {"lr", "Learning rate", "", 1e-8, 100, 1, KnobScale::logarithmic,
     "Length of a step in units of the quasi-Newton direction; with the line search, the first "
     "length tried. 1 is Newton's own."},
    {"history", "History", "pairs", 1, 100, 10, KnobScale::integer,
     "How many differences of weights and gradients describe the curvature. A change starts them "
     "afresh. Nocedal 1980: 3 to 20."},
    {"line_search", "Line search", "", 0, 1, 1, KnobScale::choice,
     "'strong_wolfe': every step looks for a length that lowers the loss of its batch and its "
     "slope "
     "enough (Nocedal and Wright, algorithms 3.5 and 3.6); best on large batches. 'fixed': the "
     "length is the learning rate, for stochastic training (Schraudolph et al. 2007).",
     searches}};

/// Curvature along a pair that is no larger than this says nothing.
constexpr double least_curvature = 1e-10;

class Lbfgs final : public Optimizer {
 public:
  Lbfgs(Backend& backend, const ParameterLayout& layout, const KnobValues& values)
      : Optimizer(layout.parameters, values),
        filled_(backend.allocate(2)),
        direction_(backend.allocate(layout.parameters)),
        start_(backend.allocate(layout.parameters)),
        moved_gradient_(backend.allocate(layout.parameters)) {
    build_history(backend);
  }

  Scalar take_step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step) override {
    Backend& backend = objective.backend();
    if (pairs_.size() != static_cast<std::size_t>(knob("history"))) build_history(backend);
    const double loss = objective.gradient(w, gradient);
    find_direction(backend, gradient);
    double slope = backend.dot(gradient, direction_);
    if (!(slope < 0)) {  // rounding, or another batch's curvature: begin again, steepest descent
      set_filled(backend, {0, 0});
      find_direction(backend, gradient);
      slope = backend.dot(gradient, direction_);
    }
    // Before anything is known about the curvature, no weight moves by more than lr.
    const bool first = step == 0;
    const double length = first ? std::min(1.0, 1 / one_norm(backend, gradient)) * lr() : lr();
    backend.copy(w, start_);
    const auto evaluate = [&](double t) {
      backend.copy(start_, w);
      backend.axpy(t, direction_, w);
      const double value = objective.gradient(w, moved_gradient_);
      return LinePoint{t, value, backend.dot(moved_gradient_, direction_)};
    };
    LinePoint taken;
    if (knob("line_search") == 0) {
      taken = evaluate(length);
    } else {
      double evaluated = 0;
      taken = strong_wolfe({0, loss, slope}, length, largest(backend, direction_), [&](double t) {
        evaluated = t;
        return evaluate(t);
      });
      if (evaluated != taken.t) taken = evaluate(taken.t);
    }
    if (std::isfinite(taken.value)) remember(backend, w, gradient);
    return loss;
  }
  std::vector<State> state() override {
    std::vector<State> all = {{"filled", &filled_}};
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      all.push_back({"s" + std::to_string(i), &pairs_[i].s});
      all.push_back({"y" + std::to_string(i), &pairs_[i].y});
    }
    return all;
  }

 private:
  struct Pair {
    Buffer s, y;  ///< differences of weights and of gradients
  };
  struct Filled {
    std::size_t count = 0, next = 0;  ///< pairs that hold something; where the next goes
  };

  void build_history(Backend& backend) {
    pairs_.clear();
    for (int i = 0; i < static_cast<int>(knob("history")); ++i)
      pairs_.push_back({backend.allocate(parameters_), backend.allocate(parameters_)});
    set_filled(backend, {0, 0});
  }
  Filled filled(const Backend& backend) const {
    double numbers[2];
    backend.download(filled_, std::span<double>(numbers));
    return {static_cast<std::size_t>(numbers[0]), static_cast<std::size_t>(numbers[1])};
  }
  void set_filled(Backend& backend, const Filled& f) {
    const double numbers[] = {static_cast<double>(f.count), static_cast<double>(f.next)};
    backend.upload(filled_, std::span<const double>(numbers));
  }

  /// d = -H g by the two loops of Nocedal 1980.
  void find_direction(Backend& backend, const Buffer& gradient) {
    const Filled f = filled(backend);
    const auto pair = [&](std::size_t age) -> Pair& {  // 0: the newest
      return pairs_[(f.next + pairs_.size() - 1 - age) % pairs_.size()];
    };
    Buffer& d = direction_;
    backend.copy(gradient, d);
    backend.scale(-1, d);
    std::vector<double> inverse(f.count), along(f.count);
    for (std::size_t age = 0; age < f.count; ++age) {
      inverse[age] = 1 / backend.dot(pair(age).s, pair(age).y);
      along[age] = inverse[age] * backend.dot(pair(age).s, d);
      backend.axpy(-along[age], pair(age).y, d);
    }
    if (f.count > 0) backend.scale(1 / (inverse[0] * backend.dot(pair(0).y, pair(0).y)), d);
    for (std::size_t age = f.count; age-- > 0;) {
      const double back = inverse[age] * backend.dot(pair(age).y, d);
      backend.axpy(along[age] - back, pair(age).s, d);
    }
  }

  /// The pair of this step: both gradients are those of the same batch.
  void remember(Backend& backend, const Buffer& w, const Buffer& gradient) {
    Filled f = filled(backend);
    Buffer& s = start_;           // no longer needed: s = w - start
    Buffer& y = moved_gradient_;  // y = moved gradient - gradient
    backend.scale(-1, s);
    backend.axpy(1, w, s);
    backend.axpy(-1, gradient, y);
    if (!(backend.dot(s, y) > least_curvature)) return;
    backend.copy(s, pairs_[f.next].s);
    backend.copy(y, pairs_[f.next].y);
    f.next = (f.next + 1) % pairs_.size();
    f.count = std::min(f.count + 1, pairs_.size());
    set_filled(backend, f);
  }

  static std::vector<double> numbers_of(const Backend& backend, const Buffer& x) {
    std::vector<double> numbers(x.size());
    backend.download(x, std::span<double>(numbers));
    return numbers;
  }
  static double one_norm(const Backend& backend, const Buffer& x) {
    double sum = 0;
    for (double v : numbers_of(backend, x)) sum += std::abs(v);
    return sum;
  }
  static double largest(const Backend& backend, const Buffer& x) {
    double most = 0;
    for (double v : numbers_of(backend, x)) most = std::max(most, std::abs(v));
    return most;
  }

  std::vector<Pair> pairs_;
  Buffer filled_;
  Buffer direction_, start_, moved_gradient_;  ///< scratch of a step
};

}  // namespace

std::span<const Knob> lbfgs_knobs() {
  return knobs;
}

std::unique_ptr<Optimizer> make_lbfgs(Backend& backend, const ParameterLayout& layout,
                                      const KnobValues& values) {
  return std::make_unique<Lbfgs>(backend, layout, values);
}

}  // namespace fieldscope
