#include "engine/export/figure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/export/ticks.h"
#include "engine/math/colormap.h"
#include "engine/math/error.h"

#ifdef FIELDSCOPE_HAVE_CAIRO
#include "engine/export/canvas.h"
#endif

namespace fieldscope {

Image absolute_error(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels) {
    throw UsageError("cannot show the error between images of different shapes");
  }
  Image error{a.width, a.height, 1, std::vector<float>(a.count())};
  for (std::size_t i = 0; i < error.count(); ++i) {
    float sum = 0;
    for (int c = 0; c < a.channels; ++c) {
      sum += std::fabs(a.pixels[i * a.channels + c] - b.pixels[i * a.channels + c]);
    }
    error.pixels[i] = sum / static_cast<float>(a.channels);
  }
  return error;
}

Image false_colour(const Image& error, double scale) {
  Image image{error.width, error.height, 3, {}};
  image.pixels.reserve(error.count() * 3);
  for (const float value : error.pixels) {
    // What is not a number is as wrong as can be.
    const float share = std::isfinite(value) ? value / static_cast<float>(scale) : 1;
    const Rgb colour = colormap(Colormap::magma, share);
    image.pixels.insert(image.pixels.end(), colour.begin(), colour.end());
  }
  return image;
}

double error_scale(const std::vector<Image>& errors) {
  std::vector<float> values;
  for (const Image& error : errors) {
    for (const float value : error.pixels) {
      if (std::isfinite(value)) values.push_back(value);
    }
  }
  if (values.empty()) return 1;
  const auto place = static_cast<std::ptrdiff_t>(static_cast<double>(values.size() - 1) * 0.99);
  std::nth_element(values.begin(), values.begin() + place, values.end());
  const double high = values[static_cast<std::size_t>(place)];
  return high > 1e-6 ? round_up_scale(high) : 1e-6;
}

#ifdef FIELDSCOPE_HAVE_CAIRO

namespace {

constexpr double margin = 32, column_gap = 16, row_gap = 12, block_gap = 28;
constexpr double title_size = 20, subtitle_size = 12.5, label_size = 13, note_size = 11;
constexpr double header_height = 60, label_height = 26, label_line = 18, details_line = 16,
                 plot_height = 250, bar_height = 12;
constexpr double narrowest_column = 168, narrowest_content = 660, tallest = 1.3;
constexpr std::size_t runs_in_a_row = 4, most_name_lines = 3;
constexpr double name_line = 16;

/// "31.42 dB", "0.9912".
std::string score_text(TaskKind task, double score) {
  const TaskInfo& info = task_info(task);
  const std::string unit = info.unit.empty() ? "" : " " + std::string(info.unit);
  if (std::isinf(score)) return score > 0 ? "∞" + unit : "";
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", info.digits, std::fabs(score));
  return (score < 0 ? "−" : "") + std::string(text) + unit;
}

/// Whether there is anything to see in it.
bool visible(const Image& picture) {
  return std::any_of(picture.pixels.begin(), picture.pixels.end(),
                     [](float value) { return std::isfinite(value); });
}

/// Where everything goes. A block is a row of reconstructions with its row of errors; more than
/// four runs take two blocks.
struct Layout {
  std::size_t columns = 0;  ///< of runs; the ground truth's column comes before them
  std::size_t blocks = 0;
  double column = 0;  ///< width of a column
  double picture_width = 0, picture_height = 0;
  double content = 0, width = 0, height = 0;
  bool two_lines = false;  ///< what a run reached stands below its name, not beside it
  std::size_t name_lines = 1;
  double details = 0;  ///< height of the line of details

