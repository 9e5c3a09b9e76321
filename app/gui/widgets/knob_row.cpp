#include "app/gui/widgets/knob_row.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include <imgui_internal.h>

#include "app/gui/format.h"
#include "app/gui/widgets/controls.h"
#include "app/gui/widgets/text_entry.h"

namespace fieldscope::gui {
namespace {

// Unbounded or zero ends are cut to what a hand would choose; typing reaches the rest.
double slider_low(const Knob& knob) {
  if (knob.scale == KnobScale::logarithmic) {
    const double floor = knob.default_value > 0 ? knob.default_value * 1e-4 : 1e-8;
    return std::max(knob.min, floor);
  }
  return std::isfinite(knob.min) ? knob.min : 0;
}

double slider_high(const Knob& knob) {
  const double base = std::max(std::fabs(knob.default_value), 1e-12);
  if (knob.scale == KnobScale::logarithmic) return std::min(knob.max, base * 1e4);
  if (knob.scale == KnobScale::integer && knob.max > 1000)
    return std::min(knob.max, std::max(16.0, base * 8));
  return std::min(knob.max, std::max(knob.min + 1, base * 100));
}

// Whole numbers over several decades are chosen by their logarithm too.
bool spread_wide(const Knob& knob) {
  return knob.scale == KnobScale::logarithmic ||
         (knob.scale == KnobScale::integer && slider_high(knob) > 64 && slider_low(knob) >= 0);
}

double two_digits(double value) {
  if (value == 0) return 0;
  const double unit = std::pow(10.0, std::floor(std::log10(std::fabs(value))) - 1);
  return std::round(value / unit) * unit;
}

struct Row {
  Ui& ui;
  const std::string& id;
  const Knob& knob;
  ImVec2 at;
  float width, height;
  float field_left, field_right;
};

// The tooltip of the last item: the knob's name and its field say the same.
void explain(const Row& row) {
  if (!rests_on_item()) return;
  const bool number = row.knob.scale != KnobScale::toggle && row.knob.scale != KnobScale::choice;
  tooltip(row.ui, row.knob.name,
          std::string(row.knob.help) +
              (number ? "\n" + knob_range(row.knob) + ". Drag, or click and type." : ""));
}

void draw_name(const Row& row, bool changed) {
  const Palette& p = row.ui.colours;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImFont* font = row.ui.fonts.small;
  const float y = row.at.y + (row.height - font_pixels(font)) / 2;
  std::string name(row.knob.name);
  draw_text_fitted(list, font, {row.at.x, y}, row.field_left - row.at.x - row.ui.px(8),
                   changed ? p.text : p.secondary, name);
  ImGui::SetCursorScreenPos(row.at);
  ImGui::InvisibleButton((row.id + ".name").c_str(), {row.field_left - row.at.x, row.height});
  explain(row);
}

// As the field of a knob that takes clicks lies, but flat.
void draw_idle(const Row& row, const IdleKnob& idle) {
  Ui& ui = row.ui;
  const ImVec2 min = {row.field_left, row.at.y};
  const ImVec2 max = {row.at.x + row.width, row.at.y + row.height};
  ImGui::SetCursorScreenPos(row.at);
  ImGui::InvisibleButton(row.id.c_str(), {row.width, row.height});
  ui.map->add(row.id, row.at, max);
  if (rests_on_item())
    tooltip(ui, row.knob.name, std::string(row.knob.help) + "\n" + std::string(idle.why));
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImFont* font = ui.fonts.small;
  const float y = row.at.y + (row.height - font_pixels(font)) / 2;
  draw_text_fitted(list, font, {row.at.x, y}, min.x - row.at.x - ui.px(8), ui.colours.disabled,
                   row.knob.name);
  draw_text_fitted(list, font, {min.x + ui.px(8), y}, max.x - min.x - ui.px(8), ui.colours.disabled,
                   idle.instead);
}

// Click restores the preset.
bool draw_changed_mark(const Row& row, double preset) {
  const float side = row.ui.px(18);
  const ImVec2 at = {row.at.x + row.width - side, row.at.y + (row.height - side) / 2};
  ImGui::SetCursorScreenPos(at);
  const bool clicked = ImGui::InvisibleButton((row.id + ".restore").c_str(), {side, side});
  row.ui.map->add(row.id + ".restore", at, {at.x + side, at.y + side});
  const ImVec2 centre = {at.x + side / 2, at.y + side / 2};
  if (ImGui::IsItemHovered()) {
    draw_icon(ImGui::GetWindowDrawList(), Icon::undo, centre, row.ui.px(12), row.ui.colours.accent);
    if (rests_on_item())
      tooltip(row.ui, "Changed; click for the preset, " + format_knob(row.knob, preset), "");
  } else {
    ImGui::GetWindowDrawList()->AddCircleFilled(centre, row.ui.px(3), row.ui.colours.accent, 12);
  }
  return clicked;
}

std::optional<double> draw_toggle(const Row& row, double value) {
  const float w = row.ui.px(32), h = row.ui.px(18);
  const ImVec2 at = {row.field_left, row.at.y + (row.height - h) / 2};
  ImGui::SetCursorScreenPos(at);
  const bool clicked = ImGui::InvisibleButton(row.id.c_str(), {w, h});
  row.ui.map->add(row.id, at, {at.x + w, at.y + h});
  explain(row);
  const bool on = value != 0;
  const Palette& p = row.ui.colours;
  const ImU32 ground = on ? p.accent : ImGui::IsItemHovered() ? p.pressed : p.hovered;
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(at, {at.x + w, at.y + h}, ground, h / 2);
  const float x = on ? at.x + w - h / 2 : at.x + h / 2;
  list->AddCircleFilled({x, at.y + h / 2}, h / 2 - row.ui.px(3), on ? p.accent_text : p.text);
  if (clicked) return on ? 0.0 : 1.0;
  return std::nullopt;
}

// Files say "gauss_newton".
std::string choice_text(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::optional<double> draw_choice(const Row& row, double value) {
  std::optional<double> chosen;
  ImGui::SetCursorScreenPos({row.field_left, row.at.y + (row.height - row.ui.px(28)) / 2});
  menu_button(
      row.ui, row.id, "", choice_text(format_knob(row.knob, value)),
      row.field_right - row.field_left, [&] {
        for (std::size_t i = 0; i < row.knob.choices.size(); ++i) {
          const auto& glosses = row.knob.glosses;
          if (menu_item(row.ui, row.id + "." + std::to_string(i), choice_text(row.knob.choices[i]),
                        "", static_cast<std::size_t>(value) == i, true,
                        i < glosses.size() ? glosses[i] : ""))
            chosen = static_cast<double>(i);
        }
      });
  explain(row);
  return chosen;
}

// Enter and Tab decide, a click elsewhere does so where the text is a value; Escape gives up.
std::optional<double> type_value(const Row& row, KnobEditing& editing) {
  Ui& ui = row.ui;
  const FontScope font(ui.fonts.small);
  const float pad = (ui.px(24) - font_pixels(ui.fonts.small)) / 2;
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {ui.px(8), pad});
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, 1);
  ImGui::PushStyleColor(ImGuiCol_Border, ui.colours.accent);
  ImGui::SetCursorScreenPos({row.field_left, row.at.y + (row.height - ui.px(24)) / 2});
  ImGui::SetNextItemWidth(row.field_right - row.field_left);
  if (editing.focus) ImGui::SetKeyboardFocusHere();
  bool tabbed = false;
  const auto on_tab = [](ImGuiInputTextCallbackData* data) {
    *static_cast<bool*>(data->UserData) = true;
    return 0;
  };
  const bool entered =
      ImGui::InputText(("##" + row.id).c_str(), editing.text, sizeof editing.text,
                       ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll |
                           ImGuiInputTextFlags_CallbackCompletion,
                       on_tab, &tabbed);
  ui.map->add_last_item(row.id + ".text");
  ImGui::PopStyleColor();
  ImGui::PopStyleVar(2);
  const bool decided = entered || tabbed;
  const bool left = !editing.focus && ImGui::IsItemDeactivated() && !entered;
  const bool edited = ImGui::IsItemDeactivatedAfterEdit();
  // The text may say the value with fewer digits than it has: leaving it alone changes nothing.
  const bool unchanged = editing.text == format_knob(row.knob, editing.value);
  if (editing.focus) ui.wants_frame = true;  // it takes the keyboard in the next one
  editing.focus = false;

