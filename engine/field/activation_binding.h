// From an activation's name and knobs to what a backend computes with.
#pragma once

#include <vector>

#include "engine/field/spec.h"
#include "engine/math/activations/list.h"

namespace fieldscope {

struct ActivationBinding {
  ActivationIndex index = 0;
  ActivationParameters parameters;
  int encoding_levels = 0;
  std::vector<double> frequencies;  ///< see Network
};

/// `spec` must be resolved; for a field of so many coordinates.
ActivationBinding bind_activation(const FieldSpec& spec, int coordinates);

}  // namespace fieldscope
