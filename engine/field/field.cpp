#include "engine/field/field.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "engine/field/activation_binding.h"
#include "engine/math/random.h"

namespace fieldscope {
namespace {

/// Directions vary less than positions do: Mildenhall et al. 2020, section 5.1.
constexpr int most_view_levels = 4;

}  // namespace

Field::Field(const FieldSpec& spec, const FieldShape& shape) : spec_(spec), shape_(shape) {
  const int view = shape.view_coordinates, position = shape.coordinates - view;
  const bool head = shape.head && !spec.hidden.empty();
  if (view < 0 || position < 1 || shape.outputs < (head ? 2 : 1))
    throw std::logic_error("Field: no network of such a shape");
  const ActivationBinding binding = bind_activation(spec, position);
  network_.coordinates = shape.coordinates;
  network_.view_coordinates = view;
  network_.encoding_levels = binding.encoding_levels;
  network_.view_levels = view > 0 ? std::min(binding.encoding_levels, most_view_levels) : 0;
  network_.frequencies = binding.frequencies;
  network_.features = binding.frequencies.empty()
                          ? position * (1 + 2 * binding.encoding_levels)
                          : 2 * static_cast<int>(binding.frequencies.size()) / position;
  network_.view_features = view * (1 + 2 * network_.view_levels);
  network_.outputs = shape.outputs;
  network_.activation = binding.index;
  network_.activation_parameters = binding.parameters;
  if (head) network_.trunk = static_cast<int>(spec.hidden.size());
  int in = network_.first_inputs();
  for (std::size_t i = 0; i < spec.hidden.size(); ++i) {
    add_hidden("body." + std::to_string(i), in, spec.hidden[i]);
    in = spec.hidden[i];
  }
  int outputs = shape.outputs;
  if (head) {
    network_.density = add_map("density", in, 1);
    outputs -= 1;
    const int half = std::max(1, in / 2);
    add_hidden("head.0", in + network_.view_features, half);
    in = half;
  }
  network_.output = add_map("out", in, outputs);
}

void Field::add_hidden(const std::string& name, int in, int out) {
  const bool two_maps =
      with_activation(network_.activation, []<class A>(A) { return A::maps == 2; });
  HiddenLayer layer;
  layer.u = add_map(name + ".a", in, out);
  if (two_maps) layer.w = add_map(name + ".b", in, out);
  network_.hidden.push_back(layer);
}

LinearMap Field::add_map(const std::string& name, int in, int out) {
  LinearMap map;
  map.in = in;
  map.out = out;
  const std::size_t n_in = in, n_out = out;
  map.weight = network_.parameters;
  tensors_.push_back({name + ".weight", {n_out, n_in}, map.weight, n_in * n_out, in});
  map.bias = map.weight + n_in * n_out;
  tensors_.push_back({name + ".bias", {n_out}, map.bias, n_out, in});
  network_.parameters = map.bias + n_out;
  return map;
}

std::vector<double> Field::initial_weights(std::uint64_t seed) const {
  const Initialisation scheme =
      with_activation(network_.activation, []<class A>(A) { return A::initialisation; });
  std::vector<double> weights(parameters());
  for (std::size_t t = 0; t < tensors_.size(); ++t) {
    const ParameterTensor& tensor = tensors_[t];
    const bool is_weight = tensor.shape.size() == 2;
    const ActivationParameters& parameters = network_.activation_parameters;
    double bound = 1 / std::sqrt(static_cast<double>(tensor.fan_in));
    if (is_weight && scheme != Initialisation::fan_in)
      bound = t == 0 ? 1.0 / tensor.fan_in : std::sqrt(6.0 / tensor.fan_in) / parameters.p[0];
    if (t == 1 && scheme == Initialisation::finer) bound = parameters.p[1];
    const std::uint64_t key = random_key(seed, Stream::weights, t);
    for (std::size_t i = 0; i < tensor.size; ++i)
      weights[tensor.offset + i] = bound * (2 * random_uniform(key, i) - 1);
  }
  return weights;
}

std::vector<double> Field::adopt_weights(const Field& other,
                                         const std::vector<double>& other_weights,
                                         std::uint64_t seed) const {
  std::vector<double> weights = initial_weights(seed);
  for (const ParameterTensor& tensor : tensors_) {
    const auto twin = std::find_if(
        other.tensors_.begin(), other.tensors_.end(),
        [&](const ParameterTensor& o) { return o.name == tensor.name && o.shape == tensor.shape; });
    if (twin == other.tensors_.end()) continue;
    std::copy_n(other_weights.begin() + static_cast<std::ptrdiff_t>(twin->offset), tensor.size,
                weights.begin() + static_cast<std::ptrdiff_t>(tensor.offset));
  }
  return weights;
}

}  // namespace fieldscope
