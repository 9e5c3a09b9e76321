#include "app/gui/exports.h"

#include <algorithm>
#include <ctime>

#include "app/gl/framebuffer.h"
#include "engine/export/atomic_file.h"
#include "engine/export/figure.h"
#include "engine/export/metrics_csv.h"
#include "engine/export/png.h"
#include "engine/export/summary.h"
#include "engine/math/error.h"

namespace fieldscope::gui {
namespace {

// What the background work needs of a run: copies and shared immutable data, no pointer into the
// workspace.
struct RunCopy {
  std::string label;
  std::uint32_t colour = 0;
  fieldscope::LineStyle style = fieldscope::LineStyle::solid;
  Snapshot snapshot;
};

std::vector<RunCopy> copy_runs(Workspace& work) {
  std::vector<RunCopy> copies;
  for (const auto& run : work.runs())
    copies.push_back({run->label, run_colour_rgb(run->colour),
                      fieldscope::run_line_style(static_cast<std::size_t>(run->colour)),
                      *run->snapshot});
  return copies;
}

std::string file_stem(const std::string& text) {
  std::string stem;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain)
      stem += c;
    else if (!stem.empty() && stem.back() != '-')
      stem += '-';
  }
  while (!stem.empty() && stem.back() == '-') stem.pop_back();
  return stem.empty() ? "picture" : stem;
}

fieldscope::Plot make_plot(const std::vector<RunCopy>& runs, Metric metric, XAxis axis, bool log_x,
                           bool log_y) {
  fieldscope::Plot plot;
  plot.title = metric == Metric::quality ? "PSNR of the whole picture, dB"
               : metric == Metric::loss  ? "Mean squared error of the batches"
                                         : "Training time of a step, ms";
  plot.x_label = x_axis_name(axis);
  plot.log_x = log_x;
  plot.log_y = log_y;
  for (const auto& run : runs) {
    RunView view;
    view.snapshot = &run.snapshot;
    const RunView::Curve& curve = view.curve(metric, axis);
    fieldscope::PlotSeries series;
    series.label = run.label;
    series.colour = run.colour;
    series.style = run.style;
    for (const auto& p : curve.points) {
      fieldscope::PlotPoint point{p.x, p.y};
      if (p.high > p.low) point.low = p.low, point.high = p.high;
      series.points.push_back(point);
    }
    for (const auto& mark : curve.marks) series.marks.push_back({mark.x, mark.label});
    plot.series.push_back(std::move(series));
  }
  return plot;
}

// Column `run` of the table: labels are unique within the window.
std::vector<MetricsRun> metrics_of(const std::vector<RunCopy>& runs) {
  std::vector<MetricsRun> rows;
  for (const auto& run : runs)
    rows.push_back(
        {run.label, run.snapshot.initial, run.snapshot.edits, run.snapshot.history.get()});
  return rows;
}

}  // namespace

std::filesystem::path Exports::name(const std::string& what, const std::string& ending) const {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &local);
  const std::string stem = file_stem(std::filesystem::path(work_.dataset().name).stem().string()) +
                           "-" + what + "-" + stamp;
  auto path = export_folder() / (stem + ending);
  std::error_code error;
  for (int i = 2; std::filesystem::exists(path, error); ++i)
    path = export_folder() / (stem + "-" + std::to_string(i) + ending);
  return path;
}

void Exports::window_later() {
  window_in_ = 2;
  window_.request_frame(3);
}

