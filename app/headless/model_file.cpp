#include "app/headless/model_file.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "app/headless/names.h"
#include "app/headless/results.h"
#include "engine/math/error.h"
#include "engine/task/image_task.h"

namespace fieldscope {
namespace {

constexpr int default_side = 256;

[[noreturn]] void refuse_file(const Safetensors& file, const std::string& reason) {
  throw DataError("cannot use '" + file.path.string() + "': " + reason);
}

/// The network that the file's tensors belong to: the activation from the command line or from what
/// the file says of itself, the widths from the tensors.
Field field_of(const Safetensors& file, TaskKind task, const Options& options) {
  const auto refuse = [&](const std::string& reason) { refuse_file(file, reason); };
  FieldSpec spec;
  if (!options.activations.empty()) {
    spec = options.activations.front();
  } else {
    const auto own = file.metadata.find("activation");
    if (own == file.metadata.end()) {
      refuse("it does not say its activation; give it with --activation");
    }
    spec = parse_activation(own->second);
  }
  spec.hidden.clear();
  for (int layer = 0;; ++layer) {
    const auto bias = file.tensors.find("body." + std::to_string(layer) + ".a.bias");
    if (bias == file.tensors.end()) break;
    if (bias->second.shape.size() != 1) refuse("'" + bias->first + "' is not a vector");
    spec.hidden.push_back(static_cast<int>(std::min<std::size_t>(bias->second.shape[0], 1 << 20)));
  }
  const auto out = file.tensors.find("out.bias");
  if (out == file.tensors.end() || out->second.shape.size() != 1) {
    refuse("tensor 'out.bias' is missing; expected weights of a Fieldscope network");
  }
  const std::size_t outputs = out->second.shape[0];
  if (task == TaskKind::occupancy) {
    if (outputs != 1) refuse("it has " + std::to_string(outputs) + " outputs; occupancy has 1");
    return Field(resolve_field(spec), {3, 1});
  }
  if (outputs != 1 && outputs != 3) {
    refuse("it has " + std::to_string(outputs) + " outputs; a picture has 1 or 3");
  }
  return Field(resolve_field(spec), {image_coordinates, static_cast<int>(outputs)});
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

std::pair<int, int> size_of(const Safetensors& file, const Options& options) {
  if (options.width > 0) return {options.width, options.height};
  const auto own = file.metadata.find("size");
  if (own == file.metadata.end()) return {default_side, default_side};
  RawOptions raw;
  raw.values["size"] = own->second;
  const Options read = check_options(raw);
  return {read.width, read.height};
}

}  // namespace

Model read_model(const std::string& verb, const Options& options) {
  if (options.model.empty()) throw UsageError(verb + " needs --model FILE (model.safetensors)");
  if (options.activations.size() > 1) throw UsageError(verb + " takes one activation of a model");
  const Safetensors file = read_safetensors(options.model);
  auto [task, field, size, frame] = [&] {
    try {
      const TaskKind kind = task_of(file);
      const bool mesh = kind == TaskKind::occupancy;
      return std::tuple{kind, field_of(file, kind, options),
                        mesh ? std::pair{0, 0} : size_of(file, options),
                        mesh ? frame_of(file) : MeshFrame{}};
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
  if (own_frequencies)
    shapes.push_back({std::string(frequencies_tensor),
                      {network.frequencies.size() / static_cast<std::size_t>(network.coordinates),
                       static_cast<std::size_t>(network.coordinates)}});
  std::vector<double> weights = file.flat(shapes);
  if (own_frequencies) {
    const auto first = weights.end() - static_cast<std::ptrdiff_t>(network.frequencies.size());
    network.frequencies.assign(first, weights.end());
    weights.erase(first, weights.end());
  }
  return {task, std::move(field), std::move(network), std::move(weights), size.first, size.second,
          frame};
}

}  // namespace fieldscope
