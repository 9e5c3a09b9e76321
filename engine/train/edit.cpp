#include "engine/train/edit.h"

#include "engine/optim/registry.h"
#include "engine/train/config.h"

namespace fieldscope {
namespace {

const Knob* knob_anywhere(const SetKnob& set) {
  if (set.target == SetKnob::Target::training) {
    for (const TaskInfo& task : tasks())
      if (const Knob* knob = find_knob(training_knobs(task.kind), set.knob)) return knob;
    return nullptr;
  }
  if (set.target == SetKnob::Target::optimizer) {
    for (const OptimizerEntry& entry : optimizers())
      if (const Knob* knob = find_knob(entry.knobs, set.knob)) return knob;
  } else {
    for (const ActivationEntry& entry : activations())
      if (const Knob* knob = find_knob(entry.knobs, set.knob)) return knob;
  }
  return nullptr;
}

const Knob* knob_of(const SetKnob& set, const RunConfig& config) {
  switch (set.target) {
    case SetKnob::Target::optimizer:
      return find_knob(find_optimizer(config.optimizer.id).knobs, set.knob);
    case SetKnob::Target::activation:
      return find_knob(find_activation(config.field.activation).knobs, set.knob);
    case SetKnob::Target::training:
      break;
  }
  return find_knob(training_knobs(config.task), set.knob);
}

}  // namespace

std::string describe(const Edit& edit) {
  if (const auto* change = std::get_if<SwitchOptimizer>(&edit))
    return "→ " + std::string(find_optimizer(change->optimizer.id).name);
  if (const auto* change = std::get_if<SwitchActivation>(&edit))
    return "→ " + std::string(find_activation(change->field.activation).name);
  if (const auto* back = std::get_if<GoBack>(&edit))
    return "back to step " + std::to_string(back->step) + ", lr " +
           format_knob(*knob_anywhere({SetKnob::Target::optimizer, "lr", back->lr}), back->lr);
  if (const auto* move = std::get_if<MoveTo>(&edit))
    return "→ " + (move->device == "cpu" ? "CPU" : move->device);
  const auto& set = std::get<SetKnob>(edit);
  const Knob* knob = knob_anywhere(set);
  return set.knob + " " + (knob != nullptr ? format_knob(*knob, set.value) : "?");
}

std::string describe(const Edit& edit, const RunConfig& config) {
  const auto* set = std::get_if<SetKnob>(&edit);
  const Knob* knob = set != nullptr ? knob_of(*set, config) : nullptr;
  if (knob == nullptr) return describe(edit);
  std::string text = std::string(knob->name) + " " + format_knob(*knob, set->value);
  if (!knob->unit.empty()) text.append(" ").append(knob_unit(*knob, set->value));
  return text;
}

void follow(RunConfig& config, const Edit& edit) {
  if (const auto* change = std::get_if<SwitchOptimizer>(&edit))
    config.optimizer = change->optimizer;
  if (const auto* change = std::get_if<SwitchActivation>(&edit)) config.field = change->field;
  if (const auto* move = std::get_if<MoveTo>(&edit)) config.device = move->device;
}

}  // namespace fieldscope
