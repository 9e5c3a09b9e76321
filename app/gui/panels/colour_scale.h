// The numbered colour scale in the row below the tiles, and the menu that it opens.
#pragma once

#include <array>
#include <span>
#include <string>

#include "app/gui/panels/panel.h"

namespace fieldscope::gui {

std::string scale_number(double value);

// From `left` to `right`, at the height of the row's middle: numbers at both ends and between them.
// It is a button, "view.scale": true when it was pressed.
bool draw_colour_scale(PanelContext& context, ImageMode mode, int colour_map,
                       const std::array<std::string, 3>& numbers, float left, float right,
                       float middle);

// Where a scale of errors ends, and its colours; `ends` are those to choose from.
void error_scale_items(PanelContext& context, std::span<const float> ends,
                       std::string_view colours_heading);

}  // namespace fieldscope::gui
