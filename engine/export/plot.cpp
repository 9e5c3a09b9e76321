#include "engine/export/plot.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "engine/export/ticks.h"
#include "engine/math/error.h"

#ifdef FIELDSCOPE_HAVE_CAIRO
#include "engine/export/canvas.h"
#endif

namespace fieldscope {

#ifdef FIELDSCOPE_HAVE_CAIRO

namespace {

constexpr double title_size = 13, label_size = 12, tick_size = 11, mark_size = 10;
constexpr double title_height = 26, x_ticks_height = 20, x_label_height = 16;
constexpr double label_gap = 8;        // from a curve's end to its label
constexpr double label_distance = 15;  // of the baselines of two end labels
constexpr double label_line = 13;      // of two lines of one label
constexpr std::size_t most_label_lines = 3;
constexpr double curve_width = 1.8;
constexpr double mark_row_height = 13;
constexpr std::size_t most_mark_rows = 4;  // more marks keep their line and lose their label
constexpr std::size_t most_dots = 24;      // a curve of few measurements shows each

/// One axis: data to a coordinate on the page.
struct Axis {
  double low = 0, high = 1;  ///< of the data
  bool logarithmic = false;
  double from = 0, to = 1;  ///< on the page

  bool takes(double value) const { return std::isfinite(value) && (!logarithmic || value > 0); }
  double scaled(double value) const { return logarithmic ? std::log10(value) : value; }
  double at(double value) const {
    const double share = (scaled(value) - scaled(low)) / (scaled(high) - scaled(low));
    return from + share * (to - from);
  }
  std::vector<double> ticks(int most) const {
    return logarithmic ? log_ticks(low, high, most) : linear_ticks(low, high, most);
  }
};

/// Range of the values that an axis takes, widened by `margin` of its length on both sides.
Axis fitted_axis(const Plot& plot, bool logarithmic, double margin, double PlotPoint::*value) {
  Axis axis;
  axis.logarithmic = logarithmic;
  axis.low = std::numeric_limits<double>::infinity();
  axis.high = -axis.low;
  // A run that blew up would press all others into a line; alone it is better than nothing.
  const bool all = std::all_of(plot.series.begin(), plot.series.end(),
                               [](const PlotSeries& series) { return series.outlier; });
  for (const PlotSeries& series : plot.series) {
    if (series.outlier && !all && value == &PlotPoint::y) continue;
    for (const PlotPoint& point : series.points) {
      if (!axis.takes(point.*value)) continue;
      axis.low = std::min(axis.low, point.*value);
      axis.high = std::max(axis.high, point.*value);
    }
  }
  if (axis.low > axis.high) {  // nothing to show
    axis.low = logarithmic ? 0.1 : 0;
    axis.high = 1;
  }
  if (axis.logarithmic) {
    if (axis.high < axis.low * 1.01) {
      axis.low /= 2;
      axis.high *= 2;
    }
    const double factor = std::pow(axis.high / axis.low, margin);
    axis.low /= factor;
    axis.high *= factor;
  } else {
    if (!(axis.high - axis.low > 1e-12 * std::max(std::fabs(axis.low), 1e-300))) {
      const double pad = axis.low == 0 ? 1 : std::fabs(axis.low) * 0.1;
      axis.low -= margin > 0 ? pad : 0;
      axis.high += pad;
    }
    const double pad = (axis.high - axis.low) * margin;
    axis.low -= pad;
    axis.high += pad;
  }
  return axis;
}

/// The wanted part of the axis, if it is one that the axis can show.
void show(Axis& axis, const std::optional<std::pair<double, double>>& range) {
  if (!range || !axis.takes(range->first) || !axis.takes(range->second)) return;
  if (range->first < range->second) std::tie(axis.low, axis.high) = *range;
}

class PlotPainter {
 public:
  PlotPainter(Canvas& canvas, const Rect& area, const Plot& plot)
      : canvas_(canvas), area_(area), plot_(plot) {
    x_ = fitted_axis(plot, plot.log_x, 0, &PlotPoint::x);
    // Curves that begin near the origin show it: the loss after the first step, say.
    if (!plot.log_x && x_.low > 0 && x_.low < 0.2 * x_.high) x_.low = 0;
    y_ = fitted_axis(plot, plot.log_y, 0.05, &PlotPoint::y);
    show(x_, plot.x_range);
    show(y_, plot.y_range);
    lay_out();
  }

  void paint() {
    canvas_.text({area_.x, area_.y + title_size}, title(), title_size, Weight::bold, Ink::text);
    grid();
    canvas_.clipped({frame_.x, frame_.y - 2, frame_.width + 2, frame_.height + 4}, [this] {
      for (const PlotSeries& series : plot_.series) band(series);
    });
    marks();
    // Dots at the ends show whole, where the curve does not go on beyond them.
    const double rim = plot_.x_range || plot_.y_range ? 0.5 : 4;
    const Rect inside = {frame_.x - rim, frame_.y - rim, frame_.width + 2 * rim,
                         frame_.height + 2 * rim};
    canvas_.clipped(inside, [this] {
      for (const PlotSeries& series : plot_.series) curve(series);
    });
    end_labels();
  }

