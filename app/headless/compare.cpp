// fieldscope compare: several runs from the same seed, weights and batch order, one after the other
// so that their timings do not disturb each other; then side by side.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <new>

#include "app/headless/curves.h"
#include "app/headless/output_folder.h"
#include "app/headless/plan.h"
#include "app/headless/results.h"
#include "app/headless/run.h"
#include "app/headless/text.h"
#include "app/headless/verbs.h"
#include "app/headless/view_results.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/export/atomic_file.h"
#include "engine/export/curvature.h"
#include "engine/export/figure.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr std::size_t most_in_a_figure = 8;

std::string seed_folder(std::uint64_t seed) {
  return "seed-" + std::to_string(seed);
}

/// Mean and standard deviation (of the sample) of some numbers.
struct Spread {
  double mean = std::nan("");
  double deviation = std::nan("");
};

Spread spread_of(const std::vector<double>& values) {
  Spread spread;
  if (values.empty()) return spread;
  const auto n = static_cast<double>(values.size());
  spread.mean = 0;
  for (const double value : values) spread.mean += value / n;
  if (values.size() < 2) return spread;
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  spread.deviation = std::sqrt(squares / (n - 1));
  return spread;
}

class Comparison {
 public:
  Comparison(const Options& options, const Surroundings& surroundings)
      : options_(options),
        plans_(plan_compare(options, options.seeds.front())),
        dataset_(load_dataset(options)),
        pool_(std::make_shared<ThreadPool>(options.threads)),
        pictures_(surroundings.mesh_pictures, dataset_.get(), options.width, options.height),
        out_(options.out.empty() ? default_output_path("compare", dataset_->name) : options.out) {
    std::vector<std::string> own;
    for (const std::uint64_t seed : options.seeds) {
      for (const RunPlan& plan : plans_) own.push_back(folder_of(plan, seed));
    }
    for (const std::string& folder : own) out_.folder(folder);
    std::string earlier;
    for (const std::string& folder : earlier_results(out_.path(), own)) {
      earlier += (earlier.empty() ? "" : ", ") + folder;
    }
    tell_notes(*dataset_, options.quiet);
    if (!earlier.empty()) {
      std::fprintf(stderr,
                   "fieldscope: '%s' holds results of an earlier call as well, which stay: %s\n",
                   out_.path().c_str(), earlier.c_str());
    }
  }

  int run() {
    header_ = summary_header("compare", options_, *dataset_, pool_->threads());
    const InterruptGuard interrupt;  // until everything is written
    train(interrupt);
    write();
    report();
    for (const Run& run : runs_) {
      if (run.result.status != "finished") return ExitCode::fell_short;
    }
    // Whoever interrupts has what there is; runs that never began are missing from the comparison.
    return runs_.size() < run_count() ? ExitCode::fell_short : ExitCode::done;
  }

 private:
  struct Run {
    std::uint64_t seed = 0;
    std::size_t plan = 0;  ///< index
    std::string folder;    ///< relative to the output folder; also its name in the tables
    RunResult result;
  };

  bool several_seeds() const { return options_.seeds.size() > 1; }

  std::size_t run_count() const { return plans_.size() * options_.seeds.size(); }
  std::string folder_of(const RunPlan& plan, std::uint64_t seed) const {
    return several_seeds() ? seed_folder(seed) + "/" + plan.name : plan.name;
  }

  void train(const InterruptGuard& interrupt) {
    for (const std::uint64_t seed : options_.seeds) {
      const std::vector<RunPlan> plans = plan_compare(options_, seed);
      for (std::size_t i = 0; i < plans.size(); ++i) {
        if (interrupt.requested()) return;
        std::string label = "[" + std::to_string(runs_.size() + 1) + "/" +
                            std::to_string(run_count()) + "] " + plans[i].label;
        if (several_seeds()) label += ", seed " + std::to_string(seed);
        Run run{seed, i, folder_of(plans[i], seed), {}};
        {
          ProgressLine progress(ProgressLine::mode_for(options_.quiet), label);
          run.result = train_or_fail(plans[i], progress, interrupt);
        }
        if (run.result.status != "failed")
          add_surface(run.result, pool_, surface_resolution(options_), options_.quiet);
        const auto write = [&] {
          write_run(out_.folder(run.folder), run.result,
                    summary_header("train", options_of_run(options_, plans[i].config), *dataset_,
                                   pool_->threads()),
                    pictures_);
        };
        if (run.result.radiance) write();  // before what takes long
        add_views(run.result, pool_, interrupt, options_.quiet);
        if (!run.result.message.empty()) {
          std::fprintf(stderr, "fieldscope: %s: %s\n", label.c_str(), run.result.message.c_str());
        }
        write();
        runs_.push_back(std::move(run));
      }
    }
  }

