// The picture of a tile where meshes are learned: a run's surface, or the true mesh.
#include <algorithm>
#include <cmath>
#include <vector>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"
#include "app/gui/panels/tile_text.h"

namespace fieldscope::gui {
namespace {

bool training(const Snapshot& snapshot) {
  return snapshot.status == RunStatus::running || snapshot.status == RunStatus::waiting ||
         snapshot.status == RunStatus::starting;
}

std::string resolution_text(int resolution) {
  return std::to_string(resolution) + "³";
}

}  // namespace

void Stage::choose_mode(Workspace& work, MeshMode mode) {
  work.meshes.mode = mode;
  for (auto& run : work.runs()) run->surface.own_mode.reset();
}

// For good, or while Shift is held over a mesh and nothing is dragged. Not at once: Shift may be
// the beginning of a drag.
bool Stage::shows_truth(PanelContext& context) {
  constexpr double moment = 0.2;
  Ui& ui = context.ui;
  if (context.work.show_truth) return true;
  const bool pressed = ImGui::IsMouseDown(ImGuiMouseButton_Left) ||
                       ImGui::IsMouseDown(ImGuiMouseButton_Middle) ||
                       ImGui::IsMouseDown(ImGuiMouseButton_Right);
  if (!context.window.shift_down() || pressed || !(pointer_on_mesh_ || pointer_was_on_mesh_)) {
    shift_since_ = -1;
    return false;
  }
  if (shift_since_ < 0) shift_since_ = ui.now;
  if (ui.now - shift_since_ >= moment) return true;
  ui.wants_frame = true;
  return false;
}

void Stage::draw_mesh(PanelContext& context, const Tile& tile) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const float side = ui.px(28);
  const Rect pin = {{tile.picture.max.x - ui.px(8) - side, tile.picture.min.y + ui.px(8)},
                    {tile.picture.max.x - ui.px(8), tile.picture.min.y + ui.px(8) + side}};
  const bool pins =
      tile.run && tile.picture.width() > ui.px(96) && tile.picture.height() > ui.px(64);
  const bool on_pin = pins && submit_pin(context, tile, pin);
  const bool truth = shows_truth(context) || !tile.run;
  Camera& camera = work.camera_of(tile.run);
  const MeshInput input =
      interact_with_mesh(ui, "tile." + std::to_string(tile.index), tile.picture, camera,
                         context.window.shift_down(), context.window.alt_down());
  use_mesh_input(context, tile, input, truth);

  gl::MeshScene scene = work.mesh_scene(truth ? nullptr : tile.run, themed_mesh_style(ui.colours));
  scene.camera = camera;
  if (truth && work.meshes.section) scene.style.cut = work.meshes.cut_for(camera);
  const bool own = tile.run && (!truth || tile.run->surface.own_camera);
  gl::MeshTile& picture = own ? tile.run->surface.tile : work.true_tile;
  ImDrawList* list = ImGui::GetWindowDrawList();
  context.mesh_views.draw(ui, list, picture, scene, tile.picture);
  list->PushClipRect(tile.picture.min, tile.picture.max, true);
  if (!tile.run || tile.run->surface.own_camera || work.full_tile == tile.index)
    draw_axes(ui, list,
              {{std::max(tile.picture.min.x, tile.picture.max.x - ui.px(68)), tile.picture.min.y},
               {tile.picture.max.x + ui.px(120), tile.picture.max.y}},
              camera);
  draw_pivot(context, tile);
  if (input.alt_dragging) wipe_tile_ = tile.index, wipe_x_ = ImGui::GetIO().MousePos.x;
  if (wipe_tile_ == tile.index) draw_mesh_wipe(context, tile);
  draw_mesh_text(context, tile, truth);
  if (pins && (tile.run->surface.own_camera || input.hovered || on_pin))
    draw_pin(context, tile, pin, on_pin);
  list->PopClipRect();
}

void Stage::use_mesh_input(PanelContext& context, const Tile& tile, const MeshInput& input,
                           bool truth) {
  Workspace& work = context.work;
  if (input.hovered) {
    pointer_on_mesh_ = true;
    pointed_ = tile.index;
  }
  if (tile.run && ImGui::IsItemActivated()) work.select(tile.run->id);
  if (input.right_clicked)
    ImGui::OpenPopup(("tile." + std::to_string(tile.index) + ".menu").c_str());
  if (!input.picked) return;
  Camera& camera = work.camera_of(tile.run);
  const Mesh* mesh = truth ? work.true_mesh.mesh() : tile.run->surface.mesh.mesh();
  std::optional<CutPlane> cut;
  if (work.meshes.section) cut = work.meshes.cut_for(camera);
  const auto place = mesh ? first_seen(*mesh, *input.picked, cut) : std::nullopt;
  if (!place) {
    work.full_tile = work.full_tile == tile.index ? -1 : tile.index;
    return;
  }
  camera.set_pivot(*place);
  pivot_set_ = context.ui.now;
  pivot_tile_ = tile.index;
}

