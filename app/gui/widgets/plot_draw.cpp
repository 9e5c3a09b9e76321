// The drawing steps of Plot: grid, bands, lines, marks, labels and the crosshair.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "app/gui/widgets/plot_frame.h"

namespace fieldscope::gui {
namespace {

// Draws a polyline in dashes: `pattern` alternates drawn and left out, in pixels.
void dashed_line(ImDrawList* list, const std::vector<ImVec2>& points, ImU32 colour, float width,
                 std::span<const float> pattern) {
  std::size_t part = 0;
  float left = pattern[0];
  std::vector<ImVec2> piece;
  const auto flush = [&] {
    if (piece.size() > 1)
      list->AddPolyline(piece.data(), static_cast<int>(piece.size()), colour, 0, width);
    piece.clear();
  };
  if (!points.empty()) piece.push_back(points[0]);
  for (std::size_t i = 1; i < points.size(); ++i) {
    ImVec2 from = points[i - 1];
    const ImVec2 to = points[i];
    float length = std::hypot(to.x - from.x, to.y - from.y);
    while (length > left) {
      const float t = left / length;
      from = {from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t};
      length -= left;
      if (part % 2 == 0) {
        piece.push_back(from);
        flush();
      } else {
        piece.assign(1, from);
      }
      part = (part + 1) % pattern.size();
      left = pattern[part];
    }
    left -= length;
    if (part % 2 == 0) piece.push_back(to);
  }
  if (part % 2 == 0) flush();
}

// At most a few points for each column of pixels: more cannot be seen and cost time.
struct Column {
  float x, first, last, low, high;
};

template <typename Emit>
void by_columns(std::span<const PlotPoint> points, double from, double to, Emit&& emit) {
  auto begin = std::lower_bound(points.begin(), points.end(), from,
                                [](const PlotPoint& p, double x) { return p.x < x; });
  auto end = std::upper_bound(points.begin(), points.end(), to,
                              [](double x, const PlotPoint& p) { return x < p.x; });
  if (begin != points.begin()) --begin;  // one beyond each edge, so that lines reach it
  if (end != points.end()) ++end;
  for (auto p = begin; p != end; ++p) emit(*p);
}

}  // namespace

void Plot::draw_grid(Frame& frame) const {
  Ui& ui = frame.ui;
  ImDrawList* list = frame.list;
  const float line = font_pixels(ui.fonts.small);
  for (const auto& tick : frame.y_ticks) {
    const float y = std::floor(frame.y_of(tick.value));
    if (y < frame.top - 1 || y > frame.bottom + 1) continue;
    list->AddRectFilled({frame.left, y}, {frame.right, y + 1},
                        with_alpha(ui.colours.grid, tick.major ? 1.0f : 0.5f));
    const ImVec2 size = text_size(ui.fonts.small, tick.label);
    draw_text(list, ui.fonts.small, {frame.left - ui.px(8) - size.x, y - size.y / 2},
              ui.colours.secondary, tick.label);
  }
  const auto ticks = x_.ticks(frame.right - frame.left, ui.px(72));
  float last = -1e9f;
  for (const auto& tick : ticks) {
    const float x = std::floor(frame.x_of(tick.value));
    if (x < frame.left - 1 || x > frame.right + 1) continue;
    list->AddRectFilled({x, frame.top}, {x + 1, frame.bottom},
                        with_alpha(ui.colours.grid, tick.major ? 1.0f : 0.5f));
    const ImVec2 size = text_size(ui.fonts.small, tick.label);
    const float at = std::min(x - size.x / 2, frame.max.x - size.x);
    if (tick.label.empty() || at < last + ui.px(8)) continue;
    draw_text(list, ui.fonts.small, {at, frame.bottom + ui.px(7)}, ui.colours.secondary,
              tick.label);
    last = at + size.x;
  }
  list->AddRectFilled({frame.left, frame.bottom}, {frame.right, frame.bottom + 1},
                      mix(ui.colours.line, ui.colours.secondary, 0.35f));
  const std::string name =
      frame.spec.y_unit.empty() ? frame.spec.y_name : frame.spec.y_name + ", " + frame.spec.y_unit;
  draw_text(list, ui.fonts.small, {frame.min.x + ui.px(8), frame.min.y}, ui.colours.secondary,
            name);
  const ImVec2 size = text_size(ui.fonts.small, frame.spec.x_name);
  if (frame.max.x - frame.right > size.x + ui.px(20))
    draw_text(list, ui.fonts.small, {frame.right + ui.px(20), frame.bottom - line / 2},
              ui.colours.secondary, frame.spec.x_name);
}

void Plot::draw_band(Frame& frame, std::size_t index) const {
  const auto points = frame.series[index].points;
  const ImU32 colour = with_alpha(frame.line_colours[index], 0.16f);
  // One column of pixels at a time: least and greatest of all that falls into it.
  std::vector<Column> columns;
  columns.reserve(static_cast<std::size_t>(frame.right - frame.left) + 4);
  bool any = false;
  by_columns(points, x_.low(), x_.high(), [&](const PlotPoint& p) {
    if (!(p.high > p.low) || (y_.logarithmic() && p.low <= 0)) return;
    any = true;
    const float x = std::floor(frame.x_of(p.x) / 2) * 2;
    const float low = frame.y_of(p.low), high = frame.y_of(p.high);
    if (!columns.empty() && columns.back().x == x) {
      columns.back().low = std::max(columns.back().low, low);
      columns.back().high = std::min(columns.back().high, high);
    } else {
      columns.push_back({x, 0, 0, low, high});
    }
  });
  if (!any || columns.size() < 2) return;
  const auto quads = static_cast<int>(columns.size()) - 1;
  const ImVec2 uv = ImGui::GetFontTexUvWhitePixel();
  ImDrawList* list = frame.list;
  list->PrimReserve(quads * 6, quads * 4);
  for (std::size_t i = 0; i + 1 < columns.size(); ++i) {
    const Column &a = columns[i], &b = columns[i + 1];
    list->PrimQuadUV({a.x, a.high}, {b.x, b.high}, {b.x, b.low}, {a.x, a.low}, uv, uv, uv, uv,
                     colour);
  }
}

void Plot::draw_line(Frame& frame, std::size_t index) const {
  const PlotSeries& series = frame.series[index];
  std::vector<ImVec2> path;
  path.reserve(2048);
  Column column{-1e9f, 0, 0, 0, 0};
  std::vector<std::vector<ImVec2>> pieces;
  const auto flush_column = [&] {
    if (column.x < -1e8f) return;
    // Down and up within a column keeps peaks visible after thinning.
    path.push_back({column.x, column.first});
    if (column.low != column.first && column.low != column.last)
      path.push_back({column.x, column.low});
    if (column.high != column.first && column.high != column.last)
      path.push_back({column.x, column.high});
    if (column.last != column.first) path.push_back({column.x, column.last});
    column.x = -1e9f;
  };
  by_columns(frame.curves[index], x_.low(), x_.high(), [&](const PlotPoint& p) {
    if (!std::isfinite(p.y) || (y_.logarithmic() && p.y <= 0) || (x_.logarithmic() && p.x <= 0))
      return;
    const float x = frame.x_of(p.x);
    const float y = std::clamp(frame.y_of(p.y), -1e5f, 1e5f);
    if (std::fabs(x - column.x) < 1.0f) {
      column.last = y;
      column.low = std::max(column.low, y);
      column.high = std::min(column.high, y);
    } else {
      flush_column();
      column = {x, y, y, y, y};
    }
  });
  flush_column();
  if (path.empty()) return;
  const float width = std::max(1.0f, frame.ui.scale * (series.emphasised ? 2.4f : 1.7f));
  const ImU32 colour = frame.line_colours[index];
  const float s = frame.ui.scale;
  const std::array<float, 2> dashes = {9 * s, 5 * s}, dots = {2.5f * s, 4 * s};
  const std::array<float, 4> dash_dot = {10 * s, 4 * s, 2.5f * s, 4 * s};
  switch (series.style) {
    case LineStyle::solid:
      frame.list->AddPolyline(path.data(), static_cast<int>(path.size()), colour, 0, width);
      break;
    case LineStyle::dashed:
      dashed_line(frame.list, path, colour, width, dashes);
      break;
    case LineStyle::dotted:
      dashed_line(frame.list, path, colour, width, dots);
      break;
    case LineStyle::dash_dot:
      dashed_line(frame.list, path, colour, width, dash_dot);
      break;
  }
  // Few measurements are shown as such.
  if (frame.curves[index].size() <= 40)
    for (const auto& p : frame.curves[index])
      if (std::isfinite(p.y) && p.x >= x_.low() && p.x <= x_.high())
        frame.list->AddCircleFilled({frame.x_of(p.x), frame.y_of(p.y)}, width * 1.35f, colour, 10);
}

void Plot::draw_marks(Frame& frame) const {
  Ui& ui = frame.ui;
  struct Placed {
    float x;
    const PlotMark* mark;
    std::size_t series;
  };
  std::vector<Placed> marks;
  for (std::size_t i = 0; i < frame.series.size(); ++i)
    for (const auto& mark : frame.series[i].marks)
      if (const float x = frame.x_of(mark.x); x >= frame.left - 0.5f && x <= frame.right + 0.5f)
        marks.push_back({std::floor(x), &mark, i});
  std::sort(marks.begin(), marks.end(), [](const Placed& a, const Placed& b) { return a.x < b.x; });
  std::array<float, 3> row_ends;
  row_ends.fill(-1e9f);
  const float line = font_pixels(ui.fonts.small);
  const auto rows = std::min<std::size_t>(
      row_ends.size(), static_cast<std::size_t>((frame.bottom - frame.top) / (line * 3)));
  for (const auto& placed : marks) {
    const ImU32 colour = frame.line_colours[placed.series];
    const float width = text_size(ui.fonts.small, placed.mark->label).x;
    std::size_t row = rows;
    // Right of its line where there is room, else left of it.
    float at = placed.x + ui.px(4);
    if (at + width > frame.right) at = placed.x - ui.px(4) - width;
    for (std::size_t r = 0; r < rows; ++r)
      if (at > row_ends[r] + ui.px(8)) {
        row = r;
        break;
      }
    frame.list->AddRectFilled({placed.x, frame.top}, {placed.x + 1, frame.bottom},
                              with_alpha(colour, 0.6f));
    if (row == rows || placed.mark->label.empty()) continue;  // its label shows on hover
    row_ends[row] = std::max(at + width, placed.x);
    const float y = frame.top + static_cast<float>(row) * (line + ui.px(4));
    frame.list->AddRectFilled({at - ui.px(2), y}, {at + width + ui.px(2), y + line + ui.px(2)},
                              with_alpha(ui.colours.panel, 0.85f), ui.px(2));
    draw_text(frame.list, ui.fonts.small, {at, y}, frame.text_colours[placed.series],
              placed.mark->label);
  }
}

void Plot::draw_end_labels(Frame& frame) const {
  Ui& ui = frame.ui;
  struct End {
    float x, y;
    double value;
    std::size_t series;
  };
  std::vector<End> ends;
  std::vector<float> centres;
  for (std::size_t i = 0; i < frame.curves.size(); ++i) {
    const auto points = frame.curves[i];
    if (points.empty()) continue;
    const double x = std::min(points.back().x, x_.high());
    const auto value = value_at(points, x);
    if (!value || x < x_.low() || !std::isfinite(*value)) continue;
    const float y = std::clamp(frame.y_of(*value), frame.top, frame.bottom);
    ends.push_back({frame.x_of(x), y, *value, i});
    centres.push_back(y);
  }
  const float line = font_pixels(ui.fonts.small) + ui.px(3);
  spread_labels(centres, line, frame.top - line / 2, frame.bottom - ui.px(10));
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const End& end = ends[i];
    const ImU32 ink = frame.text_colours[end.series];
    const float x = frame.right + ui.px(20), y = centres[i];
    frame.list->AddCircleFilled({end.x, end.y}, ui.px(3), frame.line_colours[end.series], 12);
    // A thin leader from where the curve ends to its name.
    if (frame.right - end.x < ui.px(48)) {
      const ImVec2 leader[] = {{end.x, end.y}, {frame.right + ui.px(6), y}, {x - ui.px(4), y}};
      frame.list->AddPolyline(leader, 3, with_alpha(frame.line_colours[end.series], 0.5f), 0, 1);
    }
    const std::string value = frame.y_text(end.value);
    const float value_width = text_size(ui.fonts.small, value).x;
    const float room = frame.max.x - x - value_width - ui.px(14);
    draw_text_fitted(frame.list, ui.fonts.small, {x, y - line / 2}, room, ink,
                     frame.series[end.series].label);
    draw_text(frame.list, ui.fonts.small, {frame.max.x - ui.px(4) - value_width, y - line / 2},
              ui.colours.text, value);
  }
}

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

  struct Row {
    std::size_t series;
    std::optional<double> value, reached;
  };
  std::vector<Row> rows;
  for (std::size_t i = 0; i < frame.curves.size(); ++i)
    rows.push_back({i, value_at(frame.curves[i], x),
                    first_reaching(frame.curves[i], level, frame.spec.higher_is_better)});
  const double sign = frame.spec.higher_is_better ? -1 : 1;
  const double worst = std::numeric_limits<double>::infinity();
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    return (a.value ? sign * *a.value : worst) < (b.value ? sign * *b.value : worst);
  });
  double soonest = worst;
  for (const auto& row : rows)
    if (row.reached) soonest = std::min(soonest, *row.reached);
  for (const auto& row : rows) {
    if (!row.value) continue;
    const float y = frame.y_of(*row.value);
    if (y < frame.top - 1 || y > frame.bottom + 1) continue;
    list->AddCircleFilled({mx + 0.5f, y}, ui.px(4), ui.colours.panel, 14);
    list->AddCircleFilled({mx + 0.5f, y}, ui.px(3), frame.line_colours[row.series], 14);
  }

  // The table stands beside the line, on the side with more room, over everything.
  const ImFont* font = ui.fonts.small;
  const float line = font_pixels(font) + ui.px(6), pad = ui.px(10);
  const std::string head = frame.x_text(x);
  const std::string reach = "reaches " + frame.y_text(level);
  float names = text_size(font, head).x, values = ui.px(40), reached = text_size(font, reach).x;
  for (const auto& row : rows) {
    names = std::max(names, ui.px(16) + text_size(font, frame.series[row.series].label).x);
    if (row.value) values = std::max(values, text_size(font, frame.y_text(*row.value)).x);
    if (row.reached) reached = std::max(reached, text_size(font, frame.x_text(*row.reached)).x);
  }
  const float gap = ui.px(20), width = pad * 2 + names + gap + values + gap + reached;
  const float height = pad * 2 + line * static_cast<float>(rows.size() + 1) - ui.px(4);
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
  float y = at.y + pad;
  const float value_end = at.x + pad + names + gap + values, reach_end = value_end + gap + reached;
  draw_text(over, font, {at.x + pad, y}, ui.colours.secondary, head);
  draw_text(over, font, {reach_end - text_size(font, reach).x, y}, ui.colours.secondary, reach);
  for (const auto& row : rows) {
    y += line;
    over->AddRectFilled({at.x + pad, y + ui.px(4)}, {at.x + pad + ui.px(8), y + ui.px(12)},
                        frame.line_colours[row.series], ui.px(2));
    draw_text(over, font, {at.x + pad + ui.px(16), y}, ui.colours.text,
              frame.series[row.series].label);
    const std::string value = row.value ? frame.y_text(*row.value) : "–";
    draw_text(over, font, {value_end - text_size(font, value).x, y}, ui.colours.text, value);
    const std::string when = row.reached ? frame.x_text(*row.reached) : "not yet";
    const bool first = row.reached && *row.reached == soonest && rows.size() > 1;
    draw_text(over, font, {reach_end - text_size(font, when).x, y},
              first         ? ui.colours.good
              : row.reached ? ui.colours.text
                            : ui.colours.secondary,
              when);
  }
}

}  // namespace fieldscope::gui
