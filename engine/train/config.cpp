#include "engine/train/config.h"

#include <array>

#include "engine/backend/devices.h"
#include "engine/math/error.h"
#include "engine/optim/registry.h"
#include "engine/task/occupancy_task.h"

namespace fieldscope {
namespace {

constexpr Knob carry_momentum = {
    "carry_momentum",
    "Carry momentum",
    "",
    0,
    1,
    0,
    KnobScale::toggle,
    "When the optimizer is switched, the new one begins with the mean gradient of the old, where "
    "both keep one (SGD, Adam, ESGD, AdaHessian, Sophia). Everything else starts afresh."};

constexpr Knob image_knobs[] = {
    {"batch", "Batch", "samples", 1, 1 << 20, 512, KnobScale::integer,
     "Samples in a minibatch, drawn without replacement; an epoch sees every pixel once. Paper: "
     "512."},
    {"eval_every", "Measure every", "epochs", 0.05, 1000, 1, KnobScale::logarithmic,
     "How often the PSNR of the whole image is measured. Not part of the training time."},
    carry_momentum};

constexpr Knob occupancy_knobs[] = {
    {"batch", "Batch", "points", 1, occupancy_epoch, 5000, KnobScale::integer,
     "Points in a minibatch. An epoch has 50,000, drawn afresh each time. Paper: all of them in "
     "one step, the preset of a GPU; the CPU's is 5000."},
    {"spread", "Spread", "", 1e-4, 1, occupancy_spread, KnobScale::logarithmic,
     "Half of the points lie near the surface: moved off it by a normal deviate of this standard "
     "deviation along each axis, where the box is 2 wide. The other half is uniform in the box. "
     "The points that the IoU is measured on keep the preset."},
    {"eval_every", "Measure every", "epochs", 0.05, 1000, 25, KnobScale::logarithmic,
     "How often the IoU is measured, on 262,144 held-out points. Not part of the training time."},
    carry_momentum};

/// Presets of the paper's occupancy runs that differ from those of its image runs.
void occupancy_presets(FieldSpec& field) {
  if (field.activation == "gaussian") field.knobs.emplace("sigma", 0.09);
}

}  // namespace

std::span<const Knob> training_knobs(TaskKind task) {
  if (task == TaskKind::image) return image_knobs;
  return occupancy_knobs;
}

RunConfig resolve_config(const RunConfig& config) {
  RunConfig resolved = config;
  if (config.task == TaskKind::occupancy) occupancy_presets(resolved.field);
  resolved.field = resolve_field(resolved.field);
  resolved.optimizer =
      resolve_optimizer(config.optimizer, config.field.activation, loss_of(config.task));
  const std::span<const Knob> knobs = training_knobs(config.task);
  for (const auto& [id, value] : config.training) {
    const Knob* knob = find_knob(knobs, id);
    if (knob == nullptr)
      throw UsageError("unknown training knob '" + id + "'; there are " + knob_names(knobs));
    check_knob("training", *knob, value);
  }
  // A GPU is not busy with fewer.
  if (config.task == TaskKind::occupancy && cuda_index(config.device) >= 0)
    resolved.training.emplace("batch", occupancy_epoch);
  resolved.training.merge(default_values(knobs));
  check_device_name(config.device);
  return resolved;
}

LossKind loss_of(TaskKind task) {
  return task == TaskKind::image ? LossKind::mse : LossKind::bce;
}

OptimizerSpec preset_optimizer_for(const RunConfig& config, std::string_view id) {
  return preset_optimizer(id, config.field.activation, loss_of(config.task));
}

RunConfig config_for_task(const RunConfig& config, TaskKind task) {
  if (task == config.task) return config;
  RunConfig plain;  // the presets of the old task
  plain.task = config.task;
  plain.device = config.device;
  plain.field.activation = config.field.activation;
  plain.optimizer.id = config.optimizer.id;
  plain = resolve_config(plain);
  RunConfig next = config;
  next.task = task;
  const auto drop_presets = [](KnobValues& values, const KnobValues& presets) {
    std::erase_if(values, [&](const auto& knob) {
      const auto preset = presets.find(knob.first);
      return preset != presets.end() && preset->second == knob.second;
    });
  };
  drop_presets(next.field.knobs, plain.field.knobs);
  drop_presets(next.optimizer.knobs, plain.optimizer.knobs);
  // A minibatch of pixels and one of points have nothing in common, nor have their epochs.
  const auto carry = config.training.find("carry_momentum");
  next.training.clear();
  if (carry != config.training.end()) next.training.insert(*carry);
  return resolve_config(next);
}

std::string run_label(const RunConfig& config) {
  return std::string(find_optimizer(config.optimizer.id).name) + " · " +
         std::string(find_activation(config.field.activation).name);
}

}  // namespace fieldscope
