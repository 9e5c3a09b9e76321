#include "app/gui/widgets/controls.h"

#include <algorithm>
#include <cmath>

#include <imgui_internal.h>

namespace fieldscope::gui {
namespace {

struct Hit {
  bool clicked, hovered, held;
  ImVec2 min, max;
};

Hit hit_area(Ui& ui, const std::string& id, ImVec2 size, bool enabled = true) {
  Hit hit{};
  hit.min = ImGui::GetCursorScreenPos();
  hit.max = {hit.min.x + size.x, hit.min.y + size.y};
  hit.clicked = ImGui::InvisibleButton(id.c_str(), size) && enabled;
  hit.hovered = ImGui::IsItemHovered() && enabled;
  hit.held = ImGui::IsItemActive() && enabled;
  // A popup measures itself in a hidden frame before it takes its place.
  if (GImGui->CurrentWindow->HiddenFramesCannotSkipItems == 0) ui.map->add(id, hit.min, hit.max);
  return hit;
}

ImU32 ground_of(const Ui& ui, const ButtonLook& look, const Hit& hit) {
  const Palette& p = ui.colours;
  if (look.primary && look.enabled) {
    const ImU32 towards = p.dark ? IM_COL32_WHITE : IM_COL32_BLACK;
    return hit.held      ? mix(p.accent, towards, 0.22f)
           : hit.hovered ? mix(p.accent, towards, 0.12f)
                         : p.accent;
  }
  if (hit.held) return p.pressed;
  if (hit.hovered) return p.hovered;
  if (look.selected) return mix(p.panel, p.accent, 0.20f);
  return look.filled ? p.raised : 0;
}

ImU32 ink_of(const Ui& ui, const ButtonLook& look, const Hit& hit) {
  const Palette& p = ui.colours;
  if (!look.enabled) return p.disabled;
  if (look.primary) return p.accent_text;
  if (look.selected) return p.accent_on(ground_of(ui, look, hit));
  return hit.hovered || look.filled ? p.text : mix(p.secondary, p.text, 0.55f);
}

constexpr float popup_margin = 8, popup_padding = 6;  // design pixels

ImVec2 largest_popup(const Ui& ui) {
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  return {std::min(ui.px(520), window.x - 2 * ui.px(popup_margin)),
          std::min(ui.px(560), window.y - 2 * ui.px(popup_margin))};
}

}  // namespace

bool rests_on_item() {
  const ImGuiContext& g = *GImGui;
  return ImGui::IsItemHovered() && g.HoveredIdTimer > 0.45f;
}

void tooltip(Ui& ui, std::string_view title, std::string_view text, std::string_view key) {
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {ui.px(12), ui.px(8)});
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ui.px(8), ui.px(4)});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, ui.px(4));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1);
  ImGui::BeginTooltip();
  if (!title.empty()) {
    const FontScope font(text.empty() ? ui.fonts.small : ui.fonts.strong);
    ImGui::TextUnformatted(title.data(), title.data() + title.size());
    if (!key.empty()) {
      ImGui::SameLine(0, ui.px(12));
      ImGui::PushStyleColor(ImGuiCol_Text, ui.colours.secondary);
      ImGui::TextUnformatted(key.data(), key.data() + key.size());
      ImGui::PopStyleColor();
    }
  }
  if (!text.empty()) {
    const FontScope font(ui.fonts.small);
    ImGui::PushTextWrapPos(ui.px(420));
    ImGui::TextUnformatted(text.data(), text.data() + text.size());
    ImGui::PopTextWrapPos();
  }
  ImGui::EndTooltip();
  ImGui::PopStyleVar(4);
}

bool icon_button(Ui& ui, const std::string& id, Icon icon, const char* tip, const char* key,
                 ButtonLook look) {
  const float side = ui.px(look.size);
  const Hit hit = hit_area(ui, id, {side, side}, look.enabled);
  if (rests_on_item() && tip[0]) tooltip(ui, tip, "", key);
  if (hit.hovered || hit.held) ui.wants_frame |= GImGui->HoveredIdTimer < 0.5f;
  ImDrawList* list = ImGui::GetWindowDrawList();
  if (const ImU32 ground = ground_of(ui, look, hit))
    list->AddRectFilled(hit.min, hit.max, ground, ui.px(4));
  draw_icon(list, icon, {hit.min.x + side / 2, hit.min.y + side / 2},
            ui.px(look.size > 28 ? 16 : 14), ink_of(ui, look, hit));
  return hit.clicked;
}

