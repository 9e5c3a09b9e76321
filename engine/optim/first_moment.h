// The running mean of gradients that Adam and its relatives keep, with its bias correction; it can
// begin with the mean that another optimizer had.
#pragma once

#include <cmath>
#include <vector>

#include "engine/optim/optimizer.h"

namespace fieldscope {

class FirstMoment {
 public:
  FirstMoment(Backend& backend, std::size_t parameters)
      : mean_(backend.allocate(parameters)), carried_(backend.allocate(1)) {}

  Buffer& buffer() { return mean_; }

  /// What the mean must be divided by after `t` updates from zero with this beta: 1 - beta^t, or 1
  /// where it did not begin at zero.
  double correction(const Backend& backend, double beta, double t) const {
    double carried = 0;
    backend.download(carried_, std::span(&carried, 1));
    return carried != 0 ? 1 : 1 - std::pow(beta, t);
  }

  /// After `steps` updates; nothing before the first.
  std::optional<Optimizer::MeanGradient> mean(const Backend& backend, double beta,
                                              std::uint64_t steps) const {
    if (steps == 0) return std::nullopt;
    return Optimizer::MeanGradient{&mean_,
                                   1 / correction(backend, beta, static_cast<double>(steps))};
  }
  void begin_with(Backend& backend, const Optimizer::MeanGradient& mean) {
    backend.copy(*mean.buffer, mean_);
    backend.scale(mean.factor, mean_);
    backend.fill(carried_, 1);
  }

  std::vector<Optimizer::State> state() {
    return {{"m", &mean_, false}, {"m_carried", &carried_, true}};
  }

 private:
  Buffer mean_;
  Buffer carried_;  ///< 1 where it began with another's mean; a buffer so that checkpoints hold it
};

}  // namespace fieldscope
