// The picture of a tile where a scene is learned: what the camera sees of a run's field, or the
// photograph that was taken closest to there.
#include <algorithm>
#include <cmath>
#include <vector>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"
#include "app/gui/panels/tile_text.h"
#include "app/gui/widgets/frusta.h"

namespace fieldscope::gui {
namespace {

bool training(const Snapshot& snapshot) {
  return snapshot.status == RunStatus::running || snapshot.status == RunStatus::waiting ||
         snapshot.status == RunStatus::starting;
}

// All of the region where the picture has its shape but for a rounded pixel, else fitted into it.
Rect placed(const Rect& region, int width, int height) {
  const float wanted = region.width() / region.height();
  const float has = static_cast<float>(width) / static_cast<float>(height);
  if (std::fabs(has / wanted - 1) < 0.02f) return region;
  return place_picture(region, {}, width, height);
}

// What the depth under a place on the screen says about where that is in the scene.
std::optional<Vec3> place_under(const ShownView& shown, const Rect& at, ImVec2 pointer) {
  if (!shown.view || !at.contains(pointer)) return std::nullopt;
  const RenderedView& view = *shown.view;
  const double column = (pointer.x - at.min.x) / at.width() * view.width;
  const double row = (pointer.y - at.min.y) / at.height() * view.height;
  const auto pixel = static_cast<std::size_t>(row) * static_cast<std::size_t>(view.width) +
                     static_cast<std::size_t>(column);
  if (pixel >= view.depth.size() || view.opacity[pixel] < 0.2f || view.depth[pixel] <= 0)
    return std::nullopt;
  return shown.camera.ray({column, row}).at(view.depth[pixel]);
}

}  // namespace

// W A S D, Q and E, as long as they are held: a short press is a small step.
void Stage::fly(PanelContext& context) {
  constexpr double least = 0.06;
  constexpr float slow = 0.8f, fast = 2.4f;  // scene units a second
  Ui& ui = context.ui;
  Workspace& work = context.work;
  if (!work.scene()) fly_keys_.clear();
  const double passed = std::clamp(ui.now - flew_at_, 0.0, 0.1);
  flew_at_ = ui.now;
  float right = 0, up = 0, forwards = 0;
  for (FlyKey& key : fly_keys_) {
    const bool first = key.since < 0;
    if (first) key.since = ui.now;
    const float way =
        static_cast<float>(first ? least : passed) * (context.window.shift_down() ? fast : slow);
    if (key.letter == 'w') forwards += way;
    if (key.letter == 's') forwards -= way;
    if (key.letter == 'd') right += way;
    if (key.letter == 'a') right -= way;
    if (key.letter == 'e') up += way;
    if (key.letter == 'q') up -= way;
  }
  std::erase_if(fly_keys_, [&](const FlyKey& key) { return !context.window.key_down(key.key); });
  if (!fly_keys_.empty()) ui.wants_frame = true;
  if (right == 0 && up == 0 && forwards == 0) return;
  work.scenes.camera.fly(right, up, forwards);
  work.scene_moved();
}

void Stage::draw_scene(PanelContext& context, const Tile& tile) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const PosedViews& scene = *work.scene();
  const Rect& region = tile.picture;
  if (region.width() < 4 || region.height() < 4) return;
  const ImVec2 density = ImGui::GetIO().DisplayFramebufferScale;
  work.scenes.tile_width = region.width() * density.x;
  work.scenes.tile_height = region.height() * density.y;

