// Measuring curvature: what the curvature tab asks of the runs.
#include "app/gui/workspace.h"

namespace fieldscope::gui {

void Workspace::ask_curvature(RunView& run) {
  StudyCurvature command;
  command.knobs = curvature.knobs;
  command.every = curvature.every.steps(run.snapshot->steps_per_epoch);
  command.duty = curvature.duty;
  experiment_->post(run.id, command);
  run.curvature_asked = steady_seconds();
}

void Workspace::measure_curvature() {
  for (auto& run : runs_)
    if (is_measured(*run)) ask_curvature(*run);
}

bool Workspace::is_measured(const RunView& run) const {
  return !curvature.only_selected || run.id == selected_;
}

void Workspace::measure_every(MeasureEvery every) {
  curvature.every = every;
  if (every.unit == MeasureEvery::Unit::off)
    stop_curvature();
  else
    measure_curvature();
}

void Workspace::stop_curvature() {
  curvature.every = {};
  experiment_->post_all(EndCurvature{});
}

void Workspace::set_curvature_knob(const std::string& id, double value) {
  if (id == duty_knob().id)
    curvature.duty = value;
  else
    curvature.knobs[id] = value;
  if (curvature.every.unit != MeasureEvery::Unit::off) measure_curvature();
}

void Workspace::draw_landscape() {
  RunView* run = selected();
  if (!run) return;
  const LandscapeSettings& wanted = curvature.landscape;
  const bool path = wanted.kind == LandscapeKind::path;
  guarded("No landscape", [&] {
    const bool known = path && curvature.path_to != run->id && find(curvature.path_to) != nullptr;
    if (path && !known) throw std::runtime_error("There is no other run to draw a path to.");
    experiment_->draw_landscape(run->id, wanted, path ? curvature.path_to : 0, curvature.duty);
    run->landscape_asked = wanted;
    run->curvature_asked = steady_seconds();
  });
}

// Runs that joined later, or whose epoch has another length now, follow the interval too; those
// that are no longer meant are left alone.
void Workspace::follow_interval() {
  constexpr double patience = 2;  // seconds for an answer
  if (curvature.every.unit == MeasureEvery::Unit::off) return;
  const double now = steady_seconds();
  for (auto& run : runs_) {
    const Snapshot& s = *run->snapshot;
    if (s.status == RunStatus::failed || s.status == RunStatus::starting) continue;
    if (!is_measured(*run)) {
      if (s.curvature_every == 0 || now - run->curvature_asked <= patience) continue;
      experiment_->post(run->id, EndCurvature{});
      run->curvature_asked = now;
      continue;
    }
    const std::uint64_t wanted = curvature.every.steps(s.steps_per_epoch);
    if (wanted > 0 && s.curvature_every != wanted && now - run->curvature_asked > patience)
      ask_curvature(*run);
  }
}

}  // namespace fieldscope::gui