  /// A run that cannot be made leaves the others their chance, unless it is the first.
  RunResult train_or_fail(const RunPlan& plan, ProgressLine& progress,
                          const InterruptGuard& interrupt) const {
    const auto failed = [&](const char* why) {
      RunResult result;
      result.plan = plan;
      result.status = "failed";
      result.message = std::string("failed: ") + why;
      return result;
    };
    try {
      return train_run(plan, dataset_, pool_, options_.budget, progress, interrupt,
                       {options_.curvature_every, curvature_settings(options_.curvature)});
    } catch (const DeviceError& error) {
      if (runs_.empty()) throw;
      return failed(error.what());
    } catch (const std::bad_alloc&) {
      if (runs_.empty()) throw;
      return failed("there is not enough memory");
    }
  }

  std::vector<PlacedResult> placed() const {
    std::vector<PlacedResult> results;
    for (const Run& run : runs_) results.push_back({run.folder, run.folder, &run.result});
    return results;
  }

  void write() {
    if (runs_.empty()) return;
    const std::vector<PlacedResult> results = placed();
    write_file(out_.path() / "metrics.csv", metrics_text(results));
    write_file(out_.path() / "summary.json", summary_text(header_, results));
    write_curvature();
    if (!figures_available()) {
      std::fprintf(stderr,
                   "fieldscope: this build has no Cairo: figure.png and figure.svg are left out\n");
      return;
    }
    if (plans_.size() > most_in_a_figure) {
      std::fprintf(stderr, "fieldscope: the figure shows %zu of %zu runs; the tables have all\n",
                   most_in_a_figure, plans_.size());
    }
    draw(out_.path(), options_.seeds);
    if (!several_seeds()) return;
    for (const std::uint64_t seed : options_.seeds) {
      if (!results_of(0, {seed}).empty()) draw(out_.path() / seed_folder(seed), {seed});
    }
  }

  /// Of all runs together: the table, and condition numbers over training as in the paper's
  /// figure 2.
  void write_curvature() const {
    std::vector<CurvatureRun> runs;
    for (const Run& run : runs_)
      if (!run.result.history.curvature.empty())
        runs.push_back({several_seeds() ? run.folder : run.result.plan.label,
                        run_colours[run.plan % run_colours.size()], &run.result.history});
    if (runs.empty()) return;
    write_file(out_.path() / "curvature.csv", curvature_csv(runs));
    if (!figures_available()) return;
    for (const char* conditioned : {"equilibrated", "jacobi", "adam", "own"})
      write_plot_png(out_.path() / (std::string("curvature-") + conditioned + ".png"),
                     conditioning_plot(runs, conditioned));
    write_plot_png(out_.path() / "curvature-hv.png", hv_plot(runs));
  }

  /// What one plan gave with some seeds.
  std::vector<const RunResult*> results_of(std::size_t plan,
                                           const std::vector<std::uint64_t>& seeds) const {
    std::vector<const RunResult*> results;
    for (const Run& run : runs_) {
      const bool wanted = std::find(seeds.begin(), seeds.end(), run.seed) != seeds.end();
      if (run.plan == plan && wanted) results.push_back(&run.result);
    }
    return results;
  }

  /// Diverged, or about to: an error above the whole range of a picture.
  static bool blown_up(const RunResult& result) {
    return result.status == "diverged" || result.final_score() < 0;
  }

  static std::vector<double> scores(const std::vector<const RunResult*>& results) {
    std::vector<double> values;
    for (const RunResult* result : results) values.push_back(result->final_score());
    return values;
  }

