#include "app/gui/panels/path_timeline.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/panels/panel.h"
#include "app/gui/widgets/frusta.h"
#include "app/gui/widgets/plot_axis.h"

namespace fieldscope::gui {

struct PathTimeline::Track {
  Rect where;
  float left, right, line;
  double seconds;
  bool hovered = false, active = false;
  std::optional<std::size_t> under = {};  // the key frame below the pointer

  float x_of(double time) const {
    return left + static_cast<float>(time / seconds) * (right - left);
  }
  double seconds_at(float x) const {
    return static_cast<double>(std::clamp((x - left) / (right - left), 0.0f, 1.0f)) * seconds;
  }
};

namespace {

constexpr float reach = 8;             // of a key frame, design pixels
constexpr double steps_a_second = 20;  // that key frames are dragged in

void draw_empty(const Ui& ui, const Rect& where) {
  static constexpr std::array<std::string_view, 3> texts = {
      "No key frames yet: move the camera, and press I where it should pass",
      "No key frames yet: press I where it should pass", "No key frames yet"};
  const float middle = (where.min.y + where.max.y) / 2;
  for (const std::string_view text : texts) {
    const ImVec2 size = text_size(ui.fonts.small, text);
    if (size.x > where.width()) continue;
    draw_text(ImGui::GetWindowDrawList(), ui.fonts.small,
              {where.min.x, std::floor(middle - size.y / 2)}, ui.colours.secondary, text);
    return;
  }
}

}  // namespace

std::string path_seconds(double seconds) {
  char text[24];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

void key_frame_items(PanelContext& context, const std::string& id, std::size_t index) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const std::string number = std::to_string(index + 1);
  if (menu_item(ui, id + ".replace", "Move key frame " + number + " to where the camera is"))
    work.replace_key_frame(index);
  if (menu_item(ui, id + ".remove", "Remove key frame " + number)) work.remove_key_frame(index);
}

// On a key frame a click flies there and a drag moves it in time; elsewhere the camera is taken
// along.
void PathTimeline::interact(PanelContext& context, Track& track) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  ScenePath& path = work.camera_path;
  const float mouse = ImGui::GetIO().MousePos.x, near = ui.px(reach);
  ImGui::SetCursorScreenPos({track.where.min.x, track.line - ui.px(16)});
  ImGui::InvisibleButton("path.timeline", {track.where.width(), ui.px(40)});
  ui.map->add("path.timeline", {track.left, track.line - ui.px(16)},
              {track.right, track.line + ui.px(24)});
  track.hovered = ImGui::IsItemHovered();
  track.active = ImGui::IsItemActive();
  if (path.kind() == ScenePath::Kind::key_frames) {
    float nearest = near;
    for (std::size_t i = 0; i < path.keys().size(); ++i) {
      const float x = track.x_of(path.keys()[i].time), away = std::fabs(mouse - x);
      ui.map->add("path.key." + std::to_string(i), {x - near, track.line - near},
                  {x + near, track.line + near});
      if (away <= nearest) track.under = i, nearest = away;
    }
  }
  if (ImGui::IsItemActivated()) {
    pressed_ = track.under;
    dragged_ = false;
    pressed_x_ = mouse;
  }
  if (pressed_ && *pressed_ >= path.keys().size()) pressed_.reset();  // it is gone meanwhile
  if (track.active && pressed_) {
    dragged_ = dragged_ || std::fabs(mouse - pressed_x_) > ui.px(3);
    if (dragged_)
      path.move(*pressed_, std::round(track.seconds_at(mouse) * steps_a_second) / steps_a_second);
  } else if (track.active) {
    work.scrub_path(track.seconds_at(mouse));
  }
  if (ImGui::IsItemDeactivated()) {
    if (pressed_ && !dragged_) work.go_to_key_frame(*pressed_);
    pressed_.reset();
  }
  if (track.hovered && track.under) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    if (rests_on_item() && !track.active)
      tooltip(ui,
              "Key frame " + std::to_string(*track.under + 1) + ", " +
                  path_seconds(path.keys()[*track.under].time),
              "Click: fly there. Drag: another time. Right-click: replace or remove it.");
    if (ImGui::IsMouseClicked(ImGuiMouseButton_Right)) {
      menu_key_ = *track.under;
      ImGui::OpenPopup("path.key.menu");
    }
  } else if (track.hovered && rests_on_item() && !track.active) {
    tooltip(ui, path_seconds(track.seconds_at(mouse)), "");
  }
}