  double labels() const {
    return label_height + static_cast<double>(name_lines - 1) * name_line +
           (two_lines ? label_line : 0) + details;
  }
  double block_height() const { return labels() + 2 * picture_height + row_gap; }
  double blocks_top() const { return margin + header_height; }
  double plots_top() const {
    return blocks_top() + static_cast<double>(blocks) * (block_height() + block_gap);
  }
  /// Column 0 is the ground truth's.
  Rect picture(std::size_t block, std::size_t column_index, int row) const {
    return {margin + static_cast<double>(column_index) * (column + column_gap),
            blocks_top() + static_cast<double>(block) * (block_height() + block_gap) + labels() +
                row * (picture_height + row_gap),
            picture_width, picture_height};
  }
};

constexpr double sample = 21, sample_gap = 7, label_gap = 8, note_gap = 4;

/// Widths of a run's label: its name with the sample of its line, and what it reached.
struct LabelWidths {
  double name = 0, reached = 0;
};

LabelWidths label_widths(const Canvas& canvas, TaskKind task, const FigureRun& run) {
  LabelWidths widths;
  widths.name = sample + sample_gap + canvas.text_width(run.label, label_size, Weight::bold);
  if (!run.failure.empty()) {
    widths.reached = canvas.text_width(run.failure, label_size);
  } else if (!std::isnan(run.score)) {
    widths.reached = canvas.text_width(score_text(task, run.score), label_size, Weight::bold);
    if (!run.score_note.empty()) {
      widths.reached += note_gap + canvas.text_width(run.score_note, note_size);
    }
  }
  return widths;
}

std::vector<std::string> name_of(const Canvas& canvas, const FigureRun& run, const Layout& layout) {
  return canvas.wrapped(run.label, label_size, Weight::bold, layout.column - sample - sample_gap,
                        most_name_lines);
}

Layout lay_out(const FigureInput& input) {
  Layout layout;
  const std::size_t runs = input.runs.size();
  layout.blocks = std::max<std::size_t>((runs + runs_in_a_row - 1) / runs_in_a_row, 1);
  layout.columns = (runs + layout.blocks - 1) / layout.blocks;
  static constexpr double widest[] = {322, 322, 250, 215, 190};
  layout.column = widest[std::min<std::size_t>(layout.columns, 4)];
  const double aspect = static_cast<double>(input.ground_truth.height) / input.ground_truth.width;
  layout.picture_width = std::min(layout.column, layout.column * tallest / aspect);
  // Extreme strips keep a visible side, at the price of their proportions.
  layout.picture_width = std::max(layout.picture_width, 8.0);
  layout.picture_height = std::clamp(layout.picture_width * aspect, 8.0, layout.column * tallest);
  layout.column = std::max(layout.picture_width, narrowest_column);
  const auto columns = static_cast<double>(layout.columns + 1);
  for (const FigureRun& run : input.runs)
    if (!run.details.empty()) layout.details = details_line;
  with_measuring_canvas([&](const Canvas& canvas) {
    for (const FigureRun& run : input.runs) {
      const LabelWidths widths = label_widths(canvas, input.task, run);
      if (widths.name + label_gap + widths.reached > layout.column) layout.two_lines = true;
      // A long name must not be cut where it differs from the next one.
      layout.name_lines = std::max(layout.name_lines, name_of(canvas, run, layout).size());
    }
  });
  layout.content =
      std::max(columns * layout.column + (columns - 1) * column_gap, narrowest_content);
  layout.width = layout.content + 2 * margin;
  layout.height = layout.plots_top() + (input.plots.empty() ? -block_gap : plot_height) + margin;
  return layout;
}

class FigurePainter {
 public:
  FigurePainter(Canvas& canvas, const FigureInput& input, const Layout& layout)
      : canvas_(canvas), input_(input), layout_(layout) {
    for (const FigureRun& run : input.runs) {
      const bool compared = run.picture.count() > 0 && run.error.count() == 0;
      errors_.push_back(compared ? absolute_error(run.picture, input.ground_truth) : Image{});
    }
    std::vector<Image> sound;
    for (std::size_t i = 0; i < errors_.size(); ++i) {
      if (!input.runs[i].outlier) sound.push_back(errors_[i]);
    }
    scale_ = input.error_limit > 0 ? input.error_limit : error_scale(sound);
    for (const FigureRun& run : input.runs) {
      if (!run.failure.empty()) continue;
      if (!std::isnan(run.score))
        best_ = std::isnan(best_) ? run.score : std::max(best_, run.score);
    }
  }

