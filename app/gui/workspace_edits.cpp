// What people change in a run while it trains.
#include <algorithm>

#include "app/gui/workspace.h"
#include "engine/optim/registry.h"

namespace fieldscope::gui {
namespace {

// The weights just before it diverged may be ruined, though finite: whatever is changed then, it is
// tried on those from before.
bool goes_back(const Snapshot& snapshot) {
  return snapshot.status == RunStatus::diverged && snapshot.kept_step.has_value();
}

const Knob& rate_knob(const Snapshot& snapshot) {
  return *find_knob(find_optimizer(snapshot.config.optimizer.id).knobs, "lr");
}

double lower_rate(const Snapshot& snapshot) {
  return std::max(rate_knob(snapshot).min, snapshot.config.optimizer.knobs.at("lr") / 10);
}

}  // namespace

void Workspace::switch_optimizer(RunId id, const std::string& optimizer) {
  const RunView* run = find(id);
  if (!run || run->snapshot->config.optimizer.id == optimizer) return;
  guarded("Optimizer not changed", [&] {
    const auto spec = preset_optimizer_for(run->snapshot->config, optimizer);
    experiment_->post(id, Edit(SwitchOptimizer{spec}));
    if (goes_back(*run->snapshot)) go_back(id, spec.knobs.at("lr"));
  });
}

void Workspace::switch_activation(RunId id, const std::string& activation) {
  const RunView* run = find(id);
  if (!run || run->snapshot->config.field.activation == activation) return;
  guarded("Activation not changed", [&] {
    RunConfig config = run->snapshot->config;
    config.field.activation = activation;
    config.field.knobs.clear();
    experiment_->post(id, Edit(SwitchActivation{resolve_config(config).field}));
  });
}

void Workspace::set_layers(RunId id, const std::vector<int>& hidden) {
  const RunView* run = find(id);
  if (!run || run->snapshot->config.field.hidden == hidden) return;
  guarded("Layers not changed", [&] {
    FieldSpec spec = run->snapshot->config.field;
    spec.hidden = hidden;
    experiment_->post(id, Edit(SwitchActivation{resolve_field(spec)}));
  });
}

void Workspace::set_knob(RunId id, SetKnob::Target target, const std::string& knob, double value) {
  const RunView* run = find(id);
  if (!run) return;
  const bool rate = target == SetKnob::Target::optimizer && knob == "lr";
  if (!rate || !goes_back(*run->snapshot))
    experiment_->post(id, Edit(SetKnob{target, knob, value}));
  if (goes_back(*run->snapshot))
    go_back(id, rate ? value : run->snapshot->config.optimizer.knobs.at("lr"));
}

void Workspace::go_back(RunId id) {
  if (const RunView* run = find(id); run && goes_back(*run->snapshot))
    go_back(id, lower_rate(*run->snapshot));
}

void Workspace::go_back(RunId id, double rate) {
  experiment_->post(id, Edit(GoBack{*find(id)->snapshot->kept_step, rate}));
}

std::optional<std::string> Workspace::rate_to_go_on_with(const RunView& run) const {
  if (!goes_back(*run.snapshot)) return std::nullopt;
  return format_knob(rate_knob(*run.snapshot), lower_rate(*run.snapshot));
}

void Workspace::move_all(const std::string& device) {
  device_ = device;
  experiment_->post_all(Edit(MoveTo{device}));
}

void Workspace::move(RunId id, const std::string& device) {
  if (find(id)) experiment_->post(id, Edit(MoveTo{device}));
}

void Workspace::set_pacing(Pacing pacing) {
  experiment_->set_pacing(pacing);
}

}  // namespace fieldscope::gui