void PathTimeline::draw_menu(PanelContext& context) {
  if (!begin_popup(context.ui, "path.key.menu")) return;
  Workspace& work = context.work;
  if (menu_key_ >= work.camera_path.keys().size()) {
    ImGui::CloseCurrentPopup();
  } else {
    menu_heading(context.ui, "AT " + path_seconds(work.camera_path.keys()[menu_key_].time));
    if (menu_item(context.ui, "path.key.go", "Fly there")) work.go_to_key_frame(menu_key_);
    key_frame_items(context, "path.key", menu_key_);
  }
  end_popup();
}

void PathTimeline::draw(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  const ScenePath& path = context.work.camera_path;
  if (where.width() < ui.px(48)) return;
  if (!path.path()) {
    pressed_.reset();
    draw_empty(ui, where);
    return;
  }
  const float middle = std::floor((where.min.y + where.max.y) / 2);
  Track track{where, where.min.x + ui.px(8), where.max.x - ui.px(8), middle - ui.px(3),
              path.seconds()};
  interact(context, track);
  if (!path.path()) return;
  track.seconds = path.seconds();
  const bool own = path.kind() == ScenePath::Kind::key_frames;
  const ImU32 ground = ui.colours.ground, ink = readable(from_hex(path_rgb), ground, 3);
  const float half = std::max(1.0f, ui.px(1)), at = track.x_of(path.position());
  const float line = track.line;
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled({track.left, line - half}, {track.right, line + half}, ui.colours.pressed, 1);
  list->AddRectFilled({track.left, line - half}, {at, line + half}, ui.colours.accent, 1);

  // The times of key frames, or else of whole seconds, as far as they do not run into each other.
  float free_from = where.min.x;
  const auto label = [&](double time, const std::string& text) {
    const float width = text_size(ui.fonts.label, text).x;
    const float x = std::clamp(track.x_of(time) - width / 2, where.min.x, where.max.x - width);
    if (x < free_from) return;
    draw_text(list, ui.fonts.label, {std::floor(x), line + ui.px(8)}, ui.colours.secondary, text);
    free_from = x + width + ui.px(8);
  };
  if (own) {
    for (const CameraKey& key : path.keys()) label(key.time, path_seconds(key.time));
  } else {
    for (const Tick& tick :
         Axis(0, path.seconds(), false).ticks(static_cast<double>(track.right - track.left), 64))
      if (tick.major) label(tick.value, tick.label + " s");
  }
  const std::optional<std::size_t> lit = pressed_ ? pressed_ : track.under, here = path.key_here();
  for (std::size_t i = 0; own && i < path.keys().size(); ++i) {
    const float x = track.x_of(path.keys()[i].time);
    const float size = ui.px(track.hovered && lit == i ? 7 : 6);
    const std::array<ImVec2, 4> corners = {
        {{x, line - size}, {x + size, line}, {x, line + size}, {x - size, line}}};
    list->AddConvexPolyFilled(corners.data(), 4, here == i ? ui.colours.text : ink);
    list->AddPolyline(corners.data(), 4, ground, ImDrawFlags_Closed, 1.5f);
  }
  // Where the camera is: a needle that is seen beside a key frame, too.
  const float head = line - ui.px(12);
  list->AddRectFilled({at - half / 2, head}, {at + half / 2, line + ui.px(6)}, ui.colours.accent);
  list->AddCircleFilled({at, head}, ui.px(track.active && !pressed_ ? 5 : 4), ui.colours.accent,
                        16);
  draw_menu(context);
}

}  // namespace fieldscope::gui