  const bool truth = !tile.run || shows_truth(context);
  const ViewGesture gesture = view_gesture(ui, "tile." + std::to_string(tile.index), region,
                                           context.window.shift_down(), context.window.alt_down());
  const PosedCamera seen_by = work.scene_camera();
  const Rect placement = placed(region, seen_by.lens.width, seen_by.lens.height);
  ImDrawList* list = ImGui::GetWindowDrawList();
  ImageRenderer::Job job;
  job.region = job.placement = region;
  const bool something = truth || tile.run->scene.view;
  if (truth) {
    job.picture = &work.scene_pictures.photo_texture;
    const Image& photo = work.scene_pictures.photo;
    job.placement = placed(region, photo.width, photo.height);
  } else if (something) {
    job.picture = &tile.run->scene.texture;
    job.placement = placed(region, tile.run->scene.view->width, tile.run->scene.view->height);
  }
  if (!something || job.placement.min.x > region.min.x || job.placement.min.y > region.min.y)
    list->AddRectFilled(region.min, region.max, mix(ui.colours.ground, ui.colours.panel, 0.4f));
  if (something) context.images.draw(list, job);
  list->PushClipRect(region.min, region.max, true);
  std::optional<Photograph> pointed;
  if (!truth && work.scenes.cameras) {
    std::optional<ImVec2> pointer;
    if (gesture.hovered && placement.contains(ImGui::GetIO().MousePos) &&
        !ImGui::IsMouseDragging(ImGuiMouseButton_Left))
      pointer = ImGui::GetIO().MousePos;
    // Nothing of them beside the picture, which may not fill its tile.
    list->PushClipRect(placement.min, placement.max, true);
    pointed = draw_frusta(ui, list, scene, seen_by, placement, work.scene_pictures.frustum,
                          work.scenes.through, pointer);
    if (work.settings.path_open && !work.camera_path.playing())
      draw_path(ui, list, work.camera_path, seen_by, placement, work.scene_pictures.frustum);
    list->PopClipRect();
    if (tile.index == 1)  // one is enough for tests to find them
      map_frusta(ui, scene, seen_by, placement, region, work.scene_pictures.frustum);
  }
  draw_scene_pivot(context, tile, placement);
  if (gesture.alt_dragging) wipe_tile_ = tile.index, wipe_x_ = ImGui::GetIO().MousePos.x;
  if (wipe_tile_ == tile.index) draw_scene_wipe(context, tile, placement);
  draw_scene_text(context, tile, job.placement, truth);
  note_scene_pointer(gesture, job.placement, truth && !work.photograph_here());
  draw_scene_readout(context, tile, job.placement, truth);
  if (pointed) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const std::string name = photograph_name(scene, *pointed);
    const float width = text_size(ui.fonts.small, name).x + ui.px(16);
    draw_chip(ui,
              {std::clamp(mouse.x + ui.px(12), region.min.x,
                          std::max(region.min.x, region.max.x - width)),
               std::clamp(mouse.y - ui.px(32), region.min.y, region.max.y)},
              name);
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  }
  list->PopClipRect();
  use_scene_gesture(context, tile, gesture, job.placement, pointed);
}

// Where on the picture the pointer rests; a hand that turns the scene reads no values.
void Stage::note_scene_pointer(const ViewGesture& gesture, const Rect& placement, bool elsewhere) {
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const bool held =
      ImGui::IsMouseDown(ImGuiMouseButton_Left) || ImGui::IsMouseDown(ImGuiMouseButton_Middle);
  if (!gesture.hovered || held || elsewhere || !placement.contains(mouse)) return;
  pointer_ = {(mouse.x - placement.min.x) / placement.width(),
              (mouse.y - placement.min.y) / placement.height()};
}

void Stage::use_scene_gesture(PanelContext& context, const Tile& tile, const ViewGesture& gesture,
                              const Rect& placement, const std::optional<Photograph>& pointed) {
  Workspace& work = context.work;
  if (gesture.hovered) {
    pointer_on_mesh_ = pointer_on_scene_ = true;
    pointed_ = tile.index;
  }
  if (tile.run && ImGui::IsMouseClicked(ImGuiMouseButton_Left) && gesture.hovered)
    work.select(tile.run->id);
  if (gesture.right_clicked)
    ImGui::OpenPopup(("tile." + std::to_string(tile.index) + ".menu").c_str());
  const float aspect = tile.picture.width() / tile.picture.height();
  if (follow(work.scenes.camera, gesture, aspect)) {
    work.scene_moved();
    context.ui.wants_frame = true;
  }
  if (gesture.clicked && pointed) {
    work.see_through(*pointed, true);
    return;
  }
  if (!gesture.double_clicked) return;
  const auto place =
      tile.run ? place_under(tile.run->scene, placement, ImGui::GetIO().MousePos) : std::nullopt;
  if (!place) {
    work.full_tile = work.full_tile == tile.index ? -1 : tile.index;
    return;
  }
  work.scenes.camera.set_pivot(*place);
  pivot_set_ = context.ui.now;
  pivot_tile_ = tile.index;
}

