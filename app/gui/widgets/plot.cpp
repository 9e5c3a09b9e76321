#include "app/gui/widgets/plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "app/gui/widgets/plot_frame.h"

namespace fieldscope::gui {

void smooth_points(std::span<const PlotPoint> points, double amount, const Axis& y,
                   std::vector<PlotPoint>& result) {
  result.assign(points.begin(), points.end());
  const auto count = static_cast<long>(points.size());
  const auto half = static_cast<long>(amount * amount * 0.08 * static_cast<double>(count) + 0.5);
  if (half < 1) return;
  std::vector<double> sums(points.size() + 1, 0.0), values(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) values[i] = y.scaled(points[i].y);
  // Twice a moving mean is close to a bell; the window shrinks at the ends so that they stay put.
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t i = 0; i < values.size(); ++i)
      sums[i + 1] = sums[i] + (std::isfinite(values[i]) ? values[i] : 0.0);
    for (long i = 0; i < count; ++i) {
      const long reach = std::min({half, i, count - 1 - i});
      values[static_cast<std::size_t>(i)] = (sums[static_cast<std::size_t>(i + reach + 1)] -
                                             sums[static_cast<std::size_t>(i - reach)]) /
                                            static_cast<double>(2 * reach + 1);
    }
  }
  for (std::size_t i = 0; i < points.size(); ++i) result[i].y = y.unscaled(values[i]);
}

std::optional<double> value_at(std::span<const PlotPoint> points, double x) {
  if (points.empty() || x < points.front().x || x > points.back().x) return std::nullopt;
  const auto after = std::lower_bound(points.begin(), points.end(), x,
                                      [](const PlotPoint& p, double at) { return p.x < at; });
  if (after == points.begin()) return after->y;
  const auto before = after - 1;
  const double width = after->x - before->x;
  const double t = width > 0 ? (x - before->x) / width : 1;
  return before->y + t * (after->y - before->y);
}

std::optional<double> first_reaching(std::span<const PlotPoint> points, double level,
                                     bool at_least) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool there = at_least ? points[i].y >= level : points[i].y <= level;
    if (!there) continue;
    if (i == 0) return points[0].x;
    const PlotPoint &a = points[i - 1], &b = points[i];
    const double rise = b.y - a.y;
    const double t = rise != 0 ? (level - a.y) / rise : 1;
    return a.x + t * (b.x - a.x);
  }
  return std::nullopt;
}

void spread_labels(std::vector<float>& centres, float height, float top, float bottom) {
  std::vector<std::size_t> order(centres.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return centres[a] < centres[b]; });
  float lowest = top + height / 2;
  for (const auto i : order) {
    centres[i] = std::max(centres[i], lowest);
    lowest = centres[i] + height;
  }
  float highest = bottom - height / 2;
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    centres[*i] = std::min(centres[*i], highest);
    highest = centres[*i] - height;
  }
}

void Plot::choose_axes(const PlotSpec& spec, std::span<const PlotSeries> series) {
  double x_low = 1e300, x_high = -1e300, y_low = 1e300, y_high = -1e300;
  for (const auto& curve : series)
    for (const auto& point : curve.points) {
      if (!std::isfinite(point.y) || (spec.log_x && point.x <= 0) || (spec.log_y && point.y <= 0))
        continue;
      x_low = std::min(x_low, point.x);
      x_high = std::max(x_high, point.x);
      y_low = std::min(y_low, point.y);
      y_high = std::max(y_high, point.y);
    }
  if (x_low > x_high) x_low = spec.log_x ? 1 : 0, x_high = spec.log_x ? 10 : 1;
  if (y_low > y_high) y_low = spec.log_y ? 0.1 : 0, y_high = 1;
  if (!spec.log_x) x_low = std::min(x_low, x_low > 0 && x_low < 0.2 * x_high ? 0.0 : x_low);
  // A single measurement: room for what comes.
  if (x_high <= x_low) x_high = spec.log_x ? x_low * 10 : x_low + 1;
  const Axis raw(y_low, y_high, spec.log_y);
  const Axis padded(raw.value(-0.06), raw.value(1.08), spec.log_y);
  x_ = x_view_ ? Axis(x_view_->low, x_view_->high, spec.log_x) : Axis(x_low, x_high, spec.log_x);
  y_ = y_view_ ? Axis(y_view_->low, y_view_->high, spec.log_y) : padded;
}

