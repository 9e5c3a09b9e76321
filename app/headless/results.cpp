#include "app/headless/results.h"

#include <sys/resource.h>

#include "app/headless/names.h"
#include "app/headless/scene_record.h"
#include "app/headless/view_results.h"
#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/devices.h"
#include "engine/export/atomic_file.h"
#include "engine/export/curvature.h"
#include "engine/export/metrics_csv.h"
#include "engine/export/png.h"
#include "engine/export/safetensors.h"
#include "engine/field/activation_binding.h"
#include "engine/task/image_task.h"

namespace fieldscope {
namespace {

std::size_t peak_memory() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;  // kilobytes on Linux
}

}  // namespace

std::string metrics_text(std::span<const PlacedResult> results) {
  std::vector<MetricsRun> runs;
  for (const PlacedResult& placed : results) {
    runs.push_back(
        {placed.name, placed.result->plan.config, placed.result->edits, &placed.result->history});
  }
  return metrics_csv(runs);
}

SummaryHeader summary_header(const std::string& verb, const Options& options,
                             const Dataset& dataset, int threads) {
  SummaryHeader header;
  header.command = verb;
  header.version = FIELDSCOPE_VERSION;
  header.task = options.task;
  header.data =
      dataset.path.empty() ? dataset.name : std::filesystem::absolute(dataset.path).string();
  Options sized = options;
  if (const auto* image = dynamic_cast<const ImageDataset*>(&dataset)) {
    header.width = sized.width = image->image.width;
    header.height = sized.height = image->image.height;
    header.original_width = image->original_width;
    header.original_height = image->original_height;
  } else if (const auto* mesh = dynamic_cast<const MeshDataset*>(&dataset)) {
    header.triangles = mesh->mesh().triangles.size();
    header.notes = mesh->notes();
  } else if (const auto* views = dynamic_cast<const PosedViews*>(&dataset)) {
    header.extent = views->extent();
    header.notes = views->warnings;
    const Lens& lens = views->training.front().camera.lens;
    sized.width = lens.width;
    sized.height = lens.height;
  }
  const std::string device = find_device(options.device);
  header.device = cuda_index(device) < 0 ? "CPU, " + cpu_instruction_set()
                                         : device_title(device) + " (" + device + ")";
  header.threads = threads;
  header.options_json = options_json(sized);
  return header;
}

Options options_of_run(const Options& options, const RunConfig& config) {
  Options own = options;
  own.activations = {config.field};
  own.optimizers = {config.optimizer};
  own.hidden = config.field.hidden;
  own.training = config.training;
  own.precisions.clear();  // its own stands there
  own.seeds = {config.seed};
  return own;
}

namespace {

SummarySurface surface_summary(const RunResult& result) {
  const double unit = dynamic_cast<const MeshDataset&>(*result.dataset).frame().scale;
  SummarySurface surface;
  surface.resolution = result.surface->resolution;
  surface.vertices = result.surface->mesh.vertices.size();
  surface.triangles = result.surface->mesh.triangles.size();
  surface.solid = result.solid;
  surface.mean_error = unit * result.surface->mean_error;
  surface.max_error = unit * result.surface->max_error;
  if (result.distances) {
    surface.chamfer = unit * result.distances->chamfer();
    surface.hausdorff = unit * result.distances->hausdorff();
  }
  return surface;
}

SummaryViews views_summary(const RunResult& result) {
  const Quality mean = mean_of_views(result.views);
  SummaryViews views{mean.psnr, mean.ssim, {}};
  const auto& data = dynamic_cast<const PosedViews&>(*result.dataset);
  for (const ViewQuality& view : result.views)
    views.views.push_back({data.held_out[view.view].name, view.psnr, view.ssim});
  return views;
}

}  // namespace

std::string summary_text(const SummaryHeader& header, std::span<const PlacedResult> results) {
  std::vector<SummaryRun> runs;
  for (const PlacedResult& placed : results) {
    const RunResult& result = *placed.result;
    SummaryRun run;
    run.run = placed.name;
    run.label = result.plan.label;
    run.folder = placed.folder;
    run.status = result.status;
    run.message = result.message;
    run.initial = result.plan.config;
    run.edits = result.edits;
    run.progress = result.progress;
    run.samples_per_second = result.samples_per_second;
    run.parameters = result.parameters;
    run.state_bytes = result.state_bytes;
    run.peak_memory_bytes = result.peak_memory_bytes;
    run.history = &result.history;
    if (result.surface) run.surface = surface_summary(result);
    if (!result.views.empty()) run.views = views_summary(result);
    runs.push_back(std::move(run));
  }
  SummaryHeader measured = header;
  measured.peak_memory_bytes = peak_memory();
  return summary_json(measured, runs);
}

