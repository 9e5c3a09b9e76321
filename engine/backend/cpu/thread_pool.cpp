#include "engine/backend/cpu/thread_pool.h"

#include <algorithm>
#include <atomic>

namespace fieldscope {

struct ThreadPool::Job {
  const std::function<void(std::size_t)>* body = nullptr;
  std::size_t count = 0;
  std::atomic<std::size_t> next{0};  ///< the next index to hand out
  std::atomic<std::size_t> done{0};  ///< indices completed
  std::mutex mutex;
  std::condition_variable finished;
};

ThreadPool::ThreadPool(int threads) {
  if (threads <= 0) threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::drain(Job& job) {
  std::size_t completed = 0;
  for (;;) {
    const std::size_t i = job.next.fetch_add(1, std::memory_order_relaxed);
    if (i >= job.count) break;
    (*job.body)(i);
    ++completed;
  }
  if (completed == 0) return;
  // The last to finish tells the caller. The lock keeps the wake-up from slipping in between the
  // caller's check and its wait.
  if (job.done.fetch_add(completed, std::memory_order_acq_rel) + completed == job.count) {
    std::lock_guard lock(job.mutex);
    job.finished.notify_all();
  }
}

void ThreadPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
    if (stop_) return;
    const std::shared_ptr<Job> job = jobs_.front();
    jobs_.pop_front();
    // Back to the end of the queue while it has indices left, so that other threads find it too and
    // concurrent callers take turns.
    if (job->next.load(std::memory_order_relaxed) + 1 < job->count) jobs_.push_back(job);
    lock.unlock();
    drain(*job);
    lock.lock();
    std::erase(jobs_, job);
  }
}

void ThreadPool::parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) {
  if (count == 0) return;
  if (count == 1 || workers_.empty()) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
  const auto job = std::make_shared<Job>();
  job->body = &body;
  job->count = count;
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(job);
  }
  wake_.notify_all();
  drain(*job);
  {
    std::lock_guard lock(mutex_);
    std::erase(jobs_, job);
  }
  std::unique_lock lock(job->mutex);
  job->finished.wait(lock, [&] { return job->done.load(std::memory_order_acquire) == count; });
}

}  // namespace fieldscope
