#include "engine/train/config.h"

#include "engine/backend/devices.h"
#include "engine/math/error.h"
#include "engine/optim/registry.h"

namespace fieldscope {
namespace {

constexpr Knob knobs[] = {
    {"batch", "Batch", "samples", 1, 1 << 20, 512, KnobScale::integer,
     "Samples in a minibatch, drawn without replacement; an epoch sees every pixel once. Paper: "
     "512."},
    {"eval_every", "Measure every", "epochs", 0.05, 1000, 1, KnobScale::logarithmic,
     "How often the PSNR of the whole image is measured. Not part of the training time."},
    {"carry_momentum", "Carry momentum", "", 0, 1, 0, KnobScale::toggle,
     "When the optimizer is switched, the new one begins with the mean gradient of the old, where "
     "both keep one (SGD, Adam, ESGD, AdaHessian, Sophia). Everything else starts afresh."}};

}  // namespace

std::span<const Knob> training_knobs() {
  return knobs;
}

RunConfig resolve_config(const RunConfig& config) {
  RunConfig resolved = config;
  resolved.field = resolve_field(config.field);
  resolved.optimizer = resolve_optimizer(config.optimizer, config.field.activation);
  for (const auto& [id, value] : config.training) {
    const Knob* knob = find_knob(knobs, id);
    if (knob == nullptr)
      throw UsageError("unknown training knob '" + id + "'; there are " + knob_names(knobs));
    check_knob("training", *knob, value);
  }
  resolved.training.merge(default_values(knobs));
  check_device_name(config.device);
  return resolved;
}

std::string run_label(const RunConfig& config) {
  return std::string(find_optimizer(config.optimizer.id).name) + " · " +
         std::string(find_activation(config.field.activation).name);
}

}  // namespace fieldscope
