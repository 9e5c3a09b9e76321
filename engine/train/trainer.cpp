#include "engine/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/backend/counting_backend.h"
#include "engine/math/bytes.h"
#include "engine/math/error.h"
#include "engine/math/random.h"
#include "engine/optim/registry.h"

namespace fieldscope {
namespace {

/// Vectors as long as the weights that a trainer keeps besides the optimizer's: the weights, their
/// gradient, what it can go back to; and for each step on the way the weights before it.
constexpr std::size_t field_vectors = 3;

/// What a task has found out of the field, among the optimizer's state.
constexpr const char* task_state = "task.seen";

/// What is asked of the backend while this lives belongs to one step.
class StepOnBackend {
 public:
  explicit StepOnBackend(Backend& backend) : backend_(backend) { backend.begin_step(); }
  ~StepOnBackend() {
    if (ended_) return;
    try {  // an error is on its way already
      backend_.end_step();
    } catch (const std::runtime_error&) {
    }
  }
  StepOnBackend(const StepOnBackend&) = delete;
  StepOnBackend& operator=(const StepOnBackend&) = delete;

  void end() {
    ended_ = true;
    backend_.end_step();
  }

 private:
  Backend& backend_;
  bool ended_ = false;
};

/// Knobs that still stand at the preset of the activation left take the preset of the new one.
void follow_preset(const RunConfig& from, const RunConfig& to, OptimizerSpec& optimizer) {
  const OptimizerSpec before = preset_optimizer_for(from, optimizer.id);
  for (const auto& [id, value] : preset_optimizer_for(to, optimizer.id).knobs)
    if (optimizer.knobs.at(id) == before.knobs.at(id)) optimizer.knobs[id] = value;
}

}  // namespace

Trainer::Trainer(const RunConfig& config, Backend& backend, std::shared_ptr<const Dataset> dataset,
                 ThreadPool* pool)
    : config_(config), backend_(&backend), dataset_(std::move(dataset)), pool_(pool) {
  field_ = std::make_unique<Field>(config_.field, task_shape(*dataset_, config_.training).field);
  expect_memory(config_, *field_, 0);
  build_task();
  build_field(field_->initial_weights(config_.seed));
  build_optimizer();
}

/// `held` bytes of what the run has now will be free again.
void Trainer::expect_memory(const RunConfig& config, const Field& field, std::size_t held) const {
  const std::size_t number = backend_->precision() == Precision::f64 ? 8 : 4;
  const TaskShape shape = task_shape(*dataset_, config.training);
  const std::size_t samples = shape.batch * shape.evaluations;
  const auto numbers = static_cast<std::size_t>(shape.field.coordinates + shape.field.outputs);
  CountingBackend count(backend_->precision());
  find_optimizer(config.optimizer.id)
      .make(count, layout_of(field.network()), config.optimizer.knobs);
  const std::size_t vectors = field_vectors + 1 + backend_->steps_ahead();
  const std::size_t weights = vectors * field.parameters() * number;
  const std::size_t batch =
      samples * numbers * number + backend_->pass_bytes(field.network(), samples);
  const std::size_t data = backend_->held_bytes(shape.held);
  const std::size_t state = count.memory_bytes(), needed = weights + state + batch + data;
  const std::size_t free = backend_->free_bytes();
  if (needed <= free + held) return;
  throw DeviceError(
      "not enough memory on " + backend_->device_name() + ": the run needs " +
      format_bytes(needed) + " (weights " + format_bytes(weights) + ", state of " +
      config.optimizer.id + " " + format_bytes(state) + ", batch of " + std::to_string(samples) +
      " " + format_bytes(batch) + (data > 0 ? ", dataset " + format_bytes(data) : "") + "), " +
      format_bytes(free + held) + " are free; use a smaller batch or network, or another device");
}

void Trainer::build_task() {
  task_ = make_task(*backend_, dataset_, config_.seed, config_.training, pool_);
  shape_ = task_->shape();
}

/// Throws DeviceError, and then the old one is there again, or none if there is no room for that.
void Trainer::rebuild_task(const KnobValues& training) {
  const std::vector<double> seen = task_->state();
  task_.reset();  // it may hold a copy of the dataset, and there need not be room for two
  const KnobValues before = std::exchange(config_.training, training);
  try {
    build_task();
  } catch (const DeviceError&) {
    config_.training = before;
    build_task();
    task_->restore_state(seen);
    throw;
  }
  task_->restore_state(seen);
}

void Trainer::build_field(const std::vector<double>& weights) {
  objective_ = std::make_unique<FieldObjective>(*backend_, field_->network(), shape_.loss);
  kept_.reset();
  spare_.clear();
  Buffer* const buffers[field_vectors] = {&weights_, &gradient_, &kept_weights_};
  for (Buffer* buffer : buffers) {
    *buffer = Buffer();
    *buffer = backend_->allocate(field_->parameters());
  }
  backend_->upload(weights_, std::span<const double>(weights));
}

void Trainer::build_optimizer() {
  optimizer_ = find_optimizer(config_.optimizer.id)
                   .make(*backend_, layout_of(field_->network()), config_.optimizer.knobs);
  optimizer_step_ = 0;
}

Trainer::Step Trainer::take_step() {
  expect_settled("take_step");
  begin_step();
  return end_step();
}

std::optional<Trainer::Work> Trainer::begin_step() {
  if (task_->looks(step_)) {
    if (!settle()) return std::nullopt;
    task_->look(step_, field_->network(), weights_);
  }
  Begun begun;
  begun.step = step_;
  begun.optimizer_step = optimizer_step_;
  if (spare_.empty()) spare_.push_back(backend_->allocate(weights_.size()));
  begun.before = std::move(spare_.back());
  spare_.pop_back();
  const ArithmeticScope arithmetic(*backend_, arithmetic_of(config_));
  StepOnBackend together(*backend_);
  const Batch& batch = task_->sample(step_);
  objective_->set_batch(batch);
  objective_->set_probe_key(random_key(config_.seed, Stream::probes, step_));
  backend_->copy(weights_, begun.before);
  if (const auto wanted = wanted_.find(step_); wanted != wanted_.end()) {
    if (wanted->second.size() != weights_.size())
      wanted->second = backend_->allocate(weights_.size());
    backend_->copy(weights_, wanted->second);
  }
  begun.loss = optimizer_->step(*objective_, weights_, gradient_, optimizer_step_);
  begun.finite = backend_->all_finite(weights_);
  together.end();
  begun.result.samples = shape_.samples_of(step_);
  begun.result.gradients = objective_->take_cost();
  begun_.push_back(std::move(begun));
  ++step_;
  ++optimizer_step_;
  return begun_.back().result;
}

Trainer::Step Trainer::end_step() {
  if (begun_.empty()) throw std::logic_error("Trainer::end_step: no step has been begun");
  settle(begun_.front());
  const Step result = begun_.front().result;
  begun_.pop_front();
  return result;
}

/// Finds out how all steps on the way went; true if well.
bool Trainer::settle() {
  for (std::size_t i = 0; i < begun_.size(); ++i) settle(begun_[i]);  // the last ones may go away
  return begun_.empty() || begun_.back().result.finite;
}

void Trainer::settle(Begun& begun) {
  if (begun.ended) return;
  Step& result = begun.result;
  result.loss = begun.loss;
  result.finite = std::isfinite(result.loss) && begun.finite != 0;
  begun.ended = true;
  stumbled_ = !result.finite;
  if (stumbled_) {
    while (&begun_.back() != &begun) {
      spare_.push_back(std::move(begun_.back().before));
      begun_.pop_back();
    }
    backend_->copy(begun.before, weights_);
    step_ = begun.step;
    optimizer_step_ = begun.optimizer_step;
  }
  keep(begun);
  spare_.push_back(std::move(begun.before));
}

void Trainer::expect_settled(const char* what) const {
  if (!begun_.empty())
    throw std::logic_error(std::string("Trainer::") + what + ": steps on the way");
}

void Trainer::keep(Begun& begun) {
  constexpr double far_above = 3, weight = 1.0 / 32;
  const double loss = begun.result.loss;
  if (!std::isfinite(loss) || (kept_ && loss > far_above * usual_loss_)) return;
  usual_loss_ = kept_ ? usual_loss_ + weight * (loss - usual_loss_) : loss;
  kept_ = {begun.step, loss};
  std::swap(begun.before, kept_weights_);
}

const Buffer& Trainer::weights_before(std::uint64_t step) const {
  if (step == step_) return weights_;
  if (kept_ && kept_->step == step) return kept_weights_;
  const auto wanted = wanted_.find(step);
  if (wanted == wanted_.end() || wanted->second.size() != weights_.size())
    throw UsageError("cannot go back to step " + std::to_string(step) +
                     ": its weights were not kept");
  return wanted->second;
}

void Trainer::apply(const Edit& edit) {
  expect_settled("apply");
  RunConfig next = config_;
  if (const auto* change = std::get_if<SwitchOptimizer>(&edit)) {
    next.optimizer = change->optimizer;
  } else if (const auto* other = std::get_if<SwitchActivation>(&edit)) {
    next.field = other->field;
    follow_preset(config_, next, next.optimizer);
  } else if (const auto* back = std::get_if<GoBack>(&edit)) {
    next.optimizer.knobs["lr"] = back->lr;
  } else if (std::holds_alternative<MoveTo>(edit)) {
    throw std::logic_error("Trainer::apply: a move needs a backend; see move_to()");
  } else {
    const auto& set = std::get<SetKnob>(edit);
    KnobValues& knobs = set.target == SetKnob::Target::optimizer    ? next.optimizer.knobs
                        : set.target == SetKnob::Target::activation ? next.field.knobs
                                                                    : next.training;
    knobs[set.knob] = set.value;
  }
  next = resolve_config(next);
  const auto* const set_knob = std::get_if<SetKnob>(&edit);
  const bool new_task =
      next.training != config_.training && (set_knob == nullptr || concerns_task(set_knob->knob));
  const FieldShape shape = task_shape(*dataset_, next.training).field;
  const bool new_field = !(next.field == config_.field) || !(shape == field_->shape());
  const bool new_optimizer = !std::holds_alternative<SetKnob>(edit);
  std::unique_ptr<Field> field;
  if (new_field) field = std::make_unique<Field>(next.field, shape);
  if (new_task || new_field || new_optimizer) {
    try {
      expect_memory(next, new_field ? *field : *field_, backend_->memory_bytes());
      if (new_task) rebuild_task(next.training);
    } catch (const DeviceError& error) {
      if (!task_) throw;
      throw UsageError(describe(edit) + ": " + error.what());  // refused, and the run goes on
    }
  }
  if (const auto* back = std::get_if<GoBack>(&edit)) {
    const Buffer& weights = weights_before(back->step);
    if (&weights != &weights_) backend_->copy(weights, weights_);
  }
  if (new_field) {
    const bool same_shape = field->parameters() == field_->parameters();
    const std::vector<double> weights =
        field->adopt_weights(*field_, download_weights(), config_.seed);
    field_ = std::move(field);
    config_ = next;
    build_field(weights);
    // Another function has another curvature; but a knob that leaves every tensor in place, such as
    // the frequency, may keep what the optimizer knows.
    if (new_optimizer || !same_shape) build_optimizer();
  }
  config_ = next;
  if (new_field) return;
  if (new_optimizer) {
    const std::unique_ptr<Optimizer> old = std::move(optimizer_);
    const std::uint64_t steps = optimizer_step_;
    build_optimizer();
    // After a step that was not finite nothing of the old state can be trusted.
    const bool going_back = std::holds_alternative<GoBack>(edit);
    if (config_.training.at("carry_momentum") == 0 || stumbled_ || going_back) return;
    if (const auto mean = old->mean_gradient(steps)) optimizer_->begin_with(*backend_, *mean);
  } else {
    for (const auto& [id, value] : config_.optimizer.knobs) optimizer_->set_knob(id, value);
  }
}

void Trainer::move_to(Backend& backend, const std::string& device) {
  expect_settled("move_to");
  const auto carried = [&](const Buffer& from) {
    std::vector<double> numbers(from.size());
    backend_->download(from, std::span<double>(numbers));
    Buffer to = backend.allocate(numbers.size());
    backend.upload(to, std::span<const double>(numbers));
    return to;
  };
  RunConfig config = config_;
  config.device = device;
  Trainer moved(config, backend, dataset_, pool_);
  moved.restore(step_, optimizer_step_, download_weights(), download_state());
  moved.kept_ = kept_;
  moved.kept_weights_ = carried(kept_weights_);
  moved.usual_loss_ = usual_loss_;
  for (const auto& [step, weights] : wanted_)
    moved.wanted_.emplace(step, weights.empty() ? Buffer() : carried(weights));
  moved.stumbled_ = stumbled_;
  *this = std::move(moved);
}

std::vector<double> Trainer::download_weights() const {
  expect_settled("download_weights");
  std::vector<double> weights(field_->parameters());
  backend_->download(weights_, std::span<double>(weights));
  return weights;
}

FrozenLoss freeze_loss(const Field& field, const Network& network, std::vector<double> weights,
                       const Task& task, std::size_t samples, std::uint64_t seed) {
  FrozenLoss frozen;
  frozen.network = network;
  frozen.loss = task.shape().loss;
  frozen.weights = std::move(weights);
  Task::Samples drawn = task.draw(samples, random_key(seed, Stream::probes, ~0ull));
  frozen.coordinates = std::move(drawn.coordinates);
  frozen.targets = std::move(drawn.targets);
  frozen.rays = {std::move(drawn.lengths), drawn.ray_samples, drawn.density, drawn.background};
  // "body.0.a.weight" and all that follows with "body.0" is a layer, likewise "head.0".
  for (const ParameterTensor& tensor : field.tensors()) {
    const std::size_t first_dot = tensor.name.find('.');
    const bool hidden = tensor.name.starts_with("body.") || tensor.name.starts_with("head.");
    const std::string layer =
        tensor.name.substr(0, hidden ? tensor.name.find('.', first_dot + 1) : first_dot);
    if (frozen.layers.empty() || frozen.layers.back().name != layer)
      frozen.layers.push_back({layer, tensor.offset, 0});
    frozen.layers.back().size += tensor.size;
  }
  return frozen;
}

FrozenLoss Trainer::freeze(std::size_t samples) const {
  return freeze_loss(*field_, field_->network(), download_weights(), *task_, samples, config_.seed);
}

CurvatureInputs Trainer::curvature_inputs() const {
  CurvatureInputs inputs;
  inputs.own_divisor = optimizer_->divisor(*backend_, optimizer_step_);
  inputs.minibatch = shape_.batch * shape_.evaluations;
  inputs.key = random_key(config_.seed, Stream::probes, ~1ull);
  const auto damping = config_.optimizer.knobs.find("damping");
  if (config_.optimizer.id == "kfac" && damping != config_.optimizer.knobs.end())
    inputs.kfac_damping = damping->second;
  return inputs;
}

Trainer::NamedState Trainer::download_state() const {
  expect_settled("download_state");
  NamedState named;
  for (const Optimizer::State& state : optimizer_->state()) {
    std::vector<double> values(state.size());
    if (state.number != nullptr)
      values[0] = *state.number;
    else
      backend_->download(*state.buffer, std::span<double>(values));
    named.emplace_back(state.name, std::move(values));
  }
  std::vector<double> seen = task_->state();
  if (!seen.empty()) named.emplace_back(task_state, std::move(seen));
  return named;
}

void Trainer::restore(std::uint64_t step, std::uint64_t optimizer_step,
                      const std::vector<double>& weights, const NamedState& state) {
  if (weights.size() != field_->parameters())
    throw DataError("saved run: " + std::to_string(weights.size()) + " weights, but the network " +
                    "that it describes has " + std::to_string(field_->parameters()));
  const std::vector<Optimizer::State> mine = optimizer_->state();
  for (const Optimizer::State& to : mine) {
    bool fits = to.may_lack;
    for (const auto& [name, values] : state)
      if (name == to.name) fits = values.size() == to.size();
    if (!fits)
      throw DataError("saved run: the state '" + to.name + "' of optimizer " +
                      config_.optimizer.id + " is missing or of the wrong size");
  }
  backend_->upload(weights_, std::span<const double>(weights));
  for (const Optimizer::State& to : mine)
    for (const auto& [name, values] : state) {
      if (name != to.name) continue;
      if (to.number != nullptr)
        *to.number = values[0];
      else
        backend_->upload(*to.buffer, std::span<const double>(values));
    }
  for (const auto& [name, values] : state)
    if (name == task_state) task_->restore_state(values);
  step_ = step;
  optimizer_step_ = optimizer_step;
}

}  // namespace fieldscope