  /// Of the surfaces that the figure of these seeds shows, in units of the box.
  double error_limit(const std::vector<std::uint64_t>& seeds, double unit) const {
    std::vector<const Mesh*> meshes;
    for (std::size_t i = 0; i < plans_.size(); ++i) {
      const std::vector<const RunResult*> results = results_of(i, seeds);
      if (!results.empty() && results.front()->surface && !blown_up(*results.front()))
        meshes.push_back(&results.front()->surface->mesh);
    }
    return error_limit_of(meshes, unit);
  }

  /// What NeRF runs see behind everything: that of the first.
  float background_of(const std::vector<std::uint64_t>& seeds) const {
    const std::vector<const RunResult*> results = results_of(0, seeds);
    return results.empty() || !results.front()->radiance
               ? 1.0f
               : results.front()->radiance->settings.background;
  }

  /// The figure of these seeds: pictures of the first, curves as means with their range.
  void draw(const std::filesystem::path& folder, const std::vector<std::uint64_t>& seeds) const {
    FigureInput figure;
    figure.title = figure_title();
    figure.subtitle = figure_subtitle(seeds);
    figure.task = task_;
    if (const auto* image = dynamic_cast<const ImageDataset*>(dataset_.get()))
      figure.ground_truth = image->image;
    if (const auto* views = dynamic_cast<const PosedViews*>(dataset_.get()))
      figure.ground_truth = views->held_out.front().picture(background_of(seeds));
    const auto* mesh = dynamic_cast<const MeshDataset*>(dataset_.get());
    const double limit = mesh ? error_limit(seeds, mesh->frame().scale) : 0;
    if (mesh) {
      const auto truth = pictures_.shaded(mesh->mesh());
      if (!truth) return;  // no pictures, no figure; it has been said why
      figure.ground_truth = *truth;
      figure.error_label = "Distance to the true surface, file units";
      figure.error_limit = limit * mesh->frame().scale;
    }
    std::vector<CurveRun> curves;
    std::vector<bool> outliers;
    const std::size_t shown = std::min(plans_.size(), most_in_a_figure);
    if (shown < plans_.size()) {
      figure.subtitle +=
          " · " + std::to_string(shown) + " of " + std::to_string(plans_.size()) + " runs shown";
    }
    for (std::size_t i = 0; i < shown; ++i) {
      const std::vector<const RunResult*> all = results_of(i, seeds);
      if (all.empty()) continue;
      std::vector<const RunResult*> results;  // those that say something
      for (const RunResult* result : all) {
        if (!blown_up(*result)) results.push_back(result);
      }
      const std::size_t lost = all.size() - results.size();
      if (results.empty()) results = all;
      FigureRun run;
      run.label = plans_[i].label;
      run.colour = run_colours[i];
      run.style = run_line_style(i);
      if (all.front()->picture) run.picture = *all.front()->picture;
      if (!all.front()->views.empty()) run.picture = all.front()->views.front().rendered->picture();
      if (const auto surface = all.front()->surface; surface && !surface->mesh.triangles.empty()) {
        run.picture = pictures_.shaded(surface->mesh).value_or(Image{});
        run.error = pictures_.errors(surface->mesh, limit).value_or(Image{});
      }
      run.outlier = blown_up(*all.front());
      const Spread score = spread_of(scores(results));
      run.score = score.mean;
      if (results.size() > 1) run.score_note = "± " + score_text(task_, score.deviation);
      if (lost > 0 && lost < all.size()) {
        run.score_note += (run.score_note.empty() ? "" : ", ") + std::to_string(lost) + " of " +
                          std::to_string(all.size()) + " diverged";
      } else if (lost > 0 && all.front()->status == "diverged") {
        run.failure = all.size() == 1
                          ? "diverged at step " + std::to_string(all.front()->progress.step)
                          : "all diverged";
      }
      outliers.push_back(lost == all.size());
      CurveRun curve{run.label, run.colour, run.style, {}};
      for (const RunResult* result : results) curve.histories.push_back(&result->history);
      figure.runs.push_back(std::move(run));
      curves.push_back(std::move(curve));
    }
    const CurveAxis axis =
        options_.budget.kind == Budget::Kind::seconds ? CurveAxis::seconds : CurveAxis::step;
    figure.plots = {quality_plot(curves, axis, task_), loss_plot(curves, axis, task_)};
    for (Plot& plot : figure.plots) {
      for (std::size_t i = 0; i < outliers.size(); ++i) plot.series[i].outlier = outliers[i];
    }
    write_figure_png(folder / "figure.png", figure);
    write_figure_svg(folder / "figure.svg", figure);
  }

