#include "engine/backend/cpu/packed_network.h"

#include <algorithm>

#include "engine/backend/cpu/panels.h"

namespace fieldscope::cpu {
namespace {

/// Rows of weight gradient that registers sum at once come in fours (multiply-inl.h).
constexpr std::size_t row_multiple = 4;

}  // namespace

PackedNetwork::PackedNetwork(const Network& network) {
  for (const HiddenLayer& hidden : network.hidden) {
    PackedLayer layer;
    layer.out = hidden.u.out;
    layer.maps[0].map = hidden.u;
    layer.maps[1].map = hidden.w;
    layer.map_count = hidden.w.out > 0 ? 2 : 1;
    layers.push_back(layer);
  }
  PackedLayer output;
  output.out = network.outputs;
  output.maps[0].map = network.output;
  layers.push_back(output);

  const auto take = [this](std::size_t numbers) {
    const std::size_t at = size;
    size += numbers;
    return at;
  };
  const auto for_maps = [this](auto&& visit) {
    for (std::size_t i = 0; i < layers.size(); ++i)
      for (int m = 0; m < layers[i].map_count; ++m) visit(static_cast<int>(i), m);
  };
  for_maps([&](int i, int m) {
    PackedMap& packed = layers[i].maps[m];
    packed.padded_out = round_up(packed.map.out, row_multiple);
    packed.by_input = take(panel_count(packed.map.in) * packed.padded_out * panel_columns);
    packed.bias = take(panel_count(packed.map.out) * panel_columns);
  });
  sums_size = size;
  for_maps([&](int i, int m) {
    PackedMap& packed = layers[i].maps[m];
    packed.by_output = take(panel_count(packed.map.out) * packed.map.in * panel_columns);
    for (std::size_t p = 0; p < panel_count(packed.map.out); ++p)
      pack_tasks.push_back({i, m, true, p});
    if (i == 0) return;  // nobody asks for the derivative by the sample itself
    for (std::size_t p = 0; p < panel_count(packed.map.in); ++p)
      pack_tasks.push_back({i, m, false, p});
  });
}

std::vector<GradientTask> PackedNetwork::gradient_tasks(bool product, int threads) const {
  std::size_t panels = 0;
  for (const PackedLayer& layer : layers)
    panels += layer.map_count * panel_count(layer.maps[0].map.in);
  // Two panels at once read the signals of the layer above half as often, as long as that leaves
  // every thread some tasks to choose from.
  const std::size_t together = panels >= 8 * static_cast<std::size_t>(threads) ? 2 : 1;

  std::vector<GradientTask> tasks;
  for (int target = 0; target <= (product ? 1 : 0); ++target) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      for (int m = 0; m < layers[i].map_count; ++m) {
        const std::size_t all = panel_count(layers[i].maps[m].map.in);
        for (std::size_t p = 0; p < all; p += together)
          tasks.push_back({static_cast<int>(i), m, p, std::min(together, all - p), target == 1});
      }
    }
  }
  const auto cost = [this](const GradientTask& task) {
    const LinearMap& map = layers[task.layer].maps[task.map].map;
    const bool two_terms = task.product && task.layer > 0;
    return task.panels * static_cast<std::size_t>(map.out) * (two_terms ? 2 : 1);
  };
  std::stable_sort(tasks.begin(), tasks.end(),
                   [&](const GradientTask& a, const GradientTask& b) { return cost(a) > cost(b); });
  return tasks;
}

}  // namespace fieldscope::cpu