bool text_button(Ui& ui, const std::string& id, std::string_view text, ButtonLook look,
                 const Icon* icon, const char* tip) {
  const ImFont* font = look.size > 28 ? ui.fonts.body : ui.fonts.small;
  const ImVec2 size = text_size(font, text);
  const float pad = ui.px(look.size > 28 ? 12 : 8), height = ui.px(look.size);
  const float lead = icon ? ui.px(16) + ui.px(8) : 0;
  const float width = std::max(size.x + 2 * pad + lead, ui.px(look.min_width));
  const Hit hit = hit_area(ui, id, {width, height}, look.enabled);
  if (rests_on_item() && tip[0]) tooltip(ui, tip, "");
  ImDrawList* list = ImGui::GetWindowDrawList();
  if (const ImU32 ground = ground_of(ui, look, hit))
    list->AddRectFilled(hit.min, hit.max, ground, ui.px(4));
  const ImU32 ink = ink_of(ui, look, hit);
  const float left = hit.min.x + std::floor((width - size.x - lead) / 2);
  if (icon) draw_icon(list, *icon, {left + ui.px(8), hit.min.y + height / 2}, ui.px(14), ink);
  draw_text(list, font, {left + lead, hit.min.y + (height - size.y) / 2}, ink, text);
  return hit.clicked;
}

ImVec2 popup_room(const Ui& ui) {
  const ImVec2 most = largest_popup(ui);
  return {most.x - 2 * ui.px(popup_padding), most.y - 2 * ui.px(popup_padding)};
}

bool begin_popup(Ui& ui, const char* id, float least_width) {
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  const float margin = ui.px(popup_margin);
  const ImVec2 most = largest_popup(ui);
  ImGui::SetNextWindowSizeConstraints({std::min(std::max(least_width, ui.px(120)), most.x), 0},
                                      most);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {ui.px(popup_padding), ui.px(popup_padding)});
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ui.px(8), ui.px(2)});
  const bool open = ImGui::BeginPopup(id, ImGuiWindowFlags_NoMove);
  if (!open) {
    ImGui::PopStyleVar(2);
    return false;
  }
  // Nothing of it may lie outside the window. Its size is known from its second frame, the first
  // that is seen.
  if (ImGui::IsWindowAppearing()) return true;
  const ImVec2 at = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
  const ImVec2 inside = {std::max(margin, std::min(at.x, window.x - margin - size.x)),
                         std::max(margin, std::min(at.y, window.y - margin - size.y))};
  if (inside.x != at.x || inside.y != at.y) ImGui::SetWindowPos(inside);
  return true;
}

void end_popup() {
  ImGui::EndPopup();
  ImGui::PopStyleVar(2);
}

float menu_button_width(const Ui& ui, std::string_view label, std::string_view value) {
  const float label_width = label.empty() ? 0 : text_size(ui.fonts.small, label).x + ui.px(6);
  return std::ceil(label_width + text_size(ui.fonts.small, value).x + 2 * ui.px(8) + ui.px(18));
}

void menu_button(Ui& ui, const std::string& id, std::string_view label, std::string_view value,
                 float width, const std::function<void()>& fill, const char* tip) {
  const float height = ui.px(28), pad = ui.px(8);
  const float label_width = label.empty() ? 0 : text_size(ui.fonts.small, label).x + ui.px(6);
  if (width <= 0) width = menu_button_width(ui, label, value);
  const Hit hit = hit_area(ui, id, {width, height});
  const std::string popup = id + ".menu";
  const bool open = ImGui::IsPopupOpen(popup.c_str());
  if (!open && tip[0] && rests_on_item()) tooltip(ui, tip, "");
  ImDrawList* list = ImGui::GetWindowDrawList();
  ButtonLook look;
  look.filled = true;
  const ImU32 ground = open ? ui.colours.pressed : ground_of(ui, look, hit);
  const ImU32 quiet = ui.colours.quiet_on(ground);
  list->AddRectFilled(hit.min, hit.max, ground, ui.px(4));
  const float line = font_pixels(ui.fonts.small);
  const float y = hit.min.y + (height - line) / 2;
  if (!label.empty()) draw_text(list, ui.fonts.small, {hit.min.x + pad, y}, quiet, label);
  draw_text_fitted(list, ui.fonts.small, {hit.min.x + pad + label_width, y},
                   width - label_width - 2 * pad - ui.px(12), ui.colours.text, value);
  draw_icon(list, Icon::chevron_down, {hit.max.x - pad - ui.px(4), hit.min.y + height / 2},
            ui.px(12), quiet);
  if (hit.clicked) ImGui::OpenPopup(popup.c_str());
  ImGui::SetNextWindowPos({hit.min.x, hit.max.y + ui.px(4)}, ImGuiCond_Appearing);
  if (begin_popup(ui, popup.c_str(), width)) {
    fill();
    end_popup();
  }
}

