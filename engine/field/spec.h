// Which network: the plain description that the command line, the panels and saved experiments
// exchange, and the list of activations that a person can choose from.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/math/activations/list.h"
#include "engine/math/knob.h"

namespace fieldscope {

struct FieldSpec {
  std::string activation = "sine";
  KnobValues knobs;                                ///< resolved: every knob of the activation
  std::vector<int> hidden = {256, 256, 256, 256};  ///< width of each hidden layer

  bool operator==(const FieldSpec&) const = default;
};

/// One choice in the "activation" menu: an activation function and the encoding in front of it.
struct ActivationEntry {
  std::string_view id;    ///< `relu_pe`
  std::string_view name;  ///< "ReLU + PE"
  std::string_view formula;
  std::string_view source;
  std::span<const Knob> knobs;  ///< its own, then those of the encoding
  ActivationIndex function;     ///< the activation function itself

  /// Without those of the encoding.
  std::span<const Knob> own_knobs() const;
};

std::span<const ActivationEntry> activations();

/// The knobs that every activation has: which encoding the first layer sees, and its size.
std::span<const Knob> encoding_knobs();

/// Whether the knob means anything with these values: `levels` only with positional encoding, ...
bool encoding_uses(const KnobValues& knobs, std::string_view knob);

/// Throws UsageError that lists the valid ids.
const ActivationEntry& find_activation(std::string_view id);

/// Fills in every knob that `spec` leaves out and checks names, ranges and layer widths.
/// Throws UsageError.
FieldSpec resolve_field(const FieldSpec& spec);

}  // namespace fieldscope
