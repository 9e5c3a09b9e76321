// The list of runs that are compared: each has a worker thread; all share the dataset, the seed,
// the initial weights and the batch order. Owned and called by one thread (the window's, or a
// test's); no call waits for training.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/experiment/command.h"
#include "engine/experiment/frozen_field.h"
#include "engine/export/camera_path_file.h"
#include "engine/train/snapshot.h"

namespace fieldscope {

/// How runs of one experiment advance relative to each other.
enum class Pacing {
  by_step,     ///< lockstep: no run is more than one step ahead of the slowest running one
  by_seconds,  ///< no run has used more training time than the slowest, give or take one step
  freely
};
const char* pacing_name(Pacing pacing);

using RunId = std::uint32_t;  ///< unique within an experiment, never reused

class Run;
class Pacer;
struct SavedExperiment;
class ThreadPool;

class Experiment {
 public:
  struct Settings {
    int threads = 0;  ///< CPU threads of the shared pool; 0: all cores
    Pacing pacing = Pacing::by_step;
    bool start_paused = false;
    std::function<void()> on_snapshot;  ///< called from workers after publishing; must not block
  };

  Experiment(std::shared_ptr<const Dataset> dataset, Settings settings);
  ~Experiment();

  /// Adds a run. `config` is taken to the dataset's task and resolved (presets filled in). Throws
  /// UsageError on a bad one.
  RunId add(const RunConfig& config);
  /// A run that starts from `parent`'s weights, curves and events as they are now, with another
  /// optimizer (state afresh), or with the same one and its state when `optimizer` is the parent's.
  RunId fork(RunId parent, const OptimizerSpec& optimizer);
  /// A run with the parent's configuration in force, from the initial weights.
  RunId duplicate(RunId parent);
  /// Removes it from the list, paused but alive while it is among the `most_removed` newest
  /// removals, so that undo can return it.
  void remove(RunId run);
  static constexpr std::size_t most_removed = 4;
  /// Returns a removed run to its place; false if it is gone for good.
  bool undo_remove(RunId run);
  /// Returns the run removed last; 0 if there is none.
  RunId undo_remove();

  void post(RunId run, const Command& command);
  void post_all(const Command& command);

  /// Draws the loss around a run's weights (DrawLandscape); `other` is at the other end of a path.
  void draw_landscape(RunId run, const LandscapeSettings& settings, RunId other = 0,
                      double duty = 0.8);

  /// What it takes to see a run's radiance field as it is now, between two steps. Fails as
  /// Run::frozen_field().
  std::shared_future<FrozenField> frozen_field(RunId run);
  /// The threads that all runs share, for work beside them.
  std::shared_ptr<ThreadPool> pool() const { return pool_; }

  std::vector<RunId> runs() const;  ///< in display order
  bool contains(RunId run) const;
  /// The newest snapshot of a run; never waits. The reference holds until the next call for it.
  const Snapshot& latest(RunId run);

  /// Restarts every run on another dataset, with its configuration in force; where the task is
  /// another one, what stood at the old one's presets takes those of the new. A camera path goes
  /// with the old one.
  void set_dataset(std::shared_ptr<const Dataset> dataset);
  std::shared_ptr<const Dataset> dataset() const { return dataset_; }

  void set_pacing(Pacing pacing);
  Pacing pacing() const;

  /// Of a scene of posed views: saved with it, and there again after load().
  void set_camera_path(std::optional<CameraPathFile> path) { camera_path_ = std::move(path); }
  const std::optional<CameraPathFile>& camera_path() const { return camera_path_; }

  /// Writes `folder` (.fieldscope): experiment.json, weights and optimizer state of each run, the
  /// camera path. The
  /// future yields the folder or throws DataError. The runs go on meanwhile. Failed runs have no
  /// state and are left out.
  std::future<std::filesystem::path> save(const std::filesystem::path& folder);
  /// Replaces dataset, pacing and all runs by those of a saved experiment (read_experiment()), as
  /// they were saved, paused.
  std::vector<RunId> load(const SavedExperiment& saved);

 private:
  struct Entry;
  struct Removed;

  RunId insert(std::unique_ptr<Entry> entry);
  Entry& entry(RunId run);
  void retire(std::unique_ptr<Run> run);
  void retire_removed();

  std::shared_ptr<const Dataset> dataset_;
  std::optional<CameraPathFile> camera_path_;
  Settings settings_;
  std::shared_ptr<ThreadPool> pool_;
  std::shared_ptr<Pacer> pacer_;
  std::shared_ptr<std::atomic<int>> surfaces_ = std::make_shared<std::atomic<int>>(0);
  std::vector<std::unique_ptr<Entry>> entries_;
  std::vector<Removed> removed_;               ///< newest last
  std::vector<std::unique_ptr<Run>> retired_;  ///< told to stop, not yet joined
  RunId next_id_ = 1;
  std::uint32_t next_worker_ = 0;
};

}  // namespace fieldscope
