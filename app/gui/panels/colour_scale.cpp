#include "app/gui/panels/colour_scale.h"

#include <cstdio>

namespace fieldscope::gui {

std::string scale_number(double value) {
  char text[24];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

bool draw_colour_scale(PanelContext& context, ImageMode mode, int colour_map,
                       const std::array<std::string, 3>& numbers, float left, float right,
                       float middle) {
  Ui& ui = context.ui;
  const ImFont* font = ui.fonts.small;
  ImDrawList* list = ImGui::GetWindowDrawList();
  // The numbers stand below the bar, the outer ones centred at its ends.
  const float overhang = ui.px(20);
  const Rect bar = {{left + overhang, middle - ui.px(12)}, {right - overhang, middle - ui.px(3)}};
  context.images.draw_scale(list, bar, mode, colour_map);
  list->AddRect(bar.min, bar.max, with_alpha(ui.colours.secondary, 0.4f), 0);
  for (int i = 0; i < 3; ++i) {
    const std::string& number = numbers[static_cast<std::size_t>(i)];
    const float x = bar.min.x + bar.width() * 0.5f * static_cast<float>(i);
    draw_text(list, font, {x - text_size(font, number).x / 2, middle - ui.px(1)},
              ui.colours.secondary, number);
  }
  ImGui::SetCursorScreenPos({left, middle - ui.px(14)});
  const bool pressed = ImGui::InvisibleButton("view.scale", {right - left, ui.px(28)});
  ui.map->add_last_item("view.scale");
  return pressed;
}

void error_scale_items(PanelContext& context, std::span<const float> ends,
                       std::string_view colours_heading) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  menu_heading(ui, "END OF THE SCALE");
  if (menu_item(ui, "view.limit.auto", "Follows the errors", "", work.error_limit == 0))
    work.error_limit = 0;
  for (const float value : ends)
    if (menu_item(ui, "view.limit." + scale_number(value), scale_number(value), "",
                  work.error_limit == value))
      work.error_limit = value;
  menu_heading(ui, colours_heading);
  if (menu_item(ui, "view.map.magma", "Magma", "", work.colour_map == 1)) work.colour_map = 1;
  if (menu_item(ui, "view.map.viridis", "Viridis", "", work.colour_map == 0)) work.colour_map = 0;
}

}  // namespace fieldscope::gui
