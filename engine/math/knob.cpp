#include "engine/math/knob.h"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "engine/math/error.h"

namespace fieldscope {

const Knob* find_knob(std::span<const Knob> knobs, std::string_view id) {
  for (const Knob& knob : knobs)
    if (knob.id == id) return &knob;
  return nullptr;
}

KnobValues default_values(std::span<const Knob> knobs) {
  KnobValues values;
  for (const Knob& knob : knobs) values.emplace(knob.id, knob.default_value);
  return values;
}

namespace {

std::string short_number(double value) {
  char text[32];
  if (value == std::floor(value) && std::fabs(value) < 1e9) {
    std::snprintf(text, sizeof text, "%.0f", value);
    return text;
  }
  std::snprintf(text, sizeof text, "%.6g", value);
  // "1e-08" reads better as "1e-8".
  std::string number = text;
  if (const auto e = number.find('e'); e != std::string::npos) {
    const bool negative = number[e + 1] == '-';
    number = number.substr(0, e + 1) + (negative ? "-" : "") +
             number.substr(number.find_first_not_of("+-0", e + 1));
  }
  return number;
}

[[noreturn]] void refuse(std::string_view owner, const Knob& knob, std::string_view got) {
  std::string message(owner);
  message.append(": ").append(knob.id).append("=").append(got).append(" is not valid; give ");
  if (knob.scale == KnobScale::choice) {
    for (std::size_t i = 0; i < knob.choices.size(); ++i)
      message.append(i == 0 ? "" : " or ").append(knob.choices[i]);
  } else if (knob.scale == KnobScale::toggle) {
    message.append("on or off");
  } else {
    message.append(knob.scale == KnobScale::integer ? "a whole number" : "a number")
        .append(" from ")
        .append(short_number(knob.min))
        .append(" to ")
        .append(short_number(knob.max));
  }
  throw UsageError(message);
}

}  // namespace

void check_knob(std::string_view owner, const Knob& knob, double value) {
  const bool whole = knob.scale == KnobScale::integer || knob.scale == KnobScale::toggle ||
                     knob.scale == KnobScale::choice;
  const bool in_range = std::isfinite(value) && value >= knob.min && value <= knob.max;
  if (!in_range || (whole && value != std::floor(value))) refuse(owner, knob, short_number(value));
}

double parse_knob(std::string_view owner, const Knob& knob, std::string_view text) {
  if (knob.scale == KnobScale::choice) {
    for (std::size_t i = 0; i < knob.choices.size(); ++i)
      if (knob.choices[i] == text) return static_cast<double>(i);
    refuse(owner, knob, text);
  }
  if (knob.scale == KnobScale::toggle) {
    if (text == "on" || text == "true" || text == "1") return 1;
    if (text == "off" || text == "false" || text == "0") return 0;
    refuse(owner, knob, text);
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) refuse(owner, knob, text);
  check_knob(owner, knob, value);
  return value;
}

std::string format_knob(const Knob& knob, double value) {
  if (knob.scale == KnobScale::choice) {
    const auto index = static_cast<std::size_t>(value);
    return std::string(index < knob.choices.size() ? knob.choices[index] : "?");
  }
  if (knob.scale == KnobScale::toggle) return value != 0 ? "on" : "off";
  return short_number(value);
}

std::string_view knob_unit(const Knob& knob, double value) {
  std::string_view unit = knob.unit;
  if (value == 1 && unit.ends_with('s')) unit.remove_suffix(1);
  return unit;
}

std::string knob_names(std::span<const Knob> knobs) {
  std::string names;
  for (const Knob& knob : knobs) names.append(names.empty() ? "" : ", ").append(knob.id);
  return names;
}

}  // namespace fieldscope
