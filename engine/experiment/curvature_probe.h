// A diagnosis of curvature beside a run that goes on training: a thread with a backend of its own,
// that gives way after every piece of work so that training keeps its share of the machine. The
// numerics stay straight code; what DESIGN would cut into slices by hand, the thread's pauses cut.
// Owned and called by the run's worker.
#pragma once

#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>

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
  ~CurvatureProbe();
  CurvatureProbe(const CurvatureProbe&) = delete;
  CurvatureProbe& operator=(const CurvatureProbe&) = delete;

  /// Must not be busy.
  void start(ProbeOrder order);
  /// Ends what is under way, without a result; waits for the piece in progress.
  void cancel();
  bool busy() const { return busy_.load(); }
  /// The part of its time, in (0, 1], that the probe works while training goes on.
  void set_duty(double duty) { duty_ = duty; }
  /// Whether there is anybody to give way to.
  void set_training(bool training) { training_ = training; }

  double share() const { return share_.load(); }  ///< done, in [0, 1]
  std::string stage() const;                      ///< "Lanczos, probe 2 of 4"
  /// The result, once.
  std::optional<ProbeResult> take_result();

 private:
  void work(const ProbeOrder& order);
  ProbeResult run(const ProbeOrder& order);
  void pause();

  std::shared_ptr<ThreadPool> pool_;
  std::function<void()> on_progress_;
  std::atomic<bool> busy_{false}, cancelled_{false}, training_{false};
  std::atomic<double> duty_{0.8}, share_{0};
  mutable std::mutex mutex_;  ///< guards stage_ and result_
  std::condition_variable cancelled_now_;
  std::string stage_;
  std::optional<ProbeResult> result_;
  std::chrono::steady_clock::time_point resumed_;  ///< the probe thread's own
  std::thread thread_;
};

}  // namespace fieldscope
