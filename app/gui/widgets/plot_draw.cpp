// The drawing steps of Plot: grid, bands, lines, marks and labels.
#include <algorithm>
#include <array>
#include <cmath>

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

// Replaces each place of the path by the mean of those within `reach` pixels.
std::vector<ImVec2> calmed(const std::vector<ImVec2>& path, float reach) {
  std::vector<ImVec2> result;
  std::size_t first = 0, after = 0;
  double sum = 0;
  for (const ImVec2& at : path) {
    for (; after < path.size() && path[after].x <= at.x + reach; ++after) sum += path[after].y;
    for (; path[first].x < at.x - reach; ++first) sum -= path[first].y;
    result.push_back({at.x, static_cast<float>(sum / static_cast<double>(after - first))});
  }
  return result;
}

// Whether dashes along the path would be lost in its ups and downs.
bool is_noisy(const std::vector<ImVec2>& path) {
  float length = 0;
  for (std::size_t i = 1; i < path.size(); ++i) length += std::fabs(path[i].y - path[i - 1].y);
  return length > 3 * (path.back().x - path.front().x);
}

}  // namespace

void Plot::draw_empty(Frame& frame, ImVec2 min, ImVec2 max) const {
  const ImFont* font = frame.ui.fonts.small;
  const ImVec2 size = text_size(font, frame.spec.empty_text);
  const float room = frame.max.x - min.x;
  const float x = std::max(min.x, std::min((min.x + max.x - size.x) / 2, frame.max.x - size.x));
  draw_text_fitted(frame.list, font, {x, (min.y + max.y - size.y) / 2}, room,
                   frame.ui.colours.secondary, frame.spec.empty_text);
}

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
  const float length = frame.right - frame.left;
  const auto ticks = x_.ticks(length, std::max(ui.px(72), length / 14));
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
  draw_text_fitted(list, ui.fonts.small, {frame.min.x + ui.px(8), frame.min.y},
                   frame.max.x - frame.min.x - ui.px(8), ui.colours.secondary, frame.y_name());
  const ImVec2 size = text_size(ui.fonts.small, frame.spec.x_name);
  if (frame.max.x - frame.right > size.x + ui.px(20))
    draw_text(list, ui.fonts.small, {frame.right + ui.px(20), frame.bottom - line / 2},
              ui.colours.secondary, frame.spec.x_name);
}

void Plot::draw_band(Frame& frame, std::size_t index) const {
  const auto points = frame.curves[index];
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
  const auto polyline = [&](ImU32 ink, float thickness) {
    frame.list->AddPolyline(path.data(), static_cast<int>(path.size()), ink, 0, thickness);
  };
  if (series.style != LineStyle::solid && is_noisy(path)) {
    polyline(with_alpha(colour, 0.3f), std::max(1.0f, s));
    path = calmed(path, 8 * s);
  }
  switch (series.style) {
    case LineStyle::solid:
      polyline(colour, width);
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
  draw_dots(frame, index, width * 1.35f);
}

// Measurements are shown as such while they stand apart; they fade as they crowd.
void Plot::draw_dots(Frame& frame, std::size_t index, float radius) const {
  const auto points = frame.curves[index];
  const auto inside = [&](const PlotPoint& p) {
    return std::isfinite(p.y) && p.x >= x_.low() && p.x <= x_.high();
  };
  const auto count = std::count_if(points.begin(), points.end(), inside);
  if (count == 0) return;
  const float spacing = (frame.x_of(std::min(x_.high(), points.back().x)) -
                         frame.x_of(std::max(x_.low(), points.front().x))) /
                        static_cast<float>(count);
  const float alpha = std::clamp(spacing / (4 * radius) - 1, 0.0f, 1.0f);
  if (count > 1 && alpha <= 0) return;
  const ImU32 colour = with_alpha(frame.line_colours[index], count > 1 ? alpha : 1);
  for (const auto& p : points)
    if (inside(p)) frame.list->AddCircleFilled({frame.x_of(p.x), frame.y_of(p.y)}, radius, colour);
}

// Thin lines over the curves. A label begins above its line: in the row next to the curves, or in
// the one of the axis's name. Where neither has room a small triangle stands for it, and the
// crosshair tells it.
void Plot::draw_marks(Frame& frame) const {
  Ui& ui = frame.ui;
  const ImFont* font = ui.fonts.small;
  const float line = font_pixels(font);
  struct Row {
    float y, taken_to;
  };
  std::array<Row, 2> rows = {
      Row{frame.top - line - ui.px(4), -1e9f},
      Row{frame.min.y, frame.min.x + ui.px(8) + text_size(font, frame.y_name()).x}};
  for (const auto& placed : frame.marks) {
    const ImU32 colour = frame.line_colours[placed.series];
    if (frame.spec.marks_on_hover) {
      const float r = ui.px(3.5f), foot = frame.bottom + ui.px(1);
      frame.list->AddTriangleFilled({placed.x + 0.5f, foot - 2 * r}, {placed.x + 0.5f + r, foot},
                                    {placed.x + 0.5f - r, foot}, colour);
      continue;
    }
    frame.list->AddRectFilled({placed.x, frame.top - ui.px(2)}, {placed.x + 1, frame.bottom},
                              with_alpha(colour, 0.6f));
    const float width = text_size(font, placed.mark->label).x;
    const float at = std::min(placed.x, frame.max.x - width);
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& candidate) {
      return at >= candidate.taken_to + ui.px(10);
    });
    if (row != rows.end()) {
      row->taken_to = at + width;
      draw_text(frame.list, font, {at, row->y}, frame.text_colours[placed.series],
                placed.mark->label);
    } else if (placed.x > rows[0].taken_to) {
      const float r = ui.px(3), top = frame.top - ui.px(6);
      frame.list->AddTriangleFilled({placed.x + 0.5f - r, top}, {placed.x + 0.5f + r, top},
                                    {placed.x + 0.5f, frame.top - ui.px(1)}, colour);
    }
  }
}

