// The context menu of a tile.
#include <algorithm>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"

namespace fieldscope::gui {
namespace {

std::string unit_text(TaskKind task) {
  const std::string_view unit = task_info(task).unit;
  return unit.empty() ? "" : " " + std::string(unit);
}

}  // namespace

void Stage::draw_image_items(PanelContext& context, const Tile& tile, const std::string& popup) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  menu_separator(ui);
  menu_heading(ui, "THIS TILE SHOWS");
  if (menu_item(ui, popup + ".view.window", "The same as the others", "", !tile.run->own_view))
    tile.run->own_view.reset();
  for (int i = 0; i < view_mode_count; ++i) {
    const auto view = static_cast<ViewMode>(i);
    if (menu_item(ui, popup + ".view." + std::to_string(i), view_mode_name(view), "",
                  tile.run->own_view == view))
      tile.run->own_view = view;
  }
  menu_separator(ui);
  if (menu_item(ui, popup + ".pin", tile.run->own_zoom ? "Link zoom again" : "Unlink zoom"))
    toggle_pin(work, *tile.run);
  if (menu_item(ui, popup + ".reference", "Use as reference", "",
                work.reference_run == tile.run->id))
    work.reference_run = tile.run->id;
}

void Stage::draw_scene_items(PanelContext& context, const Tile& tile, const std::string& popup) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  menu_separator(ui);
  menu_heading(ui, "THIS TILE SHOWS");
  if (menu_item(ui, popup + ".view.window", "The same as the others", "",
                !tile.run->scene.own_mode))
    tile.run->scene.own_mode.reset();
  for (int i = 0; i < scene_mode_count; ++i) {
    const auto mode = static_cast<SceneMode>(i);
    if (menu_item(ui, popup + ".view." + std::to_string(i), scene_mode_name(mode), "",
                  tile.run->scene.own_mode == mode))
      tile.run->scene.own_mode = mode;
  }
  menu_separator(ui);
  if (menu_item(ui, popup + ".reference", "Use as reference", "",
                work.reference_run == tile.run->id))
    work.reference_run = tile.run->id;
}

void Stage::draw_mesh_items(PanelContext& context, const Tile& tile, const std::string& popup) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  ShownSurface& surface = tile.run->surface;
  const bool any = surface.newest && !surface.newest->mesh.triangles.empty();
  if (menu_item(ui, popup + ".ply", "Save mesh, PLY with normals and errors", "", false, any))
    context.exports.mesh(tile.run->id, Exports::MeshFormat::ply);
  if (menu_item(ui, popup + ".obj", "Save mesh, OBJ", "", false, any))
    context.exports.mesh(tile.run->id, Exports::MeshFormat::obj);
  menu_separator(ui);
  menu_heading(ui, "THIS TILE SHOWS");
  if (menu_item(ui, popup + ".view.window", "The same as the others", "", !surface.own_mode))
    surface.own_mode.reset();
  for (int i = 0; i < mesh_mode_count; ++i) {
    const auto mode = static_cast<MeshMode>(i);
    if (menu_item(ui, popup + ".view." + std::to_string(i), mesh_mode_name(mode), "",
                  surface.own_mode == mode))
      surface.own_mode = mode;
  }
  menu_separator(ui);
  if (menu_item(ui, popup + ".pin", surface.own_camera ? "Link camera again" : "Unlink camera"))
    toggle_pin(work, *tile.run);
  if (menu_item(ui, popup + ".reference", "Use as reference", "",
                work.reference_run == tile.run->id))
    work.reference_run = tile.run->id;
}

void Stage::draw_tile_menu(PanelContext& context, const Tile& tile) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const std::string id = "tile." + std::to_string(tile.index), popup = id + ".menu";
  const RunId run = tile.run ? tile.run->id : 0;
  const std::string forks = id + ".fork";
  if (begin_popup(ui, forks.c_str())) {
    fork_menu(context, forks, run);
    end_popup();
  }
  if (!begin_popup(ui, popup.c_str())) return;
  bool fork = false;
  if (menu_item(ui, popup + ".save", work.mesh() ? "Save picture" : "Save picture, native size"))
    context.exports.tile_later(run);
  if (tile.run && menu_item(ui, popup + ".copy", "Copy numbers as text")) {
    const Snapshot& now = *tile.run->snapshot;
    const std::string text = tile.run->label + "\tstep " + std::to_string(now.progress.step) +
                             "\t" + std::string(task_info(work.task()).metric) + " " +
                             (now.quality ? format_score(work.task(), now.quality->score()) : "-") +
                             unit_text(work.task()) + "\tloss " + format_significant(now.loss) +
                             "\t" + format_significant(now.progress.train_seconds) + " s";
    ImGui::SetClipboardText(text.c_str());
    std::string shown = text;
    std::replace(shown.begin(), shown.end(), '\t', ' ');
    work.toasts.add({Toasts::Kind::info, "Copied", shown, "", {}, 4, 0, 0});
  }
  const bool full = work.full_tile == tile.index;
  if (menu_item(ui, popup + ".full", full ? "Show all tiles" : "Fill the window", "F"))
    work.full_tile = full ? -1 : tile.index;
  if (tile.run) {
    if (work.scene())
      draw_scene_items(context, tile, popup);
    else if (work.mesh())
      draw_mesh_items(context, tile, popup);
    else
      draw_image_items(context, tile, popup);
    if (const CudaDevices* gpus = work.gpus(); gpus != nullptr && gpus->problem.empty()) {
      menu_separator(ui);
      menu_heading(ui, "THIS RUN TRAINS ON");
      device_menu(
          context, popup + ".device",
          [&](const std::string& device) { return device == tile.run->snapshot->config.device; },
          [&](const std::string& device) { work.move(run, device); });
    }
    menu_separator(ui);
    fork = menu_item(ui, popup + ".fork", "Fork …");
  }
  end_popup();
  if (fork) ImGui::OpenPopup(forks.c_str());
}

}  // namespace fieldscope::gui
