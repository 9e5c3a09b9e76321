#include "engine/experiment/curvature_probe.h"

#include <algorithm>
#include <chrono>
#include <exception>

#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/experiment/run.h"

namespace fieldscope {

CurvatureProbe::CurvatureProbe(std::shared_ptr<ThreadPool> pool, std::function<void()> on_progress)
    : pool_(std::move(pool)), on_progress_(std::move(on_progress)) {}

CurvatureProbe::~CurvatureProbe() {
  cancel();
}

void CurvatureProbe::start(ProbeOrder order) {
  cancel();  // joins what has ended by itself
  cancelled_ = false;
  share_ = 0;
  busy_ = true;
  {
    const std::lock_guard lock(mutex_);
    stage_ = "beginning";
  }
  thread_ = std::thread([this, order = std::move(order)] { work(order); });
}

void CurvatureProbe::cancel() {
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  cancelled_now_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::string CurvatureProbe::stage() const {
  const std::lock_guard lock(mutex_);
  return stage_;
}

std::optional<ProbeResult> CurvatureProbe::take_result() {
  const std::lock_guard lock(mutex_);
  return std::exchange(result_, std::nullopt);
}

/// After a piece of work: rests in proportion, where somebody trains meanwhile.
void CurvatureProbe::pause() {
  using namespace std::chrono;
  if (training_) {
    const auto worked = steady_clock::now() - resumed_;
    const auto rest = duration_cast<nanoseconds>(worked * (1 / duty_ - 1));
    // A diagnosis that was itself kept waiting owes nobody more than this.
    constexpr nanoseconds longest = milliseconds(500);
    std::unique_lock lock(mutex_);
    cancelled_now_.wait_for(lock, std::min(rest, longest), [this] { return cancelled_.load(); });
  }
  if (cancelled_) throw Cancelled();
  resumed_ = steady_clock::now();
}

ProbeResult CurvatureProbe::run(const ProbeOrder& order) {
  FrozenProblem problem(order.loss, make_backend(order.device, pool_, study_precision(order.loss)),
                        [this] { pause(); });
  auto told = resumed_;
  const auto tell = [&](double share, const std::string& stage) {
    share_ = share;
    {
      const std::lock_guard lock(mutex_);
      stage_ = stage;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - told < std::chrono::milliseconds(100)) return;
    told = now;
    if (on_progress_) on_progress_();
  };
  ProbeResult result;
  if (const auto* settings = std::get_if<CurvatureSettings>(&order.wanted)) {
    result.report =
        std::make_shared<CurvatureReport>(study_curvature(problem, *settings, order.inputs, tell));
  } else {
    const auto& wanted = std::get<LandscapeOrder>(order.wanted);
    std::vector<double> other;
    if (wanted.other.valid()) other = wanted.other.get().weights;
    result.landscape = std::make_shared<Landscape>(
        study_landscape(problem, wanted.settings, other, order.inputs.key, tell));
  }
  return result;
}

void CurvatureProbe::work(const ProbeOrder& order) {
  lower_priority(Run::niceness);
  resumed_ = std::chrono::steady_clock::now();
  ProbeResult result;
  try {
    result = run(order);
  } catch (const Cancelled&) {
    busy_ = false;
    return;
  } catch (const std::exception& error) {
    result.problem = error.what();
  }
  result.at = order.at;
  {
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
  }
  busy_ = false;
  if (on_progress_) on_progress_();
}

}  // namespace fieldscope
