// Curves of several runs over one pair of axes, drawn with ImDrawList: bands from least to
// greatest, labels at the right ends, marks at events, a crosshair that reads every run.
// The view (zoom) belongs to the Plot, the data to the caller. UI thread only.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/gui/theme.h"
#include "app/gui/widgets/plot_axis.h"

namespace fieldscope::gui {

struct PlotPoint {
  double x = 0, y = 0;
  double low = 0, high = 0;  // the band; equal to y where there is none
};

struct PlotMark {
  double x = 0;
  std::string label;
};

enum class LineStyle { solid, dashed, dotted, dash_dot };

struct PlotSeries {
  std::string label;
  ImU32 colour = 0;
  LineStyle style = LineStyle::solid;
  bool emphasised = false;
  std::span<const PlotPoint> points;  // by increasing x
  std::span<const PlotMark> marks;
  std::span<const double> rug;  // x values with a tick each at the foot of the plot
  std::string end_text;         // at the right end in place of the last value
  std::string note;             // after the label in the crosshair's table
  bool end_label = true;
};

struct PlotSpec {
  std::string x_name, y_name, y_unit;
  bool log_x = false, log_y = false;
  bool higher_is_better = true;
  double smoothing = 0;  // 0 none .. 1 much
  // The fitted range of y leaves out the first steep rise from the untrained network, which would
  // press all that follows together. Zooming out and to the start still shows it.
  bool skip_start = false;
  bool reaches = true;          // the crosshair says who came first to the level of the pointer
  bool marks_on_hover = false;  // marks are short and are named by the crosshair alone
  std::function<std::string(double)> format_x, format_y;
  std::string empty_text;  // what to say while there is nothing to draw
};

class Plot {
 public:
  // What the context menu asked for.
  enum class Request { none, png, svg, csv, toggle_log_x, toggle_log_y };

  Request draw(Ui& ui, const std::string& id, ImVec2 min, ImVec2 max, const PlotSpec& spec,
               std::span<const PlotSeries> series);
  void fit() { x_view_.reset(), y_view_.reset(); }
  bool zoomed() const { return x_view_ || y_view_; }

  // The axes as drawn last, for exports that look the same.
  const Axis& x_axis() const { return x_; }
  const Axis& y_axis() const { return y_; }
  bool zoomed_x() const { return x_view_.has_value(); }
  bool zoomed_y() const { return y_view_.has_value(); }

 private:
  struct Frame;  // what one draw() shares between its steps

  void choose_axes(const PlotSpec& spec, std::span<const PlotSeries> series);
  void prepare(Frame& frame);
  void find_marks(Frame& frame) const;
  void draw_empty(Frame& frame, ImVec2 min, ImVec2 max) const;
  void draw_grid(Frame& frame) const;
  void draw_band(Frame& frame, std::size_t index) const;
  void draw_line(Frame& frame, std::size_t index) const;
  void draw_dots(Frame& frame, std::size_t index, float radius) const;
  void draw_marks(Frame& frame) const;
  void draw_rugs(Frame& frame) const;
  void draw_end_labels(Frame& frame) const;
  void draw_crosshair(Frame& frame) const;
  void interact(Frame& frame);
  Request context_menu(Frame& frame);

  struct Range {
    double low, high;
  };
  std::optional<Range> x_view_, y_view_;  // absent: fitted to the data
  Axis x_, y_;
  ImVec2 drag_start_{};
  bool dragging_ = false;
  std::vector<std::vector<PlotPoint>> smooth_;
};

// The curve averaged over a window that grows with `amount` (0..1). The band becomes the least and
// the greatest within the window, so the mean lies in it. Nothing is averaged across a mark: what
// happened there must not show before it.
void smooth_points(std::span<const PlotPoint> points, std::span<const PlotMark> marks,
                   double amount, const Axis& y, std::vector<PlotPoint>& result);
// Between points as the line is drawn, straight on the axes' scales: its y at `x`; nothing outside
// the points.
std::optional<double> value_at(std::span<const PlotPoint> points, double x, const Axis& x_axis,
                               const Axis& y_axis);
// And the first x where it is at least (or at most) `level`.
std::optional<double> first_reaching(std::span<const PlotPoint> points, double level, bool at_least,
                                     const Axis& x_axis, const Axis& y_axis);
// Moves labels of height `height` apart within [top, bottom]; keeps their order.
void spread_labels(std::vector<float>& centres, float height, float top, float bottom);

}  // namespace fieldscope::gui
