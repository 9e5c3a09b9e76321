// Changes to a run while it trains. They are plain data: they print, save and replay. An applied
// edit is recorded with the step before which it took effect.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/field/spec.h"
#include "engine/optim/spec.h"

namespace fieldscope {

/// Same weights, another optimizer, its state started afresh.
struct SwitchOptimizer {
  OptimizerSpec optimizer;
  bool operator==(const SwitchOptimizer&) const = default;
};

/// Another activation. Parameters whose name and shape both networks have are kept, the others are
/// drawn afresh from the run's seed; the optimizer's state starts afresh.
struct SwitchActivation {
  FieldSpec field;
  bool operator==(const SwitchActivation&) const = default;
};

/// One knob's new value. `target` says whose knob it is.
struct SetKnob {
  enum class Target { optimizer, activation, training };
  Target target = Target::optimizer;
  std::string knob;
  double value = 0;
  bool operator==(const SetKnob&) const = default;
};

/// After a divergence: the weights as they were before `step`, the optimizer started afresh with
/// another learning rate. The run's steps count on.
struct GoBack {
  std::uint64_t step = 0;  ///< Trainer::kept() names one that can be had
  double lr = 0;
  bool operator==(const GoBack&) const = default;
};

/// The run goes on elsewhere: weights, optimizer state and minibatches stay what they are.
struct MoveTo {
  std::string device;  ///< as devices.h names them; "auto" and "cuda" are allowed
  bool operator==(const MoveTo&) const = default;
};

struct RunConfig;

using Edit = std::variant<SwitchOptimizer, SwitchActivation, SetKnob, GoBack, MoveTo>;

struct RecordedEdit {
  std::uint64_t step = 0;  ///< the edit took effect before this step (0-based)
  Edit edit;
  bool operator==(const RecordedEdit&) const = default;
};

/// What files say of it, with the knob's id: "→ Adam", "refresh_every 400".
std::string describe(const Edit& edit);

/// What the window says of it, with the knob's name and unit: "→ Adam", "Refresh every 400 steps".
/// `config` is the run's when the edit applied: it says whose knob it is.
std::string describe(const Edit& edit, const RunConfig& config);

/// `config` as it stands after the edit, as far as describe() looks at it.
void follow(RunConfig& config, const Edit& edit);

}  // namespace fieldscope
