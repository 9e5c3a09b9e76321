#include "app/gui/widgets/overlays.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "app/gui/widgets/controls.h"

namespace fieldscope::gui {
namespace {

struct Shortcut {
  std::string_view keys, does;
};

struct Group {
  std::string_view title;
  std::vector<Shortcut> shortcuts;
};

const std::vector<Group>& left_column() {
  static const std::vector<Group> groups = {
      {"TRAINING",
       {{"Space", "Pause or go on, all runs"},
        {".", "One step"},
        {"R", "Reset to the initial weights"},
        {"N", "New run"},
        {"K", "Fork the selected run"},
        {"1 … 8", "Select a run"},
        {"Ctrl Z", "Undo a reset or a removal"}}},
      {"FILES",
       {{"Ctrl O", "Open a picture"},
        {"Ctrl S", "Save the experiment"},
        {"S", "Screenshot of the window"}}},
  };
  return groups;
}

const std::vector<Group>& right_column() {
  static const std::vector<Group> groups = {
      {"PICTURES",
       {{"Wheel, drag", "Zoom about the pointer, pan"},
        {"0", "Fit pictures and curves"},
        {"Shift or G", "Ground truth in place"},
        {"E", "Absolute error"},
        {"V", "Next view"},
        {"Alt drag", "Wipe against the next run"},
        {"F, double-click", "One tile fills the centre"}}},
      {"CURVES",
       {{"Drag", "Zoom into a rectangle"},
        {"Wheel, Shift wheel", "Zoom x, zoom y"},
        {"Double-click", "Fit"}}},
      {"WINDOW",
       {{"D", "Dark or light theme"},
        {"Ctrl + / −", "Larger or smaller interface"},
        {"?", "This help"}}},
  };
  return groups;
}

float draw_column(Ui& ui, ImDrawList* list, ImVec2 at, const std::vector<Group>& groups) {
  const float row = ui.px(28), keys_width = ui.px(150);
  const float start = at.y;
  for (const auto& group : groups) {
    draw_text(list, ui.fonts.label, at, ui.colours.secondary, group.title);
    at.y += ui.px(24);
    for (const auto& shortcut : group.shortcuts) {
      const ImVec2 size = text_size(ui.fonts.small, shortcut.keys);
      const ImVec2 chip = {at.x + size.x + ui.px(16), at.y + ui.px(22)};
      list->AddRectFilled(at, chip, ui.colours.raised, ui.px(4));
      draw_text(list, ui.fonts.small, {at.x + ui.px(8), at.y + (ui.px(22) - size.y) / 2},
                ui.colours.text, shortcut.keys);
      draw_text(list, ui.fonts.body,
                {at.x + keys_width, at.y + (ui.px(22) - font_pixels(ui.fonts.body)) / 2},
                ui.colours.text, shortcut.does);
      at.y += row;
    }
    at.y += ui.px(12);
  }
  return at.y - start;
}

void begin_cover(Ui& ui, const char* name) {
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(window);
  ImGui::SetNextWindowFocus();
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::PushStyleColor(ImGuiCol_WindowBg, ui.colours.shade);
  ImGui::Begin(
      name, nullptr,
      ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings);
}

void end_cover() {
  ImGui::End();
  ImGui::PopStyleColor();
  ImGui::PopStyleVar();
}

}  // namespace

bool draw_help(Ui& ui, bool software_renderer, const std::string& renderer) {
  begin_cover(ui, "##help");
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  const ImVec2 size = {std::min(ui.px(864), window.x - ui.px(32)),
                       std::min(ui.px(600), window.y - ui.px(32))};
  const ImVec2 min = {(window.x - size.x) / 2, (window.y - size.y) / 2};
  const ImVec2 max = {min.x + size.x, min.y + size.y};
  list->AddRectFilled(min, max, ui.colours.panel, ui.px(8));
  list->AddRect(min, max, mix(ui.colours.line, ui.colours.secondary, 0.2f), ui.px(8));
  draw_text(list, ui.fonts.metric, {min.x + ui.px(32), min.y + ui.px(24)}, ui.colours.text,
            "Keys and mouse");
  draw_column(ui, list, {min.x + ui.px(32), min.y + ui.px(80)}, left_column());
  draw_column(ui, list, {min.x + size.x / 2 + ui.px(8), min.y + ui.px(80)}, right_column());
  const std::string foot = "Drawing with " + renderer + (software_renderer ? " (software)" : "");
  draw_text_fitted(list, ui.fonts.small, {min.x + ui.px(32), max.y - ui.px(32)},
                   size.x / 2 - ui.px(40), ui.colours.secondary, foot);
  ImGui::SetCursorScreenPos({max.x - ui.px(48), min.y + ui.px(16)});
  bool open = !icon_button(ui, "help.close", Icon::close, "Close", "Esc");
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const bool outside = mouse.x < min.x || mouse.y < min.y || mouse.x > max.x || mouse.y > max.y;
  if (outside && ImGui::IsMouseClicked(0) && !ImGui::IsWindowAppearing()) open = false;
  end_cover();
  return open;
}

void draw_drop_promise(Ui& ui) {
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  ImDrawList* list = ImGui::GetForegroundDrawList();
  list->AddRectFilled({0, 0}, window, ui.colours.shade);
  const float inset = ui.px(24);
  list->AddRect({inset, inset}, {window.x - inset, window.y - inset}, ui.colours.accent, ui.px(12),
                0, ui.px(3));
  const std::string_view title = "Drop to compare on this picture";
  const std::string_view text =
      "Every run starts again from its initial weights. The files stay where they are.";
  const ImVec2 a = text_size(ui.fonts.metric, title), b = text_size(ui.fonts.body, text);
  const ImVec2 middle = {window.x / 2, window.y / 2};
  const float half = std::max(a.x, b.x) / 2 + ui.px(32);
  list->AddRectFilled({middle.x - half, middle.y - ui.px(72)},
                      {middle.x + half, middle.y + ui.px(60)}, ui.colours.panel, ui.px(8));
  draw_icon(list, Icon::image, {middle.x, middle.y - ui.px(40)}, ui.px(32), ui.colours.accent);
  draw_text(list, ui.fonts.metric, {middle.x - a.x / 2, middle.y - ui.px(12)}, ui.colours.text,
            title);
  draw_text(list, ui.fonts.body, {middle.x - b.x / 2, middle.y + ui.px(24)}, ui.colours.secondary,
            text);
}

int draw_hint(Ui& ui, int page, ImVec2 target_min, ImVec2 target_max) {
  struct Hint {
    std::string_view title, text;
  };
  static constexpr std::array<Hint, 3> hints = {{
      {"Two optimizers, one picture",
       "Both runs started from the same weights and see the same pixels. The number is the PSNR of "
       "the whole picture; higher is better."},
      {"Change anything while it runs",
       "Pick another optimizer or activation, or drag a knob. It takes effect at the next step and "
       "leaves a mark on the curves."},
      {"Bring your own picture",
       "Drop an image file onto the window, or press Ctrl O. Press ? for all keys."},
  }};
  const Hint& hint = hints[static_cast<std::size_t>(page)];
  const float width = ui.px(336), height = ui.px(148), pad = ui.px(16);
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  ImVec2 at = {target_max.x + ui.px(12), target_min.y};
  if (at.x + width > window.x - ui.px(8)) at = {target_min.x + ui.px(16), target_max.y + ui.px(12)};
  at.x = std::clamp(at.x, ui.px(8), window.x - width - ui.px(8));
  at.y = std::clamp(at.y, ui.px(8), window.y - height - ui.px(40));
  ImGui::SetNextWindowPos(at);
  ImGui::SetNextWindowSize({width, height});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {pad, pad});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, ui.px(6));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1);
  ImGui::PushStyleColor(ImGuiCol_WindowBg, ui.colours.popup);
  ImGui::PushStyleColor(ImGuiCol_Border, ui.colours.accent);
  ImGui::Begin("##hint", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoFocusOnAppearing);
  {
    const FontScope font(ui.fonts.strong);
    ImGui::TextUnformatted(hint.title.data(), hint.title.data() + hint.title.size());
  }
  {
    const FontScope font(ui.fonts.small);
    ImGui::PushTextWrapPos(width - pad);
    ImGui::TextUnformatted(hint.text.data(), hint.text.data() + hint.text.size());
    ImGui::PopTextWrapPos();
  }
  ImDrawList* list = ImGui::GetWindowDrawList();
  for (int i = 0; i < 3; ++i)
    list->AddCircleFilled({at.x + pad + ui.px(4) + static_cast<float>(i) * ui.px(14),
                           at.y + height - pad - ui.px(14)},
                          ui.px(3), i == page ? ui.colours.accent : ui.colours.pressed, 12);
  ButtonLook look;
  look.size = 28;
  ImGui::SetCursorScreenPos({at.x + width - pad - ui.px(132), at.y + height - pad - ui.px(28)});
  if (page < 2 && text_button(ui, "hint.skip", "Skip", look)) page = 3;
  look.primary = true;
  ImGui::SetCursorScreenPos({at.x + width - pad - ui.px(64), at.y + height - pad - ui.px(28)});
  if (page < 3 && text_button(ui, "hint.next", page == 2 ? " Done " : " Next ", look)) ++page;
  ImGui::End();
  ImGui::PopStyleColor(2);
  ImGui::PopStyleVar(3);
  return page;
}

}  // namespace fieldscope::gui
