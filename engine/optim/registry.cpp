#include "engine/optim/registry.h"

#include "engine/math/error.h"
#include "engine/optim/adam.h"
#include "engine/optim/esgd.h"
#include "engine/optim/sgd.h"

namespace fieldscope {
namespace {

bool is_relu(std::string_view activation) {
  return activation == "relu" || activation == "relu_pe";
}

// With ReLU and positional encoding the paper trains ESGD at 0.1 and Adam at 1e-3.
double esgd_preset(std::string_view activation, std::string_view knob, double value) {
  if (knob != "lr") return value;
  // The paper's 0.15 wants the large random first step that one probe gives (first_probes).
  if (activation == "sine") return 1;
  return is_relu(activation) ? 0.1 : value;
}
double adam_preset(std::string_view activation, std::string_view knob, double value) {
  return is_relu(activation) && knob == "lr" ? 1e-3 : value;
}
double sgd_preset(std::string_view activation, std::string_view knob, double value) {
  if (knob != "lr" || is_relu(activation)) return value;
  return activation == "sine" ? 0.01 : 0.1;  // with 1, sine diverges at once
}

// A prime marks the corrected average: m′ = m / (1 − β₁ⁿ). Hats are combining characters, which few
// fonts place.
const OptimizerEntry entries[] = {
    {"esgd", "ESGD",
     "m ← β₁m + (1−β₁)g;  D ← β₂D + (1−β₂)(Hv)² at refreshes;  θ ← θ − lr m′/(√D′ + ε)",
     "Dauphin et al., NIPS 2015; Chng et al., arXiv 2402.08784", esgd_knobs(), esgd_preset,
     make_esgd},
    {"adam", "Adam", "m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  θ ← θ − lr m′/(√v′ + ε)",
     "Kingma and Ba, ICLR 2015", adam_knobs(), adam_preset, make_adam},
    {"sgd", "SGD", "b ← μb + g;  θ ← θ − lr b", "Polyak 1964", sgd_knobs(), sgd_preset, make_sgd},
};

}  // namespace

std::span<const OptimizerEntry> optimizers() {
  return entries;
}

const OptimizerEntry& find_optimizer(std::string_view id) {
  std::string names;
  for (const OptimizerEntry& entry : entries) {
    if (entry.id == id) return entry;
    names.append(names.empty() ? "" : ", ").append(entry.id);
  }
  throw UsageError("unknown optimizer '" + std::string(id) + "'; choose one of " + names);
}

OptimizerSpec preset_optimizer(std::string_view id, std::string_view activation) {
  return resolve_optimizer({std::string(id), {}}, activation);
}

OptimizerSpec resolve_optimizer(const OptimizerSpec& spec, std::string_view activation) {
  const OptimizerEntry& entry = find_optimizer(spec.id);
  OptimizerSpec resolved = spec;
  for (const auto& [id, value] : spec.knobs) {
    const Knob* knob = find_knob(entry.knobs, id);
    if (knob == nullptr)
      throw UsageError("optimizer " + spec.id + " has no knob '" + id + "'; it has " +
                       knob_names(entry.knobs));
    check_knob(spec.id, *knob, value);
  }
  for (const Knob& knob : entry.knobs) {
    const double value = entry.preset == nullptr
                             ? knob.default_value
                             : entry.preset(activation, knob.id, knob.default_value);
    resolved.knobs.emplace(knob.id, value);
  }
  return resolved;
}

}  // namespace fieldscope
