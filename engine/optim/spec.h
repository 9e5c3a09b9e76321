// Which optimizer, with which knobs: the plain description that the command line, the panels and
// saved experiments exchange.
#pragma once

#include <string>

#include "engine/math/knob.h"

namespace fieldscope {

struct OptimizerSpec {
  std::string id = "adam";
  KnobValues knobs;  ///< every knob of the optimizer, resolved (see resolve_optimizer)

  bool operator==(const OptimizerSpec&) const = default;
};

}  // namespace fieldscope
