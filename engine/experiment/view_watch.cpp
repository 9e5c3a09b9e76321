#include "engine/experiment/view_watch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <utility>
#include <vector>

#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

using Clock = std::chrono::steady_clock;

/// Work between two rests, as of a SurfaceWatch: each piece makes a training step in progress go on
/// with fewer threads, so few long ones cost less than many short ones.
constexpr double piece = 0.025;
constexpr std::size_t least_slice = 256, most_slice = 1 << 18;
/// The first pass sees about so many rays: something to see at once.
constexpr int first_rays = 400;
/// While the weights move on a picture is refined no further once it has taken so long: the next
/// pass takes three times as long, and shows what is long gone.
constexpr double slow = 1.5;
/// A pass that began at rest is given up after so many seconds once training goes on.
constexpr double hopeless = 12;
/// Between two pictures of one pass, where each shows more than the last one.
constexpr double partly = 0.5;

double since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

int first_stride(const Lens& lens) {
  int stride = 1;
  while (stride < 64 && (lens.width / stride) * (lens.height / stride) > 2 * first_rays)
    stride *= 2;
  return stride;
}

bool finite(Vec3 v) {
  return std::isfinite(v.x) && std::isfinite(v.y) && std::isfinite(v.z);
}

bool is_photograph(const PosedViews& views, const Pose& pose) {
  const auto has = [&](const std::vector<PosedView>& some) {
    return std::any_of(some.begin(), some.end(),
                       [&](const PosedView& view) { return view.camera.pose == pose; });
  };
  return has(views.held_out) || has(views.training);
}

}  // namespace

ViewWatch::ViewWatch(std::shared_ptr<ThreadPool> pool, std::shared_ptr<std::atomic<int>> busy,
                     std::function<void()> on_picture)
    : pool_(std::move(pool)),
      busy_(std::move(busy)),
      on_picture_(std::move(on_picture)),
      thread_({}) {}

void ViewWatch::check(const ShowView& wanted) {
  if (!wanted.camera) return;
  const Lens& lens = wanted.camera->lens;
  if (lens.width < least_side || lens.height < least_side || lens.width > most_side ||
      lens.height > most_side)
    throw UsageError("a view has " + std::to_string(least_side) + " to " +
                     std::to_string(most_side) + " pixels a side, not " +
                     std::to_string(lens.width) + " × " + std::to_string(lens.height));
  const Pose& pose = wanted.camera->pose;
  if (!finite(pose.origin) || !finite(pose.right) || !finite(pose.up) || !finite(pose.back) ||
      !(lens.fx > 0) || !(lens.fy > 0))
    throw UsageError("a view needs a camera with finite numbers and a positive focal length");
}

void ViewWatch::show(const ShowView& wanted) {
  {
    const std::lock_guard lock(mutex_);
    if (wanted == wish_.view) return;
    wish_.view = wanted;
    wished_ = ++wish_.serial;
  }
  thread_.nudge();
}

ViewWatch::Wish ViewWatch::wish() const {
  const std::lock_guard lock(mutex_);
  return wish_;
}

void ViewWatch::fill(Snapshot& snapshot) const {
  const std::lock_guard lock(mutex_);
  snapshot.view = shown_.view;
  snapshot.view_camera = shown_.camera;
  snapshot.view_at = shown_.at;
  snapshot.view_problem = shown_.problem;
  snapshot.view_busy = rendering_;
  snapshot.view_share = share_;
}

void ViewWatch::cancel() {
  thread_.cancel();
  has_.reset();
}

void ViewWatch::tend(Session& session, std::uint64_t changes, bool training, bool others_train) {
  training_ = training;
  thread_.set_training(training || others_train);
  const Weights now = {session.progress().step, changes};
  if (!thread_.busy() && has_ && failed_ == wished_) return;  // it would only fail again
  if (has_ && thread_.busy()) {
    if (*has_ == now) return;
    // A picture of a moment ago is finished while the next ones come by themselves; at rest nobody
    // wants one of weights that are gone.
    if (has_->changes == changes && training && rendering_) return;
    // Nobody looks: the thread keeps what it has.
    if (has_->changes == changes && !wish().view.camera) return;
  }
  start(session, now);
}

void ViewWatch::start(Session& session, Weights weights) {
  session.settle();
  std::optional<RadianceField> field = session.radiance_field();
  if (!field) return;
  weights.step = session.progress().step;
  has_ = weights;
  thread_.cancel();  // before rendering_ is set: what ends would clear it
  rendering_ = wish().view.camera.has_value();
  thread_.start([this, weights, field = std::move(*field), host = session.weights(),
                 device = session.config().device, at = session.progress()] {
    try {
      work(field, host, device, at, weights);
    } catch (const Cancelled&) {
      throw;
    } catch (const std::exception& error) {
      {
        const std::lock_guard lock(mutex_);
        shown_.problem = error.what();
        failed_ = wish_.serial;
      }
      rendering_ = false;
      on_picture_();
    }
  });
}

