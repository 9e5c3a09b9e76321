#include "engine/optim/shampoo.h"

#include <algorithm>
#include <cmath>

namespace fieldscope {
namespace {

constexpr std::string_view grafts[] = {"none", "sgd"};

constexpr Knob knobs[] = {
    {"lr", "Learning rate", "", 1e-8, 100, 0.1, KnobScale::logarithmic,
     "θ ← θ − lr b, b the momentum of L⁻¹ᐟ⁴ G R⁻¹ᐟ⁴. Chng et al. 2025: 0.1."},
    {"momentum", "Momentum μ", "", 0, 0.9999, 0.9, KnobScale::near_one,
     "b ← μ b + u. Anil et al. 2020: 0.9."},
    {"nesterov", "Nesterov", "", 0, 1, 1, KnobScale::toggle,
     "b ← μ b + u once more before the step, as the code of Anil et al. does in place."},
    {"beta2", "Statistics β₂", "", 0, 1, 1, KnobScale::near_one,
     "L ← β₂ L + (1 − β₂) G Gᵀ, and 1 is the plain sum L ← L + G Gᵀ; R likewise of GᵀG."},
    {"grafting", "Grafting", "", 0, 1, 1, KnobScale::choice,
     "'sgd': each tensor's step is as long as its gradient, only the direction is Shampoo's. Anil "
     "et al. 2020.",
     grafts},
    {"block_size", "Block size", "", 1, 8192, 128, KnobScale::integer,
     "Larger matrices are cut into blocks with roots of their own: cheaper, but blind to what "
     "crosses blocks. A change starts the statistics afresh. Chng et al. 2025: 128."},
    {"refresh_every", "Roots every", "steps", 1, 100000, 1, KnobScale::integer,
     "How often the inverse roots are taken, which is most of the time of a step. Chng et al. "
     "2025: "
     "1."},
    {"matrix_eps", "Ridge ε", "", 1e-30, 1, 1e-12, KnobScale::logarithmic,
     "L and R begin with ε I, and ε λ_max is added before a root is taken."},
    {"inverse_exponent", "Root", "", 1, 16, 4, KnobScale::integer,
     "L and R to the power −1/p. Gupta et al. 2018: 4."}};

class Shampoo final : public Optimizer {
 public:
  Shampoo(Backend& backend, const ParameterLayout& layout, const KnobValues& values)
      : Optimizer(layout.parameters, values),
        layout_(layout),
        momentum_(backend.allocate(layout.parameters)),
        direction_(backend.allocate(layout.parameters)),
        right_(backend.allocate(layout.parameters)) {
    build_blocks(backend);
    rooted_ = true;  // by the first step, or by the checkpoint that is restored
  }

  Scalar take_step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step) override {
    Backend& backend = objective.backend();
    if (block_size_ != static_cast<std::size_t>(knob("block_size"))) build_blocks(backend);
    const Scalar loss = objective.gradient(w, gradient);
    add_statistics(backend, gradient);
    if (step % static_cast<std::uint64_t>(knob("refresh_every")) == 0 || !rooted_)
      take_roots(backend);
    precondition(backend, gradient);
    Buffer* const state[] = {&momentum_};
    // Twice into the momentum, without moving, then once along it: what `nesterov` says.
    const double mu = knob("momentum");
    if (knob("nesterov") != 0) backend.apply_update(SgdRule{0, mu, false}, w, direction_, state);
    backend.apply_update(SgdRule{lr(), mu, false}, w, direction_, state);
    return loss;
  }
  std::vector<State> state() override {
    return {{"momentum", &momentum_}, {"statistics", &statistics_}, {"roots", &roots_}};
  }

 private:
  /// Of one weight matrix: rows [row, row + rows) by columns [column, column + columns).
  struct Block {
    std::size_t map, row, column, rows, columns;
    std::size_t left, right;  ///< where L and R lie

    Matrix of(Buffer& parameters, const LinearMap& m) const {
      const auto stride = static_cast<std::size_t>(m.in);
      return {&parameters, m.weight + row * stride + column, rows, columns, stride};
    }
    Matrix left_in(Buffer& b) const { return matrix_in(b, left, rows, rows); }
    Matrix right_in(Buffer& b) const { return matrix_in(b, right, columns, columns); }
  };

