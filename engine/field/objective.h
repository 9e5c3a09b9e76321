// What optimizers and curvature tools see: a loss of the weights on the present minibatch, with its
// derivatives. They never see the field behind it. One thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/backend/backend.h"

namespace fieldscope {

enum class ProbeKind {
  signs,   ///< +-1 (Rademacher)
  normals  ///< N(0, 1)
};

/// How the parameters [P] lie, for optimizers that go layer by layer: linear maps z = W x + b,
/// which may leave parameters out.
struct ParameterLayout {
  std::size_t parameters = 0;
  std::vector<LinearMap> maps;  ///< in the order of layers_of()
  /// Which of them lie between hidden layers: neither the first, which see the sample, nor those
  /// that give outputs.
  std::vector<std::size_t> between = {};
};

ParameterLayout layout_of(const Network& network);

class Objective {
 public:
  virtual ~Objective() = default;

  virtual Backend& backend() = 0;
  virtual std::size_t parameters() const = 0;

  /// Returns L(w); g[P] = its gradient.
  virtual Scalar gradient(const Buffer& w, Buffer& g) = 0;
  /// The same with Hv[P] = the Hessian (or Gauss-Newton matrix) times v[P], exact, in one fused
  /// pass.
  virtual Scalar gradient_and_product(Curvature curvature, const Buffer& w, const Buffer& v,
                                      Buffer& g, Buffer& hv) = 0;
  /// The gradient with the Kronecker factors of each linear map: see Backend.
  virtual Scalar gradient_and_factors(const Buffer& w, Buffer& g, Buffer& factors) = 0;
  /// A random vector of this step with independent entries, others at each call.
  virtual void draw_probe(Buffer& v, ProbeKind kind) = 0;

  /// Work done since the last call, in gradients of one minibatch: a gradient with a Hessian
  /// product takes three (nine matrix products a layer against three).
  double take_cost() {
    const double cost = cost_;
    cost_ = 0;
    return cost;
  }

 protected:
  static constexpr double gradient_cost = 1, gradient_and_product_cost = 3;
  /// Two more products a layer of about the same size, besides the three of a gradient.
  static constexpr double gradient_and_factors_cost = 5.0 / 3;
  void count(double gradients) { cost_ += gradients; }

 private:
  double cost_ = 0;
};

/// The loss of a network on a batch.
class FieldObjective : public Objective {
 public:
  FieldObjective(Backend& backend, const Network& network, LossKind loss)
      : backend_(backend), network_(network), loss_(loss) {}

  /// The minibatch of the next calls; its buffers must outlive them.
  void set_batch(const Batch& batch) { batch_ = batch; }
  /// Which random vectors draw_probe gives from now on.
  void set_probe_key(std::uint64_t key) { probe_key_ = key; }

  Backend& backend() override { return backend_; }
  std::size_t parameters() const override { return network_.parameters; }
  Scalar gradient(const Buffer& w, Buffer& g) override {
    count(gradient_cost);
    return backend_.gradient(network_, loss_, w, batch_, g);
  }
  Scalar gradient_and_product(Curvature curvature, const Buffer& w, const Buffer& v, Buffer& g,
                              Buffer& hv) override {
    count(gradient_and_product_cost);
    return backend_.gradient_and_product(network_, loss_, curvature, w, v, batch_, g, hv);
  }
  Scalar gradient_and_factors(const Buffer& w, Buffer& g, Buffer& factors) override {
    count(gradient_and_factors_cost);
    return backend_.gradient_and_factors(network_, loss_, w, batch_, g, factors);
  }
  void draw_probe(Buffer& v, ProbeKind kind) override {
    if (kind == ProbeKind::signs) {
      backend_.random_signs(probe_key_++, v);
    } else {
      backend_.random_normals(probe_key_++, v);
    }
  }

 private:
  Backend& backend_;
  const Network& network_;
  LossKind loss_;
  Batch batch_;
  std::uint64_t probe_key_ = 0;
};

}  // namespace fieldscope
