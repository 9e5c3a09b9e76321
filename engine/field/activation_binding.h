// From an activation's name and knobs to what a backend computes with.
#pragma once

#include "engine/field/spec.h"
#include "engine/math/activations/list.h"

namespace fieldscope {

struct ActivationBinding {
  ActivationIndex index = 0;
  ActivationParameters parameters;
  int encoding_levels = 0;
};

/// `spec` must be resolved.
ActivationBinding bind_activation(const FieldSpec& spec);

}  // namespace fieldscope
