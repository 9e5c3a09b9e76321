// The status bar: device, speed of each run, memory, time of a frame, last save.
#include <algorithm>
#include <cmath>
#include <vector>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"
#include "app/gui/panels/video_popup.h"
#include "engine/math/bytes.h"

namespace fieldscope::gui {
namespace {

// One figure of the bar. Its room is that of `widest`, so that the others keep their places.
struct Item {
  std::string text, widest;
  ImU32 swatch = 0;  // colour of the run it belongs to
};

std::string device_text(const Workspace& work, const std::string& device) {
  if (device == "auto") return "…";
  if (device != "cpu") return device_title(device);
  return "CPU, " + std::to_string(work.threads()) + (work.threads() == 1 ? " thread" : " threads");
}

// Names and units leave first where the bar is too short for all runs.
enum class Detail { full, no_unit, numbers };

std::string speed_of(const RunView& run) {
  switch (run.snapshot->status) {
    case RunStatus::running:
    case RunStatus::waiting:
      return run.snapshot->steps_per_second < 1e4
                 ? format_significant(run.snapshot->steps_per_second, 3)
                 : format_count(run.snapshot->steps_per_second);
    case RunStatus::starting:
      return "…";
    default:
      return "–";
  }
}

std::vector<Item> items_of(PanelContext& context, Detail detail) {
  Workspace& work = context.work;
  double samples = 0;
  std::size_t memory = 0;
  for (const auto& run : work.runs()) {
    if (run->snapshot->status == RunStatus::running || run->snapshot->status == RunStatus::waiting)
      samples += run->snapshot->samples_per_second;
    memory += run->snapshot->memory_bytes;
  }
  std::vector<Item> items;
  std::string devices;
  for (const std::string& device : work.devices_in_use())
    devices += (devices.empty() ? "" : " + ") + device_text(work, device);
  if (!devices.empty()) items.push_back({devices, devices});
  // What a minibatch of scenes is made of; a ray has many samples.
  const std::string unit = work.scene() ? " rays/s" : " samples/s";
  if (!work.runs().empty()) items.push_back({format_count(samples) + unit, "000 k" + unit});
  for (const auto& run : work.runs()) {
    const std::string before = detail == Detail::numbers ? "" : run->short_name + " ";
    const std::string after = detail == Detail::full ? " steps/s" : "";
    items.push_back({before + speed_of(*run) + after, before + "0000" + after,
                     run_line_colour(context.ui, *run, context.ui.colours.panel)});
  }
  if (memory > 0) items.push_back({format_bytes(memory), "0000 MB"});
  items.push_back(
      {"ui " + format_significant(context.window.stats().recent(), 2) + " ms", "ui 000 ms"});
  return items;
}

float width_of(const Ui& ui, const Item& item) {
  return std::max(text_size(ui.fonts.small, item.text).x,
                  text_size(ui.fonts.small, item.widest).x) +
         (item.swatch ? ui.px(14) : 0);
}

// A video that is being rendered: how far it is, and its end. It may have no row of its own to be
// seen in. From the right; returns where it begins.
float draw_video(PanelContext& context, float right, const Rect& where) {
  Ui& ui = context.ui;
  VideoExport& video = *context.work.video();
  const VideoExport::Progress now = video.progress();
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float middle = std::floor((where.min.y + where.max.y) / 2);
  ButtonLook look;
  look.size = 20;
  look.enabled = !video.cancelled();
  right -= ui.px(look.size);
  ImGui::SetCursorScreenPos({right, middle - ui.px(look.size) / 2});
  if (icon_button(ui, "status.video.cancel", Icon::close,
                  "Cancel the video; its frames so far stay", "", look))
    video.cancel();
  const float bar = ui.px(96);
  const ImVec2 from = {right - ui.px(8) - bar, middle - ui.px(2)};
  list->AddRectFilled(from, {from.x + bar, middle + ui.px(2)}, ui.colours.pressed, ui.px(2));
  list->AddRectFilled(from, {from.x + bar * static_cast<float>(now.share), middle + ui.px(2)},
                      ui.colours.accent, ui.px(2));
  ui.map->add("status.video", from, {from.x + bar, middle + ui.px(2)});
  const std::string text = video.cancelled() ? "video is ending …" : "video: " + video_text(now);
  const float left = from.x - ui.px(8) - text_size(ui.fonts.small, text).x;
  draw_text(list, ui.fonts.small, {left, middle - font_pixels(ui.fonts.small) / 2}, ui.colours.text,
            text);
  return left;
}

}  // namespace

void draw_status_bar(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const PanelScope panel(context, "status", where, ui.colours.panel);
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(where.min, {where.max.x, where.min.y + 1}, ui.colours.line);
  const ImFont* font = ui.fonts.small;
  const float middle = (where.min.y + where.max.y) / 2, y = middle - font_pixels(font) / 2;
  const float edge = ui.px(12), gap = ui.px(20);

  const std::string right = work.exporting()          ? "writing …"
                            : work.saved_at().empty() ? ""
                                                      : "saved " + work.saved_at();
  float right_at = where.max.x - edge - text_size(font, right).x;
  draw_text(list, font, {right_at, y}, ui.colours.secondary, right);
  if (work.video()) right_at = draw_video(context, right_at - (right.empty() ? 0 : gap), where);

  const float room = right_at - gap - where.min.x - edge;
  std::vector<Item> items;
  for (const Detail detail : {Detail::full, Detail::no_unit, Detail::numbers}) {
    items = items_of(context, detail);
    float width = 0;
    for (const Item& item : items) width += width_of(ui, item) + gap;
    if (width <= room) break;
  }
  float x = where.min.x + edge;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Item& item = items[i];
    if (x + width_of(ui, item) > where.min.x + edge + room) break;
    if (i > 0) list->AddCircleFilled({x - gap / 2, middle}, ui.px(1), ui.colours.secondary, 8);
    float text = x;
    if (item.swatch) {
      list->AddRectFilled({x, middle - ui.px(4)}, {x + ui.px(8), middle + ui.px(4)}, item.swatch,
                          ui.px(2));
      text += ui.px(14);
    }
    draw_text(list, font, {text, y}, i == 0 ? ui.colours.text : ui.colours.secondary, item.text);
    x += width_of(ui, item) + gap;
  }
}

}  // namespace fieldscope::gui