// Where it turns about, for a moment after it was set.
void Stage::draw_pivot(PanelContext& context, const Tile& tile) const {
  const Camera& camera = context.work.camera_of(tile.run);
  const Rect& at = tile.picture;
  const auto seen =
      transformed(camera.projection(at.width() / at.height()) * camera.view(), camera.pivot());
  if (seen[3] <= 0) return;
  const ImVec2 place = {at.min.x + at.width() * (0.5f + 0.5f * seen[0] / seen[3]),
                        at.min.y + at.height() * (0.5f - 0.5f * seen[1] / seen[3])};
  draw_pivot_at(context, tile, place);
}

void Stage::draw_pivot_at(PanelContext& context, const Tile& tile, ImVec2 place) const {
  constexpr double shown = 0.9;
  Ui& ui = context.ui;
  const double age = ui.now - pivot_set_;
  if (age > shown || tile.index != pivot_tile_) return;
  ui.wants_frame = true;
  const auto fade = static_cast<float>(1 - age / shown);
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddCircle(place, ui.px(7), IM_COL32(0, 0, 0, static_cast<int>(150 * fade)), 0, ui.px(4));
  list->AddCircle(place, ui.px(7), with_alpha(ui.colours.accent, fade), 0, ui.px(2));
}

void Stage::draw_mesh_wipe(PanelContext& context, const Tile& tile) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  if (!wipe_goes_on(context)) return;
  const RunView* found = beyond_wipe(work, tile);
  RunView* other = found ? work.find(found->id) : nullptr;
  if (other && !other->surface.mesh.mesh()) other = nullptr;
  const Camera& camera = work.camera_of(tile.run);
  gl::MeshScene scene = work.mesh_scene(other, themed_mesh_style(ui.colours));
  // The other tile's picture will do where both look the same way.
  gl::MeshTile* picture = other ? &other->surface.tile : &work.true_tile;
  if (scene.camera != camera) picture = &wipe_;
  scene.camera = camera;
  if (work.meshes.section) scene.style.cut = work.meshes.cut_for(camera);
  const float x = std::clamp(wipe_x_, tile.picture.min.x, tile.picture.max.x);
  const Rect right = {{x, tile.picture.min.y}, tile.picture.max};
  context.mesh_views.draw(ui, ImGui::GetWindowDrawList(), *picture, scene, tile.picture, right);
  draw_wipe_line(ui, tile.picture, x, tile.run ? tile.run->label : "ground truth",
                 other ? other->label : "ground truth");
}

void Stage::draw_mesh_text(PanelContext& context, const Tile& tile, bool truth) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const Rect& at = tile.picture;
  if (!tile.run) return;
  const ImVec2 corner = {at.min.x + ui.px(8), at.min.y + ui.px(8)};
  if (truth) {
    draw_chip(ui, corner, "ground truth");
    return;
  }
  const ShownSurface& surface = tile.run->surface;
  const Snapshot& now = *tile.run->snapshot;
  if (surface.own_mode) draw_chip(ui, corner, mesh_mode_name(*surface.own_mode));
  const Mesh* shown = surface.mesh.mesh();
  if (!shown && now.surface_problem.empty()) {
    if (now.status != RunStatus::failed)
      draw_message(ui, at, {{"the first surface is on its way", "on its way", "…"}});
  } else if (shown && shown->triangles.empty() && !work.meshes.section) {
    draw_message(
        ui, at,
        {{"no surface yet", ""}, {"the field is outside everywhere", "outside everywhere", "…"}});
  }
  // Small tiles are for their pictures.
  const float room = std::min(at.width() - ui.px(32), std::max(at.height() * 0.9f, ui.px(96)));
  if (!now.surface_problem.empty()) {
    draw_caption(ui, at, {fitting(ui, {now.surface_problem, "no new surface"}, room)},
                 ui.colours.trouble);
  } else if (shown && !shown->triangles.empty()) {
    const MeshLabel& label = surface.mesh.label();
    const std::string triangles = format_integer(shown->triangles.size()) + " triangles";
    const std::string grid = resolution_text(label.resolution);
    const std::string some = triangles + " · " + grid;
    draw_caption(
        ui, at,
        {fitting(ui,
                 {some + " · step " + format_integer(label.step), some, triangles,
                  format_count(static_cast<double>(shown->triangles.size())) + " triangles"},
                 room)},
        ui.colours.secondary);
  }
  // While it trains there is always a next one: only what somebody waits for is worth a line.
  if (now.surface_busy && (!training(now) || !surface.newest))
    draw_progress_line(ui, at, now.surface_share);
}

}  // namespace fieldscope::gui
