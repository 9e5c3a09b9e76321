#include "app/headless/run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>

#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/math/error.h"
#include "engine/task/task.h"
#include "engine/train/slice_sizer.h"

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
  // What the untrained network gave says nothing about the run.
  const bool measured = snapshot.quality && snapshot.quality->at.step > 0;
  state.task = snapshot.config.task;
  state.score = measured ? snapshot.quality->score() : nan;
  state.loss = snapshot.loss;
  state.steps_per_second = snapshot.steps_per_second;
  state.seconds_left = share > 0 ? at.train_seconds / share * (1 - share) : nan;
  return state;
}

using Clock = std::chrono::steady_clock;

/// Who has asked for the end still gets the last measurement if it takes no longer than this.
constexpr auto patience = std::chrono::seconds(2);

/// One run under way: its session, and whom it tells and asks.
class Course {
 public:
  Course(Session& session, const Budget& budget, ProgressLine& progress,
         const InterruptGuard& interrupt)
      : session_(session),
        budget_(budget),
        last_step_(last_step_of(budget, session)),
        progress_(progress),
        interrupt_(interrupt) {}

  double share() const { return share_of(budget_, session_.progress(), last_step_); }

  void show() {
    if (!progress_.due()) return;
    ProgressLine::State state = progress_state(session_, share());
    state.measuring = session_.evaluating();
    progress_.show(state);
  }

  /// Ends the evaluation that is under way, slice by slice. Who interrupts waits for it until
  /// `latest`; false if that was not enough.
  bool evaluate(Clock::time_point latest = Clock::time_point::min()) {
    while (session_.evaluating() && !session_.advance_evaluation()) {
      if (interrupt_.requested() && Clock::now() > latest) return false;
      show();
    }
    return true;
  }

  /// Measures the weights as they are now, unless that has just been done. An interrupted run goes
  /// without, if that takes long.
  void measure_end() {
    const Clock::time_point latest = Clock::now() + patience;
    if (!evaluate(latest)) return;
    const History history = session_.history();
    const bool measured =
        !history.quality.empty() && history.quality.back().at.step == session_.progress().step;
    if (measured) return;
    session_.begin_evaluation(true);
    evaluate(latest);
  }

 private:
  Session& session_;
  const Budget& budget_;
  double last_step_;
  ProgressLine& progress_;
  const InterruptGuard& interrupt_;
};

}  // namespace

double RunResult::steps_per_second() const {
  return progress.train_seconds > 0 ? static_cast<double>(progress.step) / progress.train_seconds
                                    : nan;
}

double RunResult::final_score() const {
  return history.quality.empty() ? nan : history.quality.back().score();
}

double RunResult::best_score() const {
  double best = nan;
  for (const QualityPoint& point : history.quality) best = std::fmax(best, point.score());
  return best;
}