bool menu_item(Ui& ui, const std::string& id, std::string_view text, std::string_view key,
               bool selected, bool enabled, std::string_view detail, float given_width) {
  const float pad = ui.px(8), mark = ui.px(20);
  const float height = ui.px(detail.empty() ? 28 : 44);
  float needed = pad * 2 + mark + text_size(ui.fonts.body, text).x;
  if (!key.empty()) needed += ui.px(32) + text_size(ui.fonts.small, key).x;
  if (!detail.empty())
    needed = std::max(needed, pad * 2 + mark + text_size(ui.fonts.small, detail).x);
  const float width =
      given_width > 0 ? given_width : std::max(needed, ImGui::GetContentRegionAvail().x);
  const Hit hit = hit_area(ui, id, {width, height}, enabled);
  ImDrawList* list = ImGui::GetWindowDrawList();
  if (hit.hovered) list->AddRectFilled(hit.min, hit.max, ui.colours.hovered, ui.px(4));
  const ImU32 ink = enabled ? ui.colours.text : ui.colours.disabled;
  const ImU32 quiet = ui.colours.quiet_on(hit.hovered ? ui.colours.hovered : ui.colours.popup);
  const float line = font_pixels(ui.fonts.body);
  const float top = detail.empty() ? hit.min.y + (height - line) / 2 : hit.min.y + ui.px(5);
  if (selected)
    draw_icon(list, Icon::check, {hit.min.x + pad + ui.px(5), top + line / 2 + 1}, ui.px(12),
              ui.colours.accent);
  draw_text(list, ui.fonts.body, {hit.min.x + pad + mark, top}, ink, text);
  if (!detail.empty())
    draw_text(list, ui.fonts.small, {hit.min.x + pad + mark, top + line + ui.px(3)}, quiet, detail);
  if (!key.empty()) {
    const ImVec2 size = text_size(ui.fonts.small, key);
    draw_text(list, ui.fonts.small, {hit.max.x - pad - size.x, hit.min.y + (height - size.y) / 2},
              quiet, key);
  }
  if (hit.clicked) ImGui::CloseCurrentPopup();
  return hit.clicked;
}

void menu_separator(Ui& ui) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  ImGui::Dummy({0, ui.px(7)});
  ImGui::GetWindowDrawList()->AddLine({at.x, at.y + ui.px(3)}, {at.x + width, at.y + ui.px(3)},
                                      ui.colours.dark ? ui.colours.hovered : ui.colours.line);
}

void menu_heading(Ui& ui, std::string_view text) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::Dummy({text_size(ui.fonts.label, text).x + ui.px(16), ui.px(24)});
  draw_text(ImGui::GetWindowDrawList(), ui.fonts.label, {at.x + ui.px(8), at.y + ui.px(7)},
            ui.colours.secondary, text);
}

float segmented_width(const Ui& ui, std::span<const std::string_view> names) {
  float width = ui.px(4);
  for (const auto name : names) width += text_size(ui.fonts.small, name).x + 2 * ui.px(10);
  return width;
}

int segmented(Ui& ui, const std::string& id, std::span<const std::string_view> names, int current,
              std::span<const std::string_view> tips) {
  const float height = ui.px(28);
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 start = ImGui::GetCursorScreenPos();
  list->AddRectFilled(start, {start.x + segmented_width(ui, names), start.y + height},
                      ui.colours.raised, ui.px(4));
  int chosen = -1;
  float x = start.x + ui.px(2);
  for (int i = 0; i < static_cast<int>(names.size()); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const ImVec2 size = text_size(ui.fonts.small, names[at]);
    const float width = size.x + 2 * ui.px(10);
    ImGui::SetCursorScreenPos({x, start.y});
    const Hit hit = hit_area(ui, id + "." + std::to_string(i), {width, height});
    if (at < tips.size() && rests_on_item()) tooltip(ui, tips[at], "");
    const ImVec2 min = {x, start.y + ui.px(2)}, max = {x + width, start.y + height - ui.px(2)};
    if (i == current) {
      list->AddRectFilled(min, max, ui.colours.dark ? ui.colours.pressed : ui.colours.popup,
                          ui.px(3));
    } else if (hit.hovered) {
      list->AddRectFilled(min, max, ui.colours.hovered, ui.px(3));
    }
    draw_text(
        list, ui.fonts.small, {x + ui.px(10), start.y + (height - size.y) / 2},
        i == current || hit.hovered ? ui.colours.text : ui.colours.quiet_on(ui.colours.raised),
        names[at]);
    if (hit.clicked) chosen = i;
    x += width;
  }
  ImGui::SetCursorScreenPos(start);
  ImGui::Dummy({segmented_width(ui, names), height});
  return chosen;
}

