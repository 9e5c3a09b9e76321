#include "app/headless/results.h"

#include <sys/resource.h>

#include "app/headless/names.h"
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
  own.seeds = {config.seed};
  return own;
}

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
    runs.push_back(std::move(run));
  }
  SummaryHeader measured = header;
  measured.peak_memory_bytes = peak_memory();
  return summary_json(measured, runs);
}

std::map<std::string, std::string> model_metadata(const RunConfig& config, const Image& picture) {
  std::string hidden;
  for (const int width : config.field.hidden) {
    hidden += (hidden.empty() ? "" : ",") + std::to_string(width);
  }
  return {{"format", "pt"},
          {"program", "fieldscope " FIELDSCOPE_VERSION},
          {"task", "image"},
          {"activation", activation_text(config.field)},
          {"hidden", hidden},
          {"size", std::to_string(picture.width) + "x" + std::to_string(picture.height)}};
}

void write_curvature_report(const std::filesystem::path& folder, const CurvatureReport& report,
                            const std::string& label) {
  write_file(folder / "curvature.json", curvature_json(report));
  write_file(folder / "spectrum.csv", spectrum_csv(report));
  if (figures_available()) write_plot_png(folder / "spectrum.png", spectrum_plot(report, label));
}

void write_run(const std::filesystem::path& folder, const RunResult& result,
               const SummaryHeader& header) {
  // The weights first: everything else can be made from them, or from the same seed, again.
  std::vector<TensorShape> shapes;
  for (const auto& [name, shape] : result.shapes) shapes.push_back({name, shape});
  std::vector<double> numbers = result.weights;
  const std::vector<double> frequencies =
      bind_activation(result.plan.config.field, image_coordinates).frequencies;
  if (!frequencies.empty()) {  // nobody could draw them again elsewhere
    const std::size_t rows = frequencies.size() / image_coordinates;
    shapes.push_back({std::string(frequencies_tensor), {rows, image_coordinates}});
    numbers.insert(numbers.end(), frequencies.begin(), frequencies.end());
  }
  write_safetensors(folder / "model.safetensors", shapes, numbers,
                    model_metadata(result.plan.config, result.picture ? *result.picture : Image{}));
  const PlacedResult placed{result.plan.name, "", &result};
  write_file(folder / "metrics.csv", metrics_text({&placed, 1}));
  write_file(folder / "summary.json", summary_text(header, {&placed, 1}));
  if (!result.history.curvature.empty()) {
    const CurvatureRun run = {result.plan.name, run_colours[0], &result.history};
    write_file(folder / "curvature.csv", curvature_csv({&run, 1}));
  }
  if (result.curvature) write_curvature_report(folder, *result.curvature, result.plan.label);
  if (result.picture) write_png(folder / "final.png", *result.picture);
}

}  // namespace fieldscope
