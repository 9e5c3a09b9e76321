#include "engine/field/objective.h"

#include "engine/backend/layers.h"

namespace fieldscope {

ParameterLayout layout_of(const Network& network) {
  ParameterLayout layout;
  layout.parameters = network.parameters;
  for (const Layer& layer : layers_of(network))
    for (int m = 0; m < layer.map_count; ++m) {
      if (layer.input > 0 && layer.activated) layout.between.push_back(layout.maps.size());
      layout.maps.push_back(layer.maps[m]);
    }
  return layout;
}

}  // namespace fieldscope
