#ifdef FIELDSCOPE_HAVE_CAIRO

#include "engine/export/canvas.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include <cairo-svg.h>

#include "engine/export/atomic_file.h"
#include "engine/export/png.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr const char* font_family = "Inter";  // fontconfig takes its next best where it is missing

struct FreeSurface {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using Surface = std::unique_ptr<cairo_surface_t, FreeSurface>;
struct FreeContext {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using Context = std::unique_ptr<cairo_t, FreeContext>;

double channel(std::uint32_t colour, int index) {
  return ((colour >> (8 * (2 - index))) & 0xFF) / 255.0;
}

double luminance(std::uint32_t colour) {
  const auto linear = [](double v) {
    return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(channel(colour, 0)) + 0.7152 * linear(channel(colour, 1)) +
         0.0722 * linear(channel(colour, 2));
}

/// Length of the well-formed UTF-8 sequence at `text[i]`; 0 if there is none.
std::size_t sequence_length(const std::string& text, std::size_t i) {
  const auto byte = [&](std::size_t k) {
    return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u;
  };
  const unsigned first = byte(i);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xC0) != 0x80) return 0;
  }
  const unsigned second = byte(i + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second >= 0xA0) || (first == 0xF4 && second >= 0x90);
  return overlong || outside ? 0 : length;
}

/// Cairo stops drawing altogether after one malformed string.
std::string valid_utf8(const std::string& text) {
  std::string valid;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text, i);
    if (length == 0 || static_cast<unsigned char>(text[i]) < 0x20) {
      valid += '?';
      ++i;
    } else {
      valid.append(text, i, length);
      i += length;
    }
  }
  return valid;
}

unsigned byte_of(float value) {
  return static_cast<unsigned>(std::lround(std::fmin(std::fmax(value, 0.0f), 1.0f) * 255));
}

/// The image as a Cairo surface, every pixel repeated `repeat` times in both directions.
Surface surface_of(const Image& image, int repeat) {
  Surface surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width * repeat, image.height * repeat));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) {
    throw DataError("cannot draw a picture of " + std::to_string(image.width) + "x" +
                    std::to_string(image.height) + " pixels into a figure: it is too large");
  }
  unsigned char* data = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < image.height * repeat; ++y) {
    auto* row = reinterpret_cast<std::uint32_t*>(data + static_cast<std::ptrdiff_t>(y) * stride);
    for (int x = 0; x < image.width * repeat; ++x) {
      const float* pixel = image.at(x / repeat, y / repeat);
      const int last = image.channels >= 3 ? 1 : 0;
      row[x] = byte_of(pixel[0]) << 16 | byte_of(pixel[last]) << 8 | byte_of(pixel[2 * last]);
    }
  }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

void paint_page(cairo_surface_t* surface, double scale, double width, double height,
                const PagePainter& paint, const std::filesystem::path& path) {
  const Context context(cairo_create(surface));
  cairo_scale(context.get(), scale, scale);
  Canvas canvas(context.get());
  canvas.fill({0, 0, width, height}, Ink::paper);
  paint(canvas);
  const cairo_status_t status = cairo_status(context.get());
  if (status != CAIRO_STATUS_SUCCESS) {
    throw DataError("cannot write '" + path.string() + "': " + cairo_status_to_string(status));
  }
}

}  // namespace

std::uint32_t text_colour(std::uint32_t colour) {
  constexpr double wanted_contrast = 4.5;
  const double paper = luminance(Ink::paper) + 0.05;
  while (paper / (luminance(colour) + 0.05) < wanted_contrast) {
    std::uint32_t darker = 0;
    for (int i = 0; i < 3; ++i) {
      darker = darker << 8 | static_cast<std::uint32_t>(channel(colour, i) * 255 * 0.96);
    }
    colour = darker;
  }
  return colour;
}

Canvas::Canvas(cairo_t* context) : context_(context) {
  cairo_set_line_join(context_, CAIRO_LINE_JOIN_ROUND);
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options(context_, options);
  cairo_font_options_destroy(options);
}

void Canvas::set_colour(std::uint32_t colour, double opacity) {
  cairo_set_source_rgba(context_, channel(colour, 0), channel(colour, 1), channel(colour, 2),
                        opacity);
}

