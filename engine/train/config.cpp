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

constexpr std::string_view precisions[] = {"f32", "tf32", "bf16"};
constexpr std::string_view precision_glosses[] = {"As accurate as float32: three tf32 products",
                                                  "Factors rounded to 11 bits, sums in float32",
                                                  "Factors rounded to 8 bits, sums in float32"};

/// The coarsest that costs no quality (engine/REPRODUCTION.md), and so by design the fastest.
constexpr Knob precision = {
    "precision",
    "Precision",
    "",
    0,
    2,
    static_cast<double>(Arithmetic::tf32),
    KnobScale::choice,
    "With which numbers a GPU multiplies matrices in a training step. 'f32': as accurate as "
    "float32, on tensor cores three tf32 products. 'tf32': factors of 11 bits. 'bf16': of 8 bits. "
    "Weights and sums are float32 in all, and how good the field is, is measured in float32. A CPU "
    "trains in float32 whatever this says.",
    precisions,
    precision_glosses};

constexpr Knob image_knobs[] = {
    {"batch", "Batch", "samples", 1, 1 << 20, 512, KnobScale::integer,
     "Samples in a minibatch, drawn without replacement; an epoch sees every pixel once. Paper: "
     "512."},
    {"eval_every", "Measure every", "epochs", 0.05, 1000, 1, KnobScale::logarithmic,
     "How often the PSNR of the whole image is measured. Not part of the training time."},
    precision,
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
    precision,
    carry_momentum};

constexpr std::string_view spaces[] = {"auto", "box"};
constexpr std::string_view densities[] = {"softplus", "exp"};
constexpr std::string_view backgrounds[] = {"white", "black"};
constexpr std::string_view grids[] = {"auto", "off", "on"};

constexpr std::string_view networks[] = {"single", "head"};
constexpr std::string_view network_glosses[] = {"One network of place and direction",
                                                "Density of the place; a head for colour"};

constexpr Knob radiance_knobs[] = {
    {"network", "Network", "", 0, 1, 0, KnobScale::choice,
     "'single': one network of place and direction of view, as in the paper. 'head': density from "
     "the place alone, colour from a small head that also sees the direction (NeRF). A change "
     "draws anew what is not in both.",
     networks, network_glosses},
    {"batch", "Batch", "rays", 1, 1 << 18, 64, KnobScale::integer,
     "Rays in a minibatch, drawn without replacement from all training views; an epoch sees every "
     "pixel once. NeRF: 4096, which is the preset on a GPU; on a CPU it is 64."},
    {"samples", "Samples", "per ray", 4, 1024, 64, KnobScale::integer,
     "Evaluations of the field along a ray, one at a random place in each of as many equal parts "
     "of it. NeRF: 64, and 128 more where the first found something."},
    {"space", "Space", "", 0, 1, 0, KnobScale::choice,
     "'auto': normalised device coordinates where all views look one way (NeRF, appendix C), so "
     "that the box reaches to infinity; else the scene's box. 'box': always the box.",
     spaces},
    {"density", "Density", "", 0, 1, 0, KnobScale::choice,
     "How a density comes from the field's number r: 'softplus' log(1 + exp(r)), 'exp' exp(r).",
     densities},
    {"density_scale", "Density scale", "", 0.01, 1000, 5, KnobScale::logarithmic,
     "The density is so many times its activation, per unit of the box, which is 2 wide: the "
     "larger, the smaller the numbers that make something opaque. NeRF: 1."},
    {"background", "Background", "", 0, 1, 0, KnobScale::choice,
     "What is behind everything, and behind photographs that are cut out.", backgrounds},
    {"grid", "Occupancy grid", "", 0, 2, 0, KnobScale::choice,
     "Samples go where the field was dense lately, on a grid of 64³ cells (Müller et al. 2022). "
     "'auto': where photographs are cut out. 'off' for the paper's own setting.",
     grids},
    {"eval_every", "Measure every", "steps", 1, 1e6, 250, KnobScale::integer,
     "How often held-out views are measured. Not part of the training time."},
    {"eval_views", "Measured views", "", 1, 1000, 2, KnobScale::integer,
     "So many of the held-out views are rendered and measured, spread evenly over them."},
    {"eval_pixels", "Measured pixels", "per view", 64, 1 << 24, 16384, KnobScale::integer,
     "Of larger views every second, third, ... pixel along rows and columns is measured, so that "
     "there are no more than these. SSIM needs all of them."},
    precision,
    carry_momentum};

/// Presets of the paper's occupancy runs that differ from those of its image runs.
void occupancy_presets(FieldSpec& field) {
  if (field.activation == "gaussian") field.knobs.emplace("sigma", 0.09);
}

}  // namespace

std::span<const Knob> training_knobs(TaskKind task) {
  if (task == TaskKind::image) return image_knobs;
  if (task == TaskKind::occupancy) return occupancy_knobs;
  return radiance_knobs;
}

bool concerns_task(std::string_view knob) {
  return knob != "eval_every" && knob != "precision" && knob != "carry_momentum";
}

Arithmetic arithmetic_of(const RunConfig& config) {
  return static_cast<Arithmetic>(config.training.at("precision"));
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
  if (config.task == TaskKind::nerf && cuda_index(config.device) >= 0)
    resolved.training.emplace("batch", 4096);
  resolved.training.merge(default_values(knobs));
  check_device_name(config.device);
  return resolved;
}

std::string_view default_activation(TaskKind task) {
  // Of a scene the others have learned little after the first minutes (engine/REPRODUCTION.md).
  return task == TaskKind::nerf ? "relu_pe" : "sine";
}

LossKind loss_of(TaskKind task) {
  constexpr LossKind losses[] = {LossKind::mse, LossKind::bce, LossKind::volume};
  return losses[static_cast<std::size_t>(task)];
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
  std::erase_if(next.training, [](const auto& knob) {
    return knob.first != "carry_momentum" && knob.first != "precision";
  });
  return resolve_config(next);
}

std::string run_label(const RunConfig& config) {
  return std::string(find_optimizer(config.optimizer.id).name) + " · " +
         std::string(find_activation(config.field.activation).name);
}

}  // namespace fieldscope
