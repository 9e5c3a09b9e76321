#include "engine/experiment/run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <stdexcept>
#include <utility>

#include "engine/backend/cpu/thread_pool.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

using Clock = std::chrono::steady_clock;

/// Snapshots a second at most.
constexpr auto publish_interval = std::chrono::milliseconds(33);

/// For how long slices of an evaluation are begun after each step while training goes on: at least
/// so long, and for a part of the step's own time. The last of them may end two milliseconds later.
/// At the beginning, when there is no measurement to look at yet, it is more.
constexpr auto least_evaluation = std::chrono::milliseconds(2);
constexpr double evaluation_share = 0.1, first_evaluation_share = 0.4;

/// The picture is looked at between the evaluations of the schedule too, so that learning is seen
/// from the first second: not more often than this, and for a tenth of the time at most.
constexpr auto look_interval = std::chrono::milliseconds(400);
constexpr int look_rest = 9;

/// How long to wait for the others before looking at the inbox again.
constexpr auto pacing_patience = std::chrono::milliseconds(5);

// "loss inf", or that only the weights are not finite.
std::string what_diverged(double loss) {
  if (std::isfinite(loss)) return "its weights are not finite";
  return std::isnan(loss) ? "loss nan" : "loss inf";
}

/// Whether the field is another one after the edit than before.
bool changes_field(const Edit& edit) {
  if (const auto* set = std::get_if<SetKnob>(&edit))
    return set->target == SetKnob::Target::activation;
  return std::holds_alternative<SwitchActivation>(edit) || std::holds_alternative<GoBack>(edit);
}

std::exception_ptr run_ended() {
  return std::make_exception_ptr(std::runtime_error("the run has ended"));
}

}  // namespace

Run::Run(Origin origin, Setting setting)
    : origin_(std::move(origin)), setting_(std::move(setting)) {
  if (std::dynamic_pointer_cast<const PosedViews>(setting_.dataset))
    views_ = std::make_unique<ViewWatch>(setting_.pool, setting_.surfaces, [this] {
      wake();
      if (setting_.on_snapshot) setting_.on_snapshot();
    });
  // Before there is a worker, so that the owner never sees a run without its configuration.
  mailbox_.publish(compose_snapshot());
  worker_ = std::thread([this] { work(); });
}

Run::~Run() {
  post(Stop{});
  worker_.join();
}

void Run::close_inbox() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  for (Request& request : take_requests(false)) {
    if (auto* question = std::get_if<Question>(&request)) question->refuse(run_ended());
  }
}

void Run::post(const Command& command) {
  if (const auto* wanted = std::get_if<ShowView>(&command); wanted && views_) {
    try {
      ViewWatch::check(*wanted);
      views_->show(*wanted);  // at once; the worker only has to know that there is something to do
    } catch (const UsageError&) {
      // It is the worker that refuses.
    }
  }
  {
    std::lock_guard lock(mutex_);
    inbox_.emplace_back(command);
  }
  arrived_.notify_one();
}

template <class T>
std::shared_future<T> Run::ask(std::function<T(Session&)> what) {
  auto promise = std::make_shared<std::promise<T>>();
  std::shared_future<T> future = promise->get_future().share();
  Question question;
  question.refuse = [promise](std::exception_ptr why) { promise->set_exception(std::move(why)); };
  question.answer = [promise, what = std::move(what)](Session& session) {
    try {
      promise->set_value(what(session));
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
  };
  {
    std::lock_guard lock(mutex_);
    if (closed_) {
      question.refuse(run_ended());
      return future;
    }
    inbox_.emplace_back(std::move(question));
  }
  arrived_.notify_one();
  return future;
}

std::shared_future<Checkpoint> Run::checkpoint() {
  return ask<Checkpoint>([](Session& session) { return session.checkpoint(); });
}

std::shared_future<FrozenField> Run::frozen_field() {
  return ask<FrozenField>([](Session& session) {
    session.settle();
    std::optional<RadianceField> field = session.radiance_field();
    if (!field) throw UsageError("only radiance fields can be seen through a camera");
    return FrozenField{std::move(*field), session.weights(), session.config().device,
                       session.progress()};
  });
}

/// Lets a worker that waits for commands look around: its probe has something to tell.
void Run::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  arrived_.notify_one();
}

std::deque<Run::Request> Run::take_requests(bool wait) {
  std::unique_lock lock(mutex_);
  if (wait) arrived_.wait(lock, [this] { return !inbox_.empty() || woken_; });
  woken_ = false;
  return std::exchange(inbox_, {});
}