 private:
  std::string title() const {
    return canvas_.fitted(plot_.title, title_size, Weight::bold, area_.width);
  }

  void lay_out() {
    double right = 0;
    for (const PlotSeries& series : plot_.series) {
      right = std::max(right, canvas_.text_width(series.label, label_size, Weight::bold));
    }
    right = std::min(right, area_.width * 0.34);
    label_room_ = right;
    // The width of the value labels decides where the curves begin, their height what is labelled.
    const double below = x_ticks_height + (plot_.x_label.empty() ? 0 : x_label_height);
    const double height = std::max(area_.height - title_height - below, 20.0);
    y_ticks_ = y_.ticks(std::max(3, static_cast<int>(height / 24)));
    y_labels_ = printed_labels(y_ticks_);
    double left = 0;
    for (const std::string& label : y_labels_) {
      left = std::max(left, canvas_.text_width(label, tick_size));
    }
    frame_.x = area_.x + left + 8;
    frame_.width = std::max(area_.right() - right - label_gap - 2 - frame_.x, 20.0);
    x_.from = frame_.x;
    x_.to = frame_.right();
    x_ticks_ = x_.ticks(std::max(3, static_cast<int>(frame_.width / 36)));

    const double marks_height = static_cast<double>(place_marks()) * mark_row_height;
    frame_.y = area_.y + title_height + marks_height;
    frame_.height = std::max(height - marks_height, 20.0);
    y_.from = frame_.bottom();
    y_.to = frame_.y;
  }

  void grid() {
    for (std::size_t i = 0; i < y_ticks_.size(); ++i) {
      const double y = y_.at(y_ticks_[i]);
      canvas_.line({frame_.x, y}, {frame_.right(), y}, Ink::grid);
      canvas_.text({frame_.x - 8, y + tick_size * 0.36}, y_labels_[i], tick_size, Weight::regular,
                   Ink::secondary, Align::right);
    }
    const double base = frame_.bottom();
    canvas_.line({frame_.x, base}, {frame_.right(), base}, Ink::axis);
    double taken_to = -std::numeric_limits<double>::infinity();
    for (const double tick : x_ticks_) {
      const double x = x_.at(tick);
      canvas_.line({x, base}, {x, base + 4}, Ink::axis);
      const double half = canvas_.text_width(printed_label(tick), tick_size) / 2;
      if (x - half < taken_to + 4) continue;
      taken_to = x + half;
      canvas_.text({x, base + 6 + tick_size}, printed_label(tick), tick_size, Weight::regular,
                   Ink::secondary, Align::centre);
    }
    canvas_.text({(frame_.x + frame_.right()) / 2, base + x_ticks_height + 13}, plot_.x_label,
                 tick_size, Weight::regular, Ink::secondary, Align::centre);
  }

  bool drawable(const PlotPoint& point) const { return x_.takes(point.x) && y_.takes(point.y); }
  Point place(const PlotPoint& point) const { return {x_.at(point.x), y_.at(point.y)}; }

  void band(const PlotSeries& series) {
    std::vector<Point> upper, lower;
    const auto flush = [&] {
      upper.insert(upper.end(), lower.rbegin(), lower.rend());
      canvas_.polygon(upper, series.colour, 0.16);
      upper.clear();
      lower.clear();
    };
    for (const PlotPoint& point : series.points) {
      if (!drawable(point) || !y_.takes(point.low) || !y_.takes(point.high)) {
        flush();
        continue;
      }
      upper.push_back({x_.at(point.x), y_.at(point.high)});
      lower.push_back({x_.at(point.x), y_.at(point.low)});
    }
    flush();
  }

  void curve(const PlotSeries& series) {
    std::vector<Point> piece;
    for (const PlotPoint& point : series.points) {
      if (drawable(point)) {
        piece.push_back(place(point));
      } else {
        canvas_.polyline(piece, series.colour, curve_width, series.style);
        piece.clear();
      }
    }
    canvas_.polyline(piece, series.colour, curve_width, series.style);
    if (series.points.size() > most_dots) return;
    for (const PlotPoint& point : series.points) {
      if (drawable(point) && point.x >= x_.low && point.x <= x_.high)
        canvas_.disc(place(point), 2.4, series.colour);
    }
  }

  /// Thin lines where something happened.
  void marks() {
    for (const Mark& mark : marks_) {
      const double x = x_.at(mark.at);
      canvas_.line({x, frame_.y - 2}, {x, frame_.bottom()}, mark.colour, 0.9, LineStyle::dashed);
      if (mark.row >= most_mark_rows) continue;
      canvas_.text({mark.begin, mark_baseline(mark)}, mark.label, mark_size, Weight::regular,
                   text_colour(mark.colour));
    }
  }

