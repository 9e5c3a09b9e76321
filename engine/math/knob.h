// A knob describes one adjustable number: its name, range, scale, unit and help. Registries expose
// `span<const Knob>`; the panels, the command line, the JSON presets and the documentation all
// derive from it, so nothing about a knob is written twice. Constant data; any thread.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace fieldscope {

/// `near_one`: by the logarithm of the distance to 1, for decays such as 0.9, 0.99, 0.999.
enum class KnobScale { linear, logarithmic, near_one, integer, toggle, choice };

struct Knob {
  std::string_view id;    ///< what the command line and files say: `lr`
  std::string_view name;  ///< what people read: "Learning rate"
  std::string_view unit;  ///< "steps", "" if none
  double min, max;        ///< inclusive range of accepted values
  double default_value;   ///< the paper's value, before any preset for an activation
  KnobScale scale;
  std::string_view help;  ///< one or two sentences: formula, what it does, source
  std::span<const std::string_view> choices = {};  ///< names of 0, 1, 2, ... for KnobScale::choice
  std::span<const std::string_view> glosses = {};  ///< what each choice is, in a few words; or none
};

/// Values by knob id. A choice is its index, a toggle is 0 or 1.
using KnobValues = std::map<std::string, double, std::less<>>;

/// The knob of that id, or nullptr.
const Knob* find_knob(std::span<const Knob> knobs, std::string_view id);

/// The default of every knob in the list.
KnobValues default_values(std::span<const Knob> knobs);

/// Checks that `value` is finite and within the range of the knob.
/// Throws UsageError naming `owner`, the knob, the value and the range.
void check_knob(std::string_view owner, const Knob& knob, double value);

/// Reads a knob's value from text: a number, a choice's name, or on/off/true/false.
/// Throws UsageError when it is none of these or out of range.
double parse_knob(std::string_view owner, const Knob& knob, std::string_view text);

/// The value as people read and type it: choice name, on/off, or a short number ("1e-8").
std::string format_knob(const Knob& knob, double value);

/// The knob's unit for that value, in the singular where it is one: "steps", "step".
std::string_view knob_unit(const Knob& knob, double value);

/// Comma-separated ids, for messages that list the valid choices.
std::string knob_names(std::span<const Knob> knobs);

}  // namespace fieldscope
