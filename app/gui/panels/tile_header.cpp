// The header strip of a tile: whose it is, its quality and lead, its state.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"

namespace fieldscope::gui {
namespace {

struct StateText {
  std::array<std::string, 3> texts;  // the first that fits
  bool trouble = false;
  bool plain = false;  // it just runs
};

StateText state_of(const RunView& run) {
  const Snapshot& s = *run.snapshot;
  const std::string epoch = "epoch " + format_epoch(s.progress.epoch, s.steps_per_epoch);
  const std::string step = "step " + format_integer(s.progress.step), both = epoch + "  ·  " + step;
  switch (s.status) {
    case RunStatus::starting:
      return {{"starting", "starting", "starting"}};
    case RunStatus::running:
    case RunStatus::waiting:
      if (run.waits) return {{"waits for the others  ·  " + step, "waits  ·  " + step, "waits"}};
      return {{both, step, format_integer(s.progress.step)}, false, true};
    case RunStatus::paused:
      return {{"paused  ·  " + both, "paused  ·  " + step, "paused"}};
    case RunStatus::finished:
      return {{"finished  ·  " + both, "finished", "finished"}};
    case RunStatus::diverged:
      return {{s.message.substr(0, s.message.find(';')), "diverged at " + step, "diverged"}, true};
    case RunStatus::failed:
      return {{"failed: " + s.message, "failed", "failed"}, true};
  }
  return {};
}

// From the top of a line of text to its baseline; Inter and DejaVu Sans agree.
float baseline(const ImFont* font) {
  return std::round(font_pixels(font) * 0.8f);
}

// How the name and the number share the strip: a large number with its unit beside the name, a
// small one, or a small one below the name. One line has no below.
enum class Head { large, small, stacked, one_line };

constexpr float bar_room = 12, name_gap = 12, unit_gap = 5;  // design pixels

// As wide as the task's metric gets, in digits.
std::string_view widest_number(TaskKind task) {
  return task_info(task).digits == 2 ? "00.00" : "0.0000";
}

float number_room(const Ui& ui, TaskKind task, Head head) {
  const std::string_view number = widest_number(task), unit = task_info(task).unit;
  if (head != Head::large) return text_size(ui.fonts.strong, number).x;
  return text_size(ui.fonts.metric, number).x +
         (unit.empty() ? 0 : ui.px(unit_gap) + text_size(ui.fonts.small, unit).x);
}

// The same for all tiles: the largest in which every name is whole.
Head head_for(const Ui& ui, Workspace& work, float width, bool one_line) {
  if (one_line) return Head::one_line;
  float longest = 0;
  for (const auto& run : work.runs())
    longest = std::max(longest, text_size(ui.fonts.strong, run->short_name).x);
  for (const Head head : {Head::large, Head::small}) {
    const float taken = ui.px(bar_room + name_gap) + number_room(ui, work.task(), head);
    if (longest + taken <= width && (head == Head::small || width >= ui.px(188))) return head;
  }
  return Head::stacked;
}

void draw_truth(Ui& ui, const Workspace& work, const std::optional<ImVec2>& pointer, ImVec2 first,
                ImVec2 second, float width, bool one_line) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  draw_text_fitted(list, ui.fonts.strong, first, width, ui.colours.text, "Ground truth");
  if (one_line) return;
  const auto whole = [](float fraction, int pixels) {
    return std::to_string(static_cast<int>(fraction * static_cast<float>(pixels)));
  };
  const PosedViews* scene = work.scene();
  if (scene && pointer) {
    const Lens lens = work.scene_camera().lens;
    draw_text_fitted(
        list, ui.fonts.small, second, width, ui.colours.secondary,
        "x " + whole(pointer->x, lens.width) + "   y " + whole(pointer->y, lens.height));
    return;
  }
  if (scene && work.scene_pictures.nearest) {
    draw_text_fitted(list, ui.fonts.small, second, width, ui.colours.secondary,
                     photograph_name(*scene, *work.scene_pictures.nearest));
    return;
  }
  const ImageDataset* picture = work.picture();
  const std::string text = pointer && picture
                               ? "x " + whole(pointer->x, picture->image.width) + "   y " +
                                     whole(pointer->y, picture->image.height)
                               : format_extent(work.dataset()) + "  ·  " + work.dataset().name;
  draw_text_fitted(list, ui.fonts.small, second, width, ui.colours.secondary, text);
}

struct Strip {
  float left, right, first, second;  // the room for text, tops of the two lines
};

// The number and the lead at the right; the strip's room left for the name and for the state.
struct Rooms {
  float name, state;
};
Rooms draw_numbers(Ui& ui, Workspace& work, const RunView& run, Head head, const Strip& strip,
                   bool plain) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImFont *small = ui.fonts.small, *font = ui.fonts.strong;
  Rooms rooms = {strip.right - strip.left, strip.right - strip.left};
  const auto score = work.quality(run);
  if (!score || !std::isfinite(*score)) return rooms;
  if (head == Head::one_line &&  // a name says more than a number beside what is left of a name
      text_size(font, run.short_name).x + ui.px(name_gap) + number_room(ui, work.task(), head) >
          rooms.name)
    return rooms;
  float right = strip.right, top = strip.first;
  if (head == Head::large) {
    font = ui.fonts.metric;
    top -= ui.px(4);
    if (const std::string_view unit = task_info(work.task()).unit; !unit.empty()) {
      const float unit_width = text_size(small, unit).x;
      draw_text(list, small, {right - unit_width, top + baseline(font) - baseline(small)},
                ui.colours.secondary, unit);
      right -= unit_width + ui.px(unit_gap);
    }
  }
  if (head == Head::stacked) top = strip.second - (baseline(font) - baseline(small));
  const std::string number = format_score(work.task(), *score);
  const float width = text_size(font, number).x;
  draw_text(list, font, {right - width, top},
            run.quality_is_old() ? ui.colours.secondary : ui.colours.text, number);
  const float room = std::max(width, text_size(font, widest_number(work.task())).x);
  if (head == Head::stacked)
    rooms.state = right - room - ui.px(name_gap) - strip.left;
  else
    rooms.name = right - room - ui.px(name_gap) - strip.left;

