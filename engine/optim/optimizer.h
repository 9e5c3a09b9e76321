// An optimizer: a rule that changes the weights, with its state. It sees the objective, never the
// field. One thread at a time; buffers come from the backend it was made with.
//
// What every optimizer has is done here once: a schedule of the learning rate, clipping of the
// gradient, decoupled weight decay. An optimizer itself is one file that says `take_step`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/field/objective.h"
#include "engine/math/knob.h"

namespace fieldscope {

class Optimizer {
 public:
  /// What a checkpoint must hold: a buffer, or a number that the host keeps.
  struct State {
    std::string name;
    Buffer* buffer = nullptr;
    double* number = nullptr;
    bool may_lack = false;  ///< zero where a checkpoint does not have it

    State(std::string_view name_, Buffer* buffer_) : name(name_), buffer(buffer_) {}
    State(std::string_view name_, double* number_, bool may_lack_ = false)
        : name(name_), number(number_), may_lack(may_lack_) {}

    std::size_t size() const { return buffer != nullptr ? buffer->size() : 1; }
    std::size_t bytes() const { return buffer != nullptr ? buffer->bytes() : sizeof(double); }
  };

  /// A mean of past gradients: `factor` times what the buffer [P] holds.
  struct MeanGradient {
    const Buffer* buffer;
    double factor;
  };

  Optimizer(std::size_t parameters, const KnobValues& knobs)
      : parameters_(parameters), knobs_(knobs) {}
  virtual ~Optimizer() = default;

  /// One step on the objective's minibatch: changes w[P] in place and returns the loss before it.
  /// `step` counts from 0 since the state was started. `gradient` [P] is scratch that afterwards
  /// holds a gradient of this step.
  Scalar step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step);

  /// The state, to be saved and restored; pointers stay valid while the optimizer lives.
  virtual std::vector<State> state() = 0;

  /// The mean of past gradients after `steps` steps, where the optimizer keeps one.
  virtual std::optional<MeanGradient> mean_gradient([[maybe_unused]] std::uint64_t steps) const {
    return std::nullopt;
  }
  /// What the last of `steps` steps divided each weight's mean gradient by, [P] on the host: the
  /// optimizer's own diagonal preconditioner, where it has one.
  virtual std::optional<std::vector<double>> divisor([[maybe_unused]] const Backend& backend,
                                                     [[maybe_unused]] std::uint64_t steps) const {
    return std::nullopt;
  }
  /// Before the first step: begins with the mean that another optimizer had, where it keeps one.
  virtual void begin_with(Backend&, const MeanGradient&) {}

  /// Takes effect at the next step. The value has been checked against the registry's knob.
  void set_knob(std::string_view id, double value) { knobs_.find(id)->second = value; }
  double knob(std::string_view id) const { return knobs_.find(id)->second; }

  /// The learning rate of step number `step`, by the schedule.
  double learning_rate(std::uint64_t step) const;

  /// Memory of the state, in bytes.
  std::size_t state_bytes() {
    std::size_t bytes = 0;
    for (const State& s : state()) bytes += s.bytes();
    return bytes;
  }

 protected:
  /// As step(), without what all optimizers share. Uses lr() for its rate.
  virtual Scalar take_step(Objective& objective, Buffer& w, Buffer& gradient,
                           std::uint64_t step) = 0;

  /// Of the present step.
  double lr() const { return lr_; }

  std::size_t parameters_;

 private:
  KnobValues knobs_;
  double lr_ = 0;
  Buffer before_;  ///< scratch of weight decay
};

/// The knobs that every optimizer has behind its own: schedule, clipping, weight decay.
std::span<const Knob> common_optimizer_knobs();

/// Whether the knob means anything with these values: `schedule_steps` only with a schedule.
bool schedule_uses(const KnobValues& knobs, std::string_view knob);

}  // namespace fieldscope
