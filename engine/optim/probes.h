// The knob that says which random vectors probe the Hessian.
#pragma once

#include "engine/field/objective.h"
#include "engine/math/knob.h"

namespace fieldscope {

inline constexpr std::string_view probe_names[] = {"rademacher", "gaussian"};

inline constexpr Knob probes_knob = {
    "probes",
    "Probes v",
    "",
    0,
    1,
    0,
    KnobScale::choice,
    "The random vectors of Hessian products. 'rademacher': entries ±1, whose estimates vary least. "
    "'gaussian': entries N(0, 1), as in Dauphin et al. 2015.",
    probe_names};

inline ProbeKind probe_kind(double knob) {
  return knob == 0 ? ProbeKind::signs : ProbeKind::normals;
}

}  // namespace fieldscope