void Plot::prepare(Frame& frame) {
  const auto series = frame.series;
  smooth_.resize(series.size());
  for (std::size_t i = 0; i < series.size(); ++i) {
    smooth_points(series[i].points, frame.spec.smoothing, y_, smooth_[i]);
    frame.curves.push_back(smooth_[i]);
    const ImU32 ground = frame.ui.colours.panel;
    frame.line_colours.push_back(readable(series[i].colour, ground, 3.2f));
    frame.text_colours.push_back(readable(series[i].colour, ground, 4.6f));
  }
}

Plot::Request Plot::draw(Ui& ui, const std::string& id, ImVec2 min, ImVec2 max,
                         const PlotSpec& spec, std::span<const PlotSeries> series) {
  if (max.x - min.x < ui.px(120) || max.y - min.y < ui.px(60)) return Request::none;
  choose_axes(spec, series);
  Frame frame{ui, id, min, max, spec, series, ImGui::GetWindowDrawList()};
  prepare(frame);
  const float line = font_pixels(ui.fonts.small);
  frame.y_ticks = y_.ticks(max.y - min.y - ui.px(40), line * 2.4);
  float gutter = ui.px(24);
  for (const auto& tick : frame.y_ticks)
    gutter = std::max(gutter, text_size(ui.fonts.small, tick.label).x);
  // Rounded up to the grid, so that the curves do not shift when a label grows by a pixel.
  gutter = std::ceil((gutter + ui.px(14)) / ui.px(8)) * ui.px(8);
  float labels = 0, values = text_size(ui.fonts.small, "00.00").x;
  for (const auto& curve : series) {
    labels = std::max(labels, text_size(ui.fonts.small, curve.label).x);
    if (!curve.points.empty())
      values = std::max(values, text_size(ui.fonts.small, frame.y_text(curve.points.back().y)).x);
  }
  labels = std::min(labels, std::max(ui.px(120), (max.x - min.x) * 0.2f));
  labels =
      series.empty() ? ui.px(16) : std::ceil((labels + values + ui.px(44)) / ui.px(8)) * ui.px(8);
  frame.left = min.x + gutter;
  frame.right = std::max(frame.left + ui.px(60), max.x - labels);
  frame.top = min.y + ui.px(22);
  frame.bottom = max.y - ui.px(26);
  frame.x_axis = &x_;
  frame.y_axis = &y_;

  interact(frame);
  draw_grid(frame);
  const bool empty = std::all_of(series.begin(), series.end(),
                                 [](const PlotSeries& curve) { return curve.points.empty(); });
  if (empty) {
    const ImVec2 size = text_size(ui.fonts.body, spec.empty_text);
    draw_text(frame.list, ui.fonts.body,
              {(frame.left + frame.right - size.x) / 2, (frame.top + frame.bottom - size.y) / 2},
              ui.colours.secondary, spec.empty_text);
    return context_menu(frame);
  }
  frame.list->PushClipRect({frame.left, frame.top - 1}, {frame.right + 1, frame.bottom + 1}, true);
  for (std::size_t i = 0; i < series.size(); ++i) draw_band(frame, i);
  for (std::size_t i = 0; i < series.size(); ++i) draw_line(frame, i);
  frame.list->PopClipRect();
  draw_marks(frame);
  draw_end_labels(frame);
  if (frame.hovered && !dragging_) draw_crosshair(frame);
  return context_menu(frame);
}

