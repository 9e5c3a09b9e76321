#include "engine/train/session.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <limits>
#include <optional>
#include <utility>

#include "engine/backend/devices.h"
#include "engine/math/error.h"
#include "engine/task/image_task.h"
#include "engine/train/recorder.h"
#include "engine/train/slice_sizer.h"
#include "engine/train/trainer.h"

namespace fieldscope {

CurvaturePoint curvature_point(const CurvatureReport& report, const Progress& at) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  CurvaturePoint point;
  point.at = at;
  point.exact = report.exact;
  point.kappa.fill(nan);
  point.spread.fill(nan);
  point.rank = point.negative = nan;
  for (const Conditioned& c : report.conditioned)
    for (std::size_t i = 0; i < CurvaturePoint::count; ++i) {
      if (c.name != CurvaturePoint::names[i]) continue;
      point.spread[i] = c.spread;
      if (!c.condition) continue;
      point.kappa[i] = c.condition->kappa;
      if (i > 0) continue;
      point.rank = static_cast<double>(c.condition->rank) / static_cast<double>(c.condition->size);
      point.negative = c.condition->negative_share;
    }
  point.largest = report.largest.empty() ? nan : report.largest.front().value;
  point.smallest = report.smallest.empty() ? nan : report.smallest.front().value;
  point.trace = report.exact ? report.trace : report.hutchpp.value;
  point.trace_error = report.exact ? 0 : report.hutchpp.error;
  point.zero = report.hv.empty() ? nan : report.hv.front().zero;
  point.near_zero = report.hv.empty() ? nan : report.hv.front().near_zero;
  point.seconds = report.seconds;
  return point;
}

const char* status_name(RunStatus status) {
  switch (status) {
    case RunStatus::starting:
      return "starting";
    case RunStatus::running:
      return "running";
    case RunStatus::waiting:
      return "waiting";
    case RunStatus::paused:
      return "paused";
    case RunStatus::finished:
      return "finished";
    case RunStatus::diverged:
      return "diverged";
    case RunStatus::failed:
      return "failed";
  }
  return "?";
}

namespace {

/// Changes of one knob that follow each other faster than this share a mark on the curves: somebody
/// drags a slider.
constexpr double gesture_seconds = 1;

bool same_knob(const Edit& a, const Edit& b) {
  const auto* first = std::get_if<SetKnob>(&a);
  const auto* second = std::get_if<SetKnob>(&b);
  return first && second && first->target == second->target && first->knob == second->knob;
}

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point start, Clock::time_point end) {
  return std::chrono::duration<double>(end - start).count();
}

/// Steps on the way should not take longer than this: whoever wants the run waits for them.
constexpr double most_seconds_ahead = 0.02;

/// A run that was saved on a device that this machine lacks goes on on the CPU.
RunConfig on_this_machine(RunConfig config) {
  try {
    find_device(config.device);
  } catch (const DeviceError&) {
    config.device = "cpu";
  }
  return config;
}

}  // namespace

struct Session::State {
  State(const RunConfig& config, std::shared_ptr<const Dataset> data,
        std::shared_ptr<ThreadPool> threads)
      : dataset(std::move(data)),
        pool(std::move(threads)),
        initial(on_a_device(resolve_config(config))),
        backend(make_backend(initial.device, pool, Precision::f32)),
        trainer(initial, *backend, dataset, pool.get()) {}

  static RunConfig on_a_device(RunConfig config) {
    config.device = find_device(config.device);
    return config;
  }

  /// An edit that has been applied, with its mark on the curves.
  void record(const Edit& edit) {
    if (!edits.empty() && same_knob(edits.back().edit, edit) &&
        progress.train_seconds - last_edit_seconds < gesture_seconds)
      recorder.drop_event(describe(edits.back().edit));
    edits.push_back({progress.step, edit});
    last_edit_seconds = progress.train_seconds;
    recorder.add_event(progress, describe(edit));
  }

  /// The point of the evaluation schedule at this progress: an evaluation is due whenever it grows.
  /// It counts steps where an epoch takes hours: scenes have millions of rays.
  std::uint64_t schedule(double epoch, std::uint64_t step) const {
    const bool by_step = trainer.config().task == TaskKind::nerf;
    const double done = by_step ? static_cast<double>(step) : epoch;
    return static_cast<std::uint64_t>(done / trainer.config().training.at("eval_every") + 1e-9);
  }
  std::uint64_t schedule(const Progress& at) const { return schedule(at.epoch, at.step); }
  std::uint64_t schedule() const { return schedule(progress); }
  double epoch_samples() const { return static_cast<double>(trainer.shape().epoch); }

