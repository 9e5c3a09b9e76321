#include "app/gui/panels/path_bar.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/video_popup.h"
#include "app/gui/widgets/knob_row.h"

namespace fieldscope::gui {
namespace {

constexpr float control = 28, gap = 8, group = 16;  // design pixels

std::array<std::string_view, 2> kind_names(const ScenePath& path) {
  return {path.built_in() == BuiltInPath::orbit ? "Orbit" : "Spiral", "Key frames"};
}

void choose_kind(Workspace& work, int kind) {
  work.camera_path.choose(kind == 0 ? ScenePath::Kind::built_in : ScenePath::Kind::key_frames);
}

constexpr Knob seconds_knob = {
    "seconds",
    "Duration",
    "s",
    ScenePath::least_seconds,
    ScenePath::most_seconds,
    8,
    KnobScale::logarithmic,
    "How long the way takes. Key frames keep their places in proportion."};

// Rows of knobs take the width that there is; a popup has none of its own.
void seconds_field(PanelContext& context) {
  Ui& ui = context.ui;
  ScenePath& path = context.work.camera_path;
  ImGui::BeginChild("seconds", {ui.px(300), ui.px(30)}, false, ImGuiWindowFlags_NoBackground);
  ImGui::Indent(ui.px(8));
  if (const auto value = knob_row(ui, "path.seconds.knob", seconds_knob, path.seconds(),
                                  path.seconds(), context.work.editing))
    path.set_seconds(*value);
  ImGui::EndChild();
}

void seconds_items(PanelContext& context) {
  Ui& ui = context.ui;
  ScenePath& path = context.work.camera_path;
  seconds_field(context);
  for (const int seconds : {4, 8, 15, 30, 60})
    if (menu_item(ui, "path.seconds." + std::to_string(seconds), std::to_string(seconds) + " s", "",
                  std::fabs(path.seconds() - seconds) < 1e-6))
      path.set_seconds(seconds);
}

void loop_item(PanelContext& context) {
  ScenePath& path = context.work.camera_path;
  if (path.kind() == ScenePath::Kind::key_frames &&
      menu_item(context.ui, "path.loop.item", "Goes on from the last to the first", "",
                path.loops()))
    path.set_loop(!path.loops());
}

void draw_more(PanelContext& context, bool everything) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  ScenePath& path = work.camera_path;
  ButtonLook look;
  look.size = control;
  if (icon_button(ui, "path.more", Icon::more, "More of the path", "", look))
    ImGui::OpenPopup("path.more.menu");
  const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
  ImGui::SetNextWindowPos({min.x, max.y + ui.px(4)}, ImGuiCond_Appearing);
  if (!begin_popup(ui, "path.more.menu")) return;
  if (everything) {
    const auto names = kind_names(path);
    for (int kind = 0; kind < 2; ++kind)
      if (menu_item(ui, "path.kind." + std::to_string(kind), names[static_cast<std::size_t>(kind)],
                    "", kind == static_cast<int>(path.kind())))
        choose_kind(work, kind);
    loop_item(context);
    seconds_field(context);
    menu_separator(ui);
  }
  const bool own = path.kind() == ScenePath::Kind::key_frames;
  const bool any = own && !path.keys().empty();
  if (const auto here = path.key_here()) key_frame_items(context, "path.more", *here);
  if (menu_item(ui, "path.even", "Space key frames evenly in time", "", false,
                own && path.keys().size() > 1))
    path.space_evenly();
  if (menu_item(ui, "path.clear", "Remove all key frames", "", false, any)) work.clear_key_frames();
  menu_separator(ui);
  if (menu_item(ui, "path.save", "Save the path, JSON", "", false, path.path() != nullptr))
    context.exports.camera_path();
  if (menu_item(ui, "path.load", "Open a path …", "", false, true,
                "Or drop its file on the window"))
    work.open_dialog.open(export_folder());
  if (everything &&
      menu_item(ui, "path.video.item", "Export video …", "", false, path.path() != nullptr))
    work.ask_video = true;
  end_popup();
}

}  // namespace

float path_bar_height(const Ui& ui) {
  return ui.px(48);
}

