#include "app/gui/panels/tile_text.h"

#include <algorithm>
#include <cmath>

namespace fieldscope::gui {

std::string fitting(const Ui& ui, const std::vector<std::string>& texts, float width) {
  for (const std::string& text : texts)
    if (text_size(ui.fonts.small, text).x <= width) return text;
  return texts.back();
}

void draw_message(const Ui& ui, const Rect& at,
                  const std::vector<std::vector<std::string>>& lines) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float line = ui.px(20), room = at.width() - ui.px(16);
  float y = std::floor((at.min.y + at.max.y - line * static_cast<float>(lines.size())) / 2);
  for (const std::vector<std::string>& texts : lines) {
    const std::string shown = fitting(ui, texts, room);
    draw_text(list, ui.fonts.small,
              {std::floor((at.min.x + at.max.x - text_size(ui.fonts.small, shown).x) / 2), y},
              ui.colours.secondary, shown);
    y += line;
  }
}

ImU32 caption_ink(const Palette& palette, ImU32 ink) {
  const ImU32 picture = palette.dark ? IM_COL32_WHITE : IM_COL32_BLACK;
  return readable(ink, mix(picture, palette.panel, caption_density), 4.55f);
}

void draw_caption(Ui& ui, const Rect& at, const std::vector<std::string>& texts, ImU32 ink) {
  const float room = at.width() - ui.px(32);
  const std::string text = fitting(ui, texts, room);
  const ImVec2 size = text_size(ui.fonts.small, text);
  if (size.x > room || at.height() < ui.px(2 * 8 + 22)) return;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 min = {at.min.x + ui.px(8), at.max.y - ui.px(8 + 22)};
  list->AddRectFilled(min, {min.x + size.x + ui.px(16), min.y + ui.px(22)},
                      with_alpha(ui.colours.panel, caption_density), ui.px(4));
  draw_text(list, ui.fonts.small, {min.x + ui.px(8), min.y + (ui.px(22) - size.y) / 2},
            caption_ink(ui.colours, ink), text);
}

void draw_progress_line(const Ui& ui, const Rect& at, double share) {
  const float high = std::max(2.0f, ui.px(2));
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled({at.min.x, at.max.y - high}, at.max, with_alpha(ui.colours.line, 0.8f));
  list->AddRectFilled(
      {at.min.x, at.max.y - high},
      {at.min.x + at.width() * static_cast<float>(std::clamp(share, 0.0, 1.0)), at.max.y},
      ui.colours.accent);
}

}  // namespace fieldscope::gui
