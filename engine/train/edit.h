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

using Edit = std::variant<SwitchOptimizer, SwitchActivation, SetKnob>;

struct RecordedEdit {
  std::uint64_t step = 0;  ///< the edit took effect before this step (0-based)
  Edit edit;
  bool operator==(const RecordedEdit&) const = default;
};

/// What a mark on a curve says: "-> Adam", "lr 0.05".
std::string describe(const Edit& edit);

}  // namespace fieldscope
