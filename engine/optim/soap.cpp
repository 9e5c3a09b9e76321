#include "engine/optim/soap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/optim/pieces.h"

namespace fieldscope {
namespace {

constexpr Knob knobs[] = {
    {"lr", "Learning rate", "", 1e-8, 10, 1e-4, KnobScale::logarithmic,
     "As Adam's, but in the eigenbasis of Shampoo's factors. Vyas et al. 2025: 3e-3."},
    {"beta1", "Momentum β₁", "", 0, 0.9999, 0.95, KnobScale::near_one,
     "m ← β₁ m + (1 − β₁) G. Vyas et al. 2025: 0.95."},
    {"beta2", "2nd moment β₂", "", 0, 0.99999, 0.95, KnobScale::near_one,
     "v ← β₂ v + (1 − β₂)(Qᵀ G Q)². Vyas et al. 2025: 0.95."},
    {"shampoo_beta", "Factors β", "", 0, 0.99999, 0.95, KnobScale::near_one,
     "L ← β L + (1 − β) G Gᵀ, R likewise of GᵀG. Vyas et al. 2025: as β₂."},
    {"eps", "Floor ε", "", 0, 1, 1e-8, KnobScale::logarithmic,
     "Added to √v. Vyas et al. 2025: 1e-8."},
    {"refresh_every", "Turn every", "steps", 1, 100000, 10, KnobScale::integer,
     "How often the bases follow the factors, by a power iteration and a QR decomposition. Vyas et "
     "al. 2025: 10."}};

class Soap final : public Optimizer {
 public:
  Soap(Backend& backend, const ParameterLayout& layout, const KnobValues& values)
      : Optimizer(layout.parameters, values) {
    std::size_t size = 0;
    for (const LinearMap& map : layout.maps) {
      const auto m = static_cast<std::size_t>(map.out), n = static_cast<std::size_t>(map.in);
      matrices_.add(map.weight, m, n);
      // The larger side's factor has no more rank than the smaller one's: both sides of square
      // matrices have a basis, others only the smaller one.
      for (const bool left : {true, false}) {
        if (left ? m > n : n > m) continue;
        const std::size_t side = left ? m : n;
        sides_.push_back({matrices_.count() - 1, left, size, side});
        size += side * side;
      }
    }
    rest_ = Pieces::without(matrices_, layout.parameters);
    for (Buffer* buffer : {&factors_, &bases_, &turned_}) *buffer = backend.allocate(size);
    for (Buffer* buffer : {&first_, &second_, &gradient_, &rotated_, &scratch_, &half_, &weights_})
      *buffer = backend.allocate(matrices_.size());
    for (Buffer* buffer : {&rest_first_, &rest_second_, &rest_weights_, &rest_gradient_})
      *buffer = backend.allocate(rest_.size());
  }

  Scalar take_step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step) override {
    Backend& backend = objective.backend();
    const Scalar loss = objective.gradient(w, gradient);
    move_rest(backend, w, gradient, step);
    matrices_.gather(backend, gradient, gradient_);
    if (step == 0) {
      // The first gradient only says which way to look.
      add_factors(backend);
      std::vector<Eigenvectors> problems;
      for (const Side& s : sides_) problems.push_back({s.in(factors_), s.in(bases_)});
      backend.eigenvectors(problems);
      return loss;
    }
    move_matrices(backend, w, static_cast<double>(step));
    add_factors(backend);
    if (step % static_cast<std::uint64_t>(knob("refresh_every")) == 0) turn_bases(backend);
    return loss;
  }
  std::vector<State> state() override {
    return {{"m", &first_},     {"v", &second_},          {"factors", &factors_},
            {"bases", &bases_}, {"rest_m", &rest_first_}, {"rest_v", &rest_second_}};
  }

 private:
  struct Side {
    std::size_t matrix;  ///< which of matrices_
    bool left;
    std::size_t offset, size;

    Matrix in(Buffer& buffer) const { return matrix_in(buffer, offset, size, size); }
  };

  void move_rest(Backend& backend, Buffer& w, Buffer& gradient, std::uint64_t step) {
    rest_.gather(backend, w, rest_weights_);
    rest_.gather(backend, gradient, rest_gradient_);
    const double t = static_cast<double>(step) + 1;
    const AdamRule rule = AdamRule::at(t, lr(), knob("beta1"), knob("beta2"), knob("eps"));
    Buffer* const state[] = {&rest_first_, &rest_second_};
    backend.apply_update(rule, rest_weights_, rest_gradient_, state);
    rest_.scatter(backend, rest_weights_, w);
  }

  /// Adam in the rotated space; `t` counts these steps from 1.
  void move_matrices(Backend& backend, Buffer& w, double t) {
    const double beta1 = knob("beta1");
    backend.scale(beta1, first_);
    backend.axpy(1 - beta1, gradient_, first_);
    rotate(backend, gradient_, rotated_, true);
    rotate(backend, first_, scratch_, true);
    Buffer* const state[] = {&second_};
    backend.apply_update(RotatedAdamRule{knob("beta2"), knob("eps")}, scratch_, rotated_, state);
    rotate(backend, scratch_, rotated_, false);
    matrices_.gather(backend, w, weights_);
    const double corrected = std::sqrt(1 - std::pow(knob("beta2"), t)) / (1 - std::pow(beta1, t));
    backend.axpy(-lr() * corrected, rotated_, weights_);
    matrices_.scatter(backend, weights_, w);
  }

