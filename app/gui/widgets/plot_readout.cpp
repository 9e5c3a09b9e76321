// The crosshair of Plot: a vertical line through all runs, and a table beside it of what each has
// there, when it first reached the level of the pointer, and what was changed.
#include <algorithm>
#include <cmath>
#include <limits>

#include "app/gui/widgets/plot_frame.h"

namespace fieldscope::gui {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

struct Row {
  std::size_t series;
  std::optional<double> value, reached;
  bool first = false;  // reached it before another did
};

// The table's rows, best first.
std::vector<Row> read_curves(const std::vector<std::span<const PlotPoint>>& curves, double x,
                             double level, bool higher_is_better, const Axis& x_axis,
                             const Axis& y_axis) {
  std::vector<Row> rows;
  // Being first says something only where another came later or not yet.
  double soonest = never, latest = 0;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    rows.push_back({i, value_at(curves[i], x, x_axis, y_axis),
                    first_reaching(curves[i], level, higher_is_better, x_axis, y_axis)});
    const double reached = rows.back().reached.value_or(never);
    soonest = std::min(soonest, reached);
    latest = std::max(latest, reached);
  }
  for (auto& row : rows) row.first = row.reached && *row.reached == soonest && soonest < latest;
  const double sign = higher_is_better ? -1 : 1;
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    return (a.value ? sign * *a.value : never) < (b.value ? sign * *b.value : never);
  });
  return rows;
}

}  // namespace

void Plot::draw_crosshair(Frame& frame) const {
  Ui& ui = frame.ui;
  ImDrawList* list = frame.list;
  const double x = x_.value((frame.mouse.x - frame.left) / (frame.right - frame.left));
  const double level = y_.value((frame.bottom - frame.mouse.y) / (frame.bottom - frame.top));
  const float mx = std::floor(frame.mouse.x), my = std::floor(frame.mouse.y);
  list->AddRectFilled({mx, frame.top}, {mx + 1, frame.bottom}, with_alpha(ui.colours.text, 0.45f));
  for (float at = frame.left; at < frame.right; at += ui.px(6))
    list->AddRectFilled({at, my}, {std::min(at + ui.px(2), frame.right), my + 1},
                        with_alpha(ui.colours.text, 0.35f));
  const auto rows = read_curves(frame.curves, x, level, frame.spec.higher_is_better, x_, y_);
  for (const auto& row : rows) {
    if (!row.value) continue;
    const float y = frame.y_of(*row.value);
    if (y < frame.top - 1 || y > frame.bottom + 1) continue;
    list->AddCircleFilled({mx + 0.5f, y}, ui.px(4), ui.colours.panel, 14);
    list->AddCircleFilled({mx + 0.5f, y}, ui.px(3), frame.line_colours[row.series], 14);
  }

  // Columns as wide as their widest words.
  const ImFont* font = ui.fonts.small;
  const auto width_of = [&](const std::string& text) { return text_size(font, text).x; };
  const float line = font_pixels(font) + ui.px(6), pad = ui.px(10), gap = ui.px(20);
  const bool reaches = frame.spec.reaches;
  const std::string head = frame.x_text(x),
                    reach = reaches ? "reaches " + frame.y_text(level) : std::string();
  const auto name_of = [&](std::size_t i) {
    const PlotSeries& series = frame.series[i];
    return series.note.empty() ? series.label : series.label + ", " + series.note;
  };
  float names = width_of(head), values = ui.px(40), reached = width_of(reach);
  for (const auto& row : rows) {
    names = std::max(names, ui.px(16) + width_of(name_of(row.series)));
    if (row.value) values = std::max(values, width_of(frame.y_text(*row.value)));
    if (row.reached && reaches) reached = std::max(reached, width_of(frame.x_text(*row.reached)));
  }
  float inner = names + gap + values + (reaches ? gap + reached : 0);
  std::vector<const Frame::Mark*> marks;
  for (const auto& mark : frame.marks) {
    if (std::fabs(mark.x - mx) > ui.px(6)) continue;
    marks.push_back(&mark);
    inner = std::max(inner, ui.px(16) + width_of(mark.mark->label));
  }
  const float width = pad * 2 + inner;
  const float height =
      pad * 2 + line * static_cast<float>(rows.size() + marks.size() + 1) - ui.px(4);

  // It stands beside the line, on the side with more room, over everything.
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  ImVec2 at = {mx + ui.px(16), std::max(frame.top, my - height - ui.px(12))};
  if (at.x + width > std::min(frame.max.x, window.x)) at.x = mx - ui.px(16) - width;
  at.x = std::max(at.x, ui.px(8));
  at.y = std::min(at.y, window.y - height - ui.px(8));
  ImDrawList* over = ImGui::GetForegroundDrawList();
  over->AddRectFilled(at, {at.x + width, at.y + height}, with_alpha(ui.colours.popup, 0.97f),
                      ui.px(6));
  over->AddRect(at, {at.x + width, at.y + height}, mix(ui.colours.line, ui.colours.secondary, 0.3f),
                ui.px(6));
  const float begin = at.x + pad, value_end = begin + names + gap + values;
  const float end = value_end + (reaches ? gap + reached : 0);
  float y = at.y + pad;
  const auto right = [&](float edge, ImU32 ink, const std::string& text) {
    draw_text(over, font, {edge - width_of(text), y}, ink, text);
  };
  draw_text(over, font, {begin, y}, ui.colours.secondary, head);
  right(end, ui.colours.secondary, reach);
  for (const auto& row : rows) {
    y += line;
    over->AddRectFilled({begin, y + ui.px(4)}, {begin + ui.px(8), y + ui.px(12)},
                        frame.line_colours[row.series], ui.px(2));
    draw_text(over, font, {begin + ui.px(16), y}, ui.colours.text, name_of(row.series));
    right(value_end, ui.colours.text, row.value ? frame.y_text(*row.value) : "–");
    if (!reaches) continue;
    const ImU32 ink = row.first     ? ui.colours.good
                      : row.reached ? ui.colours.text
                                    : ui.colours.secondary;
    right(end, ink, row.reached ? frame.x_text(*row.reached) : "not yet");
  }
  for (const auto* mark : marks) {
    y += line;
    over->AddRectFilled({begin + ui.px(3), y}, {begin + ui.px(5), y + line - ui.px(4)},
                        frame.line_colours[mark->series]);
    draw_text(over, font, {begin + ui.px(16), y}, ui.colours.text, mark->mark->label);
  }
}

}  // namespace fieldscope::gui
