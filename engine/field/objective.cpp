#include "engine/field/objective.h"

namespace fieldscope {

ParameterLayout layout_of(const Network& network) {
  ParameterLayout layout;
  layout.parameters = network.parameters;
  for (const HiddenLayer& layer : network.hidden) {
    layout.maps.push_back(layer.u);
    if (layer.w.out > 0) layout.maps.push_back(layer.w);
    if (layout.first_maps == 0) layout.first_maps = layout.maps.size();
  }
  layout.maps.push_back(network.output);
  return layout;
}

}  // namespace fieldscope
