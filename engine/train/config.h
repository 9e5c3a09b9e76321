// Everything that determines a run besides its data: with the seed and the recorded edits, it
// replays bit-exactly on the CPU. Plain data.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/field/spec.h"
#include "engine/math/knob.h"
#include "engine/optim/spec.h"

namespace fieldscope {

struct RunConfig {
  FieldSpec field;
  OptimizerSpec optimizer;
  std::uint64_t seed = 0;
  KnobValues training;  ///< values of training_knobs()
  /// Where it computes: "cpu", "cuda:K", or "auto" until the run starts (devices.h).
  std::string device = "cpu";

  bool operator==(const RunConfig&) const = default;
};

/// Knobs that belong to neither field nor optimizer: `batch` (samples a step, default 512),
/// `eval_every` (whole-image PSNR every so many epochs, default 1) and `carry_momentum`.
std::span<const Knob> training_knobs();

/// Fills in all defaults and presets and checks everything. Throws UsageError.
RunConfig resolve_config(const RunConfig& config);

/// "ESGD · sine"
std::string run_label(const RunConfig& config);

}  // namespace fieldscope
