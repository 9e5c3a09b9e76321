// Everything that determines a run besides its data: with the seed and the recorded edits, it
// replays bit-exactly on the CPU. Plain data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/backend/backend.h"
#include "engine/data/dataset.h"
#include "engine/field/spec.h"
#include "engine/math/knob.h"
#include "engine/optim/spec.h"

namespace fieldscope {

struct RunConfig {
  TaskKind task = TaskKind::image;
  FieldSpec field;
  OptimizerSpec optimizer;
  std::uint64_t seed = 0;
  KnobValues training;  ///< values of training_knobs(task)
  /// Where it computes: "cpu", "cuda:K", or "auto" until the run starts (devices.h).
  std::string device = "cpu";

  bool operator==(const RunConfig&) const = default;
};

/// Knobs that belong to neither field nor optimizer: `batch` (samples a step), `eval_every` (how
/// good the field is, every so many epochs, of NeRF steps), `carry_momentum`, `precision`; of
/// occupancy also `spread`, of NeRF many more.
std::span<const Knob> training_knobs(TaskKind task);

/// Whether a task has to be made anew for that training knob: some only the steps look at.
bool concerns_task(std::string_view knob);

/// The knob `precision`, in which a run's steps multiply. Of a resolved configuration.
Arithmetic arithmetic_of(const RunConfig& config);

/// What runs begin with when nobody says what.
std::string_view default_activation(TaskKind task);

/// Of the task's losses.
LossKind loss_of(TaskKind task);

/// The preset of one optimizer for a run like this one, every knob filled in.
OptimizerSpec preset_optimizer_for(const RunConfig& config, std::string_view id);

/// The same run of another task: what stood at the preset of the old one takes that of the new.
/// Batch, spread and schedule of evaluations do in any case: they count other things there.
RunConfig config_for_task(const RunConfig& config, TaskKind task);

/// Fills in all defaults and presets and checks everything. Throws UsageError.
RunConfig resolve_config(const RunConfig& config);

/// "ESGD · sine"
std::string run_label(const RunConfig& config);

}  // namespace fieldscope