  std::shared_ptr<const Dataset> dataset;
  std::shared_ptr<ThreadPool> pool;
  RunConfig initial;
  std::unique_ptr<Backend> backend;
  std::vector<RecordedEdit> edits;
  Trainer trainer;

  /// Training time is when a step is being begun or is on the way.
  void count_time() {
    const auto now = Clock::now();
    if (counted_until) progress.train_seconds += seconds_between(*counted_until, now);
    counted_until = now;
  }

  /// As many as keep the device busy, but not for long.
  std::size_t steps_ahead() const {
    const std::size_t most = trainer.steps_ahead();
    if (most <= 1 || steps_followed == 0) return std::min<std::size_t>(most, 1);
    const double fit = std::clamp(most_seconds_ahead / std::max(seconds_per_step, 1e-9), 1.0,
                                  static_cast<double>(most));
    return static_cast<std::size_t>(fit);
  }

  /// A step that has been begun and not ended, on the curves.
  struct Begun {
    Progress before, after;
    std::uint64_t samples_before = 0;
  };
  void begun(const Trainer::Work& work) {
    Begun& step = on_the_way.emplace_back(Begun{progress, {}, samples});
    samples += work.samples;
    progress.gradient_evaluations += work.gradients;
    progress.step = trainer.step();
    progress.epoch = static_cast<double>(samples) / epoch_samples();
    step.after = progress;
  }
  /// Waits for the oldest of them.
  void end_step() {
    const Trainer::Step step = trainer.end_step();
    count_time();
    Begun begun = on_the_way.front();
    on_the_way.pop_front();
    begun.after.train_seconds = progress.train_seconds;
    last_loss = step.loss;
    diverged = !step.finite;
    if (diverged) {
      on_the_way.clear();
      samples = begun.samples_before;
      progress.step = begun.before.step;
      progress.epoch = begun.before.epoch;
      progress.gradient_evaluations = begun.after.gradient_evaluations;
      recorder.add_event(progress, "diverged");
    } else {
      recorder.add_loss(begun.after, step.loss);
      follow(step);
    }
    seconds_followed = progress.train_seconds;
    if (on_the_way.empty()) counted_until.reset();
  }
  void follow(const Trainer::Work& step) {
    ++steps_followed;
    const auto move = [&](double& mean, double value, double weight) {
      mean += std::max(weight, 1.0 / steps_followed) * (value - mean);
    };
    move(seconds_per_step, progress.train_seconds - seconds_followed, 1.0 / 32);
    move(gradients_per_step, step.gradients, 1.0 / 128);
    move(samples_per_step, static_cast<double>(step.samples), 1.0 / 32);
  }

  Progress progress;  ///< of what has been begun
  std::deque<Begun> on_the_way;
  std::optional<Clock::time_point> counted_until;  ///< while the training time goes on
  double last_edit_seconds = 0;
  std::uint64_t samples = 0;  ///< seen, so that epochs come out exact
  double last_loss = std::nan("");
  bool diverged = false;
  Recorder recorder;
  double seconds_per_step = 0, gradients_per_step = 0, samples_per_step = 0;  ///< recent means,
  double steps_followed = 0;    ///< over so many steps at most,
  double seconds_followed = 0;  ///< until this training time

  std::unique_ptr<Evaluation> evaluation;
  bool evaluation_recorded = false;
  bool look_wanted = false;  ///< an unrecorded evaluation, once the recorded one is done
  SliceSizer slices;
  QualityPoint evaluated;  ///< the point that the running evaluation will complete
  std::optional<QualityPoint> quality;
  std::shared_ptr<const Image> picture;
  std::shared_ptr<const DevicePicture> device_picture;
  std::vector<ViewQuality> views;
  std::uint64_t picture_serial = 0;
};

Session::Session(const RunConfig& config, std::shared_ptr<const Dataset> dataset,
                 std::shared_ptr<ThreadPool> pool)
    : state_(std::make_unique<State>(config, std::move(dataset), std::move(pool))) {
  begin_evaluation(true);
}

Session::Session(const Checkpoint& checkpoint, std::shared_ptr<const Dataset> dataset,
                 std::shared_ptr<ThreadPool> pool)
    : state_(std::make_unique<State>(on_this_machine(checkpoint.config), std::move(dataset),
                                     std::move(pool))) {
  State& s = *state_;
  s.initial = checkpoint.initial;
  s.edits = checkpoint.edits;
  s.trainer.restore(checkpoint.progress.step, checkpoint.optimizer_step, checkpoint.weights,
                    checkpoint.state);
  s.progress = checkpoint.progress;
  s.samples =
      static_cast<std::uint64_t>(std::llround(checkpoint.progress.epoch * s.epoch_samples()));
  s.seconds_followed = s.progress.train_seconds;
  s.recorder = Recorder(checkpoint.history);
  if (s.trainer.config().device != checkpoint.config.device)
    s.record(MoveTo{s.trainer.config().device});
  if (!checkpoint.history.loss.empty()) s.last_loss = checkpoint.history.loss.back().mean;
  // An evaluation that was due, but not finished when the checkpoint was taken, is made up for.
  const std::vector<QualityPoint>& measured = checkpoint.history.quality;
  begin_evaluation(measured.empty() || s.schedule() > s.schedule(measured.back().at));
}

Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

