// How curvature is measured: a knob each, and what found no room in the row of controls.
#include "app/gui/panels/curvature.h"
#include "app/gui/widgets/knob_row.h"
#include "engine/curvature/study.h"

namespace fieldscope::gui {
namespace {

double landscape_value(const LandscapeSettings& settings, std::string_view id) {
  return id == "points"  ? static_cast<double>(settings.points)
         : id == "reach" ? settings.reach
         : id == "batch" ? static_cast<double>(settings.batch)
                         : static_cast<double>(settings.steps);
}

void set_landscape_value(LandscapeSettings& settings, std::string_view id, double value) {
  const auto count = static_cast<std::size_t>(value);
  if (id == "points")
    settings.points = count;
  else if (id == "reach")
    settings.reach = value;
  else if (id == "batch")
    settings.batch = count;
  else
    settings.steps = count;
}

std::optional<double> row(PanelContext& context, const Knob& knob, double value) {
  return knob_row(context.ui, "curves.curvature.knob." + std::string(knob.id), knob, value,
                  knob.default_value, context.work.editing);
}

}  // namespace

void draw_curvature_settings(PanelContext& context, bool scope, bool interval) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  if (!begin_popup(ui, "curves.curvature.settings.menu", ui.px(340))) return;
  if (scope) {
    menu_heading(ui, "MEASURE");
    scope_items(context);
  }
  if (interval) {
    menu_heading(ui, "BY ITSELF");
    interval_items(context);
  }
  const bool landscape = work.curvature.show == CurvatureShow::landscape;
  const std::span<const Knob> knobs = landscape ? landscape_knobs() : curvature_knobs();
  menu_heading(ui, landscape ? "LANDSCAPES" : "DIAGNOSES");
  // Rows take the width that there is; a popup has none of its own.
  const float height = ui.px(30) * static_cast<float>(knobs.size() + 1) + ui.px(8);
  ImGui::BeginChild("knobs", {ui.px(340), height}, false,
                    ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoScrollbar |
                        ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::Indent(ui.px(8));
  const float inset = ui.inset;
  ui.inset = ui.px(4);
  if (landscape) {
    LandscapeSettings& settings = work.curvature.landscape;
    for (const Knob& knob : knobs)
      if (const auto value = row(context, knob, landscape_value(settings, knob.id)))
        set_landscape_value(settings, knob.id, *value);
  } else {
    for (const Knob& knob : knobs) {
      const auto given = work.curvature.knobs.find(knob.id);
      const double now = given == work.curvature.knobs.end() ? knob.default_value : given->second;
      if (const auto value = row(context, knob, now))
        work.set_curvature_knob(std::string(knob.id), *value);
    }
  }
  if (const auto value = row(context, duty_knob(), work.curvature.duty))
    work.set_curvature_knob(std::string(duty_knob().id), *value);
  ui.inset = inset;
  ImGui::EndChild();
  end_popup();
}

}  // namespace fieldscope::gui