  void build_blocks(Backend& backend) {
    block_size_ = static_cast<std::size_t>(knob("block_size"));
    blocks_.clear();
    std::size_t size = 0;
    for (std::size_t i = 0; i < layout_.maps.size(); ++i) {
      const auto m = static_cast<std::size_t>(layout_.maps[i].out),
                 n = static_cast<std::size_t>(layout_.maps[i].in);
      for (std::size_t r = 0; r < m; r += block_size_)
        for (std::size_t c = 0; c < n; c += block_size_) {
          Block block{i, r, c, std::min(block_size_, m - r), std::min(block_size_, n - c), 0, 0};
          block.left = size;
          size += block.rows * block.rows;
          block.right = size;
          size += block.columns * block.columns;
          blocks_.push_back(block);
        }
    }
    statistics_ = Buffer();
    roots_ = Buffer();
    statistics_ = backend.allocate(size);
    roots_ = backend.allocate(size);
    std::vector<double> start(size);
    for (const Block& b : blocks_) {
      for (std::size_t k = 0; k < b.rows; ++k)
        start[b.left + k * (b.rows + 1)] = knob("matrix_eps");
      for (std::size_t k = 0; k < b.columns; ++k)
        start[b.right + k * (b.columns + 1)] = knob("matrix_eps");
    }
    if (size > 0) backend.upload(statistics_, std::span<const double>(start));
    rooted_ = false;
  }

  void add_statistics(Backend& backend, Buffer& gradient) {
    const double keep = knob("beta2"), share = keep == 1 ? 1 : 1 - keep;
    std::vector<MatrixProduct> products;
    for (const Block& b : blocks_) {
      const Matrix g = b.of(gradient, layout_.maps[b.map]);
      products.push_back({g, g, b.left_in(statistics_), false, true, share, keep});
      products.push_back({g, g, b.right_in(statistics_), true, false, share, keep});
    }
    backend.multiply(products);
  }

  void take_roots(Backend& backend) {
    const double exponent = -1 / knob("inverse_exponent"), ridge = knob("matrix_eps");
    std::vector<MatrixPower> powers;
    for (const Block& b : blocks_) {
      powers.push_back({b.left_in(statistics_), b.left_in(roots_), 0, ridge, exponent});
      powers.push_back({b.right_in(statistics_), b.right_in(roots_), 0, ridge, exponent});
    }
    backend.power(powers);
    rooted_ = true;
  }

  void precondition(Backend& backend, Buffer& gradient) {
    backend.copy(gradient, direction_);  // biases stay as they are
    std::vector<MatrixProduct> right, left;
    for (const Block& b : blocks_) {
      const LinearMap& map = layout_.maps[b.map];
      right.push_back({b.of(gradient, map), b.right_in(roots_), b.of(right_, map)});
      left.push_back({b.left_in(roots_), b.of(right_, map), b.of(direction_, map)});
    }
    backend.multiply(right);
    backend.multiply(left);
    if (knob("grafting") == 0) return;
    for (const LinearMap& map : layout_.maps) {
      const auto m = static_cast<std::size_t>(map.out), n = static_cast<std::size_t>(map.in);
      const Matrix g = matrix_in(gradient, map.weight, m, n),
                   u = matrix_in(direction_, map.weight, m, n);
      backend.scale(std::sqrt(backend.dot(g, g)) / (std::sqrt(backend.dot(u, u)) + 1e-16), u);
    }
  }

  const ParameterLayout layout_;
  std::vector<Block> blocks_;
  std::size_t block_size_ = 0;
  bool rooted_ = false;  ///< the roots belong to these blocks
  Buffer momentum_, statistics_, roots_;
  Buffer direction_, right_;  ///< scratch of a step
};

}  // namespace

std::span<const Knob> shampoo_knobs() {
  return knobs;
}

std::unique_ptr<Optimizer> make_shampoo(Backend& backend, const ParameterLayout& layout,
                                        const KnobValues& values) {
  return std::make_unique<Shampoo>(backend, layout, values);
}

}  // namespace fieldscope
