// What the window and scripts can tell a run. Plain data; posted to a run's inbox and applied by
// its worker between two steps.
#pragma once

#include <cstdint>
#include <variant>

#include "engine/train/edit.h"

namespace fieldscope {

struct Pause {};
struct Resume {};
/// Take `steps` steps, then pause.
struct StepOnce {
  std::uint64_t steps = 1;
};
/// Back to the initial weights with the configuration in force; the recorded edits are folded into
/// it. The last four can be undone.
struct Reset {};
/// Undo the last Reset: weights, optimizer state, curves and configuration as they were.
struct UndoReset {};
/// Stop by itself after so many steps (0: never).
struct SetStepLimit {
  std::uint64_t steps = 0;
};
/// Ends the worker.
struct Stop {};

using Command = std::variant<Pause, Resume, StepOnce, Reset, UndoReset, SetStepLimit, Edit, Stop>;

}  // namespace fieldscope
