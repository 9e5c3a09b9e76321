// The step: a field, a task, an optimizer and the weights between them. No threads, no clocks; with
// the same configuration, seed and edits it gives the same bits on the CPU, always. One thread at a
// time.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/curvature/study.h"
#include "engine/field/field.h"
#include "engine/optim/optimizer.h"
#include "engine/task/task.h"
#include "engine/train/config.h"
#include "engine/train/edit.h"

namespace fieldscope {

/// The loss of a field at these weights on `samples` of the task, which depend on the seed alone.
FrozenLoss freeze_loss(const Field& field, const Network& network, std::vector<double> weights,
                       const Task& task, std::size_t samples, std::uint64_t seed);

class Trainer {
 public:
  /// `config` must be resolved. The backend must outlive the trainer. Throws DeviceError if the
  /// device has less free memory than the run will need, before any of it is taken.
  /// `pool`, if any, helps to draw minibatches, and must outlive it too.
  Trainer(const RunConfig& config, Backend& backend, std::shared_ptr<const Dataset> dataset,
          ThreadPool* pool = nullptr);

  struct Work {
    double gradients = 0;     ///< what the step costs
    std::size_t samples = 0;  ///< in the minibatch
  };
  struct Step : Work {
    double loss = 0;     ///< of the minibatch, before the step
    bool finite = true;  ///< loss and new weights; if not, the weights are as before the step
  };
  /// Optimizer step number `step()`, on minibatch number `step()`: begins it and ends it.
  Step take_step();

  /// The same in two halves, for devices that work beside the host: begin_step() makes step() one
  /// more; end_step() waits for the oldest step begun and tells how it went. One that was not
  /// finite takes those after it with it, and step() is its own again. begin_step() begins nothing
  /// where it had to wait for the steps before, and one of them was not finite. All other
  /// operations want every step ended.
  std::optional<Work> begin_step();
  Step end_step();
  std::size_t steps_begun() const { return begun_.size(); }  ///< and not ended
  /// Steps begun and not ended that keep the device busy; 0: it works while the host waits.
  std::size_t steps_ahead() const { return backend_->steps_ahead(); }

  /// Takes effect at the next step. Throws UsageError, and then nothing has changed.
  void apply(const Edit& edit);

  /// Goes on with the same numbers on the backend of another device, which must outlive the
  /// trainer; nothing stays on the old one. Throws DeviceError, and then nothing has changed.
  void move_to(Backend& backend, const std::string& device);

  /// The last weights from before things went wrong, kept for GoBack: those of the last step whose
  /// loss was not far above the usual. Weights just before a blow-up may be finite but ruined.
  struct Kept {
    std::uint64_t step = 0;  ///< the weights are those before it
    double loss = 0;         ///< theirs, on the minibatch of the step
  };
  const std::optional<Kept>& kept() const { return kept_; }
  /// The weights before `step`, still to come, will be kept whatever their loss: a replay knows
  /// what it goes back to.
  void keep_before(std::uint64_t step) { wanted_.try_emplace(step); }

  const RunConfig& config() const { return config_; }
  const Field& field() const { return *field_; }
  Backend& backend() { return *backend_; }
  Task& task() { return *task_; }
  const Task& task() const { return *task_; }
  const TaskShape& shape() const { return shape_; }
  Optimizer& optimizer() { return *optimizer_; }
  const Buffer& weights() const { return weights_; }
  std::vector<double> download_weights() const;

  /// The loss at the present weights, on `samples` that depend on the seed alone: runs that are
  /// compared are diagnosed on the same ones.
  FrozenLoss freeze(std::size_t samples) const;
  /// What a diagnosis should know besides: the optimizer's own preconditioner, the size of a
  /// minibatch.
  CurvatureInputs curvature_inputs() const;

  std::uint64_t step() const { return step_; }
  std::uint64_t optimizer_step() const { return optimizer_step_; }

  /// State by name, for checkpoints.
  using NamedState = std::vector<std::pair<std::string, std::vector<double>>>;
  NamedState download_state() const;
  /// Puts the trainer where a checkpoint says. Throws DataError if names or sizes do not fit.
  void restore(std::uint64_t step, std::uint64_t optimizer_step, const std::vector<double>& weights,
               const NamedState& state);

 private:
  void expect_memory(const RunConfig& config, const Field& field, std::size_t held) const;
  void build_task();
  void rebuild_task(const KnobValues& training);
  void build_field(const std::vector<double>& weights);
  void build_optimizer();
  /// A step that has been begun.
  struct Begun {
    std::uint64_t step = 0, optimizer_step = 0;
    Scalar loss, finite;
    Buffer before;  ///< the weights then
    Step result;
    bool ended = false;  ///< the result is known
  };
  bool settle();
  void settle(Begun& begun);
  void expect_settled(const char* what) const;
  void keep(Begun& begun);
  const Buffer& weights_before(std::uint64_t step) const;

  RunConfig config_;
  Backend* backend_;
  std::shared_ptr<const Dataset> dataset_;
  ThreadPool* pool_;
  TaskShape shape_;  ///< of the task
  std::unique_ptr<Task> task_;
  std::unique_ptr<Field> field_;
  std::unique_ptr<FieldObjective> objective_;
  std::unique_ptr<Optimizer> optimizer_;
  Buffer weights_, gradient_, kept_weights_;
  std::deque<Begun> begun_;    ///< in order
  std::vector<Buffer> spare_;  ///< as long as the weights
  std::optional<Kept> kept_;
  double usual_loss_ = 0;                   ///< recent mean of the losses kept
  std::map<std::uint64_t, Buffer> wanted_;  ///< empty until its step comes
  std::uint64_t step_ = 0;
  std::uint64_t optimizer_step_ = 0;
  bool stumbled_ = false;  ///< the last step was not finite
};

}  // namespace fieldscope
