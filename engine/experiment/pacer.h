// Keeps the runs of one experiment together. Each running worker asks before a step whether it may
// take it; one that is ahead waits (interruptibly) until the slowest has caught up. Where all of
// them have steps on the way, "ahead" is by more than these, or nobody could have any. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>

#include "engine/experiment/experiment.h"

namespace fieldscope {

class Pacer {
 public:
  explicit Pacer(Pacing pacing) : pacing_(pacing) {}

  void set_pacing(Pacing pacing);
  Pacing pacing() const;

  /// Where a running run stands, and how many steps it likes to have on the way; call before each
  /// step and after joining.
  void report(std::uint32_t worker, std::uint64_t step, double train_seconds,
              std::uint64_t ahead = 0);
  /// A run that pauses, ends or fails must not hold up the others.
  void leave(std::uint32_t worker);

  /// Waits until the run may take its next step, at most `patience`; false if it may not yet.
  bool may_step(std::uint32_t worker, std::chrono::milliseconds patience);

  /// Whether any run trains.
  bool anybody() const;

  /// Whether a run at `step`, which wants to look at its picture if it is `due`, does so now. Runs
  /// in lockstep look at the same steps, so that what they show can be compared.
  bool looks(std::uint64_t step, bool due);

 private:
  struct Position {
    std::uint64_t step = 0;
    double seconds = 0;
    std::uint64_t ahead = 0;
  };
  bool allowed(std::uint32_t worker) const;
  std::uint64_t slack() const;

  mutable std::mutex mutex_;
  std::condition_variable moved_;
  Pacing pacing_;
  std::uint64_t look_step_ = 0;   ///< at which runs in lockstep look next
  std::uint64_t look_ahead_ = 2;  ///< so far nobody is ahead: the others get there, too
  std::map<std::uint32_t, Position> positions_;  ///< of running runs
};

}  // namespace fieldscope
