#include "app/gui/widgets/overlays.h"

#include <algorithm>
#include <array>
#include <cmath>
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
       {{"Ctrl O", "Open a picture, mesh, scene"},
        {"Ctrl S", "Save the experiment"},
        {"S", "Screenshot of the window"}}},
      {"WINDOW",
       {{"P, C", "Side panel, curves: show or fold"},
        {"D", "Dark or light theme"},
        {"Ctrl + / −", "Larger or smaller interface"},
        {"?", "This help"},
        {"Ctrl Q", "Quit"}}},
  };
  return groups;
}

Group curves_group() {
  return {"CURVES",
          {{"Drag", "Zoom into a rectangle"},
           {"Wheel, Shift wheel", "Zoom x, zoom y"},
           {"Double-click", "Fit"},
           {"Right-click", "Save the chart, log axes"}}};
}

// Where meshes are learned.
const std::vector<Group>& right_column_of_meshes() {
  static const std::vector<Group> groups = {
      {"MESHES",
       {{"Drag", "Orbit"},
        {"Middle, Shift drag", "Pan"},
        {"Wheel", "Zoom about the pointer"},
        {"Double-click", "Turn about that place"},
        {"0", "Fit; again: from the front"},
        {"Shift or G", "Ground truth in place"},
        {"E", "Error in false colour"},
        {"V", "Next view"},
        {"Alt drag", "Wipe against the reference run"},
        {"F", "One tile fills the window"},
        {"Right-click", "Save, view, reference, fork"}}},
      curves_group(),
  };
  return groups;
}

const std::vector<Group>& right_column_of_scenes() {
  static const std::vector<Group> groups = {
      {"SCENES",
       {{"Drag", "Orbit"},
        {"Middle, Shift drag", "Pan"},
        {"Wheel", "Zoom about the pointer"},
        {"W A S D, Q E", "Fly, with the pointer on a tile"},
        {"Double-click", "Turn about that place"},
        {"← →, 0", "Held-out cameras: next, the first"},
        {"I, L", "Path: record a key frame, play it"},
        {"Shift or G", "The photograph in place"},
        {"E", "Error in false colour"},
        {"V", "Next view: depth, opacity, error"},
        {"Alt drag", "Wipe against the reference run"},
        {"F", "One tile fills the window"}}},
      curves_group(),
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
        {"Alt drag", "Wipe against the reference run"},
        {"F, double-click", "One tile fills the window"},
        {"Right-click", "Save, copy, view, reference, fork"}}},
      curves_group(),
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

bool draw_help(Ui& ui, TaskKind task, bool software_renderer, const std::string& renderer) {
  begin_cover(ui, "##help");
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  // Two columns where they fit; what is too tall scrolls.
  const bool two = window.x >= ui.px(800);
  const float pad = ui.px(two ? 32 : 16), title = ui.px(72), foot = ui.px(40);
  const ImVec2 size = {std::min(ui.px(two ? 880 : 456), window.x - ui.px(16)),
                       std::min(ui.px(two ? 656 : 1200), window.y - ui.px(16))};
  const ImVec2 min = {std::floor((window.x - size.x) / 2), std::floor((window.y - size.y) / 2)};
  const ImVec2 max = {min.x + size.x, min.y + size.y};
  list->AddRectFilled(min, max, ui.colours.panel, ui.px(4));
  list->AddRect(min, max, mix(ui.colours.line, ui.colours.secondary, 0.2f), ui.px(4));
  draw_text(list, ui.fonts.metric, {min.x + pad, min.y + ui.px(24)}, ui.colours.text,
            "Keys and mouse");
  ImGui::SetCursorScreenPos({min.x, min.y + title});
  ImGui::BeginChild("help.scroll", {size.x, size.y - title - foot}, false,
                    ImGuiWindowFlags_NoBackground);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList* inner = ImGui::GetWindowDrawList();
  const float left = draw_column(ui, inner, {at.x + pad, at.y}, left_column());
  const ImVec2 second =
      two ? ImVec2{at.x + size.x / 2 + ui.px(8), at.y} : ImVec2{at.x + pad, at.y + left};
  const float right = draw_column(ui, inner, second,
                                  task == TaskKind::image  ? right_column()
                                  : task == TaskKind::nerf ? right_column_of_scenes()
                                                           : right_column_of_meshes());
  ImGui::Dummy({1, two ? std::max(left, right) : left + right});
  ImGui::EndChild();
  const std::string drawing = "Drawing with " + renderer + (software_renderer ? " (software)" : "");
  draw_text_fitted(list, ui.fonts.small, {min.x + pad, max.y - ui.px(28)}, size.x - 2 * pad,
                   ui.colours.secondary, drawing);
  ImGui::SetCursorScreenPos({max.x - ui.px(48), min.y + ui.px(16)});
  bool open = !icon_button(ui, "help.close", Icon::close, "Close", "Esc");
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const bool outside = mouse.x < min.x || mouse.y < min.y || mouse.x > max.x || mouse.y > max.y;
  if (outside && ImGui::IsMouseClicked(0) && !ImGui::IsWindowAppearing()) open = false;
  end_cover();
  return open;
}

