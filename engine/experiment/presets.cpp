#include "engine/experiment/presets.h"

#include <algorithm>
#include <cctype>

#include "engine/data/assets.h"
#include "engine/math/error.h"

namespace fieldscope {

namespace {

/// With the seed and the device of another run.
std::vector<RunConfig> default_runs(TaskKind task, const RunConfig& like) {
  std::vector<RunConfig> runs;
  for (const char* optimizer : {"esgd", "adam"}) {
    RunConfig config;
    config.task = task;
    config.field.activation = default_activation(task);
    config.optimizer.id = optimizer;
    config.seed = like.seed;
    config.device = like.device;
    runs.push_back(resolve_config(config));
  }
  return runs;
}

}  // namespace

std::shared_ptr<const ImageDataset> demo_image_dataset(int longest) {
  const auto file = load_image_dataset(find_asset("assets/demo/lighthouse.png"), 0, 0, longest);
  auto demo = std::make_shared<ImageDataset>(*file);
  demo->name = "lighthouse (demo)";
  demo->path.clear();  // the demo is found again by being the demo, wherever it is installed
  return demo;
}

std::shared_ptr<const MeshDataset> demo_mesh_dataset(const LoadProgress& progress) {
  const SourceMesh source = read_mesh_file(find_asset("assets/demo/knot.ply"));
  auto demo = std::make_shared<MeshDataset>(source, on_threads(), progress);
  demo->name = "knot (demo)";
  return demo;
}

std::shared_ptr<const PosedViews> demo_scene_dataset(const LoadProgress& progress, int longest) {
  PosedViewsSettings settings;
  settings.longest = longest;
  const auto file =
      load_posed_views(find_asset("assets/demo/island"), settings, on_threads(), progress);
  auto demo = std::make_shared<PosedViews>(*file);
  demo->name = "island (demo)";
  demo->path.clear();
  return demo;
}

std::shared_ptr<const Dataset> demo_dataset(TaskKind task, int longest,
                                            const LoadProgress& progress) {
  if (task == TaskKind::occupancy) return demo_mesh_dataset(progress);
  if (task == TaskKind::nerf) return demo_scene_dataset(progress);
  return demo_image_dataset(longest);
}

TaskKind task_of_data(const std::filesystem::path& path) {
  if (is_posed_views(path)) return TaskKind::nerf;
  return is_mesh_file(path) ? TaskKind::occupancy : TaskKind::image;
}

bool is_mesh_file(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto& known = mesh_extensions();
  return std::find(known.begin(), known.end(), ending) != known.end();
}

std::shared_ptr<const Dataset> load_dataset_file(const std::filesystem::path& path, int width,
                                                 int height, int longest,
                                                 const LoadProgress& progress) {
  const TaskKind task = task_of_data(path);
  std::error_code ignored;
  if (task != TaskKind::nerf && std::filesystem::is_directory(path, ignored))
    throw DataError("cannot read '" + path.string() + "': it is a folder with none of " +
                    std::string(posed_views_files()) +
                    " in it; give one with posed views, a picture or a mesh");
  if (task == TaskKind::occupancy) return load_mesh_dataset(path, on_threads(), progress);
  if (task == TaskKind::nerf) {
    PosedViewsSettings settings;
    if (width > 0) settings.longest = std::max(width, height);
    return load_posed_views(path, settings, on_threads(), progress);
  }
  return load_image_dataset(path, width, height, longest);
}

std::vector<RunConfig> default_comparison(TaskKind task) {
  return default_runs(task, RunConfig{});
}

std::vector<RunConfig> runs_for_task(const std::vector<RunConfig>& runs, TaskKind task) {
  if (!runs.empty() && runs == default_runs(runs.front().task, runs.front()))
    return default_runs(task, runs.front());
  std::vector<RunConfig> same;
  for (const RunConfig& run : runs) same.push_back(config_for_task(run, task));
  return same;
}

}  // namespace fieldscope
