#include "app/gui/panels/video_popup.h"

#include <array>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/settings.h"
#include "app/gui/widgets/knob_row.h"
#include "engine/export/video.h"

namespace fieldscope::gui {
namespace {

constexpr float wide = 372, row_height = 36, label_width = 96;  // design pixels

constexpr std::array<Knob, 2> knobs = {{
    {"rate", "Frames a second", "", 1, 120, 30, KnobScale::integer,
     "Of the video; the path takes as long as it says, whatever their number."},
    {"width", "Width", "pixels", least_video_width, most_video_width, 1280, KnobScale::integer,
     "The height follows from the shape of the photographs."},
}};

std::string size_text(PictureSize size) {
  return std::to_string(size.width) + " × " + std::to_string(size.height);
}

// A quiet word in front, then whatever is drawn at the cursor.
void label(Ui& ui, const char* word) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  draw_text(ImGui::GetWindowDrawList(), ui.fonts.small,
            {at.x + ui.px(8), at.y + (ui.px(28) - font_pixels(ui.fonts.small)) / 2},
            ui.colours.secondary, word);
  ImGui::SetCursorScreenPos({at.x + ui.px(label_width), at.y});
}

void next_row(const Ui& ui, ImVec2 from) {
  ImGui::SetCursorScreenPos({from.x, from.y + ui.px(row_height)});
}

void draw_runs(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  label(ui, "Of");
  const RunView* selected = work.selected();
  const std::size_t count = work.runs().size();
  const std::string all = "All " + std::to_string(count) + " runs";
  const float room = ui.px(wide - label_width - 60) - text_size(ui.fonts.small, all).x;
  const std::string one = selected ? name_within(ui.fonts.small, *selected, room) : "";
  const std::array<std::string_view, 2> names = {one, all};
  static constexpr std::array<std::string_view, 2> tips = {
      "The run that is selected", "Each in a folder of its own, one after the other"};
  if (const int chosen = segmented(ui, "video.runs", std::span(names).first(count > 1 ? 2 : 1),
                                   count > 1 && work.video_choices.all_runs ? 1 : 0, tips);
      chosen >= 0)
    work.video_choices.all_runs = chosen == 1;
  next_row(ui, at);
}

void draw_size(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  VideoChoices& choices = work.video_choices;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  label(ui, "Size");
  const int native = work.scene()->training.front().camera.lens.width;
  const std::string once = size_text(video_size(*work.scene(), native)),
                    twice = size_text(video_size(*work.scene(), 2 * native));
  const std::array<std::string_view, 3> names = {once, twice, "Other"};
  static constexpr std::array<std::string_view, 3> tips = {"As the photographs",
                                                           "Twice the photographs", "Any width"};
  if (const int chosen = segmented(ui, "video.size", names, static_cast<int>(choices.size), tips);
      chosen >= 0)
    choices.size = static_cast<VideoChoices::Size>(chosen);
  next_row(ui, at);
  if (choices.size != VideoChoices::Size::own) return;
  if (const auto width =
          knob_row(ui, "video.width", knobs[1], choices.own_width, choices.own_width, work.editing))
    choices.own_width = static_cast<int>(*width);
  next_row(ui, {at.x, at.y + ui.px(row_height)});
}

void draw_rate(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const double rate = work.camera_path.frames_per_second();
  if (const auto value = knob_row(ui, "video.rate", knobs[0], rate, rate, work.editing))
    work.camera_path.set_frames_per_second(*value);
  next_row(ui, at);
}

// What will come of it, in words.
std::string promise(Workspace& work) {
  const std::size_t runs = work.video_choices.all_runs ? work.runs().size() : 1;
  const std::string mode(view_mode_names()[static_cast<std::size_t>(work.video_mode())]);
  const std::string frames = format_integer(static_cast<std::uint64_t>(work.video_frames()));
  std::string text = frames + " frames of " + size_text(work.video_size()) + " in " + mode +
                     (runs > 1 ? ", of each run" : "") + ", with the weights of now, into " +
                     export_folder().string() + ". Training goes on meanwhile.";
  const std::string missing = video_problem();
  if (!missing.empty()) text += " PNG pictures, but no MP4: " + missing + ".";
  return text;
}

void draw_progress(PanelContext& context, VideoExport& video) {
  Ui& ui = context.ui;
  const VideoExport::Progress now = video.progress();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList* list = ImGui::GetWindowDrawList();
  draw_text_fitted(list, ui.fonts.body, {at.x + ui.px(8), at.y + ui.px(4)}, ui.px(wide - 16),
                   ui.colours.text, now.label);
  draw_text(list, ui.fonts.small, {at.x + ui.px(8), at.y + ui.px(28)}, ui.colours.secondary,
            video_text(now));
  const ImVec2 from = {at.x + ui.px(8), at.y + ui.px(54)};
  const ImVec2 to = {at.x + ui.px(wide - 8), from.y + ui.px(4)};
  list->AddRectFilled(from, to, ui.colours.pressed, ui.px(2));
  list->AddRectFilled(from, {from.x + static_cast<float>(now.share) * (to.x - from.x), to.y},
                      ui.colours.accent, ui.px(2));
  ImGui::Dummy({ui.px(wide), ui.px(68)});
  ButtonLook look;
  look.filled = true;
  look.enabled = !video.cancelled();
  ImGui::SetCursorScreenPos({at.x + ui.px(8), at.y + ui.px(72)});
  if (text_button(ui, "video.cancel", video.cancelled() ? "Ending …" : "Cancel", look))
    video.cancel();
  ImGui::Dummy({ui.px(wide), ui.px(4)});
}

void draw_choices(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  draw_runs(context);
  draw_size(context);
  draw_rate(context);
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + ui.px(8));
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + ui.px(wide - 16));
  quiet_text(ui, promise(work));
  ImGui::PopTextWrapPos();
  ImGui::Dummy({0, ui.px(6)});
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + ui.px(8));
  ButtonLook look;
  look.primary = true;
  look.enabled = work.camera_path.path() && work.selected();
  if (text_button(ui, "video.export", "Export", look)) {
    context.exports.video();
    ImGui::CloseCurrentPopup();
  }
  ImGui::Dummy({ui.px(wide), ui.px(4)});
}

}  // namespace

std::string video_text(const VideoExport::Progress& progress) {
  std::string text =
      "frame " + std::to_string(progress.frame) + " of " + std::to_string(progress.frames);
  if (std::isfinite(progress.seconds_left))
    text += ", " + format_duration(std::max(1.0, std::round(progress.seconds_left))) + " left";
  return text;
}

void draw_video_button(PanelContext& context, bool in_words) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  ButtonLook look;
  look.size = 28;
  look.filled = in_words;
  look.enabled = work.camera_path.path() != nullptr || work.video() != nullptr;
  const char* tip = "PNG frames and an MP4 of what runs show along the path";
  const bool pressed = in_words
                           ? text_button(ui, "path.video", "Export video …", look, nullptr, tip)
                           : icon_button(ui, "path.video", Icon::download, tip, "", look);
  if (pressed || work.ask_video) ImGui::OpenPopup("path.video.menu");
  work.ask_video = false;
  const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
  ImGui::SetNextWindowPos({min.x, max.y + ui.px(4)}, ImGuiCond_Appearing);
  if (!begin_popup(ui, "path.video.menu", ui.px(wide))) return;
  menu_heading(ui, work.video() ? "VIDEO UNDER WAY" : "VIDEO ALONG THE PATH");
  if (work.video())
    draw_progress(context, *work.video());
  else
    draw_choices(context);
  end_popup();
}

}  // namespace fieldscope::gui
