// Curves as a picture for papers: light ground, labels at the curves' ends. One drawing routine for
// PNG and SVG. Plain data in, files out; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fieldscope {

/// 0xRRGGBB of the runs, in order (Okabe & Ito): told apart with any colour vision.
inline constexpr std::array<std::uint32_t, 8> run_colours = {
    0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0xF0E442, 0x999999};

/// Colour is never the only sign: each run's line has a style of its own as well.
enum class LineStyle { solid, dashed, dotted, dash_dot };
inline constexpr LineStyle run_line_style(std::size_t index) {
  return static_cast<LineStyle>(index % 4);
}

struct PlotPoint {
  double x = 0;
  double y = 0;
  /// A band around the line (least and greatest); not drawn where NaN.
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

/// Something that happened: a thin vertical mark with a short label.
struct PlotMark {
  double x = 0;
  std::string label = {};
};

struct PlotSeries {
  std::string label = {};  ///< written at the curve's end
  std::uint32_t colour = 0;
  LineStyle style = LineStyle::solid;
  std::vector<PlotPoint> points =
      {};  ///< in order of x; the line breaks at values that are not finite
  std::vector<PlotMark> marks = {};
  bool outlier = false;  ///< drawn where it lies within the axes, which the others decide
};

struct Plot {
  std::string title = {};    ///< what is plotted and its unit
  std::string x_label = {};  ///< written below the axis
  bool log_x = false;        ///< values that are not positive are left out
  bool log_y = false;
  /// The part to show, least and greatest; fitted to the data where absent.
  std::optional<std::pair<double, double>> x_range = {}, y_range = {};
  std::vector<PlotSeries> series = {};
};

/// False in a build without Cairo; then the functions below and those of figure.h throw UsageError.
bool figures_available();

/// Size in points; the PNG has `scale` pixels a point. Throws DataError naming the file.
void write_plot_png(const std::filesystem::path& path, const Plot& plot, double width = 640,
                    double height = 360, double scale = 2);
void write_plot_svg(const std::filesystem::path& path, const Plot& plot, double width = 640,
                    double height = 360);

}  // namespace fieldscope