  std::string problem;
  const std::optional<double> value = typed_value(row.knob, editing.text, problem);
  if (!value) {
    ImGui::GetWindowDrawList()->AddRect(ImGui::GetItemRectMin(), ImGui::GetItemRectMax(),
                                        ui.colours.trouble, ui.px(4), 0, 1.5f);
    tooltip(ui, problem, "");
    if (entered) keep_typing();
  }
  if (left || (decided && value)) editing = {};
  return (decided || (left && edited)) && !unchanged ? value : std::nullopt;
}

std::optional<double> draw_slider(const Row& row, double value, KnobEditing& editing) {
  Ui& ui = row.ui;
  const float h = ui.px(24);
  const ImVec2 min = {row.field_left, row.at.y + (row.height - h) / 2};
  const ImVec2 max = {row.field_right, min.y + h};
  ImGui::SetCursorScreenPos(min);
  ImGui::InvisibleButton(row.id.c_str(), {max.x - min.x, h});
  ui.map->add(row.id, min, max);
  const bool hovered = ImGui::IsItemHovered(), active = ImGui::IsItemActive();
  std::optional<double> result;
  const float mouse = ImGui::GetIO().MousePos.x;
  if (ImGui::IsItemActivated()) {
    editing = {};
    editing.id = row.id;
    editing.value = value;
    editing.pressed_x = mouse;
  }
  const bool mine = editing.id == row.id;
  if (active && mine) {
    if (std::fabs(mouse - editing.pressed_x) > ui.px(3)) editing.moved = true;
    if (editing.moved) editing.value = knob_value_at(row.knob, (mouse - min.x) / (max.x - min.x));
  }
  if (ImGui::IsItemDeactivated() && mine) {
    if (editing.moved) {
      if (editing.value != value) result = editing.value;
      editing = {};
    } else {
      editing.typing = editing.focus = true;
      std::snprintf(editing.text, sizeof editing.text, "%s", format_knob(row.knob, value).c_str());
    }
  }
  const double shown = mine && editing.moved ? editing.value : value;
  if (!active) explain(row);
  const Palette& p = ui.colours;
  const SliderColours colours = slider_colours(p,
                                               active    ? p.pressed
                                               : hovered ? p.hovered
                                                         : p.raised,
                                               hovered || active);
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(min, max, colours.ground, ui.px(4));
  const float fill =
      static_cast<float>(std::clamp(knob_position(row.knob, shown), 0.0, 1.0)) * (max.x - min.x);
  if (fill > 1) {
    list->PushClipRect(min, {min.x + fill, max.y}, true);
    list->AddRectFilled(min, max, colours.filled, ui.px(4));
    list->PopClipRect();
  }
  const ImFont* font = ui.fonts.small;
  const std::string text = format_knob(row.knob, shown);
  const float y = min.y + (h - font_pixels(font)) / 2;
  const float unit_at = min.x + ui.px(8 + 6) + text_size(font, text).x;
  draw_text(list, font, {min.x + ui.px(8), y}, colours.value, text);
  draw_text_fitted(list, font, {unit_at, y}, max.x - ui.px(4) - unit_at, colours.unit,
                   knob_unit(row.knob, shown));
  if (hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  return result;
}

std::optional<double> draw_value(const Row& row, double value, KnobEditing& editing) {
  if (row.knob.scale == KnobScale::toggle) return draw_toggle(row, value);
  if (row.knob.scale == KnobScale::choice) return draw_choice(row, value);
  if (editing.id == row.id && editing.typing) return type_value(row, editing);
  return draw_slider(row, value, editing);
}

}  // namespace

SliderColours slider_colours(const Palette& palette, ImU32 ground, bool strong) {
  // The fill lies between the ground and the ink: what is legible on it is so beside it.
  const ImU32 filled = mix(ground, palette.accent, strong ? 0.34f : 0.24f);
  return {ground, filled, readable(palette.text, filled, 4.6f),
          readable(palette.secondary, filled, 4.6f)};
}

std::optional<double> typed_value(const Knob& knob, std::string_view text, std::string& problem) {
  const bool whole = knob.scale == KnobScale::integer;
  std::string plain;
  for (const char c : text) {
    if (c == ' ' || (c == ',' && whole)) continue;
    plain += c == ',' ? '.' : c;
  }
  if (plain.starts_with('+')) plain.erase(0, 1);
  double value = 0;
  const char* const end = plain.data() + plain.size();
  const auto [stop, error] = std::from_chars(plain.data(), end, value);
  if (error == std::errc::result_out_of_range) {
    problem = knob_range(knob);
  } else if (error != std::errc() || stop != end || std::isnan(value)) {
    problem = whole ? "Not a whole number" : "Not a number";
  } else if (value < knob.min || value > knob.max) {
    problem = knob_range(knob);
  } else if (whole && value != std::floor(value)) {
    problem = "Not a whole number";
  } else {
    return value;
  }
  return std::nullopt;
}

std::string knob_range(const Knob& knob) {
  const auto end = [&](double value) {
    return knob.scale == KnobScale::integer ? format_integer(static_cast<std::uint64_t>(value))
                                            : format_knob(knob, value);
  };
  std::string text = "From " + end(knob.min) + " to " + end(knob.max);
  if (!knob.unit.empty()) text.append(" ").append(knob.unit);
  return text;
}

double knob_position(const Knob& knob, double value) {
  const double low = slider_low(knob), high = slider_high(knob);
  if (knob.scale == KnobScale::near_one)
    return value >= high ? 1 : std::log1p(-value) / std::log1p(-high);
  if (knob.scale == KnobScale::logarithmic)
    return value <= 0 ? 0 : std::log(value / low) / std::log(high / low);
  if (spread_wide(knob)) return std::log1p(std::max(0.0, value - low)) / std::log1p(high - low);
  return (value - low) / (high - low);
}

double knob_value_at(const Knob& knob, double position) {
  const double low = slider_low(knob), high = slider_high(knob);
  position = std::clamp(position, 0.0, 1.0);
  double value = low + position * (high - low);
  if (knob.scale == KnobScale::near_one)
    value = 1 - two_digits(std::pow(1 - high, position));
  else if (knob.scale == KnobScale::logarithmic)
    value = two_digits(low * std::pow(high / low, position));
  else if (spread_wide(knob))
    value = two_digits(low + std::expm1(position * std::log1p(high - low)));
  else if (knob.scale == KnobScale::linear) {
    const double step = std::pow(10.0, std::floor(std::log10((high - low) / 100)));
    value = std::round(value / step) * step;
  }
  if (knob.scale == KnobScale::integer) value = std::round(value);
  return std::clamp(value, knob.min, knob.max);
}

std::optional<double> knob_row(Ui& ui, const std::string& id, const Knob& knob, double value,
                               double preset, KnobEditing& editing,
                               const std::optional<IdleKnob>& idle) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x - ui.inset, height = ui.px(28);
  const float field = std::floor(width * 0.42f);
  Row row{
      ui, id, knob, at, width, height, at.x + width - field - ui.px(20), at.x + width - ui.px(20)};
  const bool changed = std::fabs(value - preset) > 1e-12 * std::max(1.0, std::fabs(preset));
  std::optional<double> result;
  if (idle) {
    draw_idle(row, *idle);
  } else {
    draw_name(row, changed);
    result = draw_value(row, value, editing);
    if (changed && draw_changed_mark(row, preset)) result = preset;
  }
  ImGui::SetCursorScreenPos(at);
  ImGui::Dummy({width, height});
  if (result && *result == value) result.reset();
  return result;
}

}  // namespace fieldscope::gui
