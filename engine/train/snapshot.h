// What a run shows to the outside: plain host data, copied out of the worker through a mailbox.
// Snapshots may be skipped, so each one carries the whole (bounded) history, not only what is new.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/backend/device_picture.h"
#include "engine/curvature/landscape.h"
#include "engine/curvature/study.h"
#include "engine/data/image.h"
#include "engine/geometry/posed_camera.h"
#include "engine/task/quality.h"
#include "engine/task/surface.h"
#include "engine/task/view_rendering.h"
#include "engine/train/config.h"
#include "engine/train/edit.h"

namespace fieldscope {

/// Where on each possible x axis a measurement belongs.
struct Progress {
  std::uint64_t step = 0;           ///< optimizer steps taken
  double epoch = 0;                 ///< fractional
  double train_seconds = 0;         ///< without evaluation and drawing
  double gradient_evaluations = 0;  ///< Hessian products counted as the gradients they cost
};

/// A span of steps of the loss curve; mean, least and greatest of the minibatch losses in it.
struct LossPoint {
  Progress at;  ///< the last step in the span
  double mean = 0, min = 0, max = 0;
  std::uint32_t steps = 0;  ///< how many steps the span holds
};

/// One evaluation of the whole dataset.
struct QualityPoint : Quality {
  Progress at;
  double epoch_loss = none;  ///< mean minibatch loss since the last evaluation; NaN before any step
  double lr = 0;             ///< learning rate in force
};

/// A mark on the curves.
struct EventMark {
  Progress at;
  std::string label;  ///< "-> Adam", "lr 0.05", "forked", "diverged"
};

/// What one diagnosis of curvature found, as far as it is drawn over training. NaN where it was not
/// computed.
struct CurvaturePoint {
  /// What the matrix is conditioned with: the places of the arrays below.
  static constexpr const char* names[] = {"raw", "equilibrated", "jacobi", "adam", "own", "kfac"};
  static constexpr std::size_t count = 6;

  Progress at;
  bool exact = false;                  ///< from the whole spectrum, not estimated
  std::array<double, count> kappa{};   ///< condition numbers; exact only
  std::array<double, count> spread{};  ///< |l|_max over the root mean square of the spectrum
  double rank = 0;                     ///< of the raw matrix as a share of P; exact only
  double negative = 0;                 ///< share of negative eigenvalues; exact only
  double largest = 0, smallest = 0;    ///< eigenvalues at the ends, with sign
  double trace = 0, trace_error = 0;
  double zero = 0, near_zero = 0;  ///< shares of the entries of Hv
  double seconds = 0;              ///< what the diagnosis took
};

CurvaturePoint curvature_point(const CurvatureReport& report, const Progress& at);

struct History {
  std::vector<LossPoint> loss;        ///< decimated to at most History::capacity points
  std::vector<QualityPoint> quality;  ///< every evaluation, decimated likewise
  std::vector<EventMark> events;
  std::vector<CurvaturePoint> curvature;  ///< every diagnosis
  static constexpr std::size_t capacity = 2048;
};

enum class RunStatus { starting, running, waiting, paused, finished, diverged, failed };
const char* status_name(RunStatus status);

struct Snapshot {
  std::uint64_t serial = 0;  ///< grows by one with each snapshot of the run
  RunStatus status = RunStatus::starting;
  std::string message;  ///< why the run failed or diverged: one line
  /// Commands that were refused so far, and why the last one was.
  std::uint64_t refusals = 0;
  std::string refusal;
  RunConfig config;   ///< as in force now, edits applied
  RunConfig initial;  ///< before any edit
  std::vector<RecordedEdit> edits;
  Progress progress;
  double loss = 0;                         ///< of the last minibatch
  std::optional<std::uint64_t> kept_step;  ///< where GoBack leads: see Trainer::kept()
  double kept_loss = 0;                    ///< of the weights there
  std::optional<QualityPoint> quality;     ///< last evaluation
  double steps_per_second = 0;             ///< of training time, recent
  double samples_per_second = 0;
  std::uint64_t steps_per_epoch = 0;
  std::size_t parameters = 0;
  std::size_t state_bytes = 0;                          ///< the optimizer's state
  std::size_t memory_bytes = 0;                         ///< all buffers of the run
  std::size_t peak_memory_bytes = 0;                    ///< the most that they have taken
  double gradients_per_step = 0;                        ///< recent mean cost of a step in gradients
  std::shared_ptr<const Image> picture;                 ///< image: last reconstruction, unclamped
  std::shared_ptr<const DevicePicture> device_picture;  ///< the same where the device keeps it
  std::uint64_t picture_serial = 0;                     ///< grows when `picture` or `views` changes
  /// NeRF: the held-out views of the last evaluation.
  std::vector<ViewQuality> views;
  std::shared_ptr<const History> history;

  std::shared_ptr<const Surface> surface;  ///< occupancy: the last one drawn; null: none yet
  Progress surface_at;                     ///< of the weights that it shows
  bool surface_busy = false;
  double surface_share = 0;     ///< of the one under way, in [0, 1]
  std::string surface_problem;  ///< why the last one failed

  /// NeRF: what the camera of ShowView sees, as far as it has been rendered; null: nothing yet.
  std::shared_ptr<const RenderedView> view;
  PosedCamera view_camera;  ///< of `view`
  Progress view_at;         ///< of the weights that it shows
  bool view_busy = false;
  double view_share = 0;     ///< of the one under way, in [0, 1]
  std::string view_problem;  ///< why the last one failed

  std::shared_ptr<const CurvatureReport> curvature;  ///< the last diagnosis; null: none yet
  Progress curvature_at;                             ///< of the weights that it looked at
  std::shared_ptr<const Landscape> landscape;        ///< the last one drawn; null: none yet
  Progress landscape_at;
  std::uint64_t curvature_every = 0;  ///< steps from one diagnosis to the next; 0: only on demand
  bool curvature_busy = false;
  double curvature_share = 0;     ///< of the one under way, in [0, 1]
  std::string curvature_stage;    ///< "Lanczos, probe 2 of 4"
  std::string curvature_problem;  ///< why the last one failed
};

}  // namespace fieldscope
