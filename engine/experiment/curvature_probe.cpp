#include "engine/experiment/curvature_probe.h"

#include <exception>

#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/math/error.h"

namespace fieldscope {

CurvatureProbe::CurvatureProbe(std::shared_ptr<ThreadPool> pool, std::function<void()> on_progress)
    : pool_(std::move(pool)), thread_(std::move(on_progress)) {}

void CurvatureProbe::start(ProbeOrder order) {
  thread_.start([this, order = std::move(order)] {
    ProbeResult result;
    try {
      result = run(order);
    } catch (const Cancelled&) {
      throw;
    } catch (const std::exception& error) {
      result.problem = error.what();
    }
    result.at = order.at;
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
  });
}

std::optional<ProbeResult> CurvatureProbe::take_result() {
  const std::lock_guard lock(mutex_);
  return std::exchange(result_, std::nullopt);
}

ProbeResult CurvatureProbe::run(const ProbeOrder& order) {
  FrozenProblem problem(order.loss, make_backend(order.device, pool_, study_precision(order.loss)),
                        [this] { thread_.pause(); });
  const auto tell = [this](double share, const std::string& stage) { thread_.tell(share, stage); };
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

}  // namespace fieldscope
