#include "app/headless/run.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fieldscope {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// How much of the budget is used up; 1 and more: all.
double share_of(const Budget& budget, const Progress& at, double last_step) {
  if (budget.kind == Budget::Kind::seconds) return at.train_seconds / budget.amount;
  return static_cast<double>(at.step) / last_step;
}

double last_step_of(const Budget& budget, const Session& session) {
  if (budget.kind == Budget::Kind::steps) return budget.amount;
  const auto per_epoch = static_cast<double>(session.steps_per_epoch());
  return std::max(1.0, std::round(budget.amount * per_epoch));
}

ProgressLine::State progress_state(const Session& session, double share) {
  const Snapshot snapshot = session.snapshot();
  const Progress& at = snapshot.progress;
  ProgressLine::State state;
  state.share = share;
  state.step = at.step;
  state.psnr = snapshot.quality && at.step > 0 ? snapshot.quality->psnr : nan;
  state.loss = snapshot.loss;
  state.steps_per_second = snapshot.steps_per_second;
  state.seconds_left = share > 0 ? at.train_seconds / share * (1 - share) : nan;
  return state;
}

/// Measures the weights as they are now, unless that has just been done.
void measure_end(Session& session) {
  session.finish_evaluation();
  const History history = session.history();
  if (!history.quality.empty() && history.quality.back().at.step == session.progress().step) return;
  session.begin_evaluation(true);
  session.finish_evaluation();
}

}  // namespace

double RunResult::steps_per_second() const {
  return progress.train_seconds > 0 ? static_cast<double>(progress.step) / progress.train_seconds
                                    : nan;
}

double RunResult::final_psnr() const {
  return history.quality.empty() ? nan : history.quality.back().psnr;
}

double RunResult::best_psnr() const {
  double best = nan;
  for (const QualityPoint& point : history.quality) best = std::fmax(best, point.psnr);
  return best;
}

RunResult train_run(const RunPlan& plan, std::shared_ptr<const ImageDataset> dataset,
                    std::shared_ptr<ThreadPool> pool, const Budget& budget, ProgressLine& progress,
                    const InterruptGuard& interrupt) {
  const auto pixels = static_cast<double>(dataset->image.count());
  Session session(plan.config, std::move(dataset), std::move(pool));
  session.finish_evaluation();
  const double last_step = last_step_of(budget, session);

  RunResult result;
  result.plan = plan;
  result.status = "finished";
  for (double share = 0; share < 1; share = share_of(budget, session.progress(), last_step)) {
    if (interrupt.requested()) {
      result.status = "interrupted";
      result.message = "interrupted at step " + std::to_string(session.progress().step);
      break;
    }
    if (progress.due()) progress.show(progress_state(session, share));
    session.step();
    if (session.evaluating()) session.finish_evaluation();
    if (session.diverged()) {
      result.status = "diverged";
      result.message = "diverged at step " + std::to_string(session.progress().step) +
                       ": the loss is not finite any more; try a smaller lr";
      break;
    }
  }
  measure_end(session);

  const Snapshot snapshot = session.snapshot();
  result.edits = session.edits();
  result.progress = session.progress();
  result.history = session.history();
  result.picture = snapshot.picture;
  result.weights = session.weights();
  result.shapes = session.parameter_shapes();
  result.parameters = snapshot.parameters;
  result.memory_bytes = snapshot.memory_bytes;
  result.samples_per_second = result.progress.train_seconds > 0
                                  ? result.progress.epoch * pixels / result.progress.train_seconds
                                  : nan;
  return result;
}

}  // namespace fieldscope
