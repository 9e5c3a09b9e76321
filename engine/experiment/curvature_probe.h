// A diagnosis of curvature beside a run that goes on training, on a thread with a backend of its
// own (see SideThread). Owned and called by the run's worker.
#pragma once

#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "engine/experiment/side_thread.h"
#include "engine/train/session.h"

namespace fieldscope {

class ThreadPool;

/// A landscape that is wanted; `other` is the run at the other end of a path.
struct LandscapeOrder {
  LandscapeSettings settings;
  std::shared_future<Checkpoint> other;
};

/// What is to be diagnosed.
struct ProbeOrder {
  std::variant<CurvatureSettings, LandscapeOrder> wanted;
  FrozenLoss loss;
  CurvatureInputs inputs;
  Progress at;         ///< of the weights
  std::string device;  ///< as find_device() names it
};

/// What came of it.
struct ProbeResult {
  std::shared_ptr<const CurvatureReport> report;  ///< of a study
  std::shared_ptr<const Landscape> landscape;     ///< of a landscape
  Progress at;
  std::string problem;  ///< why there is neither
};

class CurvatureProbe {
 public:
  /// `on_progress` is called from the probe's thread, now and then; it must not block.
  CurvatureProbe(std::shared_ptr<ThreadPool> pool, std::function<void()> on_progress);

  /// Ends what is under way.
  void start(ProbeOrder order);
  /// Ends what is under way, without a result; waits for the piece in progress.
  void cancel() { thread_.cancel(); }
  bool busy() const { return thread_.busy(); }
  void set_duty(double duty) { thread_.set_duty(duty); }
  void set_training(bool training) { thread_.set_training(training); }

  double share() const { return thread_.share(); }
  std::string stage() const { return thread_.stage(); }  ///< "Lanczos, probe 2 of 4"
  /// The result, once.
  std::optional<ProbeResult> take_result();

 private:
  ProbeResult run(const ProbeOrder& order);

  std::shared_ptr<ThreadPool> pool_;
  std::mutex mutex_;  ///< guards result_
  std::optional<ProbeResult> result_;
  SideThread thread_;  ///< last: it uses the others
};

}  // namespace fieldscope