  void end_labels() {
    std::vector<const PlotSeries*> owners;
    std::vector<Point> ends;
    std::vector<double> baselines;
    std::vector<std::vector<std::string>> labels;
    std::size_t lines = 1;
    for (const PlotSeries& series : plot_.series) {
      const auto last = std::find_if(
          series.points.rbegin(), series.points.rend(),
          [this](const PlotPoint& point) { return drawable(point) && point.x <= x_.high; });
      if (last == series.points.rend() || last->x < x_.low) continue;
      if (series.outlier && (last->y < y_.low || last->y > y_.high)) continue;  // out of sight
      owners.push_back(&series);
      ends.push_back(place(*last));
      ends.back().y = std::clamp(ends.back().y, frame_.y, frame_.bottom());
      baselines.push_back(ends.back().y);
      labels.push_back(canvas_.wrapped(series.label, label_size, Weight::bold,
                                       std::max(label_room_, 1.0) + 0.5, most_label_lines));
      lines = std::max(lines, labels.back().size());
    }
    spread(baselines, label_distance * static_cast<double>(lines), frame_.y, frame_.bottom());
    const double x = frame_.right() + label_gap;
    for (std::size_t i = 0; i < owners.size(); ++i) {
      const bool led = std::fabs(baselines[i] - ends[i].y) > 2 || ends[i].x < frame_.right() - 2;
      if (led) canvas_.line({ends[i].x + 3, ends[i].y}, {x - 2, baselines[i]}, Ink::axis, 0.8);
      const double above = static_cast<double>(labels[i].size() - 1) / 2;
      for (std::size_t line = 0; line < labels[i].size(); ++line) {
        const double shift = (static_cast<double>(line) - above) * label_line;
        canvas_.text({x, baselines[i] + shift + label_size * 0.36}, labels[i][line], label_size,
                     Weight::bold, text_colour(owners[i]->colour));
      }
    }
  }

  struct Mark {
    double at = 0;
    std::string label;
    std::uint32_t colour = 0;
    double begin = 0;     ///< of the label on the page
    std::size_t row = 0;  ///< 0: nearest to the curves
  };

  double mark_baseline(const Mark& mark) const {
    return frame_.y - 5 - static_cast<double>(mark.row) * mark_row_height;
  }

  /// Labels of marks stand in rows above the curves, each in the first row where it fits. Runs that
  /// share a mark share its label. Returns the rows taken.
  std::size_t place_marks() {
    std::map<std::pair<double, std::string>, std::vector<std::uint32_t>> shared;
    for (const PlotSeries& series : plot_.series) {
      for (const PlotMark& mark : series.marks) {
        if (x_.takes(mark.x) && mark.x >= x_.low && mark.x <= x_.high) {
          shared[{mark.x, mark.label}].push_back(series.colour);
        }
      }
    }
    std::vector<double> row_end;
    for (const auto& [key, colours] : shared) {
      Mark mark{key.first, key.second, colours.size() == 1 ? colours[0] : Ink::secondary};
      const double width = canvas_.text_width(mark.label, mark_size);
      mark.begin = std::min(x_.at(mark.at) - 3, area_.right() - width);
      while (mark.row < row_end.size() && row_end[mark.row] + 8 > mark.begin) ++mark.row;
      if (mark.row == row_end.size()) row_end.push_back(0);
      row_end[mark.row] = mark.begin + width;
      marks_.push_back(mark);
    }
    return std::min(row_end.size(), most_mark_rows);
  }

  Canvas& canvas_;
  Rect area_;
  const Plot& plot_;
  Rect frame_;
  std::vector<Mark> marks_;
  Axis x_, y_;
  std::vector<double> x_ticks_, y_ticks_;
  std::vector<std::string> y_labels_;
  double label_room_ = 0;  ///< width for the labels at the curves' ends
};

constexpr double page_margin = 16;

PagePainter whole_page(const Plot& plot, double width, double height) {
  return [&plot, width, height](Canvas& canvas) {
    draw_plot(canvas, {page_margin, page_margin, width - 2 * page_margin, height - 2 * page_margin},
              plot);
  };
}

}  // namespace

void draw_plot(Canvas& canvas, const Rect& area, const Plot& plot) {
  PlotPainter(canvas, area, plot).paint();
}

bool figures_available() {
  return true;
}

void write_plot_png(const std::filesystem::path& path, const Plot& plot, double width,
                    double height, double scale) {
  write_page_png(path, width, height, scale, whole_page(plot, width, height));
}

void write_plot_svg(const std::filesystem::path& path, const Plot& plot, double width,
                    double height) {
  write_page_svg(path, width, height, whole_page(plot, width, height));
}

#else

bool figures_available() {
  return false;
}

namespace {
[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw UsageError("cannot draw '" + path.string() +
                   "': this build has no Cairo; install libcairo2-dev and build again");
}
}  // namespace

void write_plot_png(const std::filesystem::path& path, const Plot&, double, double, double) {
  refuse(path);
}
void write_plot_svg(const std::filesystem::path& path, const Plot&, double, double) {
  refuse(path);
}

#endif

}  // namespace fieldscope
