// The list of optimizers: one line each in registry.cpp.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "engine/optim/optimizer.h"
#include "engine/optim/spec.h"

namespace fieldscope {

/// What presets depend on.
struct Occasion {
  std::string_view activation;
  LossKind loss = LossKind::mse;
};

struct OptimizerEntry {
  std::string_view id;          ///< `esgd`
  std::string_view name;        ///< "ESGD"
  std::string_view formula;     ///< the update in one line
  std::string_view source;      ///< paper
  std::span<const Knob> knobs;  ///< its own, then those that all have
  /// The default of a knob where another value suits an activation (lr of ReLU-PE in the paper's
  /// runs) or a loss better; nullptr when the knob's own default always holds.
  double (*preset)(const Occasion& occasion, std::string_view knob, double value);
  std::unique_ptr<Optimizer> (*make)(Backend& backend, const ParameterLayout& layout,
                                     const KnobValues& knobs);

  /// Without those that all optimizers have.
  std::span<const Knob> own_knobs() const;
};

std::span<const OptimizerEntry> optimizers();

/// Throws UsageError that lists the valid ids.
const OptimizerEntry& find_optimizer(std::string_view id);

/// Fills in every knob that `spec` leaves out with the preset for the activation and the loss, and
/// checks names and ranges. Throws UsageError.
OptimizerSpec resolve_optimizer(const OptimizerSpec& spec, std::string_view activation,
                                LossKind loss = LossKind::mse);

/// The preset of one optimizer, every knob filled in.
OptimizerSpec preset_optimizer(std::string_view id, std::string_view activation,
                               LossKind loss = LossKind::mse);

}  // namespace fieldscope