std::map<std::string, std::string> model_metadata(const RunResult& result) {
  const RunConfig& config = result.plan.config;
  std::string hidden;
  for (const int width : config.field.hidden) {
    hidden += (hidden.empty() ? "" : ",") + std::to_string(width);
  }
  std::map<std::string, std::string> said = {{"format", "pt"},
                                             {"program", "fieldscope " FIELDSCOPE_VERSION},
                                             {"task", std::string(task_info(config.task).id)},
                                             {"activation", activation_text(config.field)},
                                             {"hidden", hidden}};
  if (const Network& network = result.network; network.view_coordinates > 0) {
    said["coordinates"] = std::to_string(network.coordinates);
    said["view_coordinates"] = std::to_string(network.view_coordinates);
  }
  if (const auto* image = dynamic_cast<const ImageDataset*>(result.dataset.get()))
    said["size"] = std::to_string(image->image.width) + "x" + std::to_string(image->image.height);
  if (const auto* mesh = dynamic_cast<const MeshDataset*>(result.dataset.get())) {
    const auto& [centre, scale] = mesh->frame();
    said["centre"] =
        exact_number(centre[0]) + "," + exact_number(centre[1]) + "," + exact_number(centre[2]);
    said["scale"] = exact_number(scale);
  }
  if (const auto* views = dynamic_cast<const PosedViews*>(result.dataset.get())) {
    const Lens& lens = views->training.front().camera.lens;
    said["size"] = std::to_string(lens.width) + "x" + std::to_string(lens.height);
    said["training"] = training_text(TaskKind::nerf, config.training);
    said.merge(scene_metadata(scene_record(*views)));
  }
  return said;
}

void write_curvature_report(const std::filesystem::path& folder, const CurvatureReport& report,
                            const std::string& label) {
  write_file(folder / "curvature.json", curvature_json(report));
  write_file(folder / "spectrum.csv", spectrum_csv(report));
  if (figures_available()) write_plot_png(folder / "spectrum.png", spectrum_plot(report, label));
}

void write_run(const std::filesystem::path& folder, const RunResult& result,
               const SummaryHeader& header, const MeshPictures& pictures) {
  // The weights first: everything else can be made from them, or from the same seed, again.
  std::vector<TensorShape> shapes;
  for (const auto& [name, shape] : result.shapes) shapes.push_back({name, shape});
  std::vector<double> numbers = result.weights;
  const int position = result.network.coordinates - result.network.view_coordinates;
  const std::vector<double> frequencies =
      bind_activation(result.plan.config.field, position).frequencies;
  if (!frequencies.empty()) {  // nobody could draw them again elsewhere
    const auto d = static_cast<std::size_t>(position);
    shapes.push_back({std::string(frequencies_tensor), {frequencies.size() / d, d}});
    numbers.insert(numbers.end(), frequencies.begin(), frequencies.end());
  }
  write_safetensors(folder / "model.safetensors", shapes, numbers, model_metadata(result));
  const PlacedResult placed{result.plan.name, "", &result};
  write_file(folder / "metrics.csv", metrics_text({&placed, 1}));
  write_file(folder / "summary.json", summary_text(header, {&placed, 1}));
  if (!result.history.curvature.empty()) {
    const CurvatureRun run = {result.plan.name, run_colours[0], &result.history};
    write_file(folder / "curvature.csv", curvature_csv({&run, 1}));
  }
  if (result.curvature) write_curvature_report(folder, *result.curvature, result.plan.label);
  if (result.picture) write_png(folder / "final.png", *result.picture);
  write_views(folder, result);
  if (!result.views.empty())
    write_png(folder / "final.png", result.views.front().rendered->picture());
  if (!result.surface) return;
  const auto& truth = dynamic_cast<const MeshDataset&>(*result.dataset);
  write_surface(folder / "mesh.ply", *result.surface, truth.frame());
  if (const auto picture = pictures.shaded(result.surface->mesh))
    write_png(folder / "final.png", *picture);
}

}  // namespace fieldscope