void Session::step() {
  State& s = *state_;
  const std::uint64_t before = s.schedule();
  if (!s.counted_until) s.count_time();
  const std::optional<Trainer::Work> work = s.trainer.begin_step();
  if (work) s.begun(*work);
  // None was begun where one of those on the way was not finite.
  const std::size_t ahead = work ? s.steps_ahead() : 0;
  while (s.trainer.steps_begun() > ahead) s.end_step();
  if (s.diverged || s.schedule() == before) return;
  settle();
  if (!s.diverged) begin_evaluation(true);
}

void Session::settle() {
  while (!state_->on_the_way.empty()) state_->end_step();
}

std::size_t Session::steps_ahead() const {
  return state_->steps_ahead();
}

double Session::seconds_per_step() const {
  return state_->seconds_per_step;
}

bool Session::diverged() const {
  return state_->diverged;
}

void Session::apply(const Edit& edit) {
  State& s = *state_;
  settle();
  if (const auto* move = std::get_if<MoveTo>(&edit)) {
    move_to(move->device);
    return;
  }
  s.trainer.apply(edit);
  s.record(edit);
  // What a diverging optimizer has accumulated is not finite any more: it starts afresh. Only now,
  // because a refused edit must change nothing.
  const bool back = std::holds_alternative<GoBack>(edit);
  if (s.diverged && !back && !std::holds_alternative<SwitchOptimizer>(edit)) {
    const SwitchOptimizer afresh{s.trainer.config().optimizer};
    s.trainer.apply(afresh);
    s.edits.push_back({s.progress.step, afresh});
  }
  s.diverged = false;
  s.steps_followed = 0;
  if (back || std::holds_alternative<SwitchActivation>(edit)) begin_evaluation(false);
}

void Session::move_to(const std::string& name) {
  State& s = *state_;
  const std::string device = find_device(name);
  if (device == s.trainer.config().device) return;
  std::unique_ptr<Backend> backend = make_backend(device, s.pool, Precision::f32);
  // What is being evaluated lives on the old device.
  if (s.evaluation && s.evaluation_recorded) finish_evaluation();
  s.evaluation.reset();
  s.trainer.move_to(*backend, device);
  s.backend = std::move(backend);
  s.record(MoveTo{device});
  s.steps_followed = 0;
  begin_evaluation(false);
}

void Session::keep_before(std::uint64_t step) {
  state_->trainer.keep_before(step);
}

void Session::begin_evaluation(bool recorded) {
  State& s = *state_;
  settle();
  if (s.evaluation && s.evaluation_recorded) {
    s.look_wanted = !recorded;
    if (!recorded) return;
    finish_evaluation();
  }
  s.evaluation.reset();  // its picture serves the next
  s.evaluation = s.trainer.task().evaluate(s.trainer.field().network(), s.trainer.weights());
  s.evaluation_recorded = recorded;
  s.evaluated.at = s.progress;
  s.evaluated.lr = s.trainer.optimizer().learning_rate(s.trainer.optimizer_step());
  if (recorded) s.evaluated.epoch_loss = s.recorder.take_mean_loss();
}

bool Session::evaluating() const {
  return state_->evaluation != nullptr;
}

bool Session::evaluation_first() const {
  const State& s = *state_;
  if (!s.evaluation || !s.evaluation_recorded) return false;
  const double step = static_cast<double>(s.trainer.shape().batch) / s.epoch_samples();
  return s.schedule(s.progress.epoch + step, s.progress.step + 1) > s.schedule();
}

bool Session::advance_evaluation() {
  State& s = *state_;
  if (!s.evaluation) return true;
  settle();  // the device's time is the evaluation's from here on
  const auto start = Clock::now();
  const bool done = s.evaluation->advance(s.slices.samples());
  if (!done) {  // the last slice is a smaller one
    s.slices.took(seconds_between(start, Clock::now()));
    return false;
  }
  const Evaluation::Result result = s.evaluation->result();
  s.evaluation.reset();
  static_cast<Quality&>(s.evaluated) = result;
  s.quality = s.evaluated;
  s.picture = result.picture;
  s.device_picture = result.device_picture;
  s.views = result.views;
  ++s.picture_serial;
  if (s.evaluation_recorded) s.recorder.add_quality(s.evaluated);
  if (!std::exchange(s.look_wanted, false)) return true;
  begin_evaluation(false);
  return false;
}

