#include "app/headless/bench_measure.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>

#include "app/headless/bench_data.h"
#include "app/headless/device_peak.h"
#include "app/headless/names.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/backend/flops.h"
#include "engine/optim/registry.h"
#include "engine/task/task.h"
#include "engine/train/trainer.h"

namespace fieldscope {
namespace {

using Kind = Workload::Kind;

constexpr double piece_seconds = 0.02;
constexpr double peak_seconds = 0.01;
constexpr int rounds = 3;

double median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

template <class Action>
double seconds_of(const Action& action) {
  const auto begin = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// A training step's run; its optimizer is the caller's.
RunConfig config_of(const BenchPlan& plan, const BenchGroup& group) {
  RunConfig config;
  config.task = plan.task;
  config.field = group.field;
  config.training = plan.training;
  config.training["batch"] = static_cast<double>(group.batch);
  return resolve_config(config);
}

/// Steps of one kind: what can be timed by itself.
struct Subject {
  enum class Refresh { by_itself, always, never };
  Kind kind = Kind::inference;
  OptimizerSpec optimizer;  ///< without refresh_every where `refresh` says it
  Refresh refresh = Refresh::by_itself;
  double flops = 0;       ///< of a step
  std::size_t steps = 0;  ///< in a piece; 0: not known yet
  struct Piece {
    double seconds;  ///< a step
    double peak;     ///< FLOP/s around it
  };
  std::vector<Piece> pieces;

  double best() const {
    double best = std::numeric_limits<double>::infinity();
    for (const Piece& piece : pieces) best = std::min(best, piece.seconds);
    return best;
  }
  double median_seconds() const {
    std::vector<double> values;
    for (const Piece& piece : pieces) values.push_back(piece.seconds);
    return median(values);
  }
  double median_possible() const {
    std::vector<double> values;
    for (const Piece& piece : pieces) values.push_back(piece.seconds * piece.peak);
    return median(values);
  }
};

/// A workload as a mean of subjects: (which, weight).
using Parts = std::vector<std::pair<std::size_t, double>>;

/// All that is timed in one group.
struct Sheet {
  std::vector<Subject> subjects;
  std::vector<Parts> workloads;  ///< in the plan's order
};

std::size_t add_subject(Sheet& sheet, const Subject& subject) {
  for (std::size_t i = 0; i < sheet.subjects.size(); ++i) {
    const Subject& other = sheet.subjects[i];
    if (other.kind == subject.kind && other.optimizer == subject.optimizer &&
        other.refresh == subject.refresh)
      return i;
  }
  sheet.subjects.push_back(subject);
  return sheet.subjects.size() - 1;
}

/// The knobs with which every step costs what it costs in a long run: no first steps unlike the
/// others, and weights that stay where the arithmetic is ordinary.
OptimizerSpec steady(OptimizerSpec optimizer) {
  const std::span<const Knob> knobs = find_optimizer(optimizer.id).knobs;
  for (const char* id : {"lr", "warmup", "first_probes"})
    if (const Knob* knob = find_knob(knobs, id)) optimizer.knobs[id] = knob->min;
  return optimizer;
}

/// `flops` and `evaluations` of the network for each sample of the batch.
Parts parts_of(const Workload& workload, const BenchGroup& group, const FlopsPerSample& flops,
               std::size_t evaluations, Sheet& sheet) {
  const auto batch = static_cast<double>(group.batch * evaluations);
  Subject subject;
  subject.kind = workload.kind;
  subject.flops = batch * (workload.kind == Kind::inference ? flops.inference
                           : workload.kind == Kind::product ? flops.product
                                                            : flops.gradient);
  if (workload.kind != Kind::training) return {{add_subject(sheet, subject), 1}};
  subject.optimizer = steady(resolve_optimizer(workload.optimizer, group.field.activation));
  const auto every = subject.optimizer.knobs.find("refresh_every");
  if (every == subject.optimizer.knobs.end()) return {{add_subject(sheet, subject), 1}};
  const double period = every->second;
  subject.optimizer.knobs.erase(every);
  Subject refreshing = subject;
  refreshing.refresh = Subject::Refresh::always;
  refreshing.flops = batch * flops.product;
  subject.refresh = Subject::Refresh::never;
  if (period == 1) return {{add_subject(sheet, refreshing), 1}};
  return {{add_subject(sheet, refreshing), 1 / period},
          {add_subject(sheet, subject), (period - 1) / period}};
}

Sheet make_sheet(const BenchPlan& plan, const BenchGroup& group) {
  const TaskShape shape =
      task_shape(*bench_dataset(plan.task, group.batch), config_of(plan, group).training);
  const FlopsPerSample flops = count_flops(Field(group.field, shape.field).network());
  Sheet sheet;
  for (const Workload& workload : plan.workloads)
    sheet.workloads.push_back(parts_of(workload, group, flops, shape.evaluations, sheet));
  return sheet;
}

/// A network with a minibatch, and the trainers that its subjects need.
class Station {
 public:
  Station(const BenchPlan& plan, const BenchGroup& group, const std::shared_ptr<ThreadPool>& pool)
      : config_(config_of(plan, group)),
        pool_(pool),
        backend_(make_backend(plan.device, pool, Precision::f32)),
        dataset_(bench_dataset(plan.task, group.batch)),
        task_(make_task(*backend_, dataset_, 0, config_.training, pool.get())),
        field_(config_.field, task_->shape().field),
        objective_(*backend_, field_.network(), task_->shape().loss),
        batch_(task_->sample(0)) {
    backend_->set_arithmetic(arithmetic_of(config_));
    for (Buffer* buffer : {&weights_, &gradient_, &direction_, &product_})
      *buffer = backend_->allocate(field_.parameters());
    outputs_ = backend_->allocate(batch_.size * static_cast<std::size_t>(field_.network().outputs));
    const std::vector<double> initial = field_.initial_weights(0);
    backend_->upload(weights_, std::span<const double>(initial));
    objective_.set_batch(batch_);
    objective_.draw_probe(direction_, ProbeKind::signs);
  }

  /// The first steps of a subject, untimed; finds out how many make a piece.
  void warm_up(Subject& subject) {
    Trainer* const trainer = prepare(subject);
    const double first = seconds_of([&] { take_steps(subject, trainer, 1); });
    if (subject.steps > 0) return;
    // Even the first step, which meets cold memory, is slower by less than that.
    if (first > 4 * piece_seconds) {
      subject.steps = 1;
      return;
    }
    const double second = seconds_of([&] { take_steps(subject, trainer, 1); });
    subject.steps = static_cast<std::size_t>(std::clamp(piece_seconds / second, 1.0, 1e5));
  }

  /// Seconds a step.
  double time_piece(const Subject& subject) {
    Trainer* const trainer = prepare(subject);
    // The subject before has filled the caches with its own.
    if (subject.steps > 1) take_steps(subject, trainer, 1);
    const double seconds = seconds_of([&] { take_steps(subject, trainer, subject.steps); });
    return seconds / static_cast<double>(subject.steps);
  }

 private:
  Trainer& trainer_of(const Subject& subject) {
    std::unique_ptr<Trainer>& trainer = trainers_[optimizer_text(subject.optimizer)];
    if (!trainer) {
      RunConfig config = config_;
      config.optimizer = subject.optimizer;
      trainer = std::make_unique<Trainer>(resolve_config(config), *backend_, dataset_, pool_.get());
    }
    return *trainer;
  }

  /// The trainer of the subject, if it has one, set so that the next steps are the subject's.
  Trainer* prepare(const Subject& subject) {
    if (subject.kind != Kind::training) return nullptr;
    Trainer& trainer = trainer_of(subject);
    if (subject.refresh == Subject::Refresh::by_itself) return &trainer;
    // The first step of all refreshes in any case.
    if (trainer.optimizer_step() == 0) take_steps(subject, &trainer, 1);
    const Knob& knob = *find_knob(find_optimizer(subject.optimizer.id).knobs, "refresh_every");
    const bool always = subject.refresh == Subject::Refresh::always;
    trainer.apply(
        SetKnob{SetKnob::Target::optimizer, "refresh_every", always ? knob.min : knob.max});
    return &trainer;
  }

  /// Of a device, as many on the way as a run has; all are done when this returns.
  void take_steps(const Subject& subject, Trainer* trainer, std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) step(subject, trainer);
    while (trainer != nullptr && trainer->steps_begun() > 0) end_step(subject, *trainer);
  }

  void end_step(const Subject& subject, Trainer& trainer) {
    if (!trainer.end_step().finite)
      throw std::runtime_error("bench: training with " + optimizer_text(subject.optimizer) +
                               " diverged; its time would say nothing");
  }

  void step(const Subject& subject, Trainer* trainer) {
    switch (subject.kind) {
      case Kind::inference:
        backend_->forward(field_.network(), weights_, *batch_.coordinates, batch_.size, outputs_);
        backend_->download(outputs_, std::span<float>(first_output_));  // waits for a GPU
        break;
      case Kind::gradient:
        objective_.gradient(weights_, gradient_);
        break;
      case Kind::product:
        objective_.gradient_and_product(Curvature::hessian, weights_, direction_, gradient_,
                                        product_);
        break;
      case Kind::training:
        trainer->begin_step();
        if (trainer->steps_begun() > trainer->steps_ahead()) end_step(subject, *trainer);
        break;
    }
  }

  RunConfig config_;
  std::shared_ptr<ThreadPool> pool_;
  std::unique_ptr<Backend> backend_;
  std::shared_ptr<const Dataset> dataset_;
  std::unique_ptr<Task> task_;
  Field field_;
  FieldObjective objective_;
  Batch batch_;
  Buffer weights_, gradient_, direction_, product_, outputs_;
  std::map<std::string, std::unique_ptr<Trainer>> trainers_;
  std::array<float, 1> first_output_{};
};

/// The whole measurement.
class Bench {
 public:
  Bench(const BenchPlan& plan, const std::shared_ptr<ThreadPool>& pool, const BenchProgress& go_on)
      : plan_(plan), pool_(pool), go_on_(go_on), peak_(plan.device, pool) {
    for (const BenchGroup& group : plan.groups) sheets_.push_back(make_sheet(plan, group));
  }