RunResult train_run(const RunPlan& plan, std::shared_ptr<const Dataset> dataset,
                    std::shared_ptr<ThreadPool> pool, const Budget& budget, ProgressLine& progress,
                    const InterruptGuard& interrupt, const CurvaturePlan& curvature) {
  const auto epoch = static_cast<double>(task_shape(*dataset, plan.config.training).epoch);
  Session session(plan.config, dataset, std::move(pool));
  Course course(session, budget, progress, interrupt);
  course.evaluate();

  RunResult result;
  result.plan = plan;
  result.dataset = std::move(dataset);
  result.plan.config = session.initial_config();  // with the device that "auto" turned out to be
  result.status = "finished";
  const auto diagnose = [&] {
    try {
      const auto report = std::make_shared<CurvatureReport>(session.study(curvature.settings));
      session.record_curvature(*report, session.progress());
      result.curvature = report;
    } catch (const DeviceError&) {
      throw;
    } catch (const std::runtime_error& error) {  // numbers that are not finite: training goes on
      std::fprintf(stderr, "fieldscope: %s: no curvature at step %llu: %s\n", plan.label.c_str(),
                   static_cast<unsigned long long>(session.progress().step), error.what());
    }
  };
  const auto diverged = [&] {
    if (!session.diverged()) return false;
    result.status = "diverged";
    result.message = "diverged at step " + std::to_string(session.progress().step) +
                     ": the loss is not finite any more; try a smaller lr";
    return true;
  };
  std::uint64_t diagnosed = 0;
  if (curvature.every > 0) diagnose();
  while (course.share() < 1) {
    if (interrupt.requested()) {
      session.settle();
      if (diverged()) break;
      result.status = "interrupted";
      result.message = "interrupted at step " + std::to_string(session.progress().step);
      break;
    }
    course.show();
    session.step();
    course.evaluate();
    const bool due = curvature.every > 0 && session.progress().step % curvature.every == 0;
    if (due || course.share() >= 1) session.settle();
    if (due && !session.diverged()) {
      diagnose();
      diagnosed = session.progress().step;
    }
    if (diverged()) break;
  }
  course.measure_end();
  if (curvature.every > 0 && diagnosed != session.progress().step && !session.diverged() &&
      !interrupt.requested())
    diagnose();

  const Snapshot snapshot = session.snapshot();
  result.edits = session.edits();
  result.progress = session.progress();
  result.history = session.history();
  result.picture = snapshot.picture;
  result.weights = session.weights();
  result.radiance = session.radiance_field();
  result.network = session.network();
  result.shapes = session.parameter_shapes();
  result.parameters = snapshot.parameters;
  result.state_bytes = snapshot.state_bytes;
  result.peak_memory_bytes = snapshot.peak_memory_bytes;
  result.samples_per_second = result.progress.train_seconds > 0
                                  ? result.progress.epoch * epoch / result.progress.train_seconds
                                  : nan;
  return result;
}

std::shared_ptr<const Surface> draw_surface(Backend& backend, const Network& network,
                                            std::span<const double> weights,
                                            std::shared_ptr<const MeshDataset> truth,
                                            int resolution, ProgressLine& progress) {
  SurfaceSettings settings;
  settings.grid.resolution = resolution;
  SurfaceDrawing drawing(backend, network, weights, std::move(truth), settings);
  const auto begun = Clock::now();
  while (!drawing.advance(SliceSizer::largest)) {
    if (!progress.due()) continue;
    ProgressLine::State state;
    state.counts_steps = false;
    state.score = state.loss = nan;
    state.share = drawing.share();
    const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    state.seconds_left = state.share > 0 ? seconds / state.share - seconds : nan;
    progress.show(state);
  }
  return drawing.take();
}

int surface_resolution(const Options& options) {
  constexpr int usual = 128;
  return options.resolution > 0 ? options.resolution : usual;
}

std::string surface_text(const RunResult& result) {
  if (!result.surface) return "";
  if (result.surface->mesh.triangles.empty())
    return "no surface: the field is outside everywhere\n";
  const double unit = dynamic_cast<const MeshDataset&>(*result.dataset).frame().scale;
  char text[160];
  std::snprintf(
      text, sizeof text,
      "surface at %d³: %zu triangles, chamfer %.4g, Hausdorff %.4g in units of the file\n",
      result.surface->resolution, result.surface->mesh.triangles.size(),
      unit * result.distances->chamfer(), unit * result.distances->hausdorff());
  return text;
}

SurfaceDistances distances_to(const MeshDataset& truth, const Surface& surface, int threads) {
  constexpr std::size_t samples = 100'000;
  return surface_distances(surface.mesh, MeshTree(surface.mesh), truth.mesh(), truth.solid().tree(),
                           samples, 0, on_threads(threads));
}

void add_surface(RunResult& result, std::shared_ptr<ThreadPool> pool, int resolution, bool quiet) {
  const auto truth = std::dynamic_pointer_cast<const MeshDataset>(result.dataset);
  if (!truth) return;
  const int threads = pool->threads();
  const auto backend = make_backend(result.plan.config.device, std::move(pool), Precision::f32);
  ProgressLine progress(ProgressLine::mode_for(quiet), result.plan.label + ": surface");
  result.surface =
      draw_surface(*backend, result.network, result.weights, truth, resolution, progress);
  result.solid = topology_of(result.surface->mesh).solid();
  if (!result.surface->mesh.triangles.empty())
    result.distances = distances_to(*truth, *result.surface, threads);
}

}  // namespace fieldscope
