// The views of curvature that are curves: over training, and the density of the spectrum.
#include <algorithm>
#include <cmath>
#include <limits>

#include "app/gui/format.h"
#include "app/gui/panels/curvature.h"

namespace fieldscope::gui {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const std::vector<CurvaturePoint>& history_of(const RunView& run) {
  static const std::vector<CurvaturePoint> none;
  return run.snapshot->history ? run.snapshot->history->curvature : none;
}

// ---- over training ----

std::vector<PlotPoint> points_of(const RunView& run, XAxis axis, bool kappa, std::size_t which) {
  std::vector<PlotPoint> points;
  for (const CurvaturePoint& p : history_of(run)) {
    const double y = kappa ? (p.exact ? p.kappa[which] : nan) : p.spread[which];
    if (std::isfinite(y)) points.push_back({on_axis(p.at, axis), y, y, y});
  }
  return points;
}

// "rank 412 of 517" of a singular matrix; else nothing.
std::string rank_text(const RunView& run) {
  const auto& history = history_of(run);
  if (history.empty() || !history.back().exact || !(history.back().rank < 1)) return "";
  const auto size = static_cast<double>(run.snapshot->parameters);
  return "rank " + format_integer(static_cast<std::uint64_t>(history.back().rank * size + 0.5)) +
         " of " + format_integer(run.snapshot->parameters);
}

bool has_training(Workspace& work) {
  return std::any_of(work.runs().begin(), work.runs().end(),
                     [](const auto& run) { return !history_of(*run).empty(); });
}

std::string how_known(const CurvatureReport& report) {
  if (report.exact) return "all " + format_integer(report.parameters) + " eigenvalues";
  return std::to_string(report.settings.probes) +
         (report.settings.probes == 1 ? " probe of " : " probes of ") +
         std::to_string(report.settings.steps) + " Lanczos steps";
}

CurvatureWords training_words(Workspace& work) {
  CurvatureWords words;
  const bool any = std::any_of(work.runs().begin(), work.runs().end(), [&](const auto& run) {
    return !points_of(*run, work.x_axis, shows_kappa(work), work.curvature.conditioned).empty();
  });
  const std::string name = conditioned_name(work.curvature.conditioned);
  words.sentence = "The steepest curvature against the " +
                   std::string(shows_kappa(work) ? "flattest" : "usual one") +
                   ": the lower, the easier to descend. Solid: raw; " +
                   (any ? "dotted: " + name + "." : name + " was not to be had.");
  if (const RunView* run = run_with_report(work))
    words.settings = study_text(*run->snapshot, how_known(*run->snapshot->curvature));
  return words;
}

PlotSpec training_spec(Workspace& work) {
  PlotSpec spec;
  const bool kappa = shows_kappa(work);
  spec.x_name = x_axis_name(work.x_axis);
  spec.y_name = kappa ? "condition number κ (exact)" : "spread |λ|max / rms |λ| (estimate)";
  spec.log_x = work.log_x;
  spec.log_y = work.log_y[static_cast<std::size_t>(Metric::curvature)];
  spec.higher_is_better = false;
  spec.reaches = false;
  spec.format_y = [](double v) { return format_large(v); };
  spec.format_x = [axis = work.x_axis](double v) {
    return axis == XAxis::seconds
               ? format_duration(v)
               : std::string(x_axis_name(axis)) + " " + format_significant(std::max(0.0, v), 4);
  };
  spec.empty_text = "Waiting for the first diagnosis";
  return spec;
}

void draw_training(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const bool kappa = shows_kappa(work);
  const std::size_t with = work.curvature.conditioned;
  std::vector<PlotSeries> series;
  std::vector<std::vector<PlotPoint>> points;
  points.reserve(2 * work.runs().size());
  const float line = font_pixels(ui.fonts.small) + ui.px(3);
  const bool labels_fit =
      2 * line * static_cast<float>(work.runs().size()) < where.height() - ui.px(48);
  for (const auto& run : work.runs()) {
    for (const std::size_t which : {std::size_t{0}, with}) {
      points.push_back(points_of(*run, work.x_axis, kappa, which));
      PlotSeries one = curvature_series(work, *run);
      one.points = points.back();
      if (which == 0) {
        one.marks = run->curve(Metric::curvature, work.x_axis).marks;
        one.note = kappa ? rank_text(*run) : "";
        if (!one.note.empty() && !points.back().empty()) one.end_text = one.note;
      } else {
        if (points.back().empty()) continue;
        one.label = run->short_name + ", " + conditioned_name(which);
        one.style = LineStyle::dotted;
        one.end_label = labels_fit;
      }
      series.push_back(std::move(one));
    }
  }
  Plot& plot = work.plots[static_cast<std::size_t>(Metric::curvature)];
  const PlotSpec spec = training_spec(work);
  if (draw_view_plot(context, where, plot, spec, series, "curvature",
                     work.log_y[static_cast<std::size_t>(Metric::curvature)]) ==
      Plot::Request::toggle_log_x)
    work.log_x = !work.log_x;
}

// ---- the spectrum ----

bool has_report(Workspace& work) {
  return run_with_report(work) != nullptr;
}

CurvatureWords spectrum_words(Workspace& work) {
  CurvatureWords words;
  words.sentence =
      "How many directions bend how much: most are flat, a few are steep, and below 0 the loss "
      "falls away.";
  if (const RunView* run = run_with_report(work)) {
    const CurvatureReport& report = *run->snapshot->curvature;
    words.settings =
        study_text(*run->snapshot, std::to_string(report.settings.probes) + " probes of " +
                                       std::to_string(report.settings.steps) + " Lanczos steps");
  }
  return words;
}

struct Spectrum {
  std::vector<double> rug;
  std::vector<PlotPoint> points;
  std::vector<PlotMark> marks;
};

// With λ as multiples of `unit`.
Spectrum spectrum_of(const CurvatureReport& report, bool logarithmic, double unit) {
  Spectrum out;
  const SpectralDensity& density = report.density;
  double most = 0;
  for (const double value : density.density) most = std::max(most, value * unit);
  // Between the eigenvalues the smoothed density falls to nothing, which no logarithm shows.
  const double floor = logarithmic ? most * 1e-6 : 0;
  for (std::size_t i = 0; i < density.at.size(); ++i) {
    const double y = density.density[i] * unit, error = density.error[i] * unit;
    // The band is never quite nothing, so that it ends where the error does.
    const double low = std::max(y - error, floor);
    out.points.push_back(
        {density.at[i] / unit, std::max(y, floor), low, std::max(y + error, low * (1 + 1e-9))});
  }
  for (const double value : report.eigenvalues) out.rug.push_back(value / unit);
  const auto mark = [&](const EigenPair& pair) {
    out.marks.push_back({pair.value / unit, "λ = " + format_significant(pair.value) +
                                                ", known to ± " +
                                                format_significant(pair.residual, 2)});
  };
  for (const EigenPair& pair : report.largest) mark(pair);
  for (const EigenPair& pair : report.smallest)
    if (std::none_of(report.largest.begin(), report.largest.end(),
                     [&](const EigenPair& other) { return other.value == pair.value; }))
      mark(pair);
  return out;
}

void draw_spectrum(PanelContext& context, const Rect& where) {
  Workspace& work = context.work;
  PlotSpec spec;
  const bool relative = work.curvature.relative_spectrum;
  spec.x_name = relative ? "λ / |λ|max" : "eigenvalue λ";
  spec.y_name = "density of eigenvalues, ± standard error (estimate)";
  spec.log_y = work.curvature.log_spectrum;
  spec.reaches = false;
  spec.marks_on_hover = true;
  spec.format_x = [relative](double v) {
    return relative ? "λ = " + format_significant(v) + " |λ|max" : "λ = " + format_significant(v);
  };
  spec.format_y = [](double v) { return format_significant(v); };
  std::vector<Spectrum> spectra;
  std::vector<PlotSeries> series;
  spectra.reserve(work.runs().size());
  for (const auto& run : work.runs()) {
    const auto& report = run->snapshot->curvature;
    if (!report || report->density.at.empty()) continue;
    double unit = 1;
    if (relative && !report->conditioned.empty() && report->conditioned.front().largest > 0)
      unit = report->conditioned.front().largest;
    spectra.push_back(spectrum_of(*report, spec.log_y, unit));
    PlotSeries one = curvature_series(work, *run);
    one.style = run->style();
    one.points = spectra.back().points;
    one.marks = spectra.back().marks;
    one.rug = spectra.back().rug;
    if (!report->largest.empty())
      one.end_text = "λ up to " + format_large(report->largest.front().value);
    series.push_back(std::move(one));
  }
  Plot& plot = work.curvature.spectrum;
  if (draw_view_plot(context, where, plot, spec, series, "spectrum", work.curvature.log_spectrum) ==
      Plot::Request::toggle_log_y)
    plot.fit();
}

}  // namespace

bool shows_kappa(Workspace& work) {
  return std::all_of(work.runs().begin(), work.runs().end(), [](const auto& run) {
    return history_of(*run).empty() || history_of(*run).back().exact;
  });
}

const CurvatureView training_view = {has_training, training_words, draw_training};
const CurvatureView spectrum_view = {has_report, spectrum_words, draw_spectrum};

}  // namespace fieldscope::gui
