// A run without threads: a trainer with its clock, its curves and its schedule of evaluations. The
// worker of a live run and the headless verbs both drive one. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/task/radiance_task.h"
#include "engine/train/snapshot.h"

namespace fieldscope {

class Backend;
class ThreadPool;

/// Everything needed to go on from where a run stands: host copies. Parameters and state are stored
/// in double, which holds both precisions exactly.
struct Checkpoint {
  RunConfig initial;                ///< the configuration before any edit
  std::vector<RecordedEdit> edits;  ///< in order
  RunConfig config;                 ///< in force now
  Progress progress;
  std::uint64_t optimizer_step = 0;  ///< steps since the optimizer's state was started
  std::vector<double> weights;       ///< flat, order of Network
  std::vector<std::pair<std::string, std::vector<double>>> state;  ///< the optimizer's, by name
  History history;
};

class Session {
 public:
  /// Draws initial weights from the seed. Throws UsageError, DeviceError.
  Session(const RunConfig& config, std::shared_ptr<const Dataset> dataset,
          std::shared_ptr<ThreadPool> pool);
  /// Goes on from a checkpoint; on the CPU if its device is not there, which is recorded as a move.
  Session(const Checkpoint& checkpoint, std::shared_ptr<const Dataset> dataset,
          std::shared_ptr<ThreadPool> pool);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  /// One optimizer step on the next batch, timed and recorded. Afterwards `diverged()` says whether
  /// the loss or the weights ceased to be finite; then the weights are those before the step.
  /// Starts an evaluation where the schedule wants one.
  /// On devices that work beside the host some steps are on the way when this returns, and whether
  /// they went well is known some calls later or after settle(); progress() counts them, and goes
  /// back where one did not. Whatever concerns weights settles first.
  void step();
  void settle();
  /// Steps that are left on the way now, at most: no more than take a fiftieth of a second.
  std::size_t steps_ahead() const;
  double seconds_per_step() const;  ///< recent mean; 0 before any
  bool diverged() const;

  /// Takes effect at the next step and is recorded. Throws UsageError, for a move also DeviceError,
  /// and changes nothing if bad.
  void apply(const Edit& edit);
  /// Makes GoBack to a step that is still to come possible for certain: for replays.
  void keep_before(std::uint64_t step);

  /// Starts an evaluation of the present weights (on a copy; training may go on meanwhile).
  /// `recorded` ones join the quality curve; others only refresh the picture. A recorded one in
  /// progress is never given up: another recorded one first finishes it, however long that takes,
  /// and one that is not recorded follows it, with the weights of then.
  void begin_evaluation(bool recorded);
  bool evaluating() const;
  /// The next step would have to finish the recorded evaluation in progress; who must not stall
  /// calls advance_evaluation() instead of step().
  bool evaluation_first() const;
  /// Settles and evaluates the next slice of samples (about 2 ms); true when nothing is left to
  /// evaluate. The slice does not count as training time.
  bool advance_evaluation();
  void finish_evaluation();  ///< all remaining slices

  const RunConfig& config() const;  ///< in force, edits applied
  const RunConfig& initial_config() const;
  const std::vector<RecordedEdit>& edits() const;
  const Progress& progress() const;
  double loss() const;  ///< of the last step that was ended, finite or not; NaN before any
  std::uint64_t steps_per_epoch() const;
  History history() const;              ///< every evaluation and event; losses in bounded spans
  void mark(const std::string& label);  ///< adds a mark to the curves at the present step

  /// Parameters, flat, and their PyTorch names and shapes in the same order
  /// (`body.0.a.weight` [out][in], ..., `out.bias`).
  std::vector<double> weights();
  struct NamedShape {
    std::string name;
    std::vector<std::size_t> shape;
  };
  std::vector<NamedShape> parameter_shapes() const;

  Checkpoint checkpoint();

  /// The loss on samples that the seed alone decides, at the present weights, and what a diagnosis
  /// of its curvature should know: for who diagnoses beside the training.
  FrozenLoss freeze(std::size_t samples);
  CurvatureInputs curvature_inputs();
  /// A diagnosis here and now; none of it counts as training time.
  CurvatureReport study(const CurvatureSettings& settings);
  /// Puts a diagnosis of the weights at `at` on the curves.
  void record_curvature(const CurvatureReport& report, const Progress& at);

  /// NeRF: what renders views of the field together with weights().
  std::optional<RadianceField> radiance_field() const;

  const Network& network() const;  ///< whose parameters weights() are

  /// Fills everything except status, message and serial.
  Snapshot snapshot() const;

  /// The reconstruction at any size (pixels on the same [-1,1] square), from the present weights.
  /// Throws UsageError where the task is not one of images.
  Image render(int width, int height);

 private:
  void move_to(const std::string& device);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fieldscope
