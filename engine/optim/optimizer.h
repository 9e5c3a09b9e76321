// An optimizer: a rule that changes the weights, with its state. It sees the objective, never the
// field. One thread at a time; buffers come from the backend it was made with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/field/objective.h"
#include "engine/math/knob.h"

namespace fieldscope {

class Optimizer {
 public:
  /// A state buffer that a checkpoint must hold.
  struct State {
    std::string name;
    Buffer* buffer;
  };

  Optimizer(std::size_t parameters, const KnobValues& knobs)
      : parameters_(parameters), knobs_(knobs) {}
  virtual ~Optimizer() = default;

  /// One step on the objective's minibatch: changes w[P] in place and returns the loss before it.
  /// `step` counts from 0 since the state was started. `gradient` [P] is scratch that afterwards
  /// holds the gradient of this step.
  virtual double step(Objective& objective, Buffer& w, Buffer& gradient, std::uint64_t step) = 0;

  /// The state, to be saved and restored; pointers stay valid while the optimizer lives.
  virtual std::vector<State> state() = 0;

  /// Takes effect at the next step. The value has been checked against the registry's knob.
  void set_knob(std::string_view id, double value) { knobs_.find(id)->second = value; }
  double knob(std::string_view id) const { return knobs_.find(id)->second; }

  /// Memory of the state, in bytes.
  std::size_t state_bytes() {
    std::size_t bytes = 0;
    for (const State& s : state()) bytes += s.buffer->bytes();
    return bytes;
  }

 protected:
  std::size_t parameters_;

 private:
  KnobValues knobs_;
};

}  // namespace fieldscope
