#include "engine/field/objective.h"

namespace fieldscope {

ParameterLayout layout_of(const Network& network) {
  ParameterLayout layout;
  layout.parameters = network.parameters;
  for (const HiddenLayer& layer : network.hidden) {
    layout.maps.push_back(layer.u);
    if (layer.w.out > 0) layout.maps.push_back(layer.w);
  }
  layout.maps.push_back(network.output);
  return layout;
}

}  // namespace fieldscope
