// One row for one knob: name, value on a slider that can also be typed into, unit, and a mark when
// it differs from its preset. What the row shows comes from the engine's Knob. UI thread only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/gui/theme.h"
#include "engine/math/knob.h"

namespace fieldscope::gui {

// The row that is being dragged or typed into; one for all rows of the window.
struct KnobEditing {
  std::string id;  // of that row, empty if none
  bool typing = false;
  bool focus = false;  // the text field is new and must take the keyboard
  bool moved = false;  // the pointer moved since it was pressed: a drag, not a click
  double value = 0;    // while it is dragged
  float pressed_x = 0;
  char text[64] = {};
};

// Why a knob counts for nothing here, and what is in force instead of its value.
struct IdleKnob {
  std::string_view instead, why;
};

// Draws the row over the available width. Returns a new value once it is decided: on release of the
// mouse, on Enter or Tab, on a click elsewhere or at the mark. A value out of range is never
// returned, nor any of an idle knob.
std::optional<double> knob_row(Ui& ui, const std::string& id, const Knob& knob, double value,
                               double preset, KnobEditing& editing,
                               const std::optional<IdleKnob>& idle = {});

// A slider's two grounds and what is legible on both.
struct SliderColours {
  ImU32 ground, filled, value, unit;
};
SliderColours slider_colours(const Palette& palette, ImU32 ground, bool strong);

// What was typed, with the freedoms that people take: spaces around it, a plus sign, a decimal
// comma
// ("0,2") and commas between thousands of whole numbers. Otherwise nothing, and `problem` says why.
std::optional<double> typed_value(const Knob& knob, std::string_view text, std::string& problem);

// "From 1e-8 to 100".
std::string knob_range(const Knob& knob);

// Position 0..1 of a value on the knob's scale and back (whole numbers and nice steps).
double knob_position(const Knob& knob, double value);
double knob_value_at(const Knob& knob, double position);

}  // namespace fieldscope::gui
