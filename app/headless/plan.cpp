#include "app/headless/plan.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "app/headless/names.h"
#include "app/headless/output_folder.h"
#include "engine/experiment/presets.h"
#include "engine/math/error.h"
#include "engine/optim/registry.h"

namespace fieldscope {
namespace {

constexpr int default_longest_side = 256;

RunConfig config_of(const Options& options, const OptimizerSpec& optimizer,
                    const FieldSpec& activation, std::uint64_t seed) {
  RunConfig config;
  config.task = find_task(options.task).kind;
  config.field = activation;
  if (!options.hidden.empty()) config.field.hidden = options.hidden;
  config.optimizer = optimizer;
  config.training = options.training;
  config.seed = seed;
  config.device = options.device;
  return resolve_config(config);
}

std::string optimizer_name(const RunConfig& config) {
  return std::string(find_optimizer(config.optimizer.id).name);
}
std::string activation_name(const RunConfig& config) {
  return std::string(find_activation(config.field.activation).name);
}

template <class Value>
bool all_same(const std::vector<RunPlan>& plans, const Value& value) {
  return std::all_of(plans.begin(), plans.end(), [&](const RunPlan& plan) {
    return value(plan.config) == value(plans.front().config);
  });
}

/// Knobs in which runs of the same optimizer and activation differ, appended to their names.
void tell_twins_apart(std::vector<RunPlan>& plans) {
  const auto twins = [](const RunPlan& a, const RunPlan& b) {
    return a.config.optimizer.id == b.config.optimizer.id &&
           a.config.field.activation == b.config.field.activation;
  };
  const auto tell = [&](RunPlan& plan, std::span<const Knob> knobs, auto values) {
    for (const Knob& knob : knobs) {
      const double own = values(plan.config).find(knob.id)->second;
      const bool differs = std::any_of(plans.begin(), plans.end(), [&](const RunPlan& other) {
        return twins(plan, other) && values(other.config).find(knob.id)->second != own;
      });
      if (!differs) continue;
      plan.name += "-" + std::string(knob.id) + "=" + format_knob(knob, own);
      plan.label += " " + std::string(knob.id) + " " + format_knob(knob, own);
    }
  };
  for (RunPlan& plan : plans) {
    tell(plan, find_optimizer(plan.config.optimizer.id).knobs,
         [](const RunConfig& config) -> const KnobValues& { return config.optimizer.knobs; });
    tell(plan, find_activation(plan.config.field.activation).knobs,
         [](const RunConfig& config) -> const KnobValues& { return config.field.knobs; });
    tell(plan, training_knobs(plan.config.task),
         [](const RunConfig& config) -> const KnobValues& { return config.training; });
  }
  std::set<std::string> taken;
  for (const RunPlan& plan : plans) {
    if (!taken.insert(plan.name).second) {
      throw UsageError("'" + plan.name + "' is asked for twice; give the two runs different knobs");
    }
  }
}

std::string size_text(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

/// Photographs are reduced, never enlarged and never cut. Who rounds a side otherwise is
/// understood.
void check_size(const Options& options, const PosedViews& views) {
  if (options.width <= 0) return;
  int width = 0, height = 0;  // of the largest, where they differ
  for (const PosedView& view : views.training) {
    const Lens& lens = view.camera.lens;
    if (std::abs(lens.width - options.width) <= 1 && std::abs(lens.height - options.height) <= 1)
      return;
    if (std::max(lens.width, lens.height) <= std::max(width, height)) continue;
    width = lens.width;
    height = lens.height;
  }
  const std::string size = "size " + size_text(options.width, options.height);
  const std::string own = size_text(width, height);
  if (std::max(width, height) < std::max(options.width, options.height))
    throw UsageError(size + " is larger than the photographs of '" + views.name + "': give " + own +
                     ", which is what they have, or less");
  throw UsageError(size + " has another shape than the photographs of '" + views.name + "': give " +
                   own + ", to which they can be reduced");
}

}  // namespace

std::shared_ptr<const Dataset> load_dataset_within(const Options& options, int width, int height) {
  if (options.data) return load_dataset_file(*options.data, width, height, default_longest_side);
  const TaskKind task = find_task(options.task).kind;
  if (width <= 0 || task == TaskKind::occupancy) return demo_dataset(task, default_longest_side);
  if (task == TaskKind::nerf) return demo_scene_dataset({}, std::max(width, height));
  auto dataset = std::make_shared<ImageDataset>(*demo_image_dataset(0));
  dataset->image = resize_image(dataset->image, width, height);
  return dataset;
}

std::shared_ptr<const Dataset> load_dataset(const Options& options) {
  auto dataset = load_dataset_within(options, options.width, options.height);
  if (const auto* views = dynamic_cast<const PosedViews*>(dataset.get()))
    check_size(options, *views);
  return dataset;
}

void tell_notes(const Dataset& dataset, bool quiet) {
  if (quiet) return;
  std::vector<std::string> notes;
  if (const auto* views = dynamic_cast<const PosedViews*>(&dataset)) notes = views->warnings;
  if (const auto* mesh = dynamic_cast<const MeshDataset*>(&dataset)) notes = mesh->notes();
  for (const std::string& note : notes)
    std::fprintf(stderr, "fieldscope: %s: %s\n", dataset.name.c_str(), note.c_str());
}

RunPlan plan_train(const Options& options) {
  const auto only_one = [](const char* what, std::size_t count) {
    if (count > 1) {
      throw UsageError("train makes one run, but " + std::to_string(count) + " " + what +
                       " were given; use compare");
    }
  };
  only_one("optimizers", options.optimizers.size());
  only_one("activations", options.activations.size());
  only_one("seeds", options.seeds.size());
  Options one = options;
  if (one.optimizers.empty())
    one.optimizers = {{default_comparison(find_task(options.task).kind).front().optimizer.id, {}}};
  RunPlan plan = plan_compare(one, options.seeds.front()).front();
  plan.label = run_label(plan.config);
  return plan;
}

std::vector<RunPlan> plan_compare(const Options& options, std::uint64_t seed) {
  std::vector<FieldSpec> activations = options.activations;
  if (activations.empty())
    activations = {{std::string(default_activation(find_task(options.task).kind)), {}}};
  std::vector<OptimizerSpec> optimizers = options.optimizers;
  if (optimizers.empty()) {
    for (const RunConfig& config : default_comparison(find_task(options.task).kind)) {
      optimizers.push_back({config.optimizer.id, {}});
      if (activations.size() > 1) break;
    }
  }
  std::vector<RunPlan> plans;
  // Without any, that of all runs.
  const std::size_t precisions = std::max<std::size_t>(options.precisions.size(), 1);
  for (const OptimizerSpec& optimizer : optimizers) {
    for (const FieldSpec& activation : activations) {
      for (std::size_t i = 0; i < precisions; ++i) {
        RunPlan plan;
        plan.config = config_of(options, optimizer, activation, seed);
        if (!options.precisions.empty()) plan.config.training["precision"] = options.precisions[i];
        plan.name = optimizer.id + "-" + activation.activation;
        plans.push_back(std::move(plan));
      }
    }
  }
  const bool one_optimizer =
      all_same(plans, [](const RunConfig& config) { return config.optimizer.id; });
  const bool one_activation =
      all_same(plans, [](const RunConfig& config) { return config.field.activation; });
  for (RunPlan& plan : plans) {
    // What is the same for all goes into the heading, not into every label.
    plan.label = one_activation  ? optimizer_name(plan.config)
                 : one_optimizer ? activation_name(plan.config)
                                 : run_label(plan.config);
  }
  tell_twins_apart(plans);
  for (RunPlan& plan : plans) plan.name = file_name_part(plan.name);
  return plans;
}

bool asks_for_runs(const Options& options) {
  return !options.optimizers.empty() || !options.activations.empty() || !options.hidden.empty() ||
         !options.training.empty() || !options.precisions.empty() ||
         options.seeds != Options{}.seeds;
}

std::string common_label(const std::vector<RunPlan>& plans) {
  if (plans.empty()) return "";
  const RunConfig& first = plans.front().config;
  if (all_same(plans, [](const RunConfig& config) { return config.field.activation; })) {
    return activation_name(first);
  }
  if (all_same(plans, [](const RunConfig& config) { return config.optimizer.id; })) {
    return optimizer_name(first);
  }
  return "";
}

std::string hidden_text(const std::vector<int>& hidden) {
  if (hidden.empty()) return "no hidden layer";
  const bool same =
      std::all_of(hidden.begin(), hidden.end(), [&](int width) { return width == hidden.front(); });
  if (same) return std::to_string(hidden.size()) + " × " + std::to_string(hidden.front());
  std::string text;
  for (const int width : hidden) text += (text.empty() ? "" : ", ") + std::to_string(width);
  return text;
}

}  // namespace fieldscope