void Canvas::set_font(double size, Weight weight) const {
  cairo_select_font_face(
      context_, font_family, CAIRO_FONT_SLANT_NORMAL,
      weight == Weight::bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(context_, size);
}

void Canvas::set_line(double width, LineStyle style) {
  cairo_set_line_width(context_, width);
  const double unit = width;
  std::vector<double> dashes;
  switch (style) {
    case LineStyle::solid:
      break;
    case LineStyle::dashed:
      dashes = {4 * unit, 2.2 * unit};
      break;
    case LineStyle::dotted:
      dashes = {0.01, 2 * unit};
      break;
    case LineStyle::dash_dot:
      dashes = {5 * unit, 2 * unit, 0.01, 2 * unit};
      break;
  }
  const bool round = style == LineStyle::dotted || style == LineStyle::dash_dot;
  cairo_set_line_cap(context_, round ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
  cairo_set_dash(context_, dashes.data(), static_cast<int>(dashes.size()), 0);
}

double Canvas::text_width(const std::string& text, double size, Weight weight) const {
  set_font(size, weight);
  cairo_text_extents_t extents;
  cairo_text_extents(context_, valid_utf8(text).c_str(), &extents);
  return extents.x_advance;
}

std::string Canvas::fitted(const std::string& text, double size, Weight weight,
                           double width) const {
  std::string kept = valid_utf8(text);
  if (text_width(kept, size, weight) <= width) return kept;
  while (!kept.empty() && text_width(kept + "…", size, weight) > width) {
    do {
      kept.pop_back();  // whole sequences: continuation bytes first, then their head
    } while (!kept.empty() && (static_cast<unsigned char>(kept.back()) & 0xC0) == 0x80);
    if (!kept.empty() && static_cast<unsigned char>(kept.back()) >= 0xC0) kept.pop_back();
  }
  while (!kept.empty() && kept.back() == ' ') kept.pop_back();
  return kept + "…";
}

std::vector<std::string> Canvas::wrapped(const std::string& text, double size, Weight weight,
                                         double width, std::size_t most) const {
  std::vector<std::string> lines;
  std::string rest = valid_utf8(text);
  while (lines.size() + 1 < most && text_width(rest, size, weight) > width) {
    std::size_t end = rest.find(' ');
    if (end == std::string::npos) break;
    for (std::size_t next = end; next != std::string::npos; next = rest.find(' ', next + 1)) {
      if (text_width(rest.substr(0, next), size, weight) > width) break;
      end = next;
    }
    lines.push_back(fitted(rest.substr(0, end), size, weight, width));
    rest.erase(0, end + 1);
  }
  lines.push_back(fitted(rest, size, weight, width));
  return lines;
}

void Canvas::text(Point at, const std::string& text, double size, Weight weight,
                  std::uint32_t colour, Align align) {
  if (text.empty()) return;
  const double width = text_width(text, size, weight);
  const double shift = align == Align::left ? 0 : align == Align::centre ? width / 2 : width;
  set_colour(colour);
  cairo_move_to(context_, at.x - shift, at.y);
  cairo_show_text(context_, valid_utf8(text).c_str());
  cairo_new_path(context_);
}

void Canvas::fill(const Rect& rect, std::uint32_t colour) {
  set_colour(colour);
  cairo_rectangle(context_, rect.x, rect.y, rect.width, rect.height);
  cairo_fill(context_);
}

void Canvas::stroke(const Rect& rect, std::uint32_t colour, double width) {
  set_colour(colour);
  set_line(width, LineStyle::solid);
  cairo_rectangle(context_, rect.x, rect.y, rect.width, rect.height);
  cairo_stroke(context_);
}

void Canvas::line(Point from, Point to, std::uint32_t colour, double width, LineStyle style) {
  polyline({from, to}, colour, width, style);
}

void Canvas::polyline(const std::vector<Point>& points, std::uint32_t colour, double width,
                      LineStyle style) {
  if (points.size() < 2) return;
  set_colour(colour);
  set_line(width, style);
  for (const Point& point : points) cairo_line_to(context_, point.x, point.y);
  cairo_stroke(context_);
}

void Canvas::polygon(const std::vector<Point>& points, std::uint32_t colour, double opacity) {
  if (points.size() < 3) return;
  set_colour(colour, opacity);
  for (const Point& point : points) cairo_line_to(context_, point.x, point.y);
  cairo_close_path(context_);
  cairo_fill(context_);
}

void Canvas::disc(Point centre, double radius, std::uint32_t colour) {
  set_colour(colour);
  cairo_arc(context_, centre.x, centre.y, radius, 0, 2 * M_PI);
  cairo_fill(context_);
}

void Canvas::image(const Rect& rect, const Image& image) {
  if (image.count() == 0) return;
  double sx = 1, sy = 1;
  cairo_user_to_device_distance(context_, &sx, &sy);
  // Four pixels of the page to a pixel of a small picture keep its edges within a quarter.
  const double magnification = rect.width * std::fabs(sx) / image.width;
  const int repeat = magnification <= 1.01 ? 1 : static_cast<int>(std::ceil(magnification * 2));
  const Surface surface = surface_of(image, std::min(repeat, 64));
  const double width = cairo_image_surface_get_width(surface.get());
  const double height = cairo_image_surface_get_height(surface.get());
  cairo_save(context_);
  cairo_translate(context_, rect.x, rect.y);
  cairo_scale(context_, rect.width / width, rect.height / height);
  cairo_set_source_surface(context_, surface.get(), 0, 0);
  cairo_pattern_set_filter(cairo_get_source(context_), CAIRO_FILTER_GOOD);
  cairo_pattern_set_extend(cairo_get_source(context_), CAIRO_EXTEND_PAD);
  cairo_rectangle(context_, 0, 0, width, height);
  cairo_fill(context_);
  cairo_restore(context_);
}

void Canvas::clipped(const Rect& rect, const std::function<void()>& body) {
  cairo_save(context_);
  cairo_rectangle(context_, rect.x, rect.y, rect.width, rect.height);
  cairo_clip(context_);
  body();
  cairo_restore(context_);
}

void write_page_png(const std::filesystem::path& path, double width, double height, double scale,
                    const PagePainter& paint) {
  const int columns = static_cast<int>(std::ceil(width * scale));
  const int rows = static_cast<int>(std::ceil(height * scale));
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, columns, rows));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) {
    throw DataError("cannot write '" + path.string() + "': a figure of " + std::to_string(columns) +
                    "x" + std::to_string(rows) + " pixels is too large");
  }
  paint_page(surface.get(), scale, columns / scale, rows / scale, paint, path);
  cairo_surface_flush(surface.get());
  const unsigned char* data = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  std::vector<std::uint8_t> bytes;
  bytes.reserve(static_cast<std::size_t>(columns) * rows * 3);
  for (int y = 0; y < rows; ++y) {
    const auto* row =
        reinterpret_cast<const std::uint32_t*>(data + static_cast<std::ptrdiff_t>(y) * stride);
    for (int x = 0; x < columns; ++x) {
      for (const int shift : {16, 8, 0})
        bytes.push_back(static_cast<std::uint8_t>(row[x] >> shift));
    }
  }
  write_png(path, columns, rows, 3, bytes.data());
}

void write_page_svg(const std::filesystem::path& path, double width, double height,
                    const PagePainter& paint) {
  std::string bytes;
  const auto append = [](void* closure, const unsigned char* data, unsigned length) {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
  };
  const Surface surface(cairo_svg_surface_create_for_stream(append, &bytes, width, height));
  paint_page(surface.get(), 1, width, height, paint, path);
  cairo_surface_finish(surface.get());
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) {
    throw DataError("cannot write '" + path.string() +
                    "': " + cairo_status_to_string(cairo_surface_status(surface.get())));
  }
  write_file(path, bytes);
}

void with_measuring_canvas(const PagePainter& measure) {
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1));
  const Context context(cairo_create(surface.get()));
  Canvas canvas(context.get());
  measure(canvas);
}

}  // namespace fieldscope

#endif  // FIELDSCOPE_HAVE_CAIRO