  std::string figure_title() const {
    std::string name = dataset_->path.empty() ? dataset_->name : dataset_->path.stem().string();
    const std::string common = common_label(plans_);
    if (!common.empty()) name += " · " + common;
    name += " · " + budget_text(options_.budget);
    const std::string device = find_device(options_.device);
    return cuda_index(device) < 0 ? name : name + " · " + device_title(device);
  }

  std::string figure_subtitle(const std::vector<std::uint64_t>& seeds) const {
    const RunConfig& config = plans_.front().config;
    char batch[32];
    std::snprintf(batch, sizeof batch, "%.0f", config.training.find("batch")->second);
    std::string text = dataset_->extent() + " · " + hidden_text(config.field.hidden) +
                       " units · batch " + batch + " · ";
    if (seeds.size() == 1) return text + "seed " + std::to_string(seeds.front());
    return text + "mean ± sd and range of " + std::to_string(seeds.size()) +
           " seeds, pictures of seed " + std::to_string(seeds.front());
  }

  void report() const {
    if (options_.json) {
      std::fputs(summary_text(header_, placed()).c_str(), stdout);
      return;
    }
    if (options_.quiet) return;
    std::printf("%s\n\n", figure_title().c_str());
    std::fputs(table_text(several_seeds() ? table_of_seeds() : table_of_runs()).c_str(), stdout);
    std::printf("Results in %s\n", out_.path().c_str());
  }

  std::vector<std::vector<std::string>> table_of_runs() const {
    std::vector<std::vector<std::string>> rows = {
        {"run", score_heading(task_), task_ == TaskKind::image ? "best dB" : "best", "steps",
         "training", "steps/s", "gradients", "status"}};
    for (const Run& run : runs_) {
      const RunResult& result = run.result;
      char gradients[32];
      std::snprintf(gradients, sizeof gradients, "%.0f", result.progress.gradient_evaluations);
      rows.push_back({result.plan.label, score_text(task_, result.final_score()),
                      score_text(task_, result.best_score()), std::to_string(result.progress.step),
                      duration_text(result.progress.train_seconds),
                      rate_text(result.steps_per_second()), gradients, result.status});
    }
    return rows;
  }

  std::vector<std::vector<std::string>> table_of_seeds() const {
    std::vector<std::vector<std::string>> rows = {{score_heading(task_), "mean", "± sd"}};
    for (const std::uint64_t seed : options_.seeds) {
      rows[0].push_back("seed " + std::to_string(seed));
    }
    rows[0].insert(rows[0].end(), {"training", "steps/s"});
    for (std::size_t i = 0; i < plans_.size(); ++i) {
      const std::vector<const RunResult*> results = results_of(i, options_.seeds);
      const Spread score = spread_of(scores(results));
      std::vector<std::string> row = {plans_[i].label, score_text(task_, score.mean),
                                      score_text(task_, score.deviation)};
      std::vector<double> seconds, rates;
      for (const std::uint64_t seed : options_.seeds) {
        const auto of_seed = results_of(i, {seed});
        row.push_back(of_seed.empty() ? "–" : score_text(task_, of_seed.front()->final_score()));
        if (of_seed.empty()) continue;
        seconds.push_back(of_seed.front()->progress.train_seconds);
        rates.push_back(of_seed.front()->steps_per_second());
      }
      row.push_back(duration_text(spread_of(seconds).mean));
      row.push_back(rate_text(spread_of(rates).mean));
      rows.push_back(std::move(row));
    }
    return rows;
  }

  const Options& options_;
  std::vector<RunPlan> plans_;  ///< of the first seed; the others differ in the seed only
  std::shared_ptr<const Dataset> dataset_;
  const TaskKind task_ = dataset_->task();
  std::shared_ptr<ThreadPool> pool_;
  MeshPictures pictures_;
  OutputFolder out_;
  SummaryHeader header_;
  std::deque<Run> runs_;
};

}  // namespace

int run_compare(const Options& options, const Surroundings& surroundings) {
  return Comparison(options, surroundings).run();
}

}  // namespace fieldscope