  /// to = Q_L^T from Q_R, or back; a side without a basis stays as it is.
  void rotate(Backend& backend, Buffer& from, Buffer& to, bool into_bases) {
    std::vector<MatrixProduct> left, right;
    std::vector<MatrixCopy> as_it_is;
    for (std::size_t i = 0; i < matrices_.count(); ++i) {
      const Matrix x = matrices_.in(from, i), y = matrices_.in(to, i),
                   half = matrices_.in(half_, i);
      const Side *left_side = side_of(i, true), *right_side = side_of(i, false);
      if (left_side != nullptr)
        left.push_back({left_side->in(bases_), x, half, into_bases, false});
      else
        as_it_is.push_back({x, half});
      if (right_side != nullptr)
        right.push_back({half, right_side->in(bases_), y, false, !into_bases});
    }
    backend.copy(as_it_is);
    backend.multiply(left);
    backend.multiply(right);
    as_it_is.clear();
    for (std::size_t i = 0; i < matrices_.count(); ++i)
      if (side_of(i, false) == nullptr)
        as_it_is.push_back({matrices_.in(half_, i), matrices_.in(to, i)});
    backend.copy(as_it_is);
  }

  void add_factors(Backend& backend) {
    const double keep = knob("shampoo_beta");
    std::vector<MatrixProduct> products;
    for (const Side& s : sides_) {
      const Matrix g = matrices_.in(gradient_, s.matrix);
      products.push_back({g, g, s.in(factors_), !s.left, s.left, 1 - keep, keep});
    }
    backend.multiply(products);
  }

  /// One power iteration: Q of the QR decomposition of L Q, with Q's columns, and v with them, in
  /// the order of the eigenvalues that they stand for.
  void turn_bases(Backend& backend) {
    std::vector<MatrixProduct> products;
    for (const Side& s : sides_) products.push_back({s.in(factors_), s.in(bases_), s.in(turned_)});
    backend.multiply(products);
    std::vector<double> bases(bases_.size()), turned(turned_.size()), second(second_.size());
    backend.download(bases_, std::span<double>(bases));
    backend.download(turned_, std::span<double>(turned));
    backend.download(second_, std::span<double>(second));
    for (const Side& s : sides_) {
      std::vector<double> value(s.size);
      for (std::size_t r = 0; r < s.size; ++r)
        for (std::size_t c = 0; c < s.size; ++c)
          value[c] += bases[s.offset + r * s.size + c] * turned[s.offset + r * s.size + c];
      std::vector<std::size_t> order(s.size);
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t i, std::size_t j) { return value[i] > value[j]; });
      const Matrix v = matrices_.in(second_, s.matrix);
      permute_columns(turned.data() + s.offset, s.size, s.size, order);
      if (s.left)
        permute_rows(second.data() + v.offset, v.columns, order);
      else
        permute_columns(second.data() + v.offset, v.rows, v.columns, order);
    }
    backend.upload(second_, std::span<const double>(second));
    backend.upload(bases_, std::span<const double>(turned));
    std::vector<Matrix> all;
    for (const Side& s : sides_) all.push_back(s.in(bases_));
    backend.orthonormalise(all);
  }

  static void permute_columns(double* x, std::size_t rows, std::size_t columns,
                              const std::vector<std::size_t>& order) {
    std::vector<double> row(columns);
    for (std::size_t r = 0; r < rows; ++r, x += columns) {
      std::copy_n(x, columns, row.begin());
      for (std::size_t c = 0; c < columns; ++c) x[c] = row[order[c]];
    }
  }
  static void permute_rows(double* x, std::size_t columns, const std::vector<std::size_t>& order) {
    const std::vector<double> before(x, x + order.size() * columns);
    for (std::size_t r = 0; r < order.size(); ++r)
      std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(order[r] * columns), columns,
                  x + r * columns);
  }

  const Side* side_of(std::size_t matrix, bool left) const {
    for (const Side& s : sides_)
      if (s.matrix == matrix && s.left == left) return &s;
    return nullptr;
  }

  Pieces matrices_, rest_;
  std::vector<Side> sides_;
  Buffer first_, second_, factors_, bases_, rest_first_, rest_second_;
  Buffer gradient_, rotated_, scratch_, half_, weights_, turned_;  ///< scratch of a step
  Buffer rest_weights_, rest_gradient_;
};

}  // namespace

std::span<const Knob> soap_knobs() {
  return knobs;
}

std::unique_ptr<Optimizer> make_soap(Backend& backend, const ParameterLayout& layout,
                                     const KnobValues& values) {
  return std::make_unique<Soap>(backend, layout, values);
}

}  // namespace fieldscope
