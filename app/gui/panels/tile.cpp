// One tile of the stage: picture, wipe, readout, context menu. Its header is in tile_header.cpp.
#include <algorithm>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"

namespace fieldscope::gui {
namespace {

// What a tile shows, in words; empty for the plain picture.
std::string view_chip(const Workspace& work, const RunView& run) {
  switch (work.view_of(run)) {
    case ViewMode::reconstruction:
      return "";
    case ViewMode::absolute_error:
      return "|error|";
    case ViewMode::signed_error:
      return "signed error";
    case ViewMode::versus_run: {
      const RunView* other = work.reference_of(run);
      return "minus " + (other ? other->short_name : std::string("ground truth"));
    }
  }
  return "";
}

}  // namespace

void draw_chip(Ui& ui, ImVec2 at, const std::string& text) {
  const ImVec2 size = text_size(ui.fonts.small, text);
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(at, {at.x + size.x + ui.px(16), at.y + ui.px(24)}, IM_COL32(16, 18, 22, 205),
                      ui.px(4));
  draw_text(list, ui.fonts.small, {at.x + ui.px(8), at.y + (ui.px(24) - size.y) / 2},
            IM_COL32(226, 230, 236, 255), text);
}

void draw_wipe_line(Ui& ui, const Rect& region, float x, const std::string& left,
                    const std::string& right) {
  ImGui::GetWindowDrawList()->AddRectFilled({x - 1, region.min.y}, {x + 1, region.max.y},
                                            IM_COL32(255, 255, 255, 220));
  const float y = region.max.y - ui.px(64);
  draw_chip(ui, {x - ui.px(24) - text_size(ui.fonts.small, left).x, y}, left);
  draw_chip(ui, {x + ui.px(8), y}, right);
}

// Of meshes the camera is what a tile has of its own.
void Stage::toggle_pin(const Workspace& work, RunView& run) {
  if (work.mesh() && run.surface.own_camera)
    run.surface.own_camera.reset();
  else if (work.mesh())
    run.surface.own_camera = work.meshes.camera;
  else if (run.own_zoom)
    run.own_zoom.reset();
  else
    run.own_zoom = work.zoom;
}

void Stage::draw_tile(PanelContext& context, const Tile& tile) {
  Ui& ui = context.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(tile.header.min, tile.header.max, ui.colours.panel, ui.px(4),
                      ImDrawFlags_RoundCornersTop);
  if (context.work.scene())
    draw_scene(context, tile);
  else if (context.work.mesh())
    draw_mesh(context, tile);
  else
    draw_picture(context, tile);
  draw_offer(context, tile);
  draw_header(context, tile);
  const bool selected =
      tile.run && tile.run == context.work.selected() && context.work.runs().size() > 1;
  if (selected) {
    const ImU32 colour = run_line_colour(ui, *tile.run, ui.colours.ground);
    list->AddRect({tile.card.min.x - 1, tile.card.min.y - 1},
                  {tile.card.max.x + 1, tile.card.max.y + 1}, with_alpha(colour, 0.9f), ui.px(4),
                  ImDrawFlags_RoundCornersTop, ui.px(2));
  }
  draw_tile_menu(context, tile);
}

ImageRenderer::Job Stage::job_for(PanelContext& context, const Tile& tile, bool truth) const {
  Workspace& work = context.work;
  ImageRenderer::Job job;
  job.region = tile.picture;
  job.picture = &work.truth;
  if (!tile.run || truth || tile.run->texture.display.empty()) return job;
  const ViewMode view = work.view_of(*tile.run);
  job.picture = &tile.run->texture;
  job.reference = &work.truth;
  job.limit = work.error_limit_in_force();
  job.map = work.colour_map;
  if (view == ViewMode::absolute_error) job.mode = ImageMode::magnitude;
  if (view == ViewMode::signed_error) job.mode = ImageMode::signed_difference;
  if (view == ViewMode::versus_run) {
    const RunView* other = work.reference_of(*tile.run);
    job.mode = ImageMode::signed_difference;
    if (other && !other->texture.values.empty()) job.reference = &other->texture;
  }
  return job;
}

void Stage::draw_picture(PanelContext& context, const Tile& tile) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const Image& image = work.picture()->image;
  const std::string id = "tile." + std::to_string(tile.index);
  // Before the picture's own item, which would take the pointer otherwise; drawn after it.
  const float side = ui.px(28);
  const Rect pin = {{tile.picture.max.x - ui.px(8) - side, tile.picture.min.y + ui.px(8)},
                    {tile.picture.max.x - ui.px(8), tile.picture.min.y + ui.px(8) + side}};
  const bool pins =
      tile.run && tile.picture.width() > ui.px(96) && tile.picture.height() > ui.px(64);
  const bool on_pin = pins && submit_pin(context, tile, pin);
  ImageTransform& zoom = tile.run && tile.run->own_zoom ? *tile.run->own_zoom : work.zoom;
  const ImageInput input = interact_with_image(ui, id, tile.picture, image.width, image.height,
                                               zoom, context.window.alt_down());
  if (input.fraction) pointer_ = input.fraction;
  if (input.hovered) pointed_ = tile.index;
  if (tile.run && ImGui::IsItemActivated()) work.select(tile.run->id);
  if (input.double_clicked) work.full_tile = work.full_tile == tile.index ? -1 : tile.index;
  if (input.right_clicked) ImGui::OpenPopup((id + ".menu").c_str());