void Run::set_status(RunStatus status, std::string message) {
  status_ = status;
  message_ = std::move(message);
  if (status != RunStatus::running && status != RunStatus::waiting)
    setting_.pacer->leave(setting_.pacing_key);
}

/// A refused command changes nothing; the run goes on, and the owner learns why.
void Run::refuse(const std::string& reason) {
  ++refusals_;
  refusal_ = reason;
}

Snapshot Run::compose_snapshot() {
  Snapshot snapshot;
  if (session_) {
    snapshot = session_->snapshot();
  } else if (const auto* config = std::get_if<RunConfig>(&origin_)) {
    snapshot.config = *config;
  } else if (const auto* checkpoint = std::get_if<Checkpoint>(&origin_)) {
    snapshot.config = checkpoint->config;
  } else {
    snapshot.config = std::get<Forked>(origin_).expected;
  }
  snapshot.serial = ++serial_;
  snapshot.status = status_;
  snapshot.message = message_;
  snapshot.refusals = refusals_;
  snapshot.refusal = refusal_;
  snapshot.curvature = curvature_;
  snapshot.curvature_at = curvature_at_;
  snapshot.landscape = landscape_;
  snapshot.landscape_at = landscape_at_;
  snapshot.curvature_problem = curvature_problem_;
  if (study_) snapshot.curvature_every = study_->every;
  snapshot.curvature_busy = probe_ && probe_->busy();
  if (snapshot.curvature_busy) {
    snapshot.curvature_share = probe_->share();
    snapshot.curvature_stage = probe_->stage();
  }
  if (surface_) surface_->fill(snapshot);
  if (!snapshot.history) snapshot.history = std::make_shared<const History>();
  return snapshot;
}

void Run::publish(bool at_once) {
  const auto now = Clock::now();
  if (!at_once && now - published_ < publish_interval) return;
  published_ = now;
  mailbox_.publish(compose_snapshot());
  if (setting_.on_snapshot) setting_.on_snapshot();
}

void Run::open_session() {
  if (const auto* config = std::get_if<RunConfig>(&origin_)) {
    session_.emplace(*config, setting_.dataset, setting_.pool);
  } else if (const auto* checkpoint = std::get_if<Checkpoint>(&origin_)) {
    session_.emplace(*checkpoint, setting_.dataset, setting_.pool);
  } else {
    const auto& forked = std::get<Forked>(origin_);
    session_.emplace(forked.parent.get(), setting_.dataset, setting_.pool);
    session_->mark("forked");
    if (forked.optimizer && !(*forked.optimizer == session_->config().optimizer))
      session_->apply(SwitchOptimizer{*forked.optimizer});
  }
}

void Run::work() {
  lower_priority(niceness);
  try {
    open_session();
    set_status(setting_.paused ? RunStatus::paused : RunStatus::running);
    publish(true);
    train();
  } catch (const std::exception& error) {
    set_status(RunStatus::failed, error.what());
  }
  setting_.pacer->leave(setting_.pacing_key);
  publish(true);
  // A failed run stays until it is told to stop; whoever wants its state learns why there is none.
  while (!stop_) {
    for (Request& request : take_requests(true)) {
      if (auto* question = std::get_if<Question>(&request)) {
        question->refuse(std::make_exception_ptr(std::runtime_error(message_)));
      } else if (std::holds_alternative<Stop>(std::get<Command>(request))) {
        stop_ = true;
      }
    }
  }
  close_inbox();
  // Here, so that whoever destroys the run need not wait for their present pieces.
  if (probe_) probe_->cancel();
  if (surface_) surface_->cancel();
  if (views_) views_->cancel();
  session_.reset();  // nor for a device that has to be done before it frees memory
  ended_ = true;
}

void Run::train() {
  while (!stop_) {
    const bool active = status_ == RunStatus::running || status_ == RunStatus::waiting;
    probe_curvature();
    tend_pictures();
    const bool idle = !active && !session_->evaluating();
    if (idle) publish(true);
    std::deque<Request> requests = take_requests(idle);
    if (!requests.empty()) {
      session_->settle();  // they are of the state between two steps
      if (active) note_divergence();
    }
    for (Request& request : requests) handle(request);
    if (stop_) return;
    if (!requests.empty()) publish(true);
    if (status_ == RunStatus::running || status_ == RunStatus::waiting) {
      take_step();
    } else {
      advance_evaluation();
    }
    publish(false);
  }
}

