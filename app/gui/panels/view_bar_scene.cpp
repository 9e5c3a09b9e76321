// The row below the tiles where scenes are learned: what is seen of them, from where, the scales of
// depths and errors.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/colour_scale.h"
#include "app/gui/panels/panel.h"

namespace fieldscope::gui {
namespace {

constexpr std::array<std::string_view, scene_mode_count> mode_names = {"Colour", "Depth", "Opacity",
                                                                       "Error"};
constexpr std::array<std::string_view, scene_mode_count> mode_tips = {
    "What the camera sees of each field", "How far away it is, in units of the dataset",
    "How much of the light each ray meets: white is all of it",
    "How far each pixel is from the photograph   E"};
constexpr float control = 28, gap = 8, group = 16;  // design pixels

std::string choice_text(const Workspace& work) {
  const std::optional<Photograph> at = work.view_ahead();
  return at ? photograph_name(*work.scene(), *at) : "free";
}

// As wide as any name gets, so that nothing moves; but not for the sake of endless ones.
float camera_width(const Ui& ui, const Workspace& work) {
  float widest = 0;
  const auto look = [&](const std::vector<PosedView>& views, bool held_out) {
    for (std::size_t i = 0; i < views.size(); ++i)
      widest = std::max(
          widest, menu_button_width(ui, "camera", photograph_name(*work.scene(), {held_out, i})));
  };
  look(work.scene()->held_out, true);
  look(work.scene()->training, false);
  return std::min(widest, ui.px(280));
}

void camera_items(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const PosedViews& scene = *work.scene();
  const std::optional<Photograph> at = work.view_ahead();
  if (menu_item(ui, "view.camera.free", "Free: drag, wheel, W A S D", "", !at)) work.scene_moved();
  // Of those that are learned there may be hundreds: they are chosen in the tiles.
  if (at && !at->held_out)
    menu_item(ui, "view.camera.training", at->of(scene).name, photograph_group(scene, *at), true);
  menu_separator(ui);
  menu_heading(ui, "VIEWS HELD OUT, WITH THEIR PHOTOGRAPHS   ← →");
  for (std::size_t i = 0; i < scene.held_out.size(); ++i) {
    const Photograph which = {true, i};
    if (menu_item(ui, "view.camera." + std::to_string(i), scene.held_out[i].name,
                  photograph_group(scene, which), at == which))
      work.see_through(which, true);
  }
}

void mode_items(PanelContext& context) {
  Workspace& work = context.work;
  for (int i = 0; i < scene_mode_count; ++i)
    if (menu_item(context.ui, "view.mode." + std::to_string(i),
                  mode_names[static_cast<std::size_t>(i)], "",
                  i == static_cast<int>(work.scenes.mode)))
      work.choose_scene_mode(static_cast<SceneMode>(i));
}

// The mode whose colours want explaining: the window's, else that of a tile which differs.
SceneMode coloured_mode(Workspace& work) {
  const auto needs = [](SceneMode mode) {
    return mode == SceneMode::depth || mode == SceneMode::error;
  };
  if (needs(work.scenes.mode)) return work.scenes.mode;
  for (const auto& run : work.runs())
    if (needs(work.scene_mode_of(*run))) return work.scene_mode_of(*run);
  return work.scenes.mode;
}

void draw_scale(PanelContext& context, SceneMode mode, float left, float right, float middle) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const SceneScale& scale = work.scene_pictures.scale;
  const bool depth = mode == SceneMode::depth;
  // Depths as the dataset measures them, not as the box that is learned does.
  const double unit = work.scene()->frame.scale;
  const double from = depth ? scale.near / unit : 0, to = depth ? scale.far / unit : scale.error;
  const std::array<std::string, 3> numbers = {scale_number(from), scale_number((from + to) / 2),
                                              scale_number(to) + (depth ? " units" : "")};
  if (draw_colour_scale(context, ImageMode::magnitude, depth ? 0 : work.colour_map, numbers, left,
                        right, middle) &&
      !depth)
    ImGui::OpenPopup("view.scale.menu");
  if (rests_on_item())
    tooltip(ui,
            depth ? "Distance from the camera, in units of the dataset"
                  : "Error, mean over the channels",
            depth ? "The box that is learned is " + format_significant(2 / unit) +
                        " of them wide. The scale follows what is seen, and is the same for all "
                        "tiles."
                  : std::string(
                        "The same scale for all tiles. Click to choose its end and its colours."));
  if (!begin_popup(ui, "view.scale.menu")) return;
  error_scale_items(context, std::array{0.02f, 0.05f, 0.1f, 0.2f, 0.5f, 1.0f}, "COLOURS");
  end_popup();
}

}  // namespace

