// One run with its worker thread: an inbox of commands, a mailbox of snapshots, and a session that
// only the worker touches. The public calls belong to one owner thread and never wait for training
// (the destructor waits for the step in progress).
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>

#include "engine/experiment/command.h"
#include "engine/experiment/curvature_probe.h"
#include "engine/experiment/frozen_field.h"
#include "engine/experiment/mailbox.h"
#include "engine/experiment/pacer.h"
#include "engine/experiment/surface_watch.h"
#include "engine/experiment/view_watch.h"
#include "engine/train/session.h"

namespace fieldscope {

class Run {
 public:
  /// Of workers and of the pool that helps them: they give way to the thread that draws. On a quiet
  /// machine this costs them nothing.
  static constexpr int niceness = 10;

  /// What a run starts from: a configuration, a checkpoint, or another run's checkpoint that is
  /// still being taken, perhaps to go on with another optimizer.
  struct Forked {
    RunConfig expected;  ///< what to show until the parent has answered
    std::shared_future<Checkpoint> parent;
    std::optional<OptimizerSpec> optimizer;
  };
  using Origin = std::variant<RunConfig, Checkpoint, Forked>;

  struct Setting {
    std::uint32_t pacing_key = 0;  ///< unique among workers, unlike the id of a restarted run
    std::shared_ptr<const Dataset> dataset;
    std::shared_ptr<ThreadPool> pool;
    std::shared_ptr<Pacer> pacer;
    /// How many runs draw their surfaces or views now.
    std::shared_ptr<std::atomic<int>> surfaces;
    std::function<void()> on_snapshot;
    bool paused = false;
  };

  Run(Origin origin, Setting setting);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  void post(const Command& command);
  /// The worker has ended (after Stop); destroying the run no longer waits.
  bool ended() const { return ended_.load(); }
  /// Does not train until it is told to.
  bool starts_paused() const { return setting_.paused; }
  /// The run's state between two steps, as soon as the worker gets to it. Fails with the worker's
  /// error if the run has failed, and at once if it has ended.
  std::shared_future<Checkpoint> checkpoint();
  /// The same for what it takes to see the field; UsageError in the future where it is no radiance
  /// field.
  std::shared_future<FrozenField> frozen_field();

  /// Newest snapshot; owner thread only.
  const Snapshot& latest() {
    mailbox_.collect();
    Snapshot& latest = mailbox_.latest();
    // Not by way of the worker, which would show it a step later.
    if (views_) views_->fill(latest);
    return latest;
  }

 private:
  /// What somebody wants to know of the session: exactly one of the two is called, once.
  struct Question {
    std::function<void(Session&)> answer;
    std::function<void(std::exception_ptr)> refuse;
  };
  using Request = std::variant<Command, Question>;

  template <class T>
  std::shared_future<T> ask(std::function<T(Session&)> what);
  void work();
  void open_session();
  void train();
  void handle(Request& request);
  void handle(const Command& command);
  void set_status(RunStatus status, std::string message = {});
  void refuse(const std::string& reason);
  void take_step();
  bool note_divergence();
  void look();
  void free_probe();
  void probe_curvature();
  void tend_pictures();
  void show_surface(const ShowSurface& wanted);
  void advance_evaluation();
  void reset();
  std::deque<Request> take_requests(bool wait);
  void wake();
  Snapshot compose_snapshot();
  void publish(bool at_once);
  void close_inbox();

  const Origin origin_;
  const Setting setting_;
  Mailbox<Snapshot> mailbox_;

  std::mutex mutex_;  ///< guards inbox_, woken_ and closed_
  std::condition_variable arrived_;
  std::deque<Request> inbox_;
  bool woken_ = false;
  bool closed_ = false;  ///< nobody reads the inbox any more

  // The worker's own.
  std::unique_ptr<CurvatureProbe> probe_;
  std::optional<StudyCurvature> study_;      ///< what is wanted
  std::optional<DrawLandscape> drawing_;     ///< wanted next
  std::optional<std::uint64_t> study_step_;  ///< from which on the next one is due
  std::shared_ptr<const CurvatureReport> curvature_;
  std::shared_ptr<const Landscape> landscape_;
  Progress curvature_at_, landscape_at_;
  std::string curvature_problem_;
  std::unique_ptr<SurfaceWatch> surface_;  ///< of an occupancy field, once somebody wants it
  std::uint64_t field_changes_ = 0;        ///< without a step: by edits and resets
  std::optional<Session> session_;
  std::vector<Checkpoint> before_reset_;  ///< newest last
  RunStatus status_ = RunStatus::starting;
  std::string message_;
  std::uint64_t refusals_ = 0;
  std::string refusal_;
  std::optional<std::uint64_t> pause_at_;  ///< set by StepOnce
  std::uint64_t step_limit_ = 0;
  bool stop_ = false;
  std::uint64_t serial_ = 0;
  std::chrono::steady_clock::time_point published_;
  std::chrono::steady_clock::time_point looked_;        ///< when the last evaluation was done
  std::chrono::steady_clock::duration look_takes_{0};   ///< what it cost
  std::uint64_t looks_ = 0;                             ///< evaluations done
  std::chrono::steady_clock::duration look_so_far_{0};  ///< what the present one has cost so far

  /// Of a radiance field; there from the start, for cameras and pictures do not wait for a step.
  std::unique_ptr<ViewWatch> views_;
  std::atomic<bool> ended_{false};
  std::thread worker_;  ///< last, so that everything above exists before it starts
};

}  // namespace fieldscope
