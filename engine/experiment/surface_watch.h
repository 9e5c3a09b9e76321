// Keeps the surface of a run's occupancy field drawn, beside the training: on a thread with a
// backend of its own (see SideThread), coarse while the run trains, finer and finer while it does
// not. Owned and called by the run's worker.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/data/mesh_dataset.h"
#include "engine/experiment/command.h"
#include "engine/experiment/side_thread.h"
#include "engine/task/surface.h"
#include "engine/train/session.h"

namespace fieldscope {

class ThreadPool;

class SurfaceWatch {
 public:
  /// The part of the machine's time that surfaces may take while training goes on, over all runs:
  /// with what they cost besides (caches, waking up), training loses less than a tenth.
  static constexpr double duty = 0.08;

  /// `busy` counts the surfaces that all runs draw at present. `on_progress` is called from the
  /// thread, now and then; it must not block.
  SurfaceWatch(std::shared_ptr<const MeshDataset> truth, std::shared_ptr<ThreadPool> pool,
               std::shared_ptr<std::atomic<int>> busy, std::function<void()> on_progress);

  /// From now on. Without a resolution: no more, and an end to the one under way.
  void show(const ShowSurface& wanted);
  /// Between two steps (`training`) or while the run rests, perhaps beside others that train: takes
  /// the surface that is done, begins the one that is due. `changes`
  /// counts what changes the field without a step: some edits, and resets.
  void tend(Session& session, std::uint64_t changes, bool training, bool others_train = false);
  /// Ends what is under way.
  void cancel() { thread_.cancel(); }
  void fill(Snapshot& snapshot) const;

 private:
  /// Which weights a surface shows, and how.
  struct Key {
    std::uint64_t step = 0, changes = 0;
    int resolution = 0;
    std::optional<SectionPlane> section;

    bool same_weights(const Key& other) const {
      return step == other.step && changes == other.changes;
    }
  };
  struct Drawn {
    std::shared_ptr<const Surface> surface;
    Key key;
    Progress at;
    std::string problem;
    double seconds = 0;  ///< that it took
  };

  void take_result();
  std::optional<Key> due(const Key& now, bool training) const;
  bool takes_too_long() const;
  void start(Session& session, Key key);

  std::shared_ptr<const MeshDataset> truth_;
  std::shared_ptr<ThreadPool> pool_;
  std::shared_ptr<std::atomic<int>> busy_;
  ShowSurface wanted_{0, 0, {}};
  Drawn shown_;
  Key drawing_;  ///< what the thread draws, and since when
  std::chrono::steady_clock::time_point began_;
  int live_limit_;  ///< the resolution that surfaces come in time with, as far as is known
  std::mutex mutex_;
  std::optional<Drawn> result_;  ///< guarded by mutex_
  SideThread thread_;            ///< last: it uses the others
};

}  // namespace fieldscope
