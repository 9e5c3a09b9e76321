// What a run shows to the outside: plain host data, copied out of the worker through a mailbox.
// Snapshots may be skipped, so each one carries the whole (bounded) history, not only what is new.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/image.h"
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

/// One evaluation of the whole image.
struct QualityPoint {
  Progress at;
  double psnr = 0;  ///< dB, whole image, exact
  double mse = 0;
  double epoch_loss = 0;  ///< mean minibatch loss since the last evaluation; NaN before any step
  double lr = 0;          ///< learning rate in force
};

/// A mark on the curves.
struct EventMark {
  Progress at;
  std::string label;  ///< "-> Adam", "lr 0.05", "forked", "diverged"
};

struct History {
  std::vector<LossPoint> loss;        ///< decimated to at most History::capacity points
  std::vector<QualityPoint> quality;  ///< every evaluation, decimated likewise
  std::vector<EventMark> events;
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
  std::size_t state_bytes = 0;           ///< the optimizer's state
  std::size_t memory_bytes = 0;          ///< all buffers of the run
  std::size_t peak_memory_bytes = 0;     ///< the most that they have taken
  double gradients_per_step = 0;         ///< recent mean cost of a step in gradients
  std::shared_ptr<const Image> picture;  ///< last whole reconstruction, unclamped floats
  std::uint64_t picture_serial = 0;      ///< grows when `picture` changes
  std::shared_ptr<const History> history;
};

}  // namespace fieldscope