void draw_path_bar(PanelContext& context, const Rect& where, PathTimeline& timeline) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  ScenePath& path = work.camera_path;
  const float middle = std::floor((where.min.y + where.max.y) / 2), top = middle - ui.px(14);
  const float button = ui.px(control), space = ui.px(gap), edge = ui.px(group);
  const auto names = kind_names(path);
  const float kinds = segmented_width(ui, names);
  const float time = text_size(ui.fonts.small, "00.0 s").x;
  const float duration = menu_button_width(ui, "", "000.0 s");
  const float words = text_size(ui.fonts.small, "Key frame").x + ui.px(40);
  const float video = text_size(ui.fonts.small, "Export video …").x + ui.px(16);
  // Words leave first where the row is too short, then what the menu offers too.
  const float icons = 2 * edge + kinds + 5 * button + time + duration + 9 * space;
  const float least = ui.px(180);
  const bool in_words = icons + words + video - 2 * button + least <= where.width();
  const bool whole = icons + least <= where.width();
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled({where.min.x + edge, where.min.y}, {where.max.x - edge, where.min.y + 1},
                      mix(ui.colours.ground, ui.colours.line, 0.7f));
  ui.map->add("path.bar", where.min, where.max);

  float left = where.min.x + edge;
  if (whole) {
    ImGui::SetCursorScreenPos({left, top});
    static constexpr std::array<std::string_view, 2> tips = {
        "The way that suits how the photographs were taken", "Places that you record"};
    const int kind = segmented(ui, "path.kind", names, static_cast<int>(path.kind()), tips);
    if (kind >= 0) choose_kind(work, kind);
    left += kinds + ui.px(12);
  }
  ImGui::SetCursorScreenPos({left, top});
  ButtonLook look;
  look.size = control;
  look.enabled = path.can_play();
  const bool playing = path.playing();
  if (icon_button(ui, "path.play", playing ? Icon::pause : Icon::play,
                  playing ? "Stop the camera" : "Move the camera along the path", "L", look))
    work.toggle_playing();
  look.enabled = true;
  left += button + ui.px(4);
  if (whole) {
    const std::string at = path_seconds(path.position());
    draw_text(
        list, ui.fonts.small,
        {left + time - text_size(ui.fonts.small, at).x, middle - font_pixels(ui.fonts.small) / 2},
        path.path() ? ui.colours.text : ui.colours.disabled, at);
    left += time;
  }

  // From the right: the video, more, the key frame, the loop, the duration.
  float right = where.max.x - edge;
  const auto place = [&](float width, float space_after) {
    right -= width;
    ImGui::SetCursorScreenPos({right, top});
    right -= space_after;
  };
  if (whole) {
    place(in_words ? video : button, space);
    if (video_button(context, in_words)) work.ask_video = true;
  }
  draw_video_popup(context, {where.max.x, top + button + ui.px(4)});
  place(button, ui.px(4));
  draw_more(context, !whole);
  place(in_words ? words : button, space);
  const bool first = path.kind() == ScenePath::Kind::key_frames && path.keys().empty();
  const char* tip = "Record where the camera is now";
  const Icon plus = Icon::plus;
  ButtonLook record = look;
  record.filled = true;
  record.primary = first;
  if (in_words ? text_button(ui, "path.add", "Key frame", record, &plus,
                             "Record where the camera is now   I")
               : icon_button(ui, "path.add", plus, tip, "I", record))
    work.add_key_frame();
  if (whole) {
    look.selected = path.loops();
    look.enabled = path.kind() == ScenePath::Kind::key_frames;
    place(button, ui.px(4));
    if (icon_button(ui, "path.loop", Icon::loop, "From the last key frame on to the first", "",
                    look))
      path.set_loop(!path.loops());
    place(duration, space);
    menu_button(
        ui, "path.seconds", "", path_seconds(path.seconds()), duration,
        [&] { seconds_items(context); }, "How long the way takes");
  }
  timeline.draw(context, {{left + ui.px(12), where.min.y}, {right - ui.px(4), where.max.y}});
}

}  // namespace fieldscope::gui
