// Times workloads beside the device's arithmetic peak, on a machine that may have other work to
// do.
//
// Time is measured in pieces of about 20 ms (or one step, if that is longer), and the peak for
// 10 ms before and after each. The pieces of all workloads of one activation and batch alternate,
// and the whole plan is gone through in several rounds, so that a slow minute of the machine falls
// on everybody. Used by the main thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/headless/workload.h"
#include "engine/train/config.h"

namespace fieldscope {

class ThreadPool;

/// What is measured together: one activation with one batch size.
struct BenchGroup {
  FieldSpec field;        ///< resolved
  std::size_t batch = 0;  ///< samples; NeRF: rays
};

struct BenchPlan {
  TaskKind task = TaskKind::image;
  KnobValues training;  ///< of the task, as given
  std::vector<BenchGroup> groups;
  std::vector<Workload> workloads;  ///< of each group
  int repeats = 9;                  ///< pieces of each workload
  std::string device = "cpu";       ///< as find_device() names it
};

/// One workload of one group.
struct BenchRow {
  std::size_t group = 0;     ///< its place in the plan
  std::size_t workload = 0;  ///< its place in the plan
  double flops = 0;          ///< of one step on one minibatch
  std::size_t pieces = 0;    ///< how often it was measured
  double best_seconds = 0;   ///< a step
  double median_seconds = 0;
  /// What the machine could have done in the time of a step, by the peak measured around it: the
  /// median over the pieces, in FLOP.
  double possible_flops = 0;
  /// The time is put together from steps that refresh the curvature and steps that do not.
  bool composed = false;

  double best_gflops() const { return flops / best_seconds / 1e9; }
  /// Of the machine, in the middle of what was measured.
  double paired_share() const { return flops / possible_flops; }
};

struct BenchResult {
  double best_peak = 0, median_peak = 0;  ///< of the device (device_peak.h), GFLOP/s
  std::size_t peaks = 0;                  ///< how often the peak was measured
  double best_copy = 0;                   ///< of a GPU's memory, GB/s; 0: not measured
  std::vector<BenchRow> rows;             ///< those that were measured at all, by group
  bool interrupted = false;
};

/// Asked between two pieces, with the share that is done; false ends the measurement.
using BenchProgress = std::function<bool(double share)>;

/// Throws DeviceError.
BenchResult measure_bench(const BenchPlan& plan, const std::shared_ptr<ThreadPool>& pool,
                          const BenchProgress& go_on);

}  // namespace fieldscope
