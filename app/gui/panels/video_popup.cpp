#include "app/gui/panels/video_popup.h"

#include <array>
#include <cmath>
#include <utility>

#include "app/gui/format.h"
#include "app/gui/settings.h"
#include "app/gui/widgets/knob_row.h"
#include "engine/export/video.h"

namespace fieldscope::gui {
namespace {

constexpr float wide = 372, inner = wide - 16, row_height = 36;  // design pixels

constexpr Knob rate_knob = {"rate",
                            "Frames a second",
                            "",
                            1,
                            120,
                            30,
                            KnobScale::integer,
                            "The path takes as long as it says, whatever their number."};
constexpr Knob width_knob = {"width",
                             "Width",
                             "pixels",
                             least_video_width,
                             most_video_width,
                             1280,
                             KnobScale::integer,
                             "The height follows from the shape of the photographs."};

std::string size_text(PictureSize size) {
  return std::to_string(size.width) + " × " + std::to_string(size.height);
}

// A row that chooses one of several: a quiet word at the left, the switch at the right, where the
// fields of knobs end.
int choice(Ui& ui, const std::string& id, const char* word, std::span<const std::string_view> names,
           int current, std::span<const std::string_view> tips) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  draw_text(ImGui::GetWindowDrawList(), ui.fonts.small,
            {at.x, at.y + (ui.px(28) - font_pixels(ui.fonts.small)) / 2}, ui.colours.secondary,
            word);
  ImGui::SetCursorScreenPos({at.x + ui.px(inner - 20) - segmented_width(ui, names), at.y});
  const int chosen = segmented(ui, id, names, current, tips);
  ImGui::SetCursorScreenPos({at.x, at.y + ui.px(row_height)});
  return chosen;
}

// A knob that has no preset.
std::optional<double> field(PanelContext& context, const std::string& id, const Knob& knob,
                            double value) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const auto changed = knob_row(context.ui, id, knob, value, value, context.work.editing);
  ImGui::SetCursorScreenPos({at.x, at.y + context.ui.px(row_height)});
  return changed;
}

void draw_runs(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const RunView* selected = work.selected();
  const std::size_t count = work.runs().size();
  const std::string all = count == 2 ? "Both runs" : "All " + std::to_string(count) + " runs";
  const float room = ui.px(inner - 160) - text_size(ui.fonts.small, all).x;
  const std::string one = selected ? name_within(ui.fonts.small, *selected, room) : "";
  const std::array<std::string_view, 2> names = {one, all};
  static constexpr std::array<std::string_view, 2> tips = {
      "The run that is selected", "Each in a folder of its own, one after the other"};
  const bool several = count > 1;
  const int chosen = choice(ui, "video.runs", "Run", std::span(names).first(several ? 2 : 1),
                            several && work.video_choices.all_runs ? 1 : 0, tips);
  if (chosen >= 0) work.video_choices.all_runs = chosen == 1;
}

void draw_size(PanelContext& context) {
  Workspace& work = context.work;
  VideoChoices& choices = work.video_choices;
  const int native = work.scene()->training.front().camera.lens.width;
  const std::string once = size_text(video_size(*work.scene(), native)),
                    twice = size_text(video_size(*work.scene(), 2 * native));
  const std::array<std::string_view, 3> names = {once, twice, "Other"};
  static constexpr std::array<std::string_view, 3> tips = {"As the photographs",
                                                           "Twice the photographs", "Any width"};
  const int chosen =
      choice(context.ui, "video.size", "Size", names, static_cast<int>(choices.size), tips);
  if (chosen >= 0) choices.size = static_cast<VideoChoices::Size>(chosen);
  if (choices.size != VideoChoices::Size::own) return;
  if (const auto width = field(context, "video.width", width_knob, choices.own_width))
    choices.own_width = static_cast<int>(*width);
}

void draw_rate(PanelContext& context) {
  ScenePath& path = context.work.camera_path;
  if (const auto rate = field(context, "video.rate", rate_knob, path.frames_per_second()))
    path.set_frames_per_second(*rate);
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

// Whether a number is being typed that its knob refuses; and as long as the button of the press
// that gave it up is down: what is written would not be what comes of it.
bool refuses(const KnobEditing& editing) {
  bool& refused = *ImGui::GetStateStorage()->GetBoolRef(ImGui::GetID("refused"), false);
  std::string problem;
  const auto typed = [&](const char* id, const Knob& knob) {
    return editing.typing && editing.id == id && !typed_value(knob, editing.text, problem);
  };
  const bool pressed = ImGui::IsMouseDown(0) || ImGui::IsMouseReleased(0);
  refused =
      typed("video.width", width_knob) || typed("video.rate", rate_knob) || (refused && pressed);
  return refused;
}

void draw_choices(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const bool refused = refuses(work.editing);
  // Rows of knobs take the width that there is; a popup has none of its own.
  const float inset = std::exchange(ui.inset, 0.0f);
  const float rows = work.video_choices.size == VideoChoices::Size::own ? 4 : 3;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos({at.x + ui.px(8), at.y + ui.px(4)});
  ImGui::BeginChild("rows", {ui.px(inner), ui.px(row_height * rows)}, false,
                    ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoScrollbar |
                        ImGuiWindowFlags_NoScrollWithMouse);
  draw_runs(context);
  draw_size(context);
  draw_rate(context);
  ImGui::EndChild();
  ui.inset = inset;
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + ui.px(8));
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + ui.px(inner - 20));
  quiet_text(ui, promise(work));
  ImGui::PopTextWrapPos();
  ImGui::Dummy({0, ui.px(6)});
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + ui.px(8));
  ButtonLook look;
  look.primary = true;
  look.enabled = work.camera_path.path() && work.selected() && !refused;
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
  const double left = progress.seconds_left;
  if (!std::isfinite(left)) return text;
  // No more precise than it is known.
  const auto count = [](double number) { return std::to_string(std::lround(std::ceil(number))); };
  text += ", ";
  text += left < 100    ? count(left) + " s"
          : left < 7200 ? count(left / 60) + " min"
                        : format_duration(left);
  return text + " left";
}

bool video_button(PanelContext& context, bool in_words) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  ButtonLook look;
  look.size = 28;
  look.filled = in_words;
  look.enabled = work.camera_path.path() != nullptr || work.video() != nullptr;
  const char* tip = "PNG frames and an MP4 of what runs show along the path";
  return in_words ? text_button(ui, "path.video", "Export video …", look, nullptr, tip)
                  : icon_button(ui, "path.video", Icon::download, tip, "", look);
}

void draw_video_popup(PanelContext& context, ImVec2 at) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  if (std::exchange(work.ask_video, false)) ImGui::OpenPopup("path.video.menu");
  ImGui::SetNextWindowPos(at, ImGuiCond_Appearing);
  if (!begin_popup(ui, "path.video.menu", ui.px(wide))) return;
  menu_heading(ui, work.video() ? "VIDEO UNDER WAY" : "VIDEO ALONG THE PATH");
  if (work.video())
    draw_progress(context, *work.video());
  else
    draw_choices(context);
  end_popup();
}

}  // namespace fieldscope::gui
