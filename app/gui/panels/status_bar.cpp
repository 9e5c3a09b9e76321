// The status bar: device, speed of each run, memory, time of a frame, last save.
#include "app/gui/format.h"
#include "app/gui/panels/panel.h"

namespace fieldscope::gui {

void draw_status_bar(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const PanelScope panel(context, "status", where, ui.colours.panel);
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(where.min, {where.max.x, where.min.y + 1}, ui.colours.line);
  const ImFont* font = ui.fonts.small;
  const float y = where.min.y + (where.height() - font_pixels(font)) / 2;

  std::string right = "ui " + format_significant(context.window.stats().recent(), 2) + " ms";
  if (!work.saved_at().empty()) right += "   ·   saved " + work.saved_at();
  if (work.exporting()) right += "   ·   writing …";
  const float right_at = where.max.x - ui.px(12) - text_size(font, right).x;
  draw_text(list, font, {right_at, y}, ui.colours.secondary, right);

  double samples = 0;
  std::size_t memory = 0;
  for (const auto& run : work.runs()) {
    if (run->snapshot->status == RunStatus::running || run->snapshot->status == RunStatus::waiting)
      samples += run->snapshot->samples_per_second;
    memory += run->snapshot->memory_bytes;
  }
  float x = where.min.x + ui.px(12);
  const auto put = [&](const std::string& text, ImU32 colour) {
    if (x + text_size(font, text).x > right_at - ui.px(24)) return;
    draw_text(list, font, {x, y}, colour, text);
    x += text_size(font, text).x;
  };
  const std::string dot = "   ·   ";
  put("CPU, " + std::to_string(work.threads()) + (work.threads() == 1 ? " thread" : " threads"),
      ui.colours.text);
  put(dot + format_bytes(memory), ui.colours.secondary);
  if (samples > 0) put(dot + format_count(samples) + " samples/s", ui.colours.secondary);
  for (const auto& run : work.runs()) {
    const double speed = run->snapshot->steps_per_second;
    if (!(speed > 0)) continue;
    put(dot, ui.colours.secondary);
    put(run->short_name + " ", run_text_colour(ui, *run, ui.colours.panel));
    put(format_significant(speed, 3) + " steps/s", ui.colours.secondary);
  }
}

}  // namespace fieldscope::gui
