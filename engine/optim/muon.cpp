#include "engine/optim/muon.h"

#include <algorithm>
#include <cmath>

#include "engine/optim/pieces.h"

namespace fieldscope {
namespace {

constexpr Knob knobs[] = {
    {"lr", "Learning rate", "", 1e-8, 100, 3e-4, KnobScale::logarithmic,
     "θ ← θ − lr √max(1, rows/columns) O for the matrices of hidden layers, O the momentum with "
     "all "
     "its singular values made about 1. Jordan et al. 2024: 0.02 for networks whose weights are "
     "larger than a field's."},
    {"momentum", "Momentum μ", "", 0, 0.9999, 0.95, KnobScale::near_one,
     "B ← μ B + g. Jordan et al. 2024: 0.95."},
    {"nesterov", "Nesterov", "", 0, 1, 1, KnobScale::toggle, "O is made of g + μ B instead of B."},
    {"iterations", "Newton-Schulz", "iterations", 1, 20, 5, KnobScale::integer,
     "X ← a X + (b XXᵀ + c (XXᵀ)²) X so often. Jordan et al. 2024: 5."},
    {"adam_lr", "Adam's rate", "", 1e-8, 10, 1e-4, KnobScale::logarithmic,
     "Of everything else: the first layer, the output and all biases follow Adam."},
    {"adam_beta1", "Adam's β₁", "", 0, 0.9999, 0.9, KnobScale::near_one,
     "m ← β₁ m + (1 − β₁) g. Kingma and Ba 2015: 0.9."},
    {"adam_beta2", "Adam's β₂", "", 0, 0.99999, 0.999, KnobScale::near_one,
     "v ← β₂ v + (1 − β₂) g². Kingma and Ba 2015: 0.999."},
    {"adam_eps", "Adam's floor", "", 0, 1, 1e-8, KnobScale::logarithmic,
     "Added to √v′. Kingma and Ba 2015: 1e-8."}};

// Jordan et al. 2024: steep at 0, and all of [0, 1] near 1 after five iterations.
constexpr double a = 3.4445, b = -4.7750, c = 2.0315;

class Muon final : public Optimizer {
 public:
  Muon(Backend& backend, const ParameterLayout& layout, const KnobValues& values)
      : Optimizer(layout.parameters, values) {
    std::size_t squares = 0;
    for (const std::size_t i : layout.between) {
      const LinearMap& map = layout.maps[i];
      const auto rows = static_cast<std::size_t>(map.out),
                 columns = static_cast<std::size_t>(map.in);
      matrices_.add(map.weight, rows, columns);
      squares_.push_back({squares, std::min(rows, columns)});
      squares += squares_.back().size * squares_.back().size;
    }
    rest_ = Pieces::without(matrices_, layout.parameters);
    momentum_ = backend.allocate(matrices_.size());
    first_ = backend.allocate(rest_.size());
    second_ = backend.allocate(rest_.size());
    rest_weights_ = backend.allocate(rest_.size());
    rest_gradient_ = backend.allocate(rest_.size());
    for (Buffer* buffer : {&x_, &next_, &weights_}) *buffer = backend.allocate(matrices_.size());
    for (Buffer* buffer : {&square_, &polynomial_}) *buffer = backend.allocate(squares);
  }

  Scalar take_step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step) override {
    Backend& backend = objective.backend();
    const Scalar loss = objective.gradient(w, gradient);
    rest_.gather(backend, w, rest_weights_);
    rest_.gather(backend, gradient, rest_gradient_);
    const double t = static_cast<double>(step) + 1;
    const double schedule = lr() / knob("lr");  // the same for both rates
    const AdamRule rule = AdamRule::at(t, schedule * knob("adam_lr"), knob("adam_beta1"),
                                       knob("adam_beta2"), knob("adam_eps"));
    Buffer* const state[] = {&first_, &second_};
    backend.apply_update(rule, rest_weights_, rest_gradient_, state);
    rest_.scatter(backend, rest_weights_, w);
    if (matrices_.count() > 0) move_matrices(backend, w, gradient);
    return loss;
  }
  std::vector<State> state() override {
    return {{"momentum", &momentum_}, {"m", &first_}, {"v", &second_}};
  }

 private:
  struct Square {
    std::size_t offset, size;
  };

  void move_matrices(Backend& backend, Buffer& w, Buffer& gradient) {
    const double mu = knob("momentum");
    matrices_.gather(backend, gradient, x_);
    backend.scale(mu, momentum_);
    backend.axpy(1, x_, momentum_);
    if (knob("nesterov") != 0)
      backend.axpy(mu, momentum_, x_);
    else
      backend.copy(momentum_, x_);
    orthogonalise(backend);
    matrices_.gather(backend, w, weights_);
    for (std::size_t i = 0; i < matrices_.count(); ++i) {
      const Matrix o = matrices_.in(x_, i);
      const double shape = static_cast<double>(o.rows) / static_cast<double>(o.columns);
      backend.scale(std::sqrt(std::max(1.0, shape)), o);
    }
    backend.axpy(-lr(), x_, weights_);
    matrices_.scatter(backend, weights_, w);
  }

  /// Newton-Schulz on the smaller side of each matrix of x.
  void orthogonalise(Backend& backend) {
    for (std::size_t i = 0; i < matrices_.count(); ++i) {
      const Matrix x = matrices_.in(x_, i);
      backend.scale(1 / (std::sqrt(backend.dot(x, x)) + 1e-7), x);
    }
    for (int k = 0; k < static_cast<int>(knob("iterations")); ++k) {
      std::vector<MatrixProduct> gram, quartic, last;
      for (std::size_t i = 0; i < matrices_.count(); ++i) {
        const Matrix x = matrices_.in(x_, i), next = matrices_.in(next_, i);
        const bool tall = x.rows > x.columns;
        const Square& s = squares_[i];
        const Matrix g = matrix_in(square_, s.offset, s.size, s.size),
                     p = matrix_in(polynomial_, s.offset, s.size, s.size);
        gram.push_back({x, x, g, tall, !tall});
        quartic.push_back({g, g, p, false, false, c, b});  // p holds g
        last.push_back(tall ? MatrixProduct{x, p, next, false, false, 1, a}
                            : MatrixProduct{p, x, next, false, false, 1, a});
      }
      backend.multiply(gram);
      backend.copy(square_, polynomial_);
      backend.multiply(quartic);
      backend.copy(x_, next_);
      backend.multiply(last);
      std::swap(x_, next_);
    }
  }

  Pieces matrices_, rest_;
  std::vector<Square> squares_;  ///< scratch of each matrix: its smaller side squared
  Buffer momentum_, first_, second_;
  Buffer rest_weights_, rest_gradient_, weights_, x_, next_, square_, polynomial_;  ///< scratch
};

}  // namespace

std::span<const Knob> muon_knobs() {
  return knobs;
}

std::unique_ptr<Optimizer> make_muon(Backend& backend, const ParameterLayout& layout,
                                     const KnobValues& values) {
  return std::make_unique<Muon>(backend, layout, values);
}

}  // namespace fieldscope
