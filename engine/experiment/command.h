// What the window and scripts can tell a run. Plain data; posted to a run's inbox and applied by
// its worker between two steps.
#pragma once

#include <cstdint>
#include <future>
#include <optional>
#include <variant>

#include "engine/curvature/landscape.h"
#include "engine/geometry/posed_camera.h"
#include "engine/train/edit.h"
#include "engine/train/session.h"

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
/// Diagnose the curvature at the present weights, beside the training; `every` steps from now on,
/// or once (0). A diagnosis under way is given up. `knobs` are curvature_knobs().
struct StudyCurvature {
  KnobValues knobs;
  std::uint64_t every = 0;
  double duty = 0.8;  ///< part of its time that the diagnosis works while the run trains
};
/// Draw the loss around the present weights, beside the training, once: on the way to `other`'s
/// weights, if the settings ask for a path (see Experiment::draw_landscape).
struct DrawLandscape {
  LandscapeSettings settings;
  std::shared_future<Checkpoint> other;
  double duty = 0.8;
};
/// No more of them, and an end to the one under way.
struct EndCurvature {};
/// Occupancy: draw the field's surface, beside the training, again and again as the weights change:
/// coarse while the run trains, finer and finer while it does not. Without a resolution: no more.
struct ShowSurface {
  int training_resolution = 64;  ///< cells an axis; 0: none
  int resting_resolution = 128;
  std::optional<SectionPlane> section;

  bool operator==(const ShowSurface&) const = default;
};
/// NeRF: keep what this camera sees rendered, beside the training: coarse as soon as the camera has
/// moved, then finer; anew as the weights change. Without a camera: no more.
struct ShowView {
  std::optional<PosedCamera> camera;

  bool operator==(const ShowView&) const = default;
};
/// Ends the worker.
struct Stop {};

using Command =
    std::variant<Pause, Resume, StepOnce, Reset, UndoReset, SetStepLimit, StudyCurvature,
                 DrawLandscape, EndCurvature, ShowSurface, ShowView, Edit, Stop>;

}  // namespace fieldscope