void Session::finish_evaluation() {
  while (!advance_evaluation()) {
  }
}

const RunConfig& Session::config() const {
  return state_->trainer.config();
}
const RunConfig& Session::initial_config() const {
  return state_->initial;
}
const std::vector<RecordedEdit>& Session::edits() const {
  return state_->edits;
}
const Progress& Session::progress() const {
  return state_->progress;
}
double Session::loss() const {
  return state_->last_loss;
}
std::uint64_t Session::steps_per_epoch() const {
  return state_->trainer.shape().steps_per_epoch();
}
History Session::history() const {
  return state_->recorder.history();
}
void Session::mark(const std::string& label) {
  state_->recorder.add_event(state_->progress, label);
}
std::optional<RadianceField> Session::radiance_field() const {
  const auto* task = dynamic_cast<const RadianceTask*>(&state_->trainer.task());
  if (task == nullptr) return std::nullopt;
  return task->field(network());
}

const Network& Session::network() const {
  return state_->trainer.field().network();
}
std::vector<double> Session::weights() {
  settle();
  return state_->trainer.download_weights();
}

std::vector<Session::NamedShape> Session::parameter_shapes() const {
  std::vector<NamedShape> shapes;
  for (const ParameterTensor& tensor : state_->trainer.field().tensors())
    shapes.push_back({tensor.name, tensor.shape});
  return shapes;
}

Checkpoint Session::checkpoint() {
  settle();
  const State& s = *state_;
  Checkpoint checkpoint;
  checkpoint.initial = s.initial;
  checkpoint.edits = s.edits;
  checkpoint.config = s.trainer.config();
  checkpoint.progress = s.progress;
  checkpoint.optimizer_step = s.trainer.optimizer_step();
  checkpoint.weights = s.trainer.download_weights();
  checkpoint.state = s.trainer.download_state();
  checkpoint.history = s.recorder.history();
  return checkpoint;
}

FrozenLoss Session::freeze(std::size_t samples) {
  settle();
  return state_->trainer.freeze(samples);
}
CurvatureInputs Session::curvature_inputs() {
  settle();
  return state_->trainer.curvature_inputs();
}

CurvatureReport Session::study(const CurvatureSettings& settings) {
  const FrozenLoss frozen = freeze(settings.batch);
  FrozenProblem problem(frozen,
                        make_backend(config().device, state_->pool, study_precision(frozen)));
  return study_curvature(problem, settings, curvature_inputs());
}

void Session::record_curvature(const CurvatureReport& report, const Progress& at) {
  state_->recorder.add_curvature(curvature_point(report, at));
}

Snapshot Session::snapshot() const {
  State& s = *state_;
  Snapshot snapshot;
  snapshot.config = s.trainer.config();
  snapshot.initial = initial_config();
  snapshot.edits = edits();
  snapshot.progress = s.progress;
  snapshot.loss = s.last_loss;
  if (const auto& kept = s.trainer.kept()) {
    snapshot.kept_step = kept->step;
    snapshot.kept_loss = kept->loss;
  }
  snapshot.quality = s.quality;
  if (s.steps_followed > 0) {
    snapshot.steps_per_second = 1 / s.seconds_per_step;
    snapshot.samples_per_second = s.samples_per_step / s.seconds_per_step;
  }
  snapshot.steps_per_epoch = s.trainer.shape().steps_per_epoch();
  snapshot.parameters = s.trainer.field().parameters();
  snapshot.state_bytes = s.trainer.optimizer().state_bytes();
  snapshot.memory_bytes = s.backend->memory_bytes();
  snapshot.peak_memory_bytes = s.backend->peak_memory_bytes();
  snapshot.gradients_per_step = s.gradients_per_step;
  snapshot.picture = s.picture;
  snapshot.device_picture = s.device_picture;
  snapshot.views = s.views;
  snapshot.picture_serial = s.picture_serial;
  snapshot.history = std::make_shared<const History>(s.recorder.thinned());
  return snapshot;
}

Image Session::render(int width, int height) {
  State& s = *state_;
  settle();
  if (s.trainer.config().task != TaskKind::image)
    throw UsageError("only image fields have a picture to render");
  ImageRendering rendering(*s.backend, s.trainer.field().network(), s.trainer.weights(), width,
                           height);
  while (!rendering.advance(SliceSizer::largest)) {
  }
  return *rendering.picture();
}

}  // namespace fieldscope