  ImDrawList* list = ImGui::GetWindowDrawList();
  const Rect placement = place_picture(tile.picture, zoom, image.width, image.height);
  const bool covers =
      placement.min.x < tile.picture.min.x + 2 && placement.min.y < tile.picture.min.y + 2 &&
      placement.max.x > tile.picture.max.x - 2 && placement.max.y > tile.picture.max.y - 2;
  if (!covers || (tile.run && tile.run->texture.display.empty()))
    list->AddRectFilled(tile.picture.min, tile.picture.max,
                        mix(ui.colours.ground, ui.colours.panel, 0.4f));
  const bool held = pointer_.has_value() || last_pointer_.has_value();
  const bool truth = work.show_truth || (held && context.window.shift_down());
  ImageRenderer::Job job = job_for(context, tile, truth);
  job.placement = placement;
  const bool waiting = tile.run && tile.run->texture.display.empty();
  if (waiting && !truth) {
    std::string_view text = "the first picture is on its way";
    ImVec2 size = text_size(ui.fonts.small, text);
    if (size.x > tile.picture.width() - ui.px(16))
      text = "…", size = text_size(ui.fonts.small, text);
    draw_text(list, ui.fonts.small,
              {(tile.picture.min.x + tile.picture.max.x - size.x) / 2,
               (tile.picture.min.y + tile.picture.max.y) / 2},
              ui.colours.secondary, text);
    return;
  }
  context.images.draw(list, job);
  list->PushClipRect(tile.picture.min, tile.picture.max, true);
  if (input.alt_dragging) wipe_tile_ = tile.index, wipe_x_ = ImGui::GetIO().MousePos.x;
  if (wipe_tile_ == tile.index) draw_wipe(context, tile, job);
  if (tile.run) {
    const std::string chip = truth ? "ground truth" : view_chip(work, *tile.run);
    const bool versus = work.view_of(*tile.run) == ViewMode::versus_run;
    if (!chip.empty() && (truth || versus || tile.run->own_view))
      draw_chip(ui, {tile.picture.min.x + ui.px(8), tile.picture.min.y + ui.px(8)}, chip);
    if (pins && (tile.run->own_zoom || input.hovered || on_pin))
      draw_pin(context, tile, pin, on_pin);
  }
  draw_readout(context, tile, job.placement, truth);
  list->PopClipRect();
}

// Returns whether the pointer is on it.
bool Stage::submit_pin(PanelContext& context, const Tile& tile, const Rect& plate) const {
  Ui& ui = context.ui;
  const std::string id = "tile." + std::to_string(tile.index) + ".pin";
  const bool meshes = context.work.mesh() != nullptr;
  ImGui::SetCursorScreenPos(plate.min);
  if (ImGui::InvisibleButton(id.c_str(), {plate.width(), plate.height()}))
    toggle_pin(context.work, *tile.run);
  ui.map->add_last_item(id);
  const bool hovered = ImGui::IsItemHovered();
  if (!rests_on_item()) return hovered;
  if (tile.run->own_zoom || tile.run->surface.own_camera)
    tooltip(ui, meshes ? "Turn with the others again" : "Zoom with the others again", "");
  else
    tooltip(ui, meshes ? "Turn this tile on its own" : "Zoom this tile on its own", "");
  return hovered;
}

void Stage::draw_pin(PanelContext& context, const Tile& tile, const Rect& plate,
                     bool hovered) const {
  Ui& ui = context.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const bool pinned = tile.run->own_zoom || tile.run->surface.own_camera;
  std::string text;
  if (tile.run->own_zoom) {
    char zoom[24];
    std::snprintf(zoom, sizeof zoom, "%.1f×", tile.run->own_zoom->zoom);
    text = zoom;
  }
  const float room = text.empty() ? 0 : text_size(ui.fonts.small, text).x + ui.px(8);
  list->AddRectFilled({plate.min.x - room, plate.min.y}, plate.max,
                      IM_COL32(16, 18, 22, hovered ? 245 : 205), ui.px(4));
  const ImU32 ink = pinned ? from_hex(0x5AA9E6) : IM_COL32(226, 230, 236, 255);
  draw_icon(list, Icon::pin, {(plate.min.x + plate.max.x) / 2, (plate.min.y + plate.max.y) / 2},
            ui.px(16), ink);
  if (!text.empty())
    draw_text(list, ui.fonts.small,
              {plate.min.x - room + ui.px(8),
               (plate.min.y + plate.max.y - font_pixels(ui.fonts.small)) / 2},
              ink, text);
}

bool Stage::wipe_goes_on(PanelContext& context) {
  const bool held = ImGui::IsMouseDown(ImGuiMouseButton_Left) && context.window.alt_down();
  if (!held) wipe_tile_ = -1;
  return held;
}

const RunView* Stage::beyond_wipe(Workspace& work, const Tile& tile) {
  return tile.run ? work.reference_of(*tile.run) : work.selected();
}

void Stage::draw_wipe(PanelContext& context, const Tile& tile, const ImageRenderer::Job& job) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  if (!wipe_goes_on(context)) return;
  const RunView* other = beyond_wipe(work, tile);
  ImageRenderer::Job second = job;
  std::string name = "ground truth";
  second.picture = &work.truth;
  second.mode = ImageMode::picture;
  if (other && !other->texture.display.empty()) {
    second.picture = &other->texture;
    second.mode = job.mode;
    second.reference = &work.truth;
    name = other->label;
  }
  const float x = std::clamp(wipe_x_, tile.picture.min.x, tile.picture.max.x);
  second.region.min.x = x;
  context.images.draw(ImGui::GetWindowDrawList(), second);
  draw_wipe_line(ui, tile.picture, x, tile.run ? tile.run->label : "ground truth", name);
}

}  // namespace fieldscope::gui