  BenchResult run() {
    measure_peak();
    for (const Sheet& sheet : sheets_)
      for (const Subject& subject : sheet.subjects)
        expected_ += plan_.repeats * expected_seconds(subject);
    bool whole = true;
    for (int round = 0; whole && round < std::min(rounds, plan_.repeats); ++round) {
      const int repeats = plan_.repeats / rounds + (round < plan_.repeats % rounds ? 1 : 0);
      for (std::size_t group = 0; whole && group < sheets_.size(); ++group)
        whole = visit(group, repeats);
    }
    BenchResult result;
    result.interrupted = !whole;
    result.peaks = peaks_.size();
    result.best_copy = best_copy_;
    result.best_peak = *std::max_element(peaks_.begin(), peaks_.end());
    result.median_peak = median(peaks_);
    for (std::size_t group = 0; group < sheets_.size(); ++group)
      for (std::size_t i = 0; i < plan_.workloads.size(); ++i)
        if (const auto row = row_of(group, i)) result.rows.push_back(*row);
    return result;
  }

 private:
  double measure_peak() {
    peaks_.push_back(peak_.measure(peak_seconds));
    return peaks_.back() * 1e9;
  }

  double expected_seconds(const Subject& subject) const {
    return std::max(piece_seconds, 1.5 * subject.flops / (peaks_.front() * 1e9)) + peak_seconds;
  }

