// What the figures draw with: a thin layer over Cairo that knows the project's type and colours.
// Internal to engine/export; exists only in builds with Cairo. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <cairo.h>

#include "engine/data/image.h"
#include "engine/export/plot.h"

namespace fieldscope {

struct Rect {
  double x = 0, y = 0, width = 0, height = 0;
  double right() const { return x + width; }
  double bottom() const { return y + height; }
};

struct Point {
  double x = 0, y = 0;
};

/// Colours of the light ground.
struct Ink {
  static constexpr std::uint32_t paper = 0xFFFFFF;
  static constexpr std::uint32_t text = 0x1A1D21;
  static constexpr std::uint32_t secondary = 0x5C6570;
  static constexpr std::uint32_t axis = 0xAEB6BF;
  static constexpr std::uint32_t grid = 0xE7EAEE;
};

/// `colour` darkened until text in it stands out from paper by at least 4.5 to 1.
std::uint32_t text_colour(std::uint32_t colour);

enum class Weight { regular, bold };
enum class Align { left, centre, right };

class Canvas {
 public:
  explicit Canvas(cairo_t* context);

  double text_width(const std::string& text, double size, Weight weight = Weight::regular) const;
  /// `text` shortened with an ellipsis to at most `width`.
  std::string fitted(const std::string& text, double size, Weight weight, double width) const;
  /// The text in lines of at most that width, broken at spaces; at most `most` lines, each fitted.
  std::vector<std::string> wrapped(const std::string& text, double size, Weight weight,
                                   double width, std::size_t most) const;
  /// `at` is on the baseline. Bytes that are not UTF-8 show as '?'.
  void text(Point at, const std::string& text, double size, Weight weight, std::uint32_t colour,
            Align align = Align::left);

  void fill(const Rect& rect, std::uint32_t colour);
  void stroke(const Rect& rect, std::uint32_t colour, double width = 1);
  void line(Point from, Point to, std::uint32_t colour, double width = 1,
            LineStyle style = LineStyle::solid);
  void polyline(const std::vector<Point>& points, std::uint32_t colour, double width,
                LineStyle style);
  void polygon(const std::vector<Point>& points, std::uint32_t colour, double opacity);
  void disc(Point centre, double radius, std::uint32_t colour);
  /// Stretched over `rect`; small pictures keep their pixels sharp, large ones are averaged.
  void image(const Rect& rect, const Image& image);

  /// Drawing inside `body` shows only within `rect`.
  void clipped(const Rect& rect, const std::function<void()>& body);

 private:
  void set_colour(std::uint32_t colour, double opacity = 1);
  void set_font(double size, Weight weight) const;
  void set_line(double width, LineStyle style);

  cairo_t* context_;
};

/// Draws a page of this size in points to a PNG file of `scale` pixels a point, or to an SVG file.
/// Throws DataError naming the file.
using PagePainter = std::function<void(Canvas&)>;
void write_page_png(const std::filesystem::path& path, double width, double height, double scale,
                    const PagePainter& paint);
void write_page_svg(const std::filesystem::path& path, double width, double height,
                    const PagePainter& paint);
/// Gives `measure` a canvas that draws nowhere, to measure text with.
void with_measuring_canvas(const PagePainter& measure);

/// Draws a plot into `area`.
void draw_plot(Canvas& canvas, const Rect& area, const Plot& plot);

}  // namespace fieldscope