// From the right: back, truth, cameras, path. From the left what fits: modes, the camera, the
// scale.
void Stage::draw_scene_bar(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const float middle = std::floor((where.min.y + where.max.y) / 2), top = middle - ui.px(14);
  const float button = ui.px(control), edge = ui.px(group);
  const float camera = camera_width(ui, work);
  const float modes = segmented_width(ui, mode_names), right_side = 4 * button + 3 * ui.px(gap);
  const bool narrow = modes + camera + right_side + 4 * edge > where.width();

  ButtonLook look;
  look.size = control;
  float right = where.max.x - edge - button;
  ImGui::SetCursorScreenPos({right, top});
  if (icon_button(ui, "view.fit", Icon::fit, "Back to the first view that is held out; fit curves",
                  "0", look))
    fit(work);
  look.selected = work.show_truth;
  right -= ui.px(gap) + button;
  ImGui::SetCursorScreenPos({right, top});
  if (icon_button(ui, "view.truth", Icon::eye,
                  "The photograph in place of every picture; or hold Shift", "G", look))
    work.show_truth = !work.show_truth;
  look.selected = work.scenes.cameras;
  right -= ui.px(gap) + button;
  ImGui::SetCursorScreenPos({right, top});
  if (icon_button(ui, "view.cameras", Icon::camera,
                  "Where the photographs were taken: outlines are learned, filled ones held out. "
                  "A click on one looks through it",
                  "", look))
    work.scenes.cameras = !work.scenes.cameras;
  look.selected = work.settings.path_open;
  right -= ui.px(gap) + button;
  ImGui::SetCursorScreenPos({right, top});
  if (icon_button(ui, "view.path", Icon::path,
                  "The camera's path: key frames, playing it, videos of it", "", look))
    work.settings.path_open = !work.settings.path_open;

  float left = where.min.x + edge;
  ImGui::SetCursorScreenPos({left, top});
  if (narrow) {
    const float width = menu_button_width(ui, "", mode_names[2]);
    menu_button(ui, "view.menu", "", mode_names[static_cast<std::size_t>(work.scenes.mode)], width,
                [&] {
                  mode_items(context);
                  menu_separator(ui);
                  camera_items(context);
                });
    left += width;
  } else {
    const int chosen =
        segmented(ui, "view.mode", mode_names, static_cast<int>(work.scenes.mode), mode_tips);
    if (chosen >= 0) work.choose_scene_mode(static_cast<SceneMode>(chosen));
    left += modes + edge;
    ImGui::SetCursorScreenPos({left, top});
    menu_button(
        ui, "view.camera", "camera", choice_text(work), camera, [&] { camera_items(context); },
        "From where the tiles look: freely, or through the camera of a photograph");
    left += camera;
  }
  const SceneMode coloured = coloured_mode(work);
  // Without a photograph there are no errors to be seen.
  const bool scaled =
      coloured == SceneMode::depth || (coloured == SceneMode::error && work.photograph_here());
  if (scaled && right - left > ui.px(136) + edge)
    draw_scale(context, coloured, left + ui.px(gap), std::min(right - edge, left + ui.px(280)),
               middle);
}

}  // namespace fieldscope::gui
