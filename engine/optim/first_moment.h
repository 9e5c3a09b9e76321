// The running mean of gradients that Adam and its relatives keep, with its bias correction; it can
// begin with the mean that another optimizer had.
#pragma once

#include <cmath>
#include <vector>

#include "engine/optim/optimizer.h"

namespace fieldscope {

/// An optimizer that keeps m <- beta1 m + (1 - beta1) g and has a knob `beta1`.
class FirstMomentOptimizer : public Optimizer {
 public:
  FirstMomentOptimizer(Backend& backend, const ParameterLayout& layout, const KnobValues& knobs)
      : Optimizer(layout.parameters, knobs), first_(backend.allocate(layout.parameters)) {}

  std::optional<MeanGradient> mean_gradient(std::uint64_t steps) const override {
    if (steps == 0) return std::nullopt;
    return MeanGradient{&first_, 1 / first_correction(static_cast<double>(steps))};
  }
  void begin_with(Backend& backend, const MeanGradient& mean) override {
    backend.copy(*mean.buffer, first_);
    backend.scale(mean.factor, first_);
    carried_ = 1;
  }

 protected:
  /// What m must be divided by after `t` updates from zero: 1 - beta1^t, or 1 where it did not
  /// begin at zero.
  double first_correction(double t) const {
    return carried_ != 0 ? 1 : 1 - std::pow(knob("beta1"), t);
  }
  /// sqrt(square / correction) + eps, on the host.
  static std::vector<double> root_of(const Backend& backend, const Buffer& square,
                                     double correction, double eps) {
    std::vector<double> d(square.size());
    backend.download(square, std::span<double>(d));
    for (double& x : d) x = std::sqrt(x / correction) + eps;
    return d;
  }
  /// The optimizer's own state behind m.
  std::vector<State> with_first_moment(const std::vector<State>& own) {
    std::vector<State> all = {{"m", &first_}, {"m_carried", &carried_, true}};
    all.insert(all.end(), own.begin(), own.end());
    return all;
  }

  Buffer first_;

 private:
  double carried_ = 0;  ///< 1 where it began with another's mean
};

}  // namespace fieldscope