void Stage::draw_scene_pivot(PanelContext& context, const Tile& tile, const Rect& placement) const {
  const Workspace& work = context.work;
  const auto place = on_screen(work.scene_camera(), placement, work.scenes.camera.pivot());
  if (place) draw_pivot_at(context, tile, *place);
}

void Stage::draw_scene_wipe(PanelContext& context, const Tile& tile, const Rect& placement) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  if (!wipe_goes_on(context)) return;
  const RunView* other = beyond_wipe(work, tile);
  if (other && !other->scene.view) other = nullptr;
  ImageRenderer::Job second;
  second.picture = other ? &other->scene.texture : &work.scene_pictures.photo_texture;
  second.region = tile.picture;
  second.placement = placement;
  const float x = std::clamp(wipe_x_, tile.picture.min.x, tile.picture.max.x);
  second.region.min.x = x;
  context.images.draw(ImGui::GetWindowDrawList(), second);
  // How far each was is half of what is compared.
  const auto name = [&](const RunView* run, float room) {
    if (!run) return std::string("photograph");
    const std::string step = "step " + format_integer(run->scene.at.step);
    return fitting(ui, {run->label_now + "  ·  " + step, run->short_name + "  ·  " + step, step},
                   room - ui.px(28));
  };
  draw_wipe_line(ui, tile.picture, x, name(tile.run, x - tile.picture.min.x),
                 name(other, tile.picture.max.x - x));
}

void Stage::draw_scene_text(PanelContext& context, const Tile& tile, const Rect& placement,
                            bool truth) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  // Within the picture where that leaves some of the tile free: no text lies on its edge.
  const Rect at = {{std::max(tile.picture.min.x, placement.min.x),
                    std::max(tile.picture.min.y, placement.min.y)},
                   {std::min(tile.picture.max.x, placement.max.x),
                    std::min(tile.picture.max.y, placement.max.y)}};
  const ImVec2 corner = {at.min.x + ui.px(8), at.min.y + ui.px(8)};
  const bool here = work.photograph_here() != nullptr;
  if (truth) {
    if (!here)
      draw_chip(ui, corner,
                fitting(ui, {"the nearest photograph", "nearest"}, at.width() - ui.px(32)));
    else if (tile.run)
      draw_chip(ui, corner, "photograph");
    return;
  }
  const ShownView& shown = tile.run->scene;
  const Snapshot& now = *tile.run->snapshot;
  const SceneMode mode = work.scene_mode_of(*tile.run);
  if (mode == SceneMode::error && !here)
    draw_chip(ui, corner,
              fitting(ui, {"no photograph here to compare with", "no photograph here", "colour"},
                      at.width() - ui.px(32)));
  else if (shown.own_mode)
    draw_chip(ui, corner, scene_mode_name(mode));
  if (!shown.view) {
    if (now.status != RunStatus::failed)
      draw_message(ui, at, {{"the first view is on its way", "on its way", "…"}});
    return;
  }
  if (!now.view_problem.empty()) {
    draw_caption(ui, at, {now.view_problem, "no new view"}, ui.colours.trouble);
  } else {
    const std::string step = "step " + format_integer(shown.at.step);
    std::vector<std::string> texts = {step};
    if (shown.psnr && here) {
      const std::string psnr = format_score(TaskKind::nerf, *shown.psnr) + " dB";
      texts = {"this view " + psnr + "  ·  " + step, "this view " + psnr, psnr};
    } else if (shown.view->stride > 1) {
      const int pixels = shown.view->stride * shown.view->stride;
      texts = {"1 pixel in " + std::to_string(pixels) + "  ·  " + step, step};
    }
    draw_caption(ui, at, texts, ui.colours.secondary);
  }
  // While it trains there is always a next one: only what somebody waits for is worth a line.
  if (now.view_busy && !training(now)) draw_progress_line(ui, at, now.view_share);
}

}  // namespace fieldscope::gui
