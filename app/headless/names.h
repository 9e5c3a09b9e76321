// Names that people type: finding the one that was meant, and the O:lr=0.1:refresh_every=50 syntax
// for optimizers and activations. Pure functions; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/field/spec.h"
#include "engine/optim/spec.h"

namespace fieldscope {

/// The valid name that differs from `given` by the fewest typing errors; empty if none is near.
std::string nearest_name(std::string_view given, std::span<const std::string> valid);

/// Throws UsageError: unknown `what` 'given', what may have been meant, and all valid names.
[[noreturn]] void refuse_name(std::string_view what, std::string_view given,
                              std::span<const std::string> valid);

/// Pieces between `separator`, spaces around them removed. An empty text has no pieces.
std::vector<std::string> split(std::string_view text, char separator);

/// The whole of `text` as a number. Throws UsageError naming `what` when it is none, or not within
/// [low, high].
double parse_number(std::string_view what, std::string_view text, double low, double high);
std::uint64_t parse_whole(std::string_view what, std::string_view text, std::uint64_t low,
                          std::uint64_t high);

/// With all the digits it takes to read the same number back.
std::string exact_number(double value);

/// "esgd:lr=0.1:refresh_every=50": the knobs that are named, checked; the others are left out.
/// Throws UsageError naming the nearest and all valid choices.
OptimizerSpec parse_optimizer(std::string_view text);
/// "sine:omega=20". `hidden` is left as it is by default.
FieldSpec parse_activation(std::string_view text);

/// "batch=4096:steps=80", of curvature_knobs().
KnobValues parse_curvature(std::string_view text);

/// "samples=64:density=exp", of training_knobs(task).
KnobValues parse_training(TaskKind task, std::string_view text);

/// The inverse; numbers read back exactly.
std::string optimizer_text(const OptimizerSpec& spec);
std::string activation_text(const FieldSpec& spec);
std::string curvature_text(const KnobValues& values);
std::string training_text(TaskKind task, const KnobValues& values);

std::vector<std::string> optimizer_ids();
std::vector<std::string> activation_ids();

}  // namespace fieldscope
