#include "engine/train/edit.h"

#include "engine/optim/registry.h"
#include "engine/train/config.h"

namespace fieldscope {
namespace {

const Knob* knob_anywhere(const SetKnob& set) {
  if (set.target == SetKnob::Target::training) return find_knob(training_knobs(), set.knob);
  if (set.target == SetKnob::Target::optimizer) {
    for (const OptimizerEntry& entry : optimizers())
      if (const Knob* knob = find_knob(entry.knobs, set.knob)) return knob;
  } else {
    for (const ActivationEntry& entry : activations())
      if (const Knob* knob = find_knob(entry.knobs, set.knob)) return knob;
  }
  return nullptr;
}

}  // namespace

std::string describe(const Edit& edit) {
  if (const auto* change = std::get_if<SwitchOptimizer>(&edit))
    return "→ " + std::string(find_optimizer(change->optimizer.id).name);
  if (const auto* change = std::get_if<SwitchActivation>(&edit))
    return "→ " + std::string(find_activation(change->field.activation).name);
  const auto& set = std::get<SetKnob>(edit);
  const Knob* knob = knob_anywhere(set);
  return set.knob + " " + (knob != nullptr ? format_knob(*knob, set.value) : "?");
}

}  // namespace fieldscope
