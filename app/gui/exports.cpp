#include "app/gui/exports.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "app/gl/framebuffer.h"
#include "app/gui/format.h"
#include "engine/export/atomic_file.h"
#include "engine/export/figure.h"
#include "engine/export/metrics_csv.h"
#include "engine/export/png.h"
#include "engine/export/summary.h"
#include "engine/math/error.h"
#include "engine/optim/registry.h"

namespace fieldscope::gui {
namespace {

// What the background work needs of a run: copies and shared immutable data, no pointer into the
// workspace.
struct RunCopy {
  RunId id = 0;
  std::string label;
  std::uint32_t colour = 0;
  fieldscope::LineStyle style = fieldscope::LineStyle::solid;
  Snapshot snapshot;
};

std::vector<RunCopy> copy_runs(Workspace& work) {
  std::vector<RunCopy> copies;
  for (const auto& run : work.runs())
    copies.push_back({run->id, run->label, run_colour_rgb(run->colour),
                      fieldscope::run_line_style(static_cast<std::size_t>(run->colour)),
                      *run->snapshot});
  return copies;
}

}  // namespace

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

namespace {

const char* metric_word(Metric metric) {
  return metric == Metric::quality ? "quality" : metric == Metric::loss ? "loss" : "cost";
}

// As the window shows it: what make_plot needs beside the runs.
struct ChartLook {
  Metric metric = Metric::quality;
  XAxis axis = XAxis::epoch;
  bool log_x = false, log_y = false;
  double smoothing = 0;
  std::optional<std::pair<double, double>> x_range = {}, y_range = {};
};

fieldscope::Plot make_plot(const std::vector<RunCopy>& runs, const ChartLook& look) {
  fieldscope::Plot plot;
  const TaskKind task = runs.empty() ? TaskKind::image : runs.front().snapshot.config.task;
  const bool mesh = task == TaskKind::occupancy;
  plot.title = look.metric == Metric::quality
                   ? task == TaskKind::image ? "PSNR of the whole picture, dB"
                     : mesh                  ? "IoU on held-out points"
                            : held_out_psnr_name(runs.front().snapshot.views.size()) + ", dB"
               : look.metric == Metric::loss ? mesh ? "Binary cross entropy of the batches"
                                                    : "Mean squared error of the batches"
                                             : "Training time of a step, ms";
  plot.x_label = x_axis_name(look.axis);
  plot.log_x = look.log_x;
  plot.log_y = look.log_y;
  plot.x_range = look.x_range;
  plot.y_range = look.y_range;
  const double smoothing = look.metric == Metric::quality ? 0 : look.smoothing;
  for (const auto& run : runs) {
    RunView view;
    view.snapshot = &run.snapshot;
    const RunView::Curve& curve = view.curve(look.metric, look.axis);
    std::vector<PlotPoint> points;
    smooth_points(curve.points, curve.marks, smoothing, Axis(0.1, 1, look.log_y), points);
    fieldscope::PlotSeries series;
    series.label = run.label;
    // What it reached where the chart ends.
    if (const auto last = std::find_if(
            points.rbegin(), points.rend(),
            [&](const PlotPoint& p) { return !look.x_range || p.x <= look.x_range->second; });
        last != points.rend())
      series.label +=
          "  " + (look.metric == Metric::quality ? format_score(run.snapshot.config.task, last->y)
                                                 : format_significant(last->y));
    series.colour = run.colour;
    series.style = run.style;
    for (const auto& p : points) {
      fieldscope::PlotPoint point{p.x, p.y};
      if (p.high > p.low) point.low = p.low, point.high = p.high;
      series.points.push_back(point);
    }
    for (const auto& mark : curve.marks) series.marks.push_back({mark.x, mark.label});
    plot.series.push_back(std::move(series));
  }
  return plot;
}

// One row a point of the curve, with every x that it can be drawn over.
std::string curve_csv(const std::vector<RunCopy>& runs, Metric metric) {
  std::string table = "run,step,epoch,train_seconds,gradient_evaluations,";
  const TaskKind task = runs.empty() ? TaskKind::image : runs.front().snapshot.config.task;
  table += metric == Metric::quality ? std::string(task_info(task).metric_id) + "\n"
           : metric == Metric::loss  ? "loss,least,greatest\n"
                                     : "milliseconds\n";
  for (const auto& run : runs) {
    std::array<std::vector<PlotPoint>, x_axis_count> over;
    for (int i = 0; i < x_axis_count; ++i) {
      RunView view;
      view.snapshot = &run.snapshot;
      over[static_cast<std::size_t>(i)] = view.curve(metric, static_cast<XAxis>(i)).points;
    }
    for (std::size_t i = 0; i < over[0].size(); ++i) {
      table += csv_text(run.label);
      for (const auto& points : over) table += "," + csv_number(points[i].x);
      const PlotPoint& p = over[0][i];
      table += "," + csv_number(p.y);
      if (metric == Metric::loss) table += "," + csv_number(p.low) + "," + csv_number(p.high);
      table += "\n";
    }
  }
  return table;
}

// "step 1,280 · epoch 10 · lr 0.15 · batch 512"
std::string details_of(const Snapshot& snapshot) {
  const RunConfig& config = snapshot.config;
  std::string text = "step " + format_integer(snapshot.progress.step) + " · epoch " +
                     format_significant(snapshot.progress.epoch);
  const auto add = [&](const char* word, const KnobValues& values, std::span<const Knob> knobs,
                       const char* id) {
    const auto value = values.find(id);
    if (value == values.end()) return;
    text += std::string(" · ") + word + " " + format_knob(*find_knob(knobs, id), value->second);
  };
  add("lr", config.optimizer.knobs, find_optimizer(config.optimizer.id).knobs, "lr");
  add("batch", config.training, training_knobs(config.task), "batch");
  return text;
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
  const std::string stem = file_stem(std::filesystem::path(work_.dataset().name).stem().string()) +
                           "-" + what + "-" + format_now("%Y%m%d-%H%M%S");
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
  if (figure_) draw_for_figure();
  if (!tile_) return;
  save_tile(*tile_);
  tile_.reset();
}

void Exports::save_tile(RunId id) {
  const RunView* run = work_.find(id);
  if (work_.mesh()) {
    save_mesh_tile(run);
    return;
  }
  const bool scene = work_.scene() != nullptr;
  const PictureTextures& shown = !run ? work_.truth : scene ? run->scene.texture : run->texture;
  const bool truth = !run || shown.display.empty();
  ImageRenderer::Job job;
  job.picture = !truth ? &shown : scene ? &work_.scene_pictures.photo_texture : &work_.truth;
  if (!truth && !scene) {
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
  if (!work_.mesh()) {
    write_figure(nullptr);
    return;
  }
  figure_ = std::make_shared<MeshFigure>();
  figure_->limit = percent_of_box(work_.mesh_error_limit());
  figure_->to_draw.push_back(0);
  for (const auto& run : work_.runs()) figure_->to_draw.push_back(run->id);
  window_.request_frame();
}

// A held-out view that all runs have measured: the one that is looked at, else the first.
std::size_t Exports::view_for_figure() const {
  const auto& through = work_.scenes.through;
  std::optional<std::size_t> first;
  for (const auto& run : work_.runs())
    for (const ViewQuality& seen : run->snapshot->views) {
      if (through && through->held_out && through->index == seen.view) return seen.view;
      if (!first) first = seen.view;
    }
  return first.value_or(0);
}

void Exports::write_figure(const std::shared_ptr<const MeshFigure>& meshes) {
  const auto path = name("figure", ".png");
  work_.in_background(
      "Figure saved",
      [path, runs = copy_runs(work_), data = work_.dataset_pointer(), axis = work_.x_axis,
       log_x = work_.log_x, smoothing = work_.settings.smoothing, meshes, view = view_for_figure(),
       background = work_.scene_pictures.background] {
        FigureInput input;
        input.title = data->name;
        input.subtitle = data->extent() + " · " + format_now("%Y-%m-%d %H:%M");
        input.task = data->task();
        if (const auto* image = dynamic_cast<const ImageDataset*>(data.get()))
          input.ground_truth = image->image;
        if (meshes) {
          input.ground_truth = meshes->truth;
          input.error_label = "Distance to the true surface, % of the box";
          input.error_limit = meshes->limit;
        }
        const auto* scene = dynamic_cast<const PosedViews*>(data.get());
        if (scene) {
          input.ground_truth = scene->held_out[view].picture(background);
          input.ground_truth_label = scene->held_out[view].name;
        }
        for (const auto& run : runs) {
          FigureRun one;
          one.label = run.label;
          one.colour = run.colour;
          one.style = run.style;
          if (run.snapshot.picture) one.picture = *run.snapshot.picture;
          if (scene) one.picture = picture_of_view(run.snapshot, *scene, view);
          if (meshes)
            if (const auto drawn = meshes->runs.find(run.id); drawn != meshes->runs.end())
              std::tie(one.picture, one.error) = drawn->second;
          if (run.snapshot.quality) one.score = run.snapshot.quality->score();
          one.details = details_of(run.snapshot);
          input.runs.push_back(std::move(one));
        }
        input.plots.push_back(make_plot(runs, {Metric::quality, axis, log_x, false}));
        input.plots.push_back(make_plot(runs, {Metric::loss, axis, log_x, true, smoothing}));
        std::filesystem::create_directories(path.parent_path());
        write_figure_png(path, input);
        return path;
      });
}

void Exports::chart(bool svg) {
  const auto at = static_cast<std::size_t>(work_.metric);
  const Plot& shown = work_.plots[at];
  ChartLook look{work_.metric, work_.x_axis, work_.log_x, work_.log_y[at],
                 work_.settings.smoothing};
  look.x_range.emplace(shown.x_axis().low(), shown.x_axis().high());
  look.y_range.emplace(shown.y_axis().low(), shown.y_axis().high());
  chart(metric_word(work_.metric), make_plot(copy_runs(work_), look), svg);
}

void Exports::chart(const std::string& what, const fieldscope::Plot& plot, bool svg) {
  const auto path = name(what, svg ? ".svg" : ".png");
  work_.in_background("Chart saved", [path, plot, svg] {
    std::filesystem::create_directories(path.parent_path());
    if (svg)
      write_plot_svg(path, plot);
    else
      write_plot_png(path, plot);
    return path;
  });
}

void Exports::curve() {
  const auto path = name(metric_word(work_.metric), ".csv");
  work_.in_background("Curve saved", [path, metric = work_.metric, runs = copy_runs(work_)] {
    std::filesystem::create_directories(path.parent_path());
    write_file(path, curve_csv(runs, metric));
    return path;
  });
}

void Exports::table(const std::string& what, std::string text) {
  const auto path = name(what, ".csv");
  work_.in_background("Curve saved", [path, text = std::move(text)] {
    std::filesystem::create_directories(path.parent_path());
    write_file(path, text);
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
  const Dataset& data = work_.dataset();
  header.command = "window";
  header.version = FIELDSCOPE_VERSION;
  header.data = data.path.empty() ? data.name : data.path.string();
  header.task = task_info(data.task()).id;
  if (const ImageDataset* picture = work_.picture()) {
    header.width = picture->image.width;
    header.height = picture->image.height;
    header.original_width = picture->original_width;
    header.original_height = picture->original_height;
  }
  for (const std::string& device : work_.devices_in_use())
    header.device += (header.device.empty() ? "" : ", ") + device_title(device);
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
      row.state_bytes = s.state_bytes;
      row.peak_memory_bytes = s.peak_memory_bytes;
      row.history = s.history.get();
      rows.push_back(std::move(row));
    }
    std::filesystem::create_directories(path.parent_path());
    write_file(path, summary_json(header, rows));
    return path;
  });
}

}  // namespace fieldscope::gui