void draw_drop_promise(Ui& ui, ImVec2 min, ImVec2 max, TaskKind task) {
  ImDrawList* list = ImGui::GetForegroundDrawList();
  list->AddRectFilled({0, 0}, ImGui::GetMainViewport()->Size, ui.colours.shade);
  const float inset = ui.px(16);
  list->AddRect({min.x + inset, min.y + inset}, {max.x - inset, max.y - inset}, ui.colours.accent,
                ui.px(4), 0, ui.px(2));
  // Nothing is known of the file before it is dropped: all are told.
  const std::string_view title = "Drop to open";
  std::vector<std::string_view> texts = {
      "A picture, or a mesh (OBJ, PLY, STL): every run starts again on it.",
      "A folder of posed views (transforms.json, poses_bounds.npy): the same.",
      "A saved experiment: its data and runs take the place of these.",
      "The files stay where they are."};
  if (task == TaskKind::nerf)
    texts.insert(texts.end() - 1, "A camera path (path.json): the camera follows it, runs go on.");
  const ImVec2 a = text_size(ui.fonts.metric, title);
  float widest = a.x;
  for (const auto text : texts) widest = std::max(widest, text_size(ui.fonts.body, text).x);
  const ImVec2 middle = {std::floor((min.x + max.x) / 2), std::floor((min.y + max.y) / 2)};
  const float half = widest / 2 + ui.px(32);
  list->AddRectFilled(
      {middle.x - half, middle.y - ui.px(88)},
      {middle.x + half, middle.y + ui.px(24 + 24 * static_cast<float>(texts.size()))},
      ui.colours.panel, ui.px(4));
  draw_icon(list, Icon::image, {middle.x, middle.y - ui.px(52)}, ui.px(32), ui.colours.accent);
  draw_text(list, ui.fonts.metric, {middle.x - a.x / 2, middle.y - ui.px(24)}, ui.colours.text,
            title);
  float y = middle.y + ui.px(12);
  for (const auto text : texts) {
    draw_text(list, ui.fonts.body, {middle.x - text_size(ui.fonts.body, text).x / 2, y},
              ui.colours.secondary, text);
    y += ui.px(24);
  }
}