void Exports::finish_frame() {
  if (window_in_ > 0 && --window_in_ == 0) {
    window_.capture_next([this](std::vector<std::uint8_t> pixels, int width, int height) {
      const auto path = name("window", ".png");
      work_.in_background("Screenshot saved", [path, pixels = std::move(pixels), width, height] {
        std::filesystem::create_directories(path.parent_path());
        write_png(path, width, height, 3, pixels.data());
        return path;
      });
    });
  }
  if (!tile_) return;
  const RunId id = *tile_;
  tile_.reset();
  const RunView* run = work_.find(id);
  const bool truth = !run || run->texture.display.empty();
  ImageRenderer::Job job;
  job.picture = truth ? &work_.truth : &run->texture;
  if (!truth) {
    const ViewMode view = work_.view_of(*run);
    const RunView* other = work_.reference_of(*run);
    job.reference = view == ViewMode::versus_run && other ? &other->texture : &work_.truth;
    job.mode = view == ViewMode::reconstruction   ? ImageMode::picture
               : view == ViewMode::absolute_error ? ImageMode::magnitude
                                                  : ImageMode::signed_difference;
    job.limit = work_.error_limit_in_force();
    job.map = work_.colour_map;
  }
  try {
    const int width = job.picture->display.width(), height = job.picture->display.height();
    gl::Framebuffer target(width, height);
    target.bind();
    images_.draw_whole(job);
    auto pixels = target.read_rgb();
    target.unbind();
    const auto path = name(truth ? "ground-truth" : file_stem(run->label), ".png");
    work_.in_background("Tile saved at its native size",
                        [path, pixels = std::move(pixels), width, height] {
                          std::filesystem::create_directories(path.parent_path());
                          write_png(path, width, height, 3, pixels.data());
                          return path;
                        });
  } catch (const std::exception& problem) {
    work_.trouble("Tile not saved", problem.what());
  }
}

void Exports::figure() {
  const auto path = name("figure", ".png");
  work_.in_background("Figure saved", [path, runs = copy_runs(work_),
                                       data = work_.dataset_pointer(), axis = work_.x_axis,
                                       log_x = work_.log_x] {
    FigureInput input;
    input.title = data->name;
    input.subtitle =
        std::to_string(data->image.width) + " × " + std::to_string(data->image.height) + " pixels";
    input.ground_truth = data->image;
    for (const auto& run : runs) {
      FigureRun one;
      one.label = run.label;
      one.colour = run.colour;
      one.style = run.style;
      if (run.snapshot.picture) one.picture = *run.snapshot.picture;
      if (run.snapshot.quality) one.psnr = run.snapshot.quality->psnr;
      input.runs.push_back(std::move(one));
    }
    input.plots.push_back(make_plot(runs, Metric::quality, axis, log_x, false));
    input.plots.push_back(make_plot(runs, Metric::loss, axis, log_x, true));
    std::filesystem::create_directories(path.parent_path());
    write_figure_png(path, input);
    return path;
  });
}

void Exports::chart(bool svg) {
  const Metric metric = work_.metric;
  const std::string what = metric == Metric::quality ? "quality"
                           : metric == Metric::loss  ? "loss"
                                                     : "cost";
  const auto path = name(what, svg ? ".svg" : ".png");
  const auto plot = make_plot(copy_runs(work_), metric, work_.x_axis, work_.log_x,
                              work_.log_y[static_cast<std::size_t>(metric)]);
  work_.in_background("Chart saved", [path, plot, svg] {
    std::filesystem::create_directories(path.parent_path());
    if (svg)
      write_plot_svg(path, plot);
    else
      write_plot_png(path, plot);
    return path;
  });
}

void Exports::metrics() {
  const auto path = name("metrics", ".csv");
  work_.in_background("Metrics saved", [path, runs = copy_runs(work_)] {
    std::filesystem::create_directories(path.parent_path());
    write_file(path, metrics_csv(metrics_of(runs)));
    return path;
  });
}

void Exports::summary() {
  const auto path = name("summary", ".json");
  SummaryHeader header;
  const ImageDataset& data = work_.dataset();
  header.command = "window";
  header.version = FIELDSCOPE_VERSION;
  header.data = data.path.empty() ? data.name : data.path.string();
  header.width = data.image.width;
  header.height = data.image.height;
  header.original_width = data.original_width;
  header.original_height = data.original_height;
  header.device = "cpu";
  header.threads = work_.threads();
  work_.in_background("Summary saved", [path, header, runs = copy_runs(work_)] {
    std::vector<SummaryRun> rows;
    for (const auto& run : runs) {
      SummaryRun row;
      const Snapshot& s = run.snapshot;
      row.run = row.label = run.label;
      row.status = status_name(s.status);
      row.message = s.message;
      row.initial = s.initial;
      row.edits = s.edits;
      row.progress = s.progress;
      row.samples_per_second = s.samples_per_second;
      row.parameters = s.parameters;
      row.peak_memory_bytes = s.memory_bytes;
      row.history = s.history.get();
      rows.push_back(std::move(row));
    }
    std::filesystem::create_directories(path.parent_path());
    write_file(path, summary_json(header, rows));
    return path;
  });
}

}  // namespace fieldscope::gui
