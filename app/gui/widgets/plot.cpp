#include "app/gui/widgets/plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "app/gui/widgets/plot_frame.h"

namespace fieldscope::gui {

namespace {

// The window of a moving mean at place i of n. It shrinks at the ends, so that they stay near where
// they are, but not to a single point, whose noise would look like an event.
struct Reach {
  long first, last;
};
Reach reach_at(long i, long n, long half) {
  const long reach = std::max(std::min({half, i, n - 1 - i}), half / 3);
  return {std::max(0L, i - reach), std::min(n - 1, i + reach)};
}

// The least value (by `before`) within each window. Both ends of the window only move forward: a
// queue of candidates sees every value once.
template <typename Before>
void extremes(std::span<const double> values, long half, Before before,
              std::vector<double>& result) {
  const auto n = static_cast<long>(values.size());
  const auto value = [&](long i) { return values[static_cast<std::size_t>(i)]; };
  std::vector<long> queue;
  std::size_t head = 0;
  long next = 0;
  result.clear();
  for (long i = 0; i < n; ++i) {
    const Reach reach = reach_at(i, n, half);
    for (; next <= reach.last; ++next) {
      while (queue.size() > head && !before(value(queue.back()), value(next))) queue.pop_back();
      queue.push_back(next);
    }
    while (queue[head] < reach.first) ++head;
    result.push_back(value(queue[head]));
  }
}

void smooth_part(std::span<PlotPoint> part, long half, const Axis& y) {
  const auto n = static_cast<long>(part.size());
  std::vector<double> sums(part.size() + 1, 0.0), values, band;
  for (const auto& p : part) values.push_back(p.low);
  extremes(values, half, std::less<>(), band);
  for (std::size_t i = 0; i < part.size(); ++i) part[i].low = band[i];
  for (std::size_t i = 0; i < part.size(); ++i) values[i] = part[i].high;
  extremes(values, half, std::greater<>(), band);
  for (std::size_t i = 0; i < part.size(); ++i) part[i].high = band[i];
  for (std::size_t i = 0; i < part.size(); ++i) values[i] = y.scaled(part[i].y);
  // Twice a moving mean is close to a bell.
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t i = 0; i < values.size(); ++i)
      sums[i + 1] = sums[i] + (std::isfinite(values[i]) ? values[i] : 0.0);
    for (long i = 0; i < n; ++i) {
      const Reach reach = reach_at(i, n, half);
      values[static_cast<std::size_t>(i)] = (sums[static_cast<std::size_t>(reach.last + 1)] -
                                             sums[static_cast<std::size_t>(reach.first)]) /
                                            static_cast<double>(reach.last - reach.first + 1);
    }
  }
  for (std::size_t i = 0; i < part.size(); ++i) {
    part[i].y = y.unscaled(values[i]);
    part[i].low = std::min(part[i].low, part[i].y);
    part[i].high = std::max(part[i].high, part[i].y);
  }
}

// The share of a curve that is its steep start: the untrained network and a little more.
std::size_t start_of(std::span<const PlotPoint> points) {
  return points.size() < 4 ? 0 : 1 + points.size() / 50;
}

}  // namespace

void smooth_points(std::span<const PlotPoint> points, std::span<const PlotMark> marks,
                   double amount, const Axis& y, std::vector<PlotPoint>& result) {
  result.assign(points.begin(), points.end());
  const auto half =
      static_cast<long>(amount * amount * 0.08 * static_cast<double>(points.size()) + 0.5);
  if (half < 1) return;
  std::size_t begin = 0;
  const auto smooth_to = [&](std::size_t end) {
    if (end > begin) smooth_part(std::span(result).subspan(begin, end - begin), half, y);
    begin = std::max(begin, end);
  };
  for (const auto& mark : marks) {
    // An edit takes effect after the step that it is marked at.
    const auto after = std::upper_bound(points.begin(), points.end(), mark.x,
                                        [](double x, const PlotPoint& p) { return x < p.x; });
    smooth_to(static_cast<std::size_t>(after - points.begin()));
  }
  smooth_to(points.size());
}

namespace {

// Where `from`'s axis is at `at` between two values, what the other axis has between two others.
double between(const Axis& from, double at, double a, double b, const Axis& to, double c,
               double d) {
  const double width = from.scaled(b) - from.scaled(a);
  const double t = width != 0 ? (from.scaled(at) - from.scaled(a)) / width : 1;
  const double result = to.unscaled(to.scaled(c) + t * (to.scaled(d) - to.scaled(c)));
  return std::isfinite(result) ? result : d;  // a logarithmic axis does not show all values
}

}  // namespace

std::optional<double> value_at(std::span<const PlotPoint> points, double x, const Axis& x_axis,
                               const Axis& y_axis) {
  if (points.empty() || x < points.front().x || x > points.back().x) return std::nullopt;
  const auto after = std::lower_bound(points.begin(), points.end(), x,
                                      [](const PlotPoint& p, double at) { return p.x < at; });
  if (after == points.begin() || after->x == x) return after->y;
  const auto before = after - 1;
  return between(x_axis, x, before->x, after->x, y_axis, before->y, after->y);
}

