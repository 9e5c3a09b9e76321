// Work beside a run that goes on training: a thread that gives way after every piece of it, so that
// training keeps its share of the machine. The work stays straight code; what DESIGN would cut into
// slices by hand, the pauses cut. Owned and called by the run's worker.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace fieldscope {

class SideThread {
 public:
  /// `on_progress` is called from the thread, now and then and at the end; it must not block.
  explicit SideThread(std::function<void()> on_progress);
  ~SideThread();  ///< cancels
  SideThread(const SideThread&) = delete;
  SideThread& operator=(const SideThread&) = delete;

  /// Ends what is under way and begins `work`, which calls pause() after each piece and must not
  /// throw anything but what that throws.
  void start(std::function<void()> work);
  /// Ends what is under way; waits for the piece in progress.
  void cancel();
  bool busy() const { return busy_.load(); }
  /// The part of its time, in (0, 1], that the thread works while training goes on.
  void set_duty(double duty) { duty_ = duty; }
  /// Lets work that rests or waits look around. Any thread.
  void nudge();
  /// Whether there is anybody to give way to.
  void set_training(bool training) { training_ = training; }

  double share() const { return share_.load(); }  ///< done, in [0, 1]
  std::string stage() const;

  // Of the work.

  /// Rests in proportion to what was done since the last call, where somebody trains meanwhile.
  /// Throws Cancelled. A rest ends where `early` holds, which is asked when somebody calls nudge().
  void pause(const std::function<bool()>& early = {});
  /// Nothing to do until `until` holds, which is asked when somebody calls nudge(). Throws
  /// Cancelled.
  void wait(const std::function<bool()>& until);
  /// How far it is, for share() and stage().
  void tell(double share, const std::string& stage);

 private:
  std::function<void()> on_progress_;
  std::atomic<bool> busy_{false}, cancelled_{false}, training_{false};
  std::atomic<double> duty_{0.8}, share_{0};
  mutable std::mutex mutex_;         ///< guards stage_, and the wait for a rest to end
  std::condition_variable changed_;  ///< cancelled, or nudged
  std::string stage_;
  std::chrono::steady_clock::time_point resumed_, told_;  ///< the thread's own
  std::thread thread_;
};

}  // namespace fieldscope