/// There is a probe, and it is not busy: what somebody asks for now comes first.
void Run::free_probe() {
  if (!probe_) probe_ = std::make_unique<CurvatureProbe>(setting_.pool, [this] { wake(); });
  probe_->cancel();
}

/// Starts the diagnosis that is due and takes the result of one that has ended.
void Run::probe_curvature() {
  if (!probe_) return;
  probe_->set_training(status_ == RunStatus::running || status_ == RunStatus::waiting);
  if (const std::optional<ProbeResult> result = probe_->take_result()) {
    curvature_problem_ = result->problem;
    if (result->report) {
      curvature_ = result->report;
      curvature_at_ = result->at;
      session_->record_curvature(*result->report, result->at);
    } else if (result->landscape) {
      landscape_ = result->landscape;
      landscape_at_ = result->at;
    }
  }
  const Progress& at = session_->progress();
  if (probe_->busy()) return;
  ProbeOrder order;
  if (drawing_) {
    order.wanted = LandscapeOrder{drawing_->settings, drawing_->other};
    order.loss = session_->freeze(drawing_->settings.batch);  // settles
    probe_->set_duty(drawing_->duty);
    drawing_.reset();
  } else if (study_step_ && at.step >= *study_step_) {
    session_->settle();
    if (at.step < *study_step_) return;  // it diverged before
    study_step_.reset();
    if (study_->every > 0) study_step_ = (at.step / study_->every + 1) * study_->every;
    const CurvatureSettings settings = curvature_settings(study_->knobs);
    order.wanted = settings;
    order.loss = session_->freeze(settings.batch);
    probe_->set_duty(study_->duty);
  } else {
    return;
  }
  order.inputs = session_->curvature_inputs();
  order.at = at;
  order.device = session_->config().device;
  probe_->start(std::move(order));
}

void Run::show_surface(const ShowSurface& wanted) {
  const auto mesh = std::dynamic_pointer_cast<const MeshDataset>(setting_.dataset);
  if (!mesh) throw UsageError("only occupancy fields have a surface to show");
  if (!surface_)
    surface_ =
        std::make_unique<SurfaceWatch>(mesh, setting_.pool, setting_.surfaces, [this] { wake(); });
  surface_->show(wanted);
}

void Run::tend_pictures() {
  const bool training = status_ == RunStatus::running || status_ == RunStatus::waiting;
  const bool anybody = setting_.pacer->anybody();
  if (surface_) surface_->tend(*session_, field_changes_, training, anybody);
  if (views_) views_->tend(*session_, field_changes_, training, anybody);
}

void Run::take_step() {
  const Progress& progress = session_->progress();
  const bool last = step_limit_ > 0 && progress.step >= step_limit_;
  if (last) session_->settle();
  if (note_divergence()) return;
  if (last) {
    set_status(RunStatus::finished);
    return;
  }
  const auto may_step = [&](std::chrono::milliseconds patience) {
    setting_.pacer->report(setting_.pacing_key, progress.step, progress.train_seconds,
                           session_->steps_ahead());
    return setting_.pacer->may_step(setting_.pacing_key, patience);
  };
  bool may = may_step({});
  if (!may) {
    session_->settle();  // waiting is no training
    if (note_divergence()) return;
    may = may_step(pacing_patience);
  }
  if (!may) {
    status_ = RunStatus::waiting;
    // Time spent waiting for the others is a good time to look at the picture.
    if (session_->evaluating()) advance_evaluation();
    return;
  }
  status_ = RunStatus::running;
  if (session_->evaluation_first()) {
    advance_evaluation();
    return;
  }
  session_->step();
  const bool pause = pause_at_ && session_->progress().step >= *pause_at_;
  if (pause) session_->settle();
  if (note_divergence()) return;
  if (pause) {
    pause_at_.reset();
    set_status(RunStatus::paused);
    session_->begin_evaluation(false);
  }
  look();
}

/// A step was not finite, perhaps one of those that were on the way when something else was asked.
bool Run::note_divergence() {
  if (!session_->diverged()) return false;
  set_status(RunStatus::diverged, "diverged at step " + std::to_string(session_->progress().step) +
                                      ", " + what_diverged(session_->loss()) +
                                      "; lower the learning rate or switch the optimizer");
  session_->begin_evaluation(false);  // of the weights that were kept
  return true;
}

