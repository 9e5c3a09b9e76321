// The row below the tiles where meshes are learned: what is seen of them, the section, the scale of
// errors, how fine surfaces are.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/colour_scale.h"
#include "app/gui/panels/panel.h"

namespace fieldscope::gui {
namespace {

constexpr std::array<std::string_view, mesh_mode_count> mode_names = {"Shaded", "Normals", "Error"};
constexpr std::array<std::string_view, mesh_mode_count> mode_tips = {
    "As clay in a studio", "Which way the surface faces: x red, y green, z blue",
    "How far each place is from the true surface   E"};
constexpr std::array<std::string_view, 3> axis_names = {"X", "Y", "Z"};
constexpr std::array<std::string_view, 3> axis_tips = {"Cut across x", "Cut across y: from above",
                                                       "Cut across z: from the front"};
constexpr float control = 28, gap = 8, group = 16;  // design pixels
constexpr float least_slider = 72, most_slider = 160, number = 40;

std::string percent_text(double percent) {
  char text[24];
  std::snprintf(text, sizeof text, "%.3g", percent);
  return text;
}

void draw_modes(PanelContext& context) {
  Workspace& work = context.work;
  const int chosen =
      segmented(context.ui, "view.mode", mode_names, static_cast<int>(work.meshes.mode), mode_tips);
  if (chosen >= 0) Stage::choose_mode(work, static_cast<MeshMode>(chosen));
}

void toggle_wire(Workspace& work) {
  work.settings.mesh_wire = work.meshes.wire = !work.meshes.wire;
}

void draw_switches(PanelContext& context) {
  Ui& ui = context.ui;
  MeshChoices& meshes = context.work.meshes;
  ButtonLook look;
  look.size = control;
  look.selected = meshes.wire;
  if (icon_button(ui, "view.wire", Icon::wire, "The triangles' edges", "", look))
    toggle_wire(context.work);
  ImGui::SameLine(0, ui.px(4));
  look.selected = meshes.section;
  if (icon_button(ui, "view.section", Icon::section,
                  "Cut it open and show the field on the cut: inside red, outside blue, the "
                  "surface black",
                  "", look))
    meshes.section = !meshes.section;
}

// The place of the cut, from one face of the box to the other.
void draw_offset(PanelContext& context, float width) {
  Ui& ui = context.ui;
  MeshChoices& meshes = context.work.meshes;
  float& offset = meshes.offsets[static_cast<std::size_t>(meshes.axis)];
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float middle = at.y + ui.px(control) / 2, knob = ui.px(6);
  ImGui::InvisibleButton("view.offset", {width, ui.px(control)});
  ui.map->add_last_item("view.offset");
  const float left = at.x + knob, right = at.x + width - knob;
  if (ImGui::IsItemActive()) {
    const float share = std::clamp((ImGui::GetIO().MousePos.x - left) / (right - left), 0.0f, 1.0f);
    // In hundredths, and exactly in the middle where that is what is meant.
    offset = std::round((2 * share - 1) * 100) / 100;
    if (std::fabs(offset) < 0.03f) offset = 0;
  }
  if (ImGui::IsItemHovered() && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) offset = 0;
  if (rests_on_item() && !ImGui::IsItemActive())
    tooltip(ui, "Where it is cut",
            "From one face of the box, −1, to the other, 1. A double click "
            "cuts through the middle.");
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float half = std::max(1.0f, ui.px(1)), x = left + (offset + 1) / 2 * (right - left);
  const float centre = (left + right) / 2;
  list->AddRectFilled({left, middle - half}, {right, middle + half}, ui.colours.pressed, 1);
  list->AddRectFilled({std::min(x, centre), middle - half}, {std::max(x, centre), middle + half},
                      ui.colours.accent, 1);
  list->AddCircleFilled({x, middle}, ui.px(ImGui::IsItemHovered() || ImGui::IsItemActive() ? 6 : 5),
                        ui.colours.accent, 16);
  char text[16];
  std::snprintf(text, sizeof text, "%s%.2f", offset < 0 ? "−" : "",
                std::fabs(static_cast<double>(offset)));
  draw_text(list, ui.fonts.small,
            {at.x + width + ui.px(number) - text_size(ui.fonts.small, text).x,
             middle - font_pixels(ui.fonts.small) / 2},
            ui.colours.secondary, text);
}

float section_width(const Ui& ui, float slider) {
  return segmented_width(ui, axis_names) + ui.px(gap + slider + number);
}

void draw_section(PanelContext& context, float slider) {
  Ui& ui = context.ui;
  MeshChoices& meshes = context.work.meshes;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  if (const int axis = segmented(ui, "view.axis", axis_names, meshes.axis, axis_tips); axis >= 0)
    meshes.axis = axis;
  ImGui::SetCursorScreenPos({at.x + segmented_width(ui, axis_names) + ui.px(gap), at.y});
  draw_offset(context, ui.px(slider));
}

void resolution_items(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const int training = work.settings.surface_training, resting = work.settings.surface_resting;
  menu_heading(ui, "CELLS AN AXIS WHILE IT TRAINS");
  for (const int cells : {32, 64, 128})
    if (menu_item(ui, "view.live." + std::to_string(cells), std::to_string(cells) + "³", "",
                  cells == training))
      work.set_surface_resolution(cells, resting);
  menu_separator(ui);
  menu_heading(ui, "AT REST");
  for (const int cells : {64, 128, 256, 512})
    if (menu_item(ui, "view.rest." + std::to_string(cells), std::to_string(cells) + "³", "",
                  cells == resting, cells >= training))
      work.set_surface_resolution(training, cells);
}

std::string resolution_text(const Workspace& work) {
  return std::to_string(work.settings.surface_training) + "³ → " +
         std::to_string(work.settings.surface_resting) + "³";
}

// Everything in one menu, where a row of controls has no room.
void view_items(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  MeshChoices& meshes = work.meshes;
  for (int i = 0; i < mesh_mode_count; ++i)
    if (menu_item(ui, "view.mode." + std::to_string(i), mode_names[static_cast<std::size_t>(i)], "",
                  i == static_cast<int>(meshes.mode)))
      Stage::choose_mode(work, static_cast<MeshMode>(i));
  menu_separator(ui);
  if (menu_item(ui, "view.wire.item", "Triangles' edges", "", meshes.wire)) toggle_wire(work);
  if (menu_item(ui, "view.section.item", "Cut open", "", meshes.section))
    meshes.section = !meshes.section;
  for (int axis = 0; meshes.section && axis < 3; ++axis)
    if (menu_item(ui, "view.axis." + std::to_string(axis),
                  axis_tips[static_cast<std::size_t>(axis)], "", axis == meshes.axis))
      meshes.axis = axis;
  menu_separator(ui);
  resolution_items(context);
}

void error_limit_items(PanelContext& context) {
  Ui& ui = context.ui;
  MeshChoices& meshes = context.work.meshes;
  menu_heading(ui, "END OF THE SCALE");
  if (menu_item(ui, "view.limit.auto", "Follows the errors", "", meshes.error_limit == 0))
    meshes.error_limit = 0;
  for (const double percent : {0.2, 0.5, 1.0, 2.0, 5.0, 10.0}) {
    const auto limit = static_cast<float>(percent / percent_of_box(1));
    if (menu_item(ui, "view.limit." + percent_text(percent),
                  percent_text(percent) + " % of the box", "", meshes.error_limit == limit))
      meshes.error_limit = limit;
  }
  menu_heading(ui, "COLOURS");
  for (const Colormap map : {Colormap::viridis, Colormap::magma})
    if (menu_item(ui, std::string("view.map.") + colormap_name(map),
                  map == Colormap::viridis ? "Viridis" : "Magma", "", meshes.error_map == map))
      meshes.error_map = map;
}

void draw_error_scale(PanelContext& context, float left, float right, float middle) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const double end = percent_of_box(work.mesh_error_limit());
  const std::array<std::string, 3> numbers = {"0", percent_text(end / 2), percent_text(end) + " %"};
  if (draw_colour_scale(context, ImageMode::magnitude, static_cast<int>(work.meshes.error_map),
                        numbers, left, right, middle))
    ImGui::OpenPopup("view.scale.menu");
  if (rests_on_item()) {
    const double side = 2 * work.mesh()->frame().scale;
    tooltip(ui, "Distance to the true surface",
            "In percent of the box that the mesh is learned in; 1 % is " +
                format_significant(side / 100) +
                " in the units of the file. The same scale for all tiles. Click to choose its end "
                "and its colours.");
  }
  if (!begin_popup(ui, "view.scale.menu")) return;
  error_limit_items(context);
  end_popup();
}

bool shows_errors(Workspace& work) {
  if (work.meshes.mode == MeshMode::error) return true;
  return std::any_of(work.runs().begin(), work.runs().end(),
                     [&](const auto& run) { return work.mode_of(*run) == MeshMode::error; });
}

}  // namespace