// One row of ticks for each run that has some, from the foot upwards.
void Plot::draw_rugs(Frame& frame) const {
  const float height = frame.ui.px(6);
  float foot = frame.bottom;
  for (std::size_t i = 0; i < frame.series.size(); ++i) {
    if (frame.series[i].rug.empty() || foot - height < (frame.top + frame.bottom) / 2) continue;
    float last = -1e9f;  // ticks closer than a pixel are one
    for (const double value : frame.series[i].rug) {
      const float x = std::floor(frame.x_of(value));
      if (x == last || x < frame.left || x > frame.right) continue;
      frame.list->AddRectFilled({x, foot - height}, {x + 1, foot - 1},
                                with_alpha(frame.line_colours[i], 0.75f));
      last = x;
    }
    foot -= height;
  }
}

void Plot::draw_end_labels(Frame& frame) const {
  Ui& ui = frame.ui;
  struct End {
    float x, y;
    double value;
    std::size_t series;
    int beyond;  // -1 left the view through the top, 1 through the bottom
  };
  std::vector<End> ends;
  std::vector<float> centres;
  for (std::size_t i = 0; i < frame.curves.size(); ++i) {
    const auto points = frame.curves[i];
    if (points.empty() || !frame.series[i].end_label) continue;
    const double x = std::min(points.back().x, x_.high());
    const auto value = value_at(points, x, x_, y_);
    if (!value || x < x_.low() || !std::isfinite(*value)) continue;
    const float place = frame.y_of(*value), y = std::clamp(place, frame.top, frame.bottom);
    const int beyond = place < frame.top - 1 ? -1 : place > frame.bottom + 1 ? 1 : 0;
    ends.push_back({frame.x_of(x), y, *value, i, beyond});
  }
  const float line = font_pixels(ui.fonts.small) + ui.px(3);
  // More than there is room for: the crosshair names the others.
  const auto most =
      static_cast<std::size_t>(std::max(1.0f, (frame.bottom - ui.px(10) - frame.min.y) / line));
  if (ends.size() > most) {
    std::stable_partition(ends.begin(), ends.end(),
                          [&](const End& end) { return frame.series[end.series].emphasised; });
    ends.resize(most);
  }
  for (const End& end : ends) centres.push_back(end.y);
  spread_labels(centres, line, frame.top - line / 2, frame.bottom - ui.px(10));
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const End& end = ends[i];
    const ImU32 ink = frame.text_colours[end.series];
    const float x = frame.right + ui.px(20), y = centres[i];
    if (end.beyond == 0) {
      frame.list->AddCircleFilled({end.x, end.y}, ui.px(3), frame.line_colours[end.series], 12);
    } else {  // an arrow: the curve goes on out there
      const float tip = end.y + static_cast<float>(end.beyond) * ui.px(3);
      const float base = end.y - static_cast<float>(end.beyond) * ui.px(4);
      frame.list->AddTriangleFilled({end.x - ui.px(4), base}, {end.x + ui.px(4), base},
                                    {end.x, tip}, frame.line_colours[end.series]);
    }
    // A thin leader from where the curve ends to its name.
    if (frame.right - end.x < ui.px(48)) {
      const ImVec2 leader[] = {{end.x, end.y}, {frame.right + ui.px(6), y}, {x - ui.px(4), y}};
      frame.list->AddPolyline(leader, 3, with_alpha(frame.line_colours[end.series], 0.5f), 0, 1);
    }
    const std::string value = (end.beyond == 0  ? ""
                               : end.beyond < 0 ? "↑ "
                                                : "↓ ") +
                              frame.end_text(frame.series[end.series], end.value);
    const float value_width = text_size(ui.fonts.small, value).x;
    const float room = frame.max.x - x - value_width - ui.px(14);
    draw_text_fitted(frame.list, ui.fonts.small, {x, y - line / 2}, room, ink,
                     frame.series[end.series].label);
    draw_text(frame.list, ui.fonts.small, {frame.max.x - ui.px(4) - value_width, y - line / 2},
              ui.colours.text, value);
  }
}

}  // namespace fieldscope::gui
