// The header strip of a tile: whose it is, its quality and lead, its state.
#include <algorithm>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"

namespace fieldscope::gui {
namespace {

struct StateText {
  std::string text, shorter;  // the second where the first does not fit
  bool trouble = false;
};

StateText state_of(const RunView& run) {
  const Snapshot& s = *run.snapshot;
  const std::string epoch = "epoch " + format_integer(static_cast<std::uint64_t>(s.progress.epoch));
  const std::string step = "step " + format_integer(s.progress.step), both = epoch + "  ·  " + step;
  switch (s.status) {
    case RunStatus::starting:
      return {"starting", "starting"};
    case RunStatus::running:
    case RunStatus::waiting:
      if (run.waits) return {"waits for the others  ·  " + step, "waits  ·  " + step};
      return {both, step};
    case RunStatus::paused:
      return {"paused  ·  " + both, "paused  ·  " + step};
    case RunStatus::finished:
      return {"finished  ·  " + both, "finished"};
    case RunStatus::diverged:
      return {"diverged at " + step, "diverged", true};
    case RunStatus::failed:
      return {"failed: " + s.message, "failed", true};
  }
  return {};
}

// From the top of a line of text to its baseline; Inter and DejaVu Sans agree.
float baseline(const ImFont* font) {
  return std::round(font_pixels(font) * 0.8f);
}

}  // namespace

void Stage::draw_header(PanelContext& context, const Tile& tile) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const Rect& at = tile.header;
  const bool one_line = at.height() < ui.px(48);
  const float pad = ui.px(one_line ? 8 : 12);
  const float first = at.min.y + ui.px(one_line ? 7 : 9), second = at.min.y + ui.px(33);
  const ImFont* small = ui.fonts.small;
  if (!tile.run) {
    const ImageDataset& data = work.dataset();
    draw_text_fitted(list, ui.fonts.strong, {at.min.x + pad, first}, at.width() - 2 * pad,
                     ui.colours.text, "Ground truth");
    if (one_line) return;
    std::string text = std::to_string(data.image.width) + " × " +
                       std::to_string(data.image.height) + "  ·  " + data.name;
    if (const auto& pointer = pointer_ ? pointer_ : last_pointer_)
      text = "x " +
             std::to_string(static_cast<int>(pointer->x * static_cast<float>(data.image.width))) +
             "   y " +
             std::to_string(static_cast<int>(pointer->y * static_cast<float>(data.image.height)));
    draw_text_fitted(list, small, {at.min.x + pad, second}, at.width() - 2 * pad,
                     ui.colours.secondary, text);
    return;
  }
  const RunView& run = *tile.run;
  const StateText state = state_of(run);
  float right = at.max.x - pad, second_right = right;
  if (const auto psnr = work.quality(run)) {
    // A narrow tile keeps room for its name: a smaller number, and no unit.
    const bool narrow = one_line || at.width() < ui.px(212);
    const ImFont* font = narrow ? ui.fonts.strong : ui.fonts.metric;
    const std::string_view unit = "dB";
    const ImVec2 unit_size = narrow ? ImVec2{} : text_size(small, unit);
    const float gap = narrow ? 0 : ui.px(5);
    const std::string number = format_psnr(*psnr);
    const ImVec2 size = text_size(font, number);
    const float top = first - (narrow ? 0 : ui.px(4));
    if (!narrow)
      draw_text(list, small, {right - unit_size.x, top + baseline(font) - baseline(small)},
                ui.colours.secondary, unit);
    draw_text(list, font, {right - unit_size.x - gap - size.x, top}, ui.colours.text, number);
    if (const auto lead = work.lead(run); lead && !one_line) {
      const std::string text = (*lead >= 0 ? "+" : "−") + format_psnr(std::fabs(*lead));
      const ImVec2 lead_size = text_size(small, text);
      draw_text(list, small, {right - unit_size.x - gap - lead_size.x, second},
                *lead >= 0 ? ui.colours.good : ui.colours.secondary, text);
      second_right = right - unit_size.x - lead_size.x - ui.px(17);
    }
    right -= unit_size.x + gap + text_size(font, "00.00").x + ui.px(12);
  }
  const float bar = at.min.x + pad;
  list->AddRectFilled({bar, first + ui.px(2)},
                      {bar + ui.px(4), one_line ? at.max.y - ui.px(7) : second + ui.px(13)},
                      run_line_colour(ui, run, ui.colours.panel), ui.px(2));
  const float left = bar + ui.px(12);
  // The optimizer alone where the whole does not fit; the end tells apart runs of the same kind, so
  // that the middle is what is left out.
  const bool whole = text_size(ui.fonts.strong, run.label).x <= right - left;
  const std::string name =
      whole ? run.label : elide_middle(ui.fonts.strong, run.short_name, right - left);
  draw_text_fitted(list, ui.fonts.strong, {left, first}, right - left,
                   one_line && state.trouble ? ui.colours.trouble : ui.colours.text, name);
  const bool fits = text_size(small, state.text).x <= second_right - left;
  if (!one_line)
    draw_text_fitted(list, small, {left, second}, second_right - left,
                     state.trouble ? ui.colours.trouble : ui.colours.secondary,
                     fits ? state.text : state.shorter);
  // The strip selects its run.
  ImGui::SetCursorScreenPos(at.min);
  const std::string id = "tile." + std::to_string(tile.index);
  if (ImGui::InvisibleButton((id + ".header").c_str(), {at.width(), at.height()}))
    work.select(run.id);
  ui.map->add_last_item(id + ".header");
  const bool cut = name != run.label || one_line;
  if ((!state.trouble && !cut) || !rests_on_item()) return;
  // Below the strip, and only what the strip does not say.
  ImGui::SetNextWindowPos({at.min.x, at.max.y + ui.px(4)});
  const std::string more = state.trouble ? run.snapshot->message : one_line ? state.text : "";
  tooltip(ui, cut ? run.label : "", more);
}

}  // namespace fieldscope::gui
