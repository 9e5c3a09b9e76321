// Keeps what a camera sees of a run's radiance field rendered, beside the training: on a thread
// with a backend of its own (see SideThread), coarse at first and finer from pass to pass.
//
// Whoever moves the camera does not wait for a training step: cameras go straight to the thread and
// pictures come straight from it (show() and fill() may be called from any thread). Only weights
// come from the run's worker, between two steps (tend()).
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/experiment/command.h"
#include "engine/experiment/side_thread.h"
#include "engine/task/view_rendering.h"
#include "engine/train/session.h"

namespace fieldscope {

class ThreadPool;

class ViewWatch {
 public:
  /// The part of the machine's time that views may take while training goes on, over all runs.
  static constexpr double duty = 0.08;
  /// The same for the first pass after the camera has moved, which somebody waits for.
  static constexpr double moving_duty = 0.4;
  static constexpr int least_side = 8, most_side = 2048;  ///< of a view, in pixels

  /// `busy` counts the views that all runs render at present. `on_picture` is called from the
  /// thread, now and then; it must not block.
  ViewWatch(std::shared_ptr<ThreadPool> pool, std::shared_ptr<std::atomic<int>> busy,
            std::function<void()> on_picture);

  /// Throws UsageError for a camera that no picture can be rendered through.
  static void check(const ShowView& wanted);
  /// From now on; what is under way ends unless it is a first pass, so that pictures keep coming
  /// while the camera moves. Without a camera: no more. Any thread; never waits.
  void show(const ShowView& wanted);
  /// Any thread.
  void fill(Snapshot& snapshot) const;

  /// Worker: between two steps (`training`) or while the run rests, perhaps beside others that
  /// train: hands over the weights where those that are shown are of yesterday. `changes` counts
  /// what changes the field without a step: some edits, and resets.
  void tend(Session& session, std::uint64_t changes, bool training, bool others_train = false);
  /// Worker: ends what is under way.
  void cancel();

 private:
  /// Which weights the thread has.
  struct Weights {
    std::uint64_t step = 0, changes = 0;
    bool operator==(const Weights&) const = default;
  };
  struct Shown {
    std::shared_ptr<const RenderedView> view;
    PosedCamera camera;
    Weights weights;
    Progress at;
    std::string problem;
  };
  struct Wish {
    ShowView view;
    std::uint64_t serial = 0;
  };

  void start(Session& session, Weights weights);
  void work(RadianceField field, const std::vector<double>& weights, const std::string& device,
            const Progress& at, const Weights& key);
  void render(const std::shared_ptr<RayMarcher>& marcher, const Wish& wish, const Progress& at,
              const Weights& key);
  void publish(const RenderedView& view, const Wish& wish, const Progress& at, const Weights& key);
  void rest(const Wish& wish, bool first_pass);
  Wish wish() const;
  bool moved_since(const Wish& wish) const { return wished_ != wish.serial; }

  std::shared_ptr<ThreadPool> pool_;
  std::shared_ptr<std::atomic<int>> busy_;
  std::function<void()> on_picture_;
  mutable std::mutex mutex_;  ///< guards wish_ and shown_
  Wish wish_;
  Shown shown_;
  std::atomic<std::uint64_t> wished_{0};  ///< serial of wish_, to be asked often
  std::atomic<bool> rendering_{false};    ///< not waiting for a wish or for weights
  std::atomic<bool> training_{false};     ///< the weights move on by themselves
  std::atomic<std::uint64_t> failed_{0};  ///< the wish that could not be rendered
  std::optional<Weights> has_;            ///< the worker's: what the thread has
  std::size_t slice_ = 4096;              ///< evaluations: the thread's
  std::atomic<double> share_{0};          ///< of the picture under way
  SideThread thread_;                     ///< last: it uses the others
};

}  // namespace fieldscope
