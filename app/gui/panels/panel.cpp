#include "app/gui/panels/panel.h"

#include "app/gui/panels/method_menu.h"

namespace fieldscope::gui {

PanelScope::PanelScope(PanelContext& context, const char* name, const Rect& where, ImU32 ground) {
  context.window.fill_ground(where.min, where.max, ground);
  ImGui::SetCursorScreenPos(where.min);
  ImGui::BeginChild(name, {where.width(), where.height()}, false,
                    ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoScrollbar |
                        ImGuiWindowFlags_NoScrollWithMouse);
}

PanelScope::~PanelScope() {
  ImGui::EndChild();
}

ImU32 run_line_colour(const Ui&, const RunView& run, ImU32 ground) {
  return readable(from_hex(run_colour_rgb(run.colour)), ground, 3.0f);
}

std::string name_within(const ImFont* font, const RunView& run, float width) {
  const std::string& name = run.short_name;
  constexpr std::string_view arrow = "→";
  const auto last = name.rfind(arrow);
  if (text_size(font, name).x > width && last != std::string::npos) {
    const std::string now = "…" + name.substr(last);
    if (text_size(font, now).x <= width) return now;
  }
  return elide_middle(font, name, width);
}

void new_run_menu(PanelContext& context, const std::string& id) {
  menu_heading(context.ui, "NEW RUN, FROM THE INITIAL WEIGHTS");
  menu_separator(context.ui);
  optimizer_items(context.ui, id, "",
                  [&](const std::string& optimizer) { context.work.add_run(optimizer); });
}

void fork_menu(PanelContext& context, const std::string& id, RunId run) {
  const RunView* parent = context.work.find(run);
  if (!parent) return;
  const Ui& ui = context.ui;
  menu_heading(context.ui, "FORK " + elide_middle(ui.fonts.label, parent->label, ui.px(200)) +
                               ", SAME WEIGHTS");
  menu_separator(context.ui);
  optimizer_items(
      context.ui, id, parent->snapshot->config.optimizer.id,
      [&](const std::string& optimizer) { context.work.fork(run, optimizer); }, ", as it is");
}

void export_menu(PanelContext& context) {
  Ui& ui = context.ui;
  menu_heading(ui, "PICTURES");
  if (menu_item(ui, "export.window", "Screenshot of the window", "S"))
    context.exports.window_later();
  if (menu_item(ui, "export.figure", "Side-by-side figure, labelled")) context.exports.figure();
  if (const RunView* run = context.work.selected()) {
    const bool meshes = context.work.mesh() != nullptr;
    const std::string name = "Tile of " + run->label + (meshes ? ", large" : ", native size");
    if (menu_item(ui, "export.tile", name)) context.exports.tile_later(run->id);
    if (meshes) {
      const bool any = run->surface.newest && !run->surface.newest->mesh.triangles.empty();
      menu_separator(ui);
      menu_heading(ui, "MESH OF " + elide_middle(ui.fonts.label, run->label, ui.px(200)));
      if (menu_item(ui, "export.ply", "PLY, with normals and errors in colour", "", false, any))
        context.exports.mesh(run->id, Exports::MeshFormat::ply);
      if (menu_item(ui, "export.obj", "OBJ, with normals", "", false, any))
        context.exports.mesh(run->id, Exports::MeshFormat::obj);
    }
  }
  if (context.work.scene() && menu_item(ui, "export.video", "Video along the camera's path …"))
    context.work.settings.path_open = context.work.ask_video = true;
  menu_separator(ui);
  menu_heading(ui, "NUMBERS");
  if (menu_item(ui, "export.csv", "Metrics, CSV")) context.exports.metrics();
  if (menu_item(ui, "export.json", "Summary, JSON")) context.exports.summary();
  menu_separator(ui);
  if (menu_item(ui, "export.save", "Save the experiment", "Ctrl S")) context.work.save_experiment();
}

}  // namespace fieldscope::gui