/// Renders through each camera that is wished for, with these weights, until others come.
void ViewWatch::work(RadianceField field, const std::vector<double>& weights,
                     const std::string& device, const Progress& at, const Weights& key) {
  std::unique_ptr<Backend> backend;
  std::array<std::shared_ptr<RayMarcher>, 2> marchers;  // of photographs' cameras, of others
  for (;;) {
    const Wish wanted = wish();
    if (wanted.view.camera) {
      // Made when there is something to see: a run that nobody looks at costs nothing.
      if (!backend) backend = make_backend(device, pool_, Precision::f32);
      const bool is_free = !is_photograph(*field.views, wanted.view.camera->pose);
      std::shared_ptr<RayMarcher>& marcher = marchers[is_free ? 1 : 0];
      if (!marcher) {
        field.settings.free_camera = is_free;
        marcher = std::make_shared<RayMarcher>(*backend, field, weights);
      }
      // Counted until the picture is done, however it ends.
      ++*busy_;
      const std::shared_ptr<void> counted(nullptr, [this](void*) {
        --*busy_;
        rendering_ = false;
      });
      rendering_ = true;
      render(marcher, wanted, at, key);
    } else {
      rendering_ = false;
    }
    if (wished_ == wanted.serial) {
      on_picture_();  // done: it is time for the next weights
      thread_.wait([&] { return wished_ != wanted.serial; });
    }
  }
}

/// Gives way to training, less where somebody waits for a first picture; until the camera moves.
void ViewWatch::rest(const Wish& wish, bool first_pass) {
  // Of one thread's time: the pool's threads are the machine.
  const double all = first_pass ? moving_duty : duty;
  thread_.set_duty(std::min(0.5, all * pool_->threads() / std::max(1, busy_->load())));
  thread_.pause([&] { return moved_since(wish); });
}

void ViewWatch::render(const std::shared_ptr<RayMarcher>& marcher, const Wish& wish,
                       const Progress& at, const Weights& key) {
  const PosedCamera& camera = *wish.view.camera;
  bool moved = true;     // nothing is shown yet that this camera sees of these weights' kin
  int shown_stride = 0;  // of what is shown of this camera
  {
    const std::lock_guard lock(mutex_);
    if (shown_.view && shown_.camera == camera && shown_.weights.changes == key.changes) {
      moved = false;
      shown_stride = shown_.view->stride;
      if (shown_.weights == key && shown_stride == 1) return;
    }
  }
  share_ = 0;
  // Where a picture is there it is replaced by one that is as fine: none becomes coarse again.
  // While the weights move on that may be less than what was rendered at rest.
  ViewRendering rendering(marcher, camera, first_stride(camera.lens));
  const auto began = Clock::now();
  auto resumed = began, published = began;
  int stride = 0;
  for (;;) {
    const auto start = Clock::now();
    const bool done = rendering.advance(slice_);
    const double taken = since(start);
    share_ = rendering.share();
    slice_ =
        std::clamp(static_cast<std::size_t>(static_cast<double>(slice_) *
                                            std::clamp(piece / std::max(taken, 1e-6), 0.25, 2.0)),
                   least_slice, most_slice);
    const RenderedView& view = rendering.view();
    const bool next_pass = view.stride != stride;
    stride = view.stride;
    const bool too_slow = training_ && since(began) > slow;
    if (next_pass) {
      const bool finest = done || (too_slow && !moved_since(wish));
      if (moved || stride <= shown_stride || finest) {
        publish(view, wish, at, key);
        published = Clock::now();
        moved = false;
        shown_stride = stride;
      }
      if (done || too_slow) return;
    }
    if (moved_since(wish) && stride != 0) return;
    if (!next_pass && stride != 0 && stride == shown_stride && !training_ &&
        since(published) > partly) {
      publish(view, wish, at, key);
      published = Clock::now();
    }
    if (training_ && since(began) > hopeless && shown_stride != 0) return;
    if (since(resumed) < 0.8 * piece) continue;
    rest(wish, moved);
    resumed = Clock::now();
  }
}

void ViewWatch::publish(const RenderedView& view, const Wish& wish, const Progress& at,
                        const Weights& key) {
  auto copy = std::make_shared<const RenderedView>(view);
  {
    const std::lock_guard lock(mutex_);
    shown_ = {std::move(copy), *wish.view.camera, key, at, {}};
  }
  on_picture_();
}

}  // namespace fieldscope
