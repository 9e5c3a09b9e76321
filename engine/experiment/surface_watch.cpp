#include "engine/experiment/surface_watch.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/math/error.h"
#include "engine/train/slice_sizer.h"

namespace fieldscope {
namespace {

/// Of the very first surface: something to see at once.
constexpr int first_resolution = 32;
/// The first grid of a live surface: what it misses, the next ones find.
constexpr int coarse = 24;
/// Work between two rests. Each piece makes a training step in progress go on with fewer threads,
/// so few long ones cost less than many short ones.
constexpr auto piece = std::chrono::milliseconds(25);
/// A live surface that takes longer than `slow` is followed by a coarser one, and given up for it
/// after `hopeless`: what it shows is long gone. One that takes less than `quick` is followed by a
/// finer one, which costs four times as much.
constexpr double quick = 4, slow = 20, hopeless = 30;
constexpr int coarsest = 16;

}  // namespace

SurfaceWatch::SurfaceWatch(std::shared_ptr<const MeshDataset> truth,
                           std::shared_ptr<ThreadPool> pool, std::shared_ptr<std::atomic<int>> busy,
                           std::function<void()> on_progress)
    : truth_(std::move(truth)),
      pool_(std::move(pool)),
      busy_(std::move(busy)),
      live_limit_(first_resolution),
      thread_(std::move(on_progress)) {}

void SurfaceWatch::show(const ShowSurface& wanted) {
  for (const int resolution : {wanted.training_resolution, wanted.resting_resolution})
    if (resolution != 0) SurfaceExtraction({resolution, coarse});  // refused here, if at all
  if (wanted.section) check_section(*wanted.section);
  wanted_ = wanted;
  if (wanted.training_resolution == 0 || drawing_.section != wanted.section) thread_.cancel();
}

void SurfaceWatch::take_result() {
  const std::lock_guard lock(mutex_);
  if (!result_) return;
  Drawn drawn = std::move(*result_);
  result_.reset();
  if (!drawn.surface) drawn.surface = shown_.surface;  // the last good one, and why there is no new
  if (drawn.key.resolution <= wanted_.training_resolution) {
    live_limit_ = drawn.key.resolution;
    if (drawn.seconds < quick) live_limit_ *= 2;
    if (drawn.seconds > slow) live_limit_ /= 2;
    live_limit_ = std::max(live_limit_, coarsest);
  }
  shown_ = std::move(drawn);
}

bool SurfaceWatch::takes_too_long() const {
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - began_;
  return taken.count() > hopeless && drawing_.resolution > coarsest;
}

/// The surface to draw next, of the weights as they are now.
std::optional<SurfaceWatch::Key> SurfaceWatch::due(const Key& now, bool training) const {
  if (wanted_.training_resolution == 0) return std::nullopt;
  Key key = now;
  key.section = wanted_.section;
  key.resolution = wanted_.training_resolution;
  if (!shown_.surface || training) key.resolution = std::min(key.resolution, live_limit_);
  const bool nothing_yet = !shown_.surface && shown_.problem.empty();
  const bool stale =
      nothing_yet || !shown_.key.same_weights(now) || shown_.key.section != wanted_.section;
  if (stale) return key;
  const int finest = training ? std::min(wanted_.training_resolution, live_limit_)
                              : std::max(wanted_.resting_resolution, wanted_.training_resolution);
  if (shown_.key.resolution >= finest || !shown_.problem.empty()) return std::nullopt;
  key.resolution = std::min(finest, 2 * shown_.key.resolution);
  return key;
}

void SurfaceWatch::tend(Session& session, std::uint64_t changes, bool training, bool others_train) {
  // Asked before the result is taken: work that has ended by now has left it, and is not done
  // again.
  const bool busy = thread_.busy();
  take_result();
  // Of one thread's time: the pool's threads are the machine.
  thread_.set_duty(std::min(0.5, duty * pool_->threads() / std::max(1, busy_->load())));
  thread_.set_training(training || others_train);
  const Key now = {session.progress().step, changes, 0, {}};
  if (busy) {
    // A fine surface is for a run that rests; and nobody wants one of weights that are gone.
    const bool too_fine = training && drawing_.resolution > wanted_.training_resolution;
    const bool too_slow = training && takes_too_long();
    if (!too_fine && !too_slow && drawing_.changes == changes) return;
    thread_.cancel();
    take_result();
    if (too_slow) live_limit_ = std::max(coarsest, drawing_.resolution / 2);
  }
  if (const std::optional<Key> key = due(now, training)) start(session, *key);
}

void SurfaceWatch::start(Session& session, Key key) {
  session.settle();
  key.step = session.progress().step;
  drawing_ = key;
  began_ = std::chrono::steady_clock::now();
  SurfaceSettings settings;
  settings.grid = {key.resolution, coarse};
  settings.section = key.section;
  // Counted until the work ends, however it ends.
  ++*busy_;
  const std::shared_ptr<void> counted(nullptr, [busy = busy_](void*) { --*busy; });
  thread_.start([this, key, settings, counted, began = began_, at = session.progress(),
                 device = session.config().device, network = session.network(),
                 weights = session.weights()]() {
    Drawn drawn;
    drawn.key = key;
    drawn.at = at;
    try {
      const std::unique_ptr<Backend> backend = make_backend(device, pool_, Precision::f32);
      SurfaceDrawing drawing(*backend, network, weights, truth_, settings);
      SliceSizer slices;
      auto resumed = std::chrono::steady_clock::now();
      for (;;) {
        const auto start = std::chrono::steady_clock::now();
        if (drawing.advance(slices.samples())) break;
        const auto end = std::chrono::steady_clock::now();
        slices.took(std::chrono::duration<double>(end - start).count());
        if (end - resumed < piece) continue;
        thread_.tell(drawing.share(), "drawing the surface");
        thread_.pause();
        resumed = std::chrono::steady_clock::now();
      }
      drawn.surface = drawing.take();
    } catch (const Cancelled&) {
      throw;
    } catch (const std::exception& error) {
      drawn.problem = error.what();
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - began;
    drawn.seconds = taken.count();
    const std::lock_guard lock(mutex_);
    result_ = std::move(drawn);
  });
}

void SurfaceWatch::fill(Snapshot& snapshot) const {
  snapshot.surface = shown_.surface;
  snapshot.surface_at = shown_.at;
  snapshot.surface_problem = shown_.problem;
  snapshot.surface_busy = thread_.busy();
  if (snapshot.surface_busy) snapshot.surface_share = thread_.share();
}

}  // namespace fieldscope