int tabs(Ui& ui, const std::string& id, std::span<const std::string_view> names, int current) {
  const float height = ui.px(32);
  ImDrawList* list = ImGui::GetWindowDrawList();
  int chosen = -1;
  for (int i = 0; i < static_cast<int>(names.size()); ++i) {
    if (i > 0) ImGui::SameLine(0, ui.px(20));
    const auto name = names[static_cast<std::size_t>(i)];
    const ImFont* font = i == current ? ui.fonts.strong : ui.fonts.body;
    // Room for the bolder face, so that switching moves nothing.
    const float width = text_size(ui.fonts.strong, name).x;
    const Hit hit = hit_area(ui, id + "." + std::to_string(i), {width, height});
    const ImVec2 size = text_size(font, name);
    draw_text(list, font, {hit.min.x + (width - size.x) / 2, hit.min.y + (height - size.y) / 2},
              i == current || hit.hovered ? ui.colours.text : ui.colours.secondary, name);
    if (i == current)
      list->AddRectFilled({hit.min.x, hit.max.y - ui.px(2)}, {hit.max.x, hit.max.y},
                          ui.colours.accent, 1);
    if (hit.clicked) chosen = i;
  }
  return chosen;
}

SplitterInput splitter(Ui& ui, const std::string& id, bool vertical, ImVec2 min, ImVec2 max,
                       bool line) {
  // In a child of its own that comes after the panels': theirs would take the pointer otherwise.
  const ImVec2 size = {std::max(4.0f, max.x - min.x), std::max(4.0f, max.y - min.y)};
  ImGui::SetCursorScreenPos(min);
  ImGui::BeginChild((id + ".grip").c_str(), size, false,
                    ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoScrollbar |
                        ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::InvisibleButton(id.c_str(), size);
  ui.map->add(id, min, max);
  SplitterInput input;
  const bool active = ImGui::IsItemActive(), hovered = ImGui::IsItemHovered();
  if (active || hovered)
    ImGui::SetMouseCursor(vertical ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);
  input.double_clicked = hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  if (active && ImGui::IsMouseDragging(ImGuiMouseButton_Left, ui.px(3)))
    input.dragged_to = vertical ? ImGui::GetIO().MousePos.x : ImGui::GetIO().MousePos.y;
  const ImU32 colour = active || hovered ? ui.colours.accent : line ? ui.colours.line : 0;
  const float half = active || hovered ? ui.px(1) : 0;
  const ImVec2 middle = {std::floor((min.x + max.x) / 2), std::floor((min.y + max.y) / 2)};
  ImDrawList* list = ImGui::GetWindowDrawList();
  if (vertical)
    list->AddRectFilled({middle.x - half, min.y}, {middle.x + 1 + half, max.y}, colour);
  else
    list->AddRectFilled({min.x, middle.y - half}, {max.x, middle.y + 1 + half}, colour);
  ImGui::EndChild();
  return input;
}

bool section(Ui& ui, const std::string& id, std::string_view title, bool* open, float reserved) {
  const float width = ImGui::GetContentRegionAvail().x - reserved, height = ui.px(32);
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const Hit hit = hit_area(ui, id, {width, height});
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImU32 ink = hit.hovered ? ui.colours.text : ui.colours.secondary;
  draw_icon(list, *open ? Icon::chevron_down : Icon::chevron_right,
            {start.x + ui.px(5), start.y + height / 2}, ui.px(11), ink);
  const ImVec2 size = text_size(ui.fonts.label, title);
  draw_text(list, ui.fonts.label, {start.x + ui.px(18), start.y + (height - size.y) / 2}, ink,
            title);
  if (hit.clicked) *open = !*open;
  return *open;
}

void quiet_text(Ui& ui, std::string_view text) {
  const FontScope font(ui.fonts.small);
  ImGui::PushStyleColor(ImGuiCol_Text, ui.colours.secondary);
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopStyleColor();
}

}  // namespace fieldscope::gui