  void paint() {
    header();
    ground_truth();
    for (std::size_t i = 0; i < input_.runs.size(); ++i) run(i);
    colour_bar();
    plots();
  }

 private:
  void header() {
    canvas_.text({margin, margin + title_size * 0.8},
                 canvas_.fitted(input_.title, title_size, Weight::bold, layout_.content),
                 title_size, Weight::bold, Ink::text);
    canvas_.text({margin, margin + title_size * 0.8 + 21},
                 canvas_.fitted(input_.subtitle, subtitle_size, Weight::regular, layout_.content),
                 subtitle_size, Weight::regular, Ink::secondary);
  }

  void ground_truth() {
    const Rect place = layout_.picture(0, 0, 0);
    canvas_.text({place.x, place.y - 9}, input_.ground_truth_label, label_size, Weight::bold,
                 Ink::text);
    canvas_.image(place, input_.ground_truth);
  }

  void run(std::size_t index) {
    const FigureRun& run = input_.runs[index];
    const std::size_t block = index / layout_.columns;
    const std::size_t column = index % layout_.columns + 1;
    const Rect place = layout_.picture(block, column, 0);
    label(run, place);
    if (visible(run.picture)) {
      canvas_.image(place, run.picture);
      canvas_.image(layout_.picture(block, column, 1),
                    run.error.count() > 0 ? run.error : false_colour(errors_[index], scale_));
    } else {
      canvas_.stroke(place, Ink::axis);
      canvas_.text({place.x + place.width / 2, place.y + place.height / 2},
                   run.picture.count() > 0 ? "not a number" : "no picture", note_size,
                   Weight::regular, Ink::secondary, Align::centre);
    }
  }

  /// A sample of the run's line, its name, and what it reached: at the right, or below.
  void label(const FigureRun& run, const Rect& place) {
    const double reached_baseline = place.y - 9 - layout_.details;
    const double baseline = reached_baseline - (layout_.two_lines ? label_line : 0);
    const std::vector<std::string> name = name_of(canvas_, run, layout_);
    const double begin = place.x + sample + sample_gap;
    for (std::size_t i = 0; i < name.size(); ++i) {
      const double y = baseline - static_cast<double>(name.size() - 1 - i) * name_line;
      if (i == 0) {
        canvas_.line({place.x, y - 4.5}, {place.x + sample, y - 4.5}, run.colour, 2, run.style);
      }
      canvas_.text({begin, y}, name[i], label_size, Weight::bold, text_colour(run.colour));
    }
    canvas_.text({place.x, place.y - 9},
                 canvas_.fitted(run.details, note_size, Weight::regular, layout_.column), note_size,
                 Weight::regular, Ink::secondary);
    if (!run.failure.empty()) {
      const double width = canvas_.text_width(run.failure, label_size, Weight::regular);
      canvas_.text({layout_.two_lines ? begin : place.x + layout_.column - width, reached_baseline},
                   run.failure, label_size, Weight::regular, Ink::secondary);
    }
    if (std::isnan(run.score) || !run.failure.empty()) return;
    const Weight weight = run.score >= best_ ? Weight::bold : Weight::regular;
    const std::string reached = score_text(input_.task, run.score);
    double x = layout_.two_lines ? begin : place.x + layout_.column;
    if (!layout_.two_lines) {
      x -= canvas_.text_width(reached, label_size, weight);
      if (!run.score_note.empty()) x -= note_gap + canvas_.text_width(run.score_note, note_size);
    }
    canvas_.text({x, reached_baseline}, reached, label_size, weight, Ink::text);
    x += canvas_.text_width(reached, label_size, weight) + note_gap;
    canvas_.text({x, reached_baseline}, run.score_note, note_size, Weight::regular, Ink::secondary);
  }