std::optional<double> first_reaching(std::span<const PlotPoint> points, double level, bool at_least,
                                     const Axis& x_axis, const Axis& y_axis) {
  const auto there = std::find_if(points.begin(), points.end(), [&](const PlotPoint& point) {
    return at_least ? point.y >= level : point.y <= level;
  });
  if (there == points.end()) return std::nullopt;
  if (there == points.begin()) return there->x;
  const auto before = there - 1;
  return between(y_axis, level, before->y, there->y, x_axis, before->x, there->x);
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
  struct Extent {
    double low = 1e300, high = -1e300;
    void add(double value) { low = std::min(low, value), high = std::max(high, value); }
    bool empty() const { return low > high; }
  };
  Extent x, y, y_in_view;
  for (const auto& curve : series) {
    const bool skip = spec.skip_start && !spec.log_x;
    const std::size_t start = skip ? start_of(curve.points) : 0;
    for (std::size_t i = 0; i < curve.points.size(); ++i) {
      const auto& point = curve.points[i];
      if (!std::isfinite(point.y) || (spec.log_x && point.x <= 0) || (spec.log_y && point.y <= 0))
        continue;
      x.add(point.x);
      if (i >= start) y.add(point.y);
      if (x_view_ && point.x >= x_view_->low && point.x <= x_view_->high) y_in_view.add(point.y);
    }
  }
  // Where only x is zoomed, y fits what is in view.
  if (!y_in_view.empty()) y = y_in_view;
  if (x.empty()) x = spec.log_x ? Extent{1, 10} : Extent{0, 1};
  if (y.empty()) y = spec.log_y ? Extent{0.1, 1} : Extent{0, 1};
  if (!spec.log_x && x.low > 0 && x.low < 0.2 * x.high) x.low = 0;
  // A single measurement: room for what comes.
  if (x.high <= x.low) x.high = spec.log_x ? x.low * 10 : x.low + 1;
  const Axis raw(y.low, y.high, spec.log_y);
  const Axis padded(raw.value(-0.06), raw.value(1.08), spec.log_y);
  x_ = x_view_ ? Axis(x_view_->low, x_view_->high, spec.log_x) : Axis(x.low, x.high, spec.log_x);
  y_ = y_view_ ? Axis(y_view_->low, y_view_->high, spec.log_y) : padded;
}

void Plot::prepare(Frame& frame) {
  const auto series = frame.series;
  smooth_.resize(series.size());
  for (std::size_t i = 0; i < series.size(); ++i) {
    smooth_points(series[i].points, series[i].marks, frame.spec.smoothing, y_, smooth_[i]);
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
  if (series.empty()) {  // axes without anything to measure would say something
    draw_empty(frame, min, max);
    return Request::none;
  }
  prepare(frame);
  const float line = font_pixels(ui.fonts.small);
  // Decades have room for 1, 2, 5 only where their labels may stand closer.
  frame.y_ticks = y_.ticks(max.y - min.y - ui.px(48), line * (y_.logarithmic() ? 1.1 : 2.4));
  float gutter = ui.px(24);
  for (const auto& tick : frame.y_ticks)
    gutter = std::max(gutter, text_size(ui.fonts.small, tick.label).x);
  // Rounded up to the grid, so that the curves do not shift when a label grows by a pixel.
  gutter = std::ceil((gutter + ui.px(14)) / ui.px(8)) * ui.px(8);
  float labels = 0, values = text_size(ui.fonts.small, "00.00").x;
  for (const auto& curve : series) {
    if (!curve.end_label) continue;
    labels = std::max(labels, text_size(ui.fonts.small, curve.label).x);
    if (!curve.points.empty())
      values = std::max(values,
                        text_size(ui.fonts.small, frame.end_text(curve, curve.points.back().y)).x);
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
  find_marks(frame);
  if (!frame.marks.empty() && !spec.marks_on_hover)
    frame.top += line + ui.px(4);  // a row for their labels

  interact(frame);
  draw_grid(frame);
  const bool empty = std::all_of(series.begin(), series.end(),
                                 [](const PlotSeries& curve) { return curve.points.empty(); });
  if (empty) {
    draw_empty(frame, {frame.left, frame.top}, {frame.right, frame.bottom});
    return context_menu(frame);
  }
  frame.list->PushClipRect({frame.left, frame.top - 1}, {frame.right + 1, frame.bottom + 1}, true);
  for (std::size_t i = 0; i < series.size(); ++i) draw_band(frame, i);
  for (std::size_t i = 0; i < series.size(); ++i) draw_line(frame, i);
  draw_rugs(frame);
  frame.list->PopClipRect();
  draw_marks(frame);
  draw_end_labels(frame);
  if (frame.hovered && !dragging_) draw_crosshair(frame);
  return context_menu(frame);
}

void Plot::find_marks(Frame& frame) const {
  for (std::size_t i = 0; i < frame.series.size(); ++i)
    for (const auto& mark : frame.series[i].marks)
      if (const float x = frame.x_of(mark.x); x >= frame.left - 0.5f && x <= frame.right + 0.5f)
        frame.marks.push_back({std::floor(x), &mark, i});
  std::stable_sort(frame.marks.begin(), frame.marks.end(),
                   [](const Frame::Mark& a, const Frame::Mark& b) { return a.x < b.x; });
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
