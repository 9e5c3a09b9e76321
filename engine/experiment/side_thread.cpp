#include "engine/experiment/side_thread.h"

#include <algorithm>

#include "engine/backend/cpu/thread_pool.h"
#include "engine/experiment/run.h"
#include "engine/math/error.h"

namespace fieldscope {

SideThread::SideThread(std::function<void()> on_progress) : on_progress_(std::move(on_progress)) {}

SideThread::~SideThread() {
  cancel();
}

void SideThread::start(std::function<void()> work) {
  cancel();  // joins what has ended by itself
  cancelled_ = false;
  share_ = 0;
  busy_ = true;
  {
    const std::lock_guard lock(mutex_);
    stage_ = "beginning";
  }
  thread_ = std::thread([this, work = std::move(work)] {
    lower_priority(Run::niceness);
    resumed_ = told_ = std::chrono::steady_clock::now();
    try {
      work();
    } catch (const Cancelled&) {
      busy_ = false;
      return;
    }
    busy_ = false;
    if (on_progress_) on_progress_();
  });
}

void SideThread::cancel() {
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::string SideThread::stage() const {
  const std::lock_guard lock(mutex_);
  return stage_;
}

void SideThread::nudge() {
  // Not between the look at what has changed and the sleep.
  { const std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

void SideThread::wait(const std::function<bool()>& until) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return cancelled_.load() || until(); });
  }
  if (cancelled_) throw Cancelled();
  resumed_ = std::chrono::steady_clock::now();
}

void SideThread::pause(const std::function<bool()>& early) {
  using namespace std::chrono;
  if (training_) {
    const auto worked = steady_clock::now() - resumed_;
    const auto rest = duration_cast<nanoseconds>(worked * (1 / duty_ - 1));
    // Work that was itself kept waiting owes nobody more than this.
    constexpr nanoseconds longest = milliseconds(500);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::min(rest, longest),
                      [&] { return cancelled_.load() || (early && early()); });
  }
  if (cancelled_) throw Cancelled();
  resumed_ = steady_clock::now();
}

void SideThread::tell(double share, const std::string& stage) {
  share_ = share;
  {
    const std::lock_guard lock(mutex_);
    stage_ = stage;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - told_ < std::chrono::milliseconds(100)) return;
  told_ = now;
  if (on_progress_) on_progress_();
}

}  // namespace fieldscope
