// fieldscope curvature: what the Hessian of a field looks like, of saved weights or after training.

#include "engine/export/curvature.h"

#include <cstdio>
#include <limits>

#include "app/headless/model_file.h"
#include "app/headless/output_folder.h"
#include "app/headless/plan.h"
#include "app/headless/results.h"
#include "app/headless/run.h"
#include "app/headless/text.h"
#include "app/headless/verbs.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/math/error.h"
#include "engine/task/image_task.h"
#include "engine/train/trainer.h"

namespace fieldscope {
namespace {

std::string shortly(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string report_text(const CurvatureReport& r) {
  const bool hessian = r.settings.matrix == Curvature::hessian;
  std::string text = std::string(hessian ? "Hessian" : "Gauss-Newton matrix") + " of " +
                     std::to_string(r.parameters) + " parameters on " + std::to_string(r.samples) +
                     " samples, " + r.precision + ", " + duration_text(r.seconds) + ", " +
                     std::to_string(r.products) + " products\n";
  text += "loss " + shortly(r.loss) + ", gradient norm " + shortly(r.gradient_norm) + "\n\n";
  std::vector<std::vector<std::string>> table = {
      {"matrix", r.exact ? "condition number" : "condition number (not computed)", "|λ| max",
       r.exact ? "|λ| max / rms" : "|λ| max / rms (estimate)"}};
  for (const Conditioned& c : r.conditioned)
    table.push_back({c.name, c.condition ? condition_text(*c.condition) : "", shortly(c.largest),
                     shortly(c.spread)});
  text += table_text(table) + "\n";
  text += "eigenvalues at the ends, with residuals (Lanczos, " + std::to_string(r.ends_steps) +
          " steps)\n ";
  for (const EigenPair& pair : r.largest)
    text += " " + shortly(pair.value) + " ± " + shortly(pair.residual);
  text += "\n ";
  for (const EigenPair& pair : r.smallest)
    text += " " + shortly(pair.value) + " ± " + shortly(pair.residual);
  text += "\ntrace ";
  if (r.exact) text += shortly(r.trace) + " exact, ";
  text += shortly(r.hutchpp.value) + " ± " + shortly(r.hutchpp.error) + " Hutch++, " +
          shortly(r.hutchinson.value) + " ± " + shortly(r.hutchinson.error) + " Hutchinson\n\n";
  std::vector<std::vector<std::string>> density = {{"Hv of", "size", "zero", "nearly zero"}};
  for (const HvDensity& d : r.hv)
    density.push_back({d.block.name, std::to_string(d.block.size), shortly(100 * d.zero) + " %",
                       shortly(100 * d.near_zero) + " %"});
  return text + table_text(density);
}

/// Of saved weights.
CurvatureReport study_model(const Options& options) {
  const Model model = read_model("curvature", options);
  const auto dataset = options.width > 0 ? load_dataset(options)
                                         : load_dataset_within(options, model.width, model.height);
  KnobValues training = default_values(training_knobs(dataset->task()));
  training["batch"] = 1;
  const FieldShape shape = task_shape(*dataset, training).field;
  if (shape.outputs != model.network.outputs || shape.coordinates != model.network.coordinates)
    throw DataError("'" + options.model.string() + "' takes " +
                    std::to_string(model.network.coordinates) + " coordinates to " +
                    std::to_string(model.network.outputs) + " numbers, but '" + dataset->name +
                    "' has " + std::to_string(shape.coordinates) + " and " +
                    std::to_string(shape.outputs) + "; give what it learned with --data");
  if (const auto* views = dynamic_cast<const PosedViews*>(dataset.get()))
    check_scene(options, model, *views);
  const CurvatureSettings settings = curvature_settings(options.curvature);
  const auto pool = std::make_shared<ThreadPool>(options.threads);
  const std::string device = find_device(options.device);
  const auto sampling = make_backend("cpu", pool, Precision::f32);
  const auto task = make_task(*sampling, dataset, options.seeds.front(), training, pool.get());
  const FrozenLoss frozen = freeze_loss(model.field, model.network, model.weights, *task,
                                        settings.batch, options.seeds.front());
  FrozenProblem problem(frozen, make_backend(device, pool, study_precision(frozen)));
  ProgressLine progress(ProgressLine::mode_for(options.quiet), "curvature");
  return study_curvature(problem, settings, {}, [&](double share, const std::string&) {
    if (!progress.due()) return;
    ProgressLine::State state;
    state.counts_steps = false;
    state.score = state.loss = state.seconds_left = std::numeric_limits<double>::quiet_NaN();
    state.share = share;
    progress.show(state);
  });
}

}  // namespace

int run_curvature(const Options& options, const Surroundings& surroundings) {
  if (options.model.empty()) {
    Options one = options;
    // At the start and at the end, unless it is wanted more often.
    if (one.curvature_every == 0) one.curvature_every = std::numeric_limits<std::uint64_t>::max();
    const RunPlan plan = plan_train(one);
    const auto dataset = load_dataset(one);
    const auto pool = std::make_shared<ThreadPool>(one.threads);
    OutputFolder out(one.out.empty() ? default_output_path("curvature", dataset->name) : one.out);
    tell_notes(*dataset, one.quiet);
    const InterruptGuard interrupt;
    RunResult result;
    {
      ProgressLine progress(ProgressLine::mode_for(one.quiet), plan.label);
      result = train_run(plan, dataset, pool, one.budget, progress, interrupt,
                         {one.curvature_every, curvature_settings(one.curvature)});
    }
    add_surface(result, pool, surface_resolution(one), one.quiet);
    write_run(out.path(), result,
              summary_header("curvature", options_of_run(options, plan.config), *dataset,
                             pool->threads()),
              MeshPictures(surroundings.mesh_pictures, dataset.get(), one.width, one.height));
    if (!result.curvature) return ExitCode::fell_short;  // the reason has been told
    if (options.json)
      std::fputs(curvature_json(*result.curvature).c_str(), stdout);
    else if (!options.quiet)
      std::printf("%s, step %llu\n%sResults in %s\n", plan.label.c_str(),
                  static_cast<unsigned long long>(result.progress.step),
                  report_text(*result.curvature).c_str(), out.path().c_str());
    return result.status == "finished" ? ExitCode::done : ExitCode::fell_short;
  }
  const CurvatureReport report = study_model(options);
  OutputFolder out(options.out.empty()
                       ? default_output_path("curvature", options.model.filename().string())
                       : options.out);
  write_curvature_report(out.path(), report, options.model.stem().string());
  if (options.json)
    std::fputs(curvature_json(report).c_str(), stdout);
  else if (!options.quiet)
    std::printf("%sResults in %s\n", report_text(report).c_str(), out.path().c_str());
  return ExitCode::done;
}

}  // namespace fieldscope
