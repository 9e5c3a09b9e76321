// The labelled side-by-side figure: reconstructions, their errors in false colour, curves below.
// Made for papers: light ground, legible when printed at column width. One drawing routine for PNG
// and SVG. Plain data in, files out; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/data/image.h"
#include "engine/export/plot.h"

namespace fieldscope {

struct FigureRun {
  std::string label = {};  ///< "ESGD · sine"
  std::uint32_t colour = 0;
  LineStyle style = LineStyle::solid;
  Image picture = {};  ///< the reconstruction; without pixels if there is none
  /// Its error as it is to be shown; without pixels the difference from the ground truth is.
  Image error = {};
  double score = std::numeric_limits<double>::quiet_NaN();  ///< not written where NaN
  /// Written small after the score, such as "± 0.21"; may be empty.
  std::string score_note = {};
  std::string failure = {};  ///< "diverged at step 37": written instead of a score; may be empty
  bool outlier = false;      ///< its errors have no say in the colour scale
  std::string details = {};  ///< a small line below the label: step, knobs; may be empty
};

struct FigureInput {
  TaskKind task = TaskKind::image;  ///< says what the scores are
  std::string title = {};
  std::string subtitle = {};
  Image ground_truth = {};
  std::string ground_truth_label = "Ground truth";
  std::string error_label = "Absolute error, mean of channels";
  double error_limit = 0;            ///< end of the colour scale; 0: as the errors ask for
  std::vector<FigureRun> runs = {};  ///< any number; laid out for 1 to 8
  std::vector<Plot> plots = {};      ///< side by side below the pictures; usually quality and loss
};

/// Throws DataError naming the file, UsageError when there is nothing to draw.
void write_figure_png(const std::filesystem::path& path, const FigureInput& input,
                      double scale = 2);
void write_figure_svg(const std::filesystem::path& path, const FigureInput& input);

/// Mean over the channels of |a - b| at each pixel, one channel. Throws UsageError if the shapes
/// differ.
Image absolute_error(const Image& a, const Image& b);

/// An error map in colours, `scale` the end of the colour map (magma).
Image false_colour(const Image& error, double scale);

/// The end of the colour scale that suits these error maps: the value that 99% of all pixels stay
/// below, rounded up.
double error_scale(const std::vector<Image>& errors);

}  // namespace fieldscope