  /// `repeats` pieces of each subject in turn. False if that was cut short.
  bool visit(std::size_t group, int repeats) {
    Station station(plan_, plan_.groups[group], pool_);
    Sheet& sheet = sheets_[group];
    for (Subject& subject : sheet.subjects) {
      if (!go_on_(done_ / expected_)) return false;
      station.warm_up(subject);
    }
    best_copy_ = std::max(best_copy_, peak_.measure_copy());
    double before = measure_peak();
    for (int i = 0; i < repeats; ++i) {
      for (Subject& subject : sheet.subjects) {
        if (!go_on_(done_ / expected_)) return false;
        const double seconds = station.time_piece(subject);
        const double after = measure_peak();
        subject.pieces.push_back({seconds, (before + after) / 2});
        before = after;
        done_ += expected_seconds(subject);
      }
    }
    return true;
  }

  std::optional<BenchRow> row_of(std::size_t group, std::size_t workload) const {
    const Parts& parts = sheets_[group].workloads[workload];
    BenchRow row;
    row.group = group;
    row.workload = workload;
    row.composed = parts.size() > 1;
    row.pieces = std::numeric_limits<std::size_t>::max();
    for (const auto& [index, weight] : parts) {
      const Subject& subject = sheets_[group].subjects[index];
      if (subject.pieces.empty()) return std::nullopt;
      row.flops += weight * subject.flops;
      row.best_seconds += weight * subject.best();
      row.median_seconds += weight * subject.median_seconds();
      row.possible_flops += weight * subject.median_possible();
      row.pieces = std::min(row.pieces, subject.pieces.size());
    }
    return row;
  }

  const BenchPlan& plan_;
  const std::shared_ptr<ThreadPool>& pool_;
  const BenchProgress& go_on_;
  DevicePeak peak_;
  std::vector<Sheet> sheets_;
  std::vector<double> peaks_;       ///< GFLOP/s
  double best_copy_ = 0;            ///< GB/s
  double expected_ = 0, done_ = 0;  ///< seconds, roughly
};

}  // namespace

BenchResult measure_bench(const BenchPlan& plan, const std::shared_ptr<ThreadPool>& pool,
                          const BenchProgress& go_on) {
  return Bench(plan, pool, go_on).run();
}

}  // namespace fieldscope