  const auto lead = work.lead(run);
  // Where there is room for one of them only, a state that needs no telling gives way to the lead.
  if (!lead || head == Head::one_line || (head == Head::stacked && !plain)) return rooms;
  const std::string text = (*lead >= 0 ? "+" : "−") + format_score(work.task(), std::fabs(*lead));
  const float lead_width = text_size(small, text).x;
  const float lead_at = head == Head::stacked ? strip.left : right - lead_width;
  draw_text(list, small, {lead_at, strip.second},
            *lead >= 0 ? ui.colours.good : ui.colours.secondary, text);
  rooms.state = head == Head::stacked ? 0 : right - lead_width - ui.px(name_gap) - strip.left;
  return rooms;
}

// The first that fits: the optimizer and activation with what they were switched from, as they are
// now, the optimizer alone.
std::string name_in_strip(const Ui& ui, const RunView& run, float room) {
  for (const std::string* name : {&run.label, &run.label_now})
    if (text_size(ui.fonts.strong, *name).x <= room) return *name;
  return name_within(ui.fonts.strong, run, room);
}

// What the strip does not say, below it.
void draw_more(Ui& ui, const Workspace& work, const RunView& run, const StateText& state,
               const std::string& name, bool stateless) {
  const bool cut = name != run.label || stateless;
  const bool old = run.quality_is_old();
  std::string more = state.trouble ? run.snapshot->message : stateless ? state.texts[0] : "";
  if (old)
    more += (more.empty() ? "" : "\n") + std::string(task_info(work.task()).metric) +
            " was measured at step " + format_integer(run.snapshot->quality->at.step) + ".";
  if (state.trouble || cut || old) tooltip(ui, cut ? run.label : "", more);
}

}  // namespace

// A click on the strip selects its run; a double click gives the tile all of the centre.
void Stage::submit_header(PanelContext& context, const Tile& tile) const {
  Workspace& work = context.work;
  const std::string id = "tile." + std::to_string(tile.index) + ".header";
  ImGui::SetCursorScreenPos(tile.header.min);
  if (ImGui::InvisibleButton(id.c_str(), {tile.header.width(), tile.header.height()}) && tile.run)
    work.select(tile.run->id);
  context.ui.map->add_last_item(id);
  if (ImGui::IsItemHovered() && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left))
    work.full_tile = work.full_tile == tile.index ? -1 : tile.index;
}

void Stage::draw_header(PanelContext& context, const Tile& tile) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const Rect& at = tile.header;
  const bool one_line = at.height() < ui.px(48);
  const float pad = ui.px(one_line ? 8 : 12);
  const float first = at.min.y + ui.px(one_line ? 7 : 9), second = at.min.y + ui.px(33);
  if (!tile.run) {
    draw_truth(ui, work, pointer_ ? pointer_ : last_pointer_, {at.min.x + pad, first},
               {at.min.x + pad, second}, at.width() - 2 * pad, one_line);
    submit_header(context, tile);
    return;
  }
  const RunView& run = *tile.run;
  const StateText state = state_of(run);
  const Head head = head_for(ui, work, at.width() - 2 * pad, one_line);
  const float bar = at.min.x + pad;
  list->AddRectFilled({bar, first + ui.px(2)},
                      {bar + ui.px(4), one_line ? at.max.y - ui.px(7) : second + ui.px(13)},
                      run_line_colour(ui, run, ui.colours.panel), ui.px(2));
  const Strip strip = {bar + ui.px(bar_room), at.max.x - pad, first, second};
  const Rooms rooms = draw_numbers(ui, work, run, head, strip, state.plain);
  const std::string name = name_in_strip(ui, run, rooms.name);
  draw_text_fitted(list, ui.fonts.strong, {strip.left, first}, rooms.name,
                   one_line && state.trouble ? ui.colours.trouble : ui.colours.text, name);
  const auto fits = std::find_if(
      state.texts.begin(), state.texts.end() - 1,
      [&](const std::string& text) { return text_size(ui.fonts.small, text).x <= rooms.state; });
  if (!one_line && rooms.state > 0)
    draw_text_fitted(list, ui.fonts.small, {strip.left, second}, rooms.state,
                     state.trouble ? ui.colours.trouble : ui.colours.secondary, *fits);
  submit_header(context, tile);
  if (!rests_on_item()) return;
  ImGui::SetNextWindowPos({at.min.x, at.max.y + ui.px(4)});
  draw_more(ui, work, run, state, name, one_line || rooms.state <= 0);
}

}  // namespace fieldscope::gui
