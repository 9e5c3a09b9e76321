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

// How much of the row is shown: words leave first where it is too short, then what the menu offers
// too.
struct Plan {
  bool whole, in_words;
  float kinds, time, duration, record, video;  // widths
};

Plan plan_row(const Ui& ui, const ScenePath& path, float room) {
  const ImFont* font = ui.fonts.small;
  Plan plan{};
  plan.kinds = segmented_width(ui, kind_names(path));
  plan.time = text_size(font, "00.0 s").x;
  plan.duration = menu_button_width(ui, "", "000.0 s");
  plan.record = text_size(font, "Key frame").x + ui.px(40);
  plan.video = text_size(font, "Export video …").x + ui.px(16);
  const float button = ui.px(control), timeline = ui.px(180);
  const float icons = 2 * ui.px(group) + plan.kinds + 5 * button + plan.time + plan.duration +
                      9 * ui.px(gap) + timeline;
  plan.whole = icons <= room;
  plan.in_words = icons + plan.record + plan.video - 2 * button <= room;
  if (!plan.in_words) plan.record = plan.video = button;
  return plan;
}

// Which path, playing it, where the camera is on it. Returns where the rest begins.
float draw_left(PanelContext& context, const Plan& plan, float left, float middle) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const ScenePath& path = work.camera_path;
  const float top = middle - ui.px(control) / 2;
  ImGui::SetCursorScreenPos({left, top});
  if (plan.whole) {
    static constexpr std::array<std::string_view, 2> tips = {
        "The way that suits how the photographs were taken", "Places that you record"};
    const int kind =
        segmented(ui, "path.kind", kind_names(path), static_cast<int>(path.kind()), tips);
    if (kind >= 0) choose_kind(work, kind);
    left += plan.kinds + ui.px(12);
    ImGui::SetCursorScreenPos({left, top});
  }
  ButtonLook look;
  look.size = control;
  look.enabled = path.can_play();
  const bool playing = path.playing();
  if (icon_button(ui, "path.play", playing ? Icon::pause : Icon::play,
                  playing ? "Stop the camera" : "Move the camera along the path", "L", look))
    work.toggle_playing();
  left += ui.px(control + 4);
  if (!plan.whole) return left;
  const ImFont* font = ui.fonts.small;
  const std::string at = path_seconds(path.position());
  draw_text(ImGui::GetWindowDrawList(), font,
            {left + plan.time - text_size(font, at).x, middle - font_pixels(font) / 2},
            path.path() ? ui.colours.text : ui.colours.disabled, at);
  return left + plan.time;
}

void draw_record_button(PanelContext& context, bool in_words) {
  Ui& ui = context.ui;
  const ScenePath& path = context.work.camera_path;
  ButtonLook look;
  look.size = control;
  look.filled = true;
  look.primary = path.kind() == ScenePath::Kind::key_frames && path.keys().empty();
  const Icon plus = Icon::plus;
  if (in_words ? text_button(ui, "path.add", "Key frame", look, &plus,
                             "Record where the camera is now   I")
               : icon_button(ui, "path.add", plus, "Record where the camera is now", "I", look))
    context.work.add_key_frame();
}

// From the right: the video, more, the key frame, the loop, the duration. Returns where it begins.
float draw_right(PanelContext& context, const Plan& plan, float right, float top) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  ScenePath& path = work.camera_path;
  const float button = ui.px(control), space = ui.px(gap);
  const auto place = [&](float width, float space_before) {
    right -= width;
    ImGui::SetCursorScreenPos({right, top});
    right -= space_before;
  };
  if (plan.whole) {
    place(plan.video, space);
    if (video_button(context, plan.in_words)) work.ask_video = true;
  }
  place(button, ui.px(4));
  draw_more(context, !plan.whole);
  place(plan.record, space);
  draw_record_button(context, plan.in_words);
  if (!plan.whole) return right;
  ButtonLook look;
  look.size = control;
  look.selected = path.loops();
  look.enabled = path.kind() == ScenePath::Kind::key_frames;
  place(button, ui.px(4));
  if (icon_button(ui, "path.loop", Icon::loop, "From the last key frame on to the first", "", look))
    path.set_loop(!path.loops());
  place(plan.duration, space);
  menu_button(
      ui, "path.seconds", "", path_seconds(path.seconds()), plan.duration,
      [&] { seconds_items(context); }, "How long the way takes");
  return right;
}

}  // namespace

float path_bar_height(const Ui& ui) {
  return ui.px(48);
}

void draw_path_bar(PanelContext& context, const Rect& where, PathTimeline& timeline) {
  Ui& ui = context.ui;
  const float middle = std::floor((where.min.y + where.max.y) / 2);
  const float top = middle - ui.px(control) / 2, edge = ui.px(group);
  ImGui::GetWindowDrawList()->AddRectFilled({where.min.x + edge, where.min.y},
                                            {where.max.x - edge, where.min.y + 1},
                                            mix(ui.colours.ground, ui.colours.line, 0.7f));
  ui.map->add("path.bar", where.min, where.max);
  const Plan plan = plan_row(ui, context.work.camera_path, where.width());
  const float left = draw_left(context, plan, where.min.x + edge, middle);
  const float right = draw_right(context, plan, where.max.x - edge, top);
  draw_video_popup(context, {where.max.x, top + ui.px(control + 4)});
  timeline.draw(context, {{left + ui.px(12), where.min.y}, {right - ui.px(4), where.max.y}});
}

}  // namespace fieldscope::gui