void Run::look() {
  const bool due =
      !session_->evaluating() &&
      Clock::now() - looked_ >= std::max<Clock::duration>(look_interval, look_rest * look_takes_);
  if (setting_.pacer->looks(session_->progress().step, due) && !session_->evaluating())
    session_->begin_evaluation(false);
  if (!session_->evaluating()) return;
  session_->settle();  // what the steps on the way still take is theirs
  const auto start = Clock::now();
  const double part = looks_ < 2 ? first_evaluation_share : evaluation_share;
  const auto share = std::max<Clock::duration>(
      least_evaluation, std::chrono::duration_cast<Clock::duration>(
                            std::chrono::duration<double>(part * session_->seconds_per_step())));
  while (session_->evaluating() && Clock::now() - start < share) advance_evaluation();
}

void Run::advance_evaluation() {
  session_->settle();
  const auto start = Clock::now();
  const bool done = session_->advance_evaluation();
  const auto now = Clock::now();
  look_so_far_ += now - start;
  if (!done) return;
  looked_ = now;
  ++looks_;
  look_takes_ = std::exchange(look_so_far_, Clock::duration{0});
}

void Run::reset() {
  Session& old = *session_;
  if (probe_) probe_->cancel();  // of weights that are gone
  if (study_ && study_->every > 0) study_step_ = 0;
  ++field_changes_;
  looks_ = 0;
  constexpr std::size_t most = 4;
  before_reset_.push_back(old.checkpoint());
  if (before_reset_.size() > most) before_reset_.erase(before_reset_.begin());
  RunConfig config = old.config();
  session_.emplace(config, setting_.dataset, setting_.pool);
}

void Run::handle(Request& request) {
  if (auto* question = std::get_if<Question>(&request)) {
    question->answer(*session_);
  } else {
    try {
      handle(std::get<Command>(request));
    } catch (const UsageError& error) {
      refuse(error.what());
    } catch (const DeviceError& error) {
      const auto* edit = std::get_if<Edit>(&std::get<Command>(request));
      if (edit == nullptr || !std::holds_alternative<MoveTo>(*edit)) throw;
      refuse(error.what());
    }
  }
}

void Run::handle(const Command& command) {
  const auto resume = [&] {
    if (status_ != RunStatus::running && status_ != RunStatus::waiting)
      set_status(RunStatus::running);
  };
  std::visit(
      [&]<class C>(const C& c) {
        if constexpr (std::is_same_v<C, Stop>) {
          stop_ = true;
        } else if constexpr (std::is_same_v<C, Pause>) {
          // A diverged or finished run stays what it is.
          if (status_ == RunStatus::running || status_ == RunStatus::waiting) {
            pause_at_.reset();
            set_status(RunStatus::paused);
            session_->begin_evaluation(false);
          }
        } else if constexpr (std::is_same_v<C, Resume>) {
          if (status_ == RunStatus::paused) resume();
        } else if constexpr (std::is_same_v<C, StepOnce>) {
          if (status_ == RunStatus::diverged) return;
          pause_at_ = session_->progress().step + c.steps;
          resume();
        } else if constexpr (std::is_same_v<C, Reset>) {
          const bool was_paused = status_ == RunStatus::paused;
          reset();
          set_status(was_paused ? RunStatus::paused : RunStatus::running);
        } else if constexpr (std::is_same_v<C, UndoReset>) {
          if (before_reset_.empty()) return;
          session_.emplace(before_reset_.back(), setting_.dataset, setting_.pool);
          before_reset_.pop_back();
          ++field_changes_;
        } else if constexpr (std::is_same_v<C, StudyCurvature>) {
          curvature_settings(c.knobs);  // refused here, if at all
          free_probe();
          study_ = c;
          study_step_ = session_->progress().step;
        } else if constexpr (std::is_same_v<C, DrawLandscape>) {
          free_probe();
          drawing_ = c;
        } else if constexpr (std::is_same_v<C, EndCurvature>) {
          drawing_.reset();
          if (probe_) probe_->cancel();
          study_.reset();
          study_step_.reset();
        } else if constexpr (std::is_same_v<C, ShowSurface>) {
          show_surface(c);
        } else if constexpr (std::is_same_v<C, ShowView>) {
          if (!views_) throw UsageError("only radiance fields have views to show");
          ViewWatch::check(c);
        } else if constexpr (std::is_same_v<C, SetStepLimit>) {
          step_limit_ = c.steps;
          if (status_ == RunStatus::finished) resume();
        } else {
          session_->apply(c);
          if (changes_field(c)) ++field_changes_;
          if (status_ == RunStatus::diverged && !std::holds_alternative<MoveTo>(c)) resume();
        }
      },
      command);
}

}  // namespace fieldscope
