// fieldscope train: one run.

#include <cstdio>

#include "app/headless/output_folder.h"
#include "app/headless/plan.h"
#include "app/headless/results.h"
#include "app/headless/run.h"
#include "app/headless/text.h"
#include "app/headless/verbs.h"
#include "app/headless/view_results.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/export/atomic_file.h"

namespace fieldscope {
namespace {

std::string outcome_text(const RunResult& result) {
  char epochs[32];
  std::snprintf(epochs, sizeof epochs, "%.4g", result.progress.epoch);
  return result.plan.label + ": " + metric_text(result.plan.config.task, result.final_score()) +
         " after " + std::to_string(result.progress.step) + " steps (" + epochs +
         (epochs == std::string("1") ? " epoch), " : " epochs), ") +
         duration_text(result.progress.train_seconds) + " of training, " +
         rate_text(result.steps_per_second()) + " steps/s";
}

}  // namespace

int run_train(const Options& options, const Surroundings& surroundings) {
  const RunPlan plan = plan_train(options);
  const auto dataset = load_dataset(options);
  const auto pool = std::make_shared<ThreadPool>(options.threads);
  OutputFolder out(options.out.empty() ? default_output_path("train", dataset->name) : options.out);
  tell_notes(*dataset, options.quiet);

  const InterruptGuard interrupt;
  RunResult result;
  {
    ProgressLine progress(ProgressLine::mode_for(options.quiet), plan.label);
    result = train_run(plan, dataset, pool, options.budget, progress, interrupt,
                       {options.curvature_every, curvature_settings(options.curvature)});
  }
  add_surface(result, pool, surface_resolution(options), options.quiet);
  const SummaryHeader header =
      summary_header("train", options_of_run(options, plan.config), *dataset, pool->threads());
  const MeshPictures pictures(surroundings.mesh_pictures, dataset.get(), options.width,
                              options.height);
  if (result.radiance) write_run(out.path(), result, header, pictures);  // before what takes long
  add_views(result, pool, interrupt, options.quiet);
  write_run(out.path(), result, header, pictures);

  if (!result.message.empty()) {
    std::fprintf(stderr, "fieldscope: %s: %s\n", result.plan.label.c_str(), result.message.c_str());
  }
  if (options.json) {
    const PlacedResult placed{plan.name, "", &result};
    std::fputs(summary_text(header, {&placed, 1}).c_str(), stdout);
  } else if (!options.quiet) {
    std::printf("%s\n%s%sResults in %s\n", outcome_text(result).c_str(),
                surface_text(result).c_str(), views_text(result).c_str(), out.path().c_str());
  }
  return result.status == "finished" ? ExitCode::done : ExitCode::fell_short;
}

}  // namespace fieldscope