namespace {

struct Hint {
  std::string_view title, text, target;
};

constexpr std::array<Hint, hint_count> hints = {{
    {"Two optimizers, one picture",
     "Both runs started from the same weights and see the same pixels. The number is the PSNR of "
     "the whole picture; higher is better.",
     "tile.1.header"},
    {"Change anything while it runs",
     "Pick another optimizer or activation, or drag a knob. It takes effect at the next step and "
     "leaves a mark on the curves.",
     "run.1"},
    {"Bring your own picture",
     "Drop an image or a mesh file onto the window, or press Ctrl O. Press ? for all keys.",
     "toolbar.dataset"},
}};

constexpr Hint first_of_meshes = {
    "Two optimizers, one mesh",
    "Both runs started from the same weights and see the same points. The number is the IoU, the "
    "share of the two bodies that both have: 1 is perfect. Drag to turn, all tiles together.",
    "tile.1.header"};

constexpr Hint first_of_scenes = {
    "Two optimizers, one scene",
    "Both runs learn the same photographs, ray by ray. The number is the PSNR of views that were "
    "held out; higher is better. Drag to turn, all tiles together.",
    "tile.1.header"};

const Hint& hint_of(int page, TaskKind task) {
  if (page == 0 && task == TaskKind::occupancy) return first_of_meshes;
  if (page == 0 && task == TaskKind::nerf) return first_of_scenes;
  return hints[static_cast<std::size_t>(page)];
}

// Where the parts of a hint stand in a strip of this width.
struct HintPlan {
  float pad, text_left, text_width, buttons, height;
};

HintPlan plan_hint(const Ui& ui, const Hint& hint, float width) {
  HintPlan plan{};
  plan.pad = ui.px(16);
  plan.buttons = ui.px(172);
  const float title = text_size(ui.fonts.strong, hint.title).x;
  const float room = width - 2 * plan.pad - plan.buttons;
  // Beside the title where a readable line fits there, else below it.
  const bool beside = room - title - ui.px(16) > ui.px(320);
  plan.text_left = plan.pad + (beside ? title + ui.px(16) : 0);
  plan.text_width = room - (beside ? title + ui.px(16) : 0);
  const float wrapped = ui.fonts.small
                            ->CalcTextSizeA(font_pixels(ui.fonts.small), 1e9f, plan.text_width,
                                            hint.text.data(), hint.text.data() + hint.text.size())
                            .y;
  const float head = beside ? 0 : font_pixels(ui.fonts.strong) + ui.px(4);
  plan.height = std::max(ui.px(44), head + wrapped + ui.px(16));
  return plan;
}

}  // namespace

float hint_height(const Ui& ui, int page, float width, TaskKind task) {
  return std::ceil(plan_hint(ui, hint_of(page, task), width).height);
}

int draw_hint(Ui& ui, int page, const Rect& strip, TaskKind task) {
  const Hint& hint = hint_of(page, task);
  const HintPlan plan = plan_hint(ui, hint, strip.width());
  ImGui::SetCursorScreenPos(strip.min);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::BeginChild("hint", {strip.width(), strip.height()}, false,
                    ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoScrollbar |
                        ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::PopStyleVar();
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(strip.min, strip.max, ui.colours.popup);
  list->AddRectFilled(strip.min, {strip.max.x, strip.min.y + ui.px(2)}, ui.colours.accent);
  const float middle = std::floor((strip.min.y + strip.max.y) / 2),
              title = font_pixels(ui.fonts.strong);
  const bool beside = plan.text_left > plan.pad;
  const float top = strip.min.y + ui.px(9);
  draw_text(list, ui.fonts.strong, {strip.min.x + plan.pad, beside ? middle - title / 2 : top},
            ui.colours.text, hint.title);
  {
    const FontScope font(ui.fonts.small);
    const ImVec2 size = ImGui::CalcTextSize(hint.text.data(), hint.text.data() + hint.text.size(),
                                            false, plan.text_width);
    list->AddText(ui.fonts.small, font_pixels(ui.fonts.small),
                  {std::floor(strip.min.x + plan.text_left),
                   std::floor(beside ? middle - size.y / 2 : top + title + ui.px(2))},
                  ui.colours.quiet_on(ui.colours.popup), hint.text.data(),
                  hint.text.data() + hint.text.size(), plan.text_width);
  }
  ButtonLook look;
  look.size = 28;
  look.min_width = 64;
  const float right = strip.max.x - plan.pad;
  ImGui::SetCursorScreenPos({right - ui.px(64), middle - ui.px(14)});
  look.primary = true;
  int next = page;
  if (text_button(ui, "hint.next", page + 1 == hint_count ? "Done" : "Next", look)) ++next;
  look.primary = false;
  ImGui::SetCursorScreenPos({right - ui.px(64 + 8 + 64), middle - ui.px(14)});
  if (page + 1 < hint_count && text_button(ui, "hint.skip", "Skip", look, nullptr, "Esc"))
    next = hint_count;
  ImGui::EndChild();
  return next;
}

void draw_hint_target(Ui& ui, int page) {
  for (const auto& entry : ui.map->entries()) {
    if (entry.id != hints[static_cast<std::size_t>(page)].target) continue;
    const float out = ui.px(2);
    ImGui::GetForegroundDrawList()->AddRect({entry.min.x - out, entry.min.y - out},
                                            {entry.max.x + out, entry.max.y + out},
                                            ui.colours.accent, ui.px(4), 0, ui.px(2));
  }
}

}  // namespace fieldscope::gui
