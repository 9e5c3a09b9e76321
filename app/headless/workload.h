// What `bench` times: a pass over one minibatch, or whole training steps with an optimizer. Plain
// data and pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/optim/spec.h"

namespace fieldscope {

struct Workload {
  enum class Kind {
    inference,  ///< forward
    gradient,   ///< forward and backward
    product,    ///< gradient and Hessian product in one pass
    training    ///< a step of `optimizer`, with everything that a trainer does for it
  };
  std::string name;  ///< as it is typed
  Kind kind = Kind::inference;
  OptimizerSpec optimizer;  ///< for Kind::training; its knobs as given
};

/// "gradient", "adam", "esgd:refresh_every=10". Throws UsageError naming the nearest and all valid
/// choices.
Workload parse_workload(std::string_view text);

/// Those of a bench that is not told which.
std::vector<Workload> default_workloads();

}  // namespace fieldscope
