#include "app/headless/model_file.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <tuple>

#include "app/headless/names.h"
#include "app/headless/results.h"
#include "engine/math/error.h"
#include "engine/task/image_task.h"
#include "engine/task/ray_marching.h"
#include "engine/train/config.h"

namespace fieldscope {
namespace {

constexpr int default_side = 256;

[[noreturn]] void refuse_file(const Safetensors& file, const std::string& reason) {
  throw DataError("cannot use '" + file.path.string() + "': " + reason);
}

/// How many numbers a bias holds; 0 where the file has none of this name.
int bias_size(const Safetensors& file, const std::string& name) {
  const auto bias = file.tensors.find(name);
  if (bias == file.tensors.end()) return 0;
  if (bias->second.shape.size() != 1) refuse_file(file, "'" + name + "' is not a vector");
  return static_cast<int>(std::min<std::size_t>(bias->second.shape[0], 1 << 20));
}

/// A whole number that the file says of itself.
int whole_of(const Safetensors& file, const std::string& key, int otherwise) {
  const auto own = file.metadata.find(key);
  return own == file.metadata.end() ? otherwise
                                    : static_cast<int>(parse_whole(key, own->second, 0, 64));
}

/// Weights mean nothing to another activation than their own. An option may leave knobs out, but
/// what it says must be what the file says.
void check_activation(const Safetensors& file, const Options& options) {
  const auto said = file.metadata.find("activation");
  if (said == file.metadata.end() || options.activations.empty()) return;
  FieldSpec own;
  try {
    own = resolve_field(parse_activation(said->second));
  } catch (const UsageError& error) {
    refuse_file(file, error.what());
  }
  const FieldSpec& given = options.activations.front();
  const bool same = given.activation == own.activation &&
                    std::all_of(given.knobs.begin(), given.knobs.end(), [&](const auto& knob) {
                      return own.knobs.at(knob.first) == knob.second;
                    });
  if (!same)
    throw UsageError("--activation " + activation_text(given) + " is not that of '" +
                     file.path.string() + "', which is " + said->second +
                     "; leave --activation out");
}

/// The network that the file's tensors belong to, if it is one that the task learns.
Field field_of(const Safetensors& file, TaskKind task, const Options& options) {
  const auto refuse = [&](const std::string& reason) { refuse_file(file, reason); };
  const auto own = file.metadata.find("activation");
  const bool named = own != file.metadata.end();
  if (!named && options.activations.empty())
    refuse("it does not say its activation; give it with --activation");
  const FieldSpec spec = named ? parse_activation(own->second) : options.activations.front();
  constexpr std::size_t coordinates[] = {image_coordinates, 3, radiance_coordinates};
  Field field =
      stored_field(file, spec, static_cast<int>(coordinates[static_cast<std::size_t>(task)]));
  const Network& network = field.network();
  const std::string outputs = "it has " + std::to_string(network.outputs) + " outputs; ";
  if (task == TaskKind::nerf) {
    if (network.outputs != radiance_outputs) refuse(outputs + "a radiance field has 4");
    if (network.coordinates != radiance_coordinates)
      refuse("it has " + std::to_string(network.coordinates) +
             " coordinates; a radiance field has 6");
    return field;
  }
  if (task == TaskKind::occupancy && network.outputs != 1) refuse(outputs + "occupancy has 1");
  if (task == TaskKind::image && network.outputs != 1 && network.outputs != 3)
    refuse(outputs + "a picture has 1 or 3");
  if (network.view_coordinates > 0) refuse("it sees a view direction, which its task has not");
  return field;
}

TaskKind task_of(const Safetensors& file) {
  const auto own = file.metadata.find("task");
  return own == file.metadata.end() ? TaskKind::image : find_task(own->second).kind;
}

/// Numbers that the file says of itself, separated by commas.
std::vector<double> numbers_of(const Safetensors& file, const std::string& key, std::size_t count) {
  const auto own = file.metadata.find(key);
  std::vector<double> numbers;
  if (own != file.metadata.end())
    for (const std::string& text : split(own->second, ','))
      numbers.push_back(parse_number(key, text, -std::numeric_limits<double>::max(),
                                     std::numeric_limits<double>::max()));
  if (numbers.size() != count)
    refuse_file(file, "it does not say the " + key + " of its mesh; its surface has no place");
  return numbers;
}

MeshFrame frame_of(const Safetensors& file) {
  MeshFrame frame;
  const std::vector<double> centre = numbers_of(file, "centre", 3);
  std::copy(centre.begin(), centre.end(), frame.centre.begin());
  frame.scale = numbers_of(file, "scale", 1).front();
  return frame;
}

/// What the command line says, or what the field was trained with, or the presets.
KnobValues training_of(const Safetensors& file, const Options& options) {
  KnobValues training = options.training;
  const auto own = file.metadata.find("training");
  if (own != file.metadata.end()) training.merge(parse_training(TaskKind::nerf, own->second));
  training.merge(default_values(training_knobs(TaskKind::nerf)));
  return training;
}

std::pair<int, int> size_of(const Safetensors& file, TaskKind task, const Options& options) {
  if (task == TaskKind::occupancy) return {0, 0};
  if (options.width > 0) return {options.width, options.height};
  const auto own = file.metadata.find("size");
  if (own == file.metadata.end())
    return task == TaskKind::image ? std::pair{default_side, default_side} : std::pair{0, 0};
  RawOptions raw;
  raw.values["size"] = own->second;
  const Options read = check_options(raw);
  return {read.width, read.height};
}

}  // namespace

Field stored_field(const Safetensors& file, FieldSpec spec, int coordinates) {
  spec.hidden.clear();
  for (int width;
       (width = bias_size(file, "body." + std::to_string(spec.hidden.size()) + ".a.bias")) > 0;)
    spec.hidden.push_back(width);
  FieldShape shape;
  shape.coordinates = whole_of(file, "coordinates", coordinates);
  shape.view_coordinates = whole_of(file, "view_coordinates", 0);
  const int density = bias_size(file, "density.bias");
  shape.head = density > 0;
  const int out = bias_size(file, "out.bias");
  if (out == 0)
    refuse_file(file, "tensor 'out.bias' is missing; expected weights of a Fieldscope network");
  shape.outputs = out + density;
  if (shape.view_coordinates >= shape.coordinates)
    refuse_file(file, "it has " + std::to_string(shape.coordinates) + " coordinates, and " +
                          std::to_string(shape.view_coordinates) + " of them of a direction");
  return Field(resolve_field(spec), shape);
}

Model read_model(const std::string& verb, const Options& options) {
  if (options.model.empty()) throw UsageError(verb + " needs --model FILE (model.safetensors)");
  if (options.activations.size() > 1) throw UsageError(verb + " takes one activation of a model");
  const Safetensors file = read_safetensors(options.model);
  check_activation(file, options);
  auto [task, field, size, frame, training, scene] = [&] {
    try {
      const TaskKind kind = task_of(file);
      return std::tuple{kind,
                        field_of(file, kind, options),
                        size_of(file, kind, options),
                        kind == TaskKind::occupancy ? frame_of(file) : MeshFrame{},
                        kind == TaskKind::nerf ? training_of(file, options) : KnobValues{},
                        kind == TaskKind::nerf ? scene_of_metadata(file.metadata) : std::nullopt};
    } catch (const UsageError& error) {
      // The command line has been checked before: it is the file that says so.
      refuse_file(file, error.what());
    }
  }();
  std::vector<TensorShape> shapes;
  for (const ParameterTensor& tensor : field.tensors()) {
    shapes.push_back({tensor.name, tensor.shape});
  }
  // The file's own frequencies, where its encoding has some and it names them.
  Network network = field.network();
  const bool own_frequencies =
      !network.frequencies.empty() && file.tensors.contains(std::string(frequencies_tensor));
  if (own_frequencies) {
    const auto d = static_cast<std::size_t>(network.coordinates - network.view_coordinates);
    shapes.push_back({std::string(frequencies_tensor), {network.frequencies.size() / d, d}});
  }
  std::vector<double> weights = file.flat(shapes);
  if (own_frequencies) {
    const auto first = weights.end() - static_cast<std::ptrdiff_t>(network.frequencies.size());
    network.frequencies.assign(first, weights.end());
    weights.erase(first, weights.end());
  }
  return {
      task,  std::move(field),    std::move(network), std::move(weights), size.first, size.second,
      frame, std::move(training), std::move(scene)};
}

void check_scene(const Options& options, const Model& model, const PosedViews& views) {
  if (!model.scene) {
    if (!options.quiet)
      std::fprintf(stderr,
                   "fieldscope: '%s' does not say which scene it learned, as weights of older "
                   "versions do not: that it is '%s' is taken on trust\n",
                   options.model.c_str(), views.name.c_str());
    return;
  }
  const std::string difference = scene_difference(*model.scene, scene_record(views));
  if (!difference.empty())
    throw DataError("'" + options.model.string() + "' learned another scene than '" + views.name +
                    "': " + difference + "; give what it learned with --data");
}

}  // namespace fieldscope