// From the right: fit, truth, resolution. From the left what fits: modes, switches, the section's
// place, the scale of errors; without room for the first two, all of it in a menu.
void Stage::draw_mesh_bar(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const float middle = std::floor((where.min.y + where.max.y) / 2), top = middle - ui.px(14);
  const float button = ui.px(control), edge = ui.px(group);
  const float modes = segmented_width(ui, mode_names) + ui.px(group) + 2 * button + ui.px(4);
  const float section = work.meshes.section ? edge + section_width(ui, least_slider) : 0;
  const bool narrow = modes + section + 2 * button + ui.px(gap) + 3 * edge > where.width();

  ButtonLook look;
  look.size = control;
  float right = where.max.x - edge - button;
  ImGui::SetCursorScreenPos({right, top});
  if (icon_button(ui, "view.fit", Icon::fit, "Fit meshes and curves; again: from the front", "0",
                  look))
    fit(work);
  look.selected = work.show_truth;
  right -= ui.px(gap) + button;
  ImGui::SetCursorScreenPos({right, top});
  if (icon_button(ui, "view.truth", Icon::eye,
                  "Ground truth in place of every surface; or hold Shift", "G", look))
    work.show_truth = !work.show_truth;

  float left = where.min.x + edge;
  ImGui::SetCursorScreenPos({left, top});
  if (narrow) {
    const std::string_view name = mode_names[static_cast<std::size_t>(work.meshes.mode)];
    const float width = menu_button_width(ui, "", mode_names[1]);
    menu_button(ui, "view.menu", "", name, width, [&] { view_items(context); });
    left += width;
  } else {
    draw_modes(context);
    ImGui::SetCursorScreenPos({left + segmented_width(ui, mode_names) + ui.px(group), top});
    draw_switches(context);
    left += modes;
    const float grid = menu_button_width(ui, "grid", "128³ → 512³");
    if (right - left - section > grid + 2 * edge) {
      right -= ui.px(gap) + grid;
      ImGui::SetCursorScreenPos({right, top});
      menu_button(
          ui, "view.grid", "grid", resolution_text(work), grid, [&] { resolution_items(context); },
          "How fine the surfaces are: while runs train, and what they are refined to at rest");
    }
  }
  const float scale = shows_errors(work) ? ui.px(200) : 0;
  if (work.meshes.section && right - left > section_width(ui, least_slider) + 2 * edge) {
    const float spare = right - left - section_width(ui, 0) - scale - 3 * edge;
    const float slider = std::clamp(spare / ui.scale, least_slider, most_slider);
    ImGui::SetCursorScreenPos({left + edge, top});
    draw_section(context, slider);
    left += edge + section_width(ui, slider);
  }
  if (scale > 0 && right - left > ui.px(136) + edge)
    draw_error_scale(context, left + ui.px(gap), std::min(right - edge, left + ui.px(280)), middle);
}

}  // namespace fieldscope::gui
