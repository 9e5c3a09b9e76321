#include "engine/backend/cpu/packed_network.h"

#include <algorithm>

#include "engine/backend/cpu/panels.h"
#include "engine/backend/layers.h"

namespace fieldscope::cpu {
namespace {

/// Rows of weight gradient that registers sum at once come in fours (multiply-inl.h).
constexpr std::size_t row_multiple = 4;

/// So many tasks a thread leave nobody waiting for long.
constexpr std::size_t tasks_a_thread = 3;

/// The panels of `columns` columns, at most `together` in a range.
std::vector<PanelRange> ranges(int columns, std::size_t together) {
  const std::size_t panels = panel_count(columns);
  std::vector<PanelRange> ranges;
  for (std::size_t first = 0; first < panels; first += ranges.back().size())
    ranges.push_back({first, first + std::min(together, panels - first)});
  return ranges;
}

}  // namespace

PackedNetwork::PackedNetwork(const Network& network) {
  for (const Layer& from : layers_of(network)) {
    PackedLayer layer;
    for (int m = 0; m < 2; ++m) layer.maps[m].map = from.maps[m];
    layer.map_count = from.map_count;
    layer.out = from.out();
    layer.input = from.input;
    layer.activated = from.activated;
    layer.column = from.column;
    layer.behind = from.behind;
    layers.push_back(layer);
  }

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
  });
  forward_pack_tasks = pack_tasks.size();
  for_maps([&](int i, int m) {
    const PackedMap& packed = layers[i].maps[m];
    if (layers[i].input == 0) return;  // nobody asks for the derivative by the sample itself
    for (std::size_t p = 0; p < panel_count(packed.map.in); ++p)
      pack_tasks.push_back({i, m, false, p});
  });

  factors.resize(layers.size());
  for_maps([&](int i, int m) {
    const LinearMap& map = layers[i].maps[m].map;
    for (const bool inputs : {true, false}) {
      PackedFactor& factor = factors[i].maps[m][inputs ? 1 : 0];
      factor.size = static_cast<std::size_t>(inputs ? map.in : map.out);
      factor.padded = round_up(factor.size, row_multiple);
      const std::size_t panels = panel_count(factor.size);
      factor.sums = factor_sums_size;
      factor_sums_size += panels * (factor.padded + 1) * panel_columns;
      factor.to = factors_size;
      const std::size_t rows = factor.size + (inputs ? 1 : 0);
      factors_size += rows * rows;
      for (std::size_t p = 0; p < panels; ++p) factor_tasks.push_back({i, m, inputs, p});
    }
  });
}

std::vector<GradientTask> PackedNetwork::gradient_tasks(int threads) const {
  // From coarse to fine: a task with more inputs reads the signals of the layer above less often,
  // but every thread should have some tasks to choose from.
  struct Cut {
    std::size_t inputs, outputs;  // panels in a task
  };
  constexpr std::size_t all = static_cast<std::size_t>(-1);
  constexpr Cut cuts[] = {{2, all}, {1, all}, {1, 4}, {1, 2}, {1, 1}};
  std::vector<GradientTask> tasks;
  for (const Cut& cut : cuts) {
    tasks.clear();
    for (std::size_t i = 0; i < layers.size(); ++i)
      for (int m = 0; m < layers[i].map_count; ++m) {
        const LinearMap& map = layers[i].maps[m].map;
        for (const PanelRange& outputs : ranges(map.out, cut.outputs))
          for (const PanelRange& inputs : ranges(map.in, cut.inputs))
            tasks.push_back({static_cast<int>(i), m, outputs, inputs});
      }
    if (tasks.size() >= tasks_a_thread * static_cast<std::size_t>(threads)) break;
  }
  const auto larger = [](const GradientTask& a, const GradientTask& b) {
    return a.inputs.size() * a.outputs.size() > b.inputs.size() * b.outputs.size();
  };
  std::stable_sort(tasks.begin(), tasks.end(), larger);
  return tasks;
}

}  // namespace fieldscope::cpu