void Plot::interact(Frame& frame) {
  Ui& ui = frame.ui;
  ImGui::SetCursorScreenPos({frame.left, frame.top});
  ImGui::InvisibleButton(frame.id.c_str(), {frame.right - frame.left, frame.bottom - frame.top},
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonMiddle |
                             ImGuiButtonFlags_MouseButtonRight);
  ui.map->add(frame.id, {frame.left, frame.top}, {frame.right, frame.bottom});
  frame.hovered = ImGui::IsItemHovered();
  const ImGuiIO& io = ImGui::GetIO();
  frame.mouse = io.MousePos;
  const double width = frame.right - frame.left, height = frame.bottom - frame.top;
  const double at_x = (frame.mouse.x - frame.left) / width;
  const double at_y = (frame.bottom - frame.mouse.y) / height;
  const auto look = [](std::optional<Range>& view, Axis& axis, const Axis& wanted) {
    axis = wanted;
    view = Range{axis.low(), axis.high()};
  };
  if (frame.hovered && io.MouseWheel != 0) {
    const double factor = std::pow(0.85, static_cast<double>(io.MouseWheel));
    if (io.KeyShift)
      look(y_view_, y_, y_.zoomed(at_y, factor));
    else
      look(x_view_, x_, x_.zoomed(at_x, factor));
  }
  if (frame.hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    fit();
    dragging_ = false;
  }
  const bool panning = ImGui::IsItemActive() && (ImGui::IsMouseDown(ImGuiMouseButton_Middle) ||
                                                 (io.KeyCtrl && ImGui::IsMouseDown(0)));
  if (panning) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeAll);
    if (io.MouseDelta.x != 0) look(x_view_, x_, x_.panned(-io.MouseDelta.x / width));
    if (io.MouseDelta.y != 0) look(y_view_, y_, y_.panned(io.MouseDelta.y / height));
    return;
  }
  if (ImGui::IsItemActivated() && ImGui::IsMouseClicked(ImGuiMouseButton_Left))
    drag_start_ = frame.mouse;
  if (ImGui::IsItemActive() && ImGui::IsMouseDragging(ImGuiMouseButton_Left, ui.px(4)))
    dragging_ = true;
  if (!dragging_) return;
  ImVec2 a = {std::clamp(std::min(drag_start_.x, frame.mouse.x), frame.left, frame.right),
              std::clamp(std::min(drag_start_.y, frame.mouse.y), frame.top, frame.bottom)};
  ImVec2 b = {std::clamp(std::max(drag_start_.x, frame.mouse.x), frame.left, frame.right),
              std::clamp(std::max(drag_start_.y, frame.mouse.y), frame.top, frame.bottom)};
  // A flat or narrow rectangle means one axis only.
  const bool whole_y = b.y - a.y < ui.px(16), whole_x = b.x - a.x < ui.px(16);
  if (whole_y) a.y = frame.top, b.y = frame.bottom;
  if (whole_x) a.x = frame.left, b.x = frame.right;
  frame.list->AddRectFilled(a, b, with_alpha(ui.colours.accent, 0.15f));
  frame.list->AddRect(a, b, with_alpha(ui.colours.accent, 0.8f));
  if (ImGui::IsMouseDown(ImGuiMouseButton_Left)) return;
  dragging_ = false;
  if (whole_x && whole_y) return;
  const Axis x = x_, y = y_;
  if (!whole_x)
    look(x_view_, x_,
         Axis(x.value((a.x - frame.left) / width), x.value((b.x - frame.left) / width),
              x.logarithmic()));
  if (!whole_y)
    look(y_view_, y_,
         Axis(y.value((frame.bottom - b.y) / height), y.value((frame.bottom - a.y) / height),
              y.logarithmic()));
}

Plot::Request Plot::context_menu(Frame& frame) {
  Ui& ui = frame.ui;
  const std::string popup = frame.id + ".context";
  if (frame.hovered && ImGui::IsMouseReleased(ImGuiMouseButton_Right))
    ImGui::OpenPopup(popup.c_str());
  Request request = Request::none;
  if (begin_popup(ui, popup.c_str())) {
    if (menu_item(ui, popup + ".fit", "Fit to data", "double-click", false, zoomed())) fit();
    if (menu_item(ui, popup + ".log_x", "Logarithmic x", "", frame.spec.log_x))
      request = Request::toggle_log_x;
    if (menu_item(ui, popup + ".log_y", "Logarithmic y", "", frame.spec.log_y))
      request = Request::toggle_log_y;
    menu_separator(ui);
    if (menu_item(ui, popup + ".png", "Save chart as PNG")) request = Request::png;
    if (menu_item(ui, popup + ".svg", "Save chart as SVG")) request = Request::svg;
    if (menu_item(ui, popup + ".csv", "Save numbers as CSV")) request = Request::csv;
    end_popup();
  }
  return request;
}

}  // namespace fieldscope::gui