  /// Below the ground truth, beside the errors that it explains.
  void colour_bar() {
    const Rect cell = layout_.picture(0, 0, 1);
    const double width = std::min(layout_.column, std::max(cell.width, 140.0)) - 12;
    double y = cell.y;
    canvas_.text({cell.x, y + note_size * 0.8},
                 canvas_.fitted(input_.error_label, note_size, Weight::regular, layout_.column),
                 note_size, Weight::regular, Ink::secondary);
    y += 18;
    Image gradient{256, 1, 3, {}};
    for (int i = 0; i < 256; ++i) {
      const Rgb colour = colormap(Colormap::magma, static_cast<float>(i) / 255);
      gradient.pixels.insert(gradient.pixels.end(), colour.begin(), colour.end());
    }
    canvas_.image({cell.x, y, width, bar_height}, gradient);
    const auto end_label = [this] { return "≥ " + tick_label(scale_); };
    std::vector<double> ticks = linear_ticks(0, scale_, 5);
    // The end of the bar is the end of the scale, whatever the ticks' steps; what stands too near
    // gives way.
    const double end_begins = width - canvas_.text_width(end_label(), note_size) / 2 - 6;
    while (ticks.size() > 1 && ticks.back() / scale_ * width +
                                       canvas_.text_width(tick_label(ticks.back()), note_size) / 2 >
                                   end_begins) {
      ticks.pop_back();
    }
    ticks.push_back(scale_);
    for (std::size_t i = 0; i < ticks.size(); ++i) {
      const double x = cell.x + ticks[i] / scale_ * width;
      canvas_.line({x, y + bar_height}, {x, y + bar_height + 4}, Ink::secondary);
      const bool last = i + 1 == ticks.size();
      const Align align = i == 0 ? Align::left : Align::centre;
      canvas_.text({x - (i == 0 ? 1 : 0), y + bar_height + 5 + note_size},
                   last ? end_label() : tick_label(ticks[i]), note_size, Weight::regular,
                   Ink::secondary, align);
    }
  }

  void plots() {
    const std::size_t count = input_.plots.size();
    if (count == 0) return;
    constexpr double gap = 32;
    const auto n = static_cast<double>(count);
    const double width = (layout_.content - gap * (n - 1)) / n;
    for (std::size_t i = 0; i < count; ++i) {
      const double x = margin + static_cast<double>(i) * (width + gap);
      draw_plot(canvas_, {x, layout_.plots_top(), width, plot_height}, input_.plots[i]);
    }
  }

  Canvas& canvas_;
  const FigureInput& input_;
  const Layout& layout_;
  std::vector<Image> errors_;
  double scale_ = 1;
  double best_ = std::numeric_limits<double>::quiet_NaN();
};

Layout checked_layout(const FigureInput& input) {
  if (input.ground_truth.count() == 0) throw UsageError("a figure needs a ground truth to show");
  return lay_out(input);
}

PagePainter whole_page(const FigureInput& input, const Layout& layout) {
  return [&](Canvas& canvas) { FigurePainter(canvas, input, layout).paint(); };
}

}  // namespace

void write_figure_png(const std::filesystem::path& path, const FigureInput& input, double scale) {
  const Layout layout = checked_layout(input);
  write_page_png(path, layout.width, layout.height, scale, whole_page(input, layout));
}

void write_figure_svg(const std::filesystem::path& path, const FigureInput& input) {
  const Layout layout = checked_layout(input);
  write_page_svg(path, layout.width, layout.height, whole_page(input, layout));
}

#else

namespace {
[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw UsageError("cannot draw '" + path.string() +
                   "': this build has no Cairo; install libcairo2-dev and build again");
}
}  // namespace

void write_figure_png(const std::filesystem::path& path, const FigureInput&, double) {
  refuse(path);
}
void write_figure_svg(const std::filesystem::path& path, const FigureInput&) {
  refuse(path);
}

#endif

}  // namespace fieldscope
