// The built-in comparison and dataset: what the window shows at first start.
#pragma once

#include <memory>
#include <vector>

#include "engine/data/image.h"
#include "engine/data/mesh_dataset.h"
#include "engine/data/posed_views.h"
#include "engine/train/config.h"

namespace fieldscope {

/// The project's own demo picture from assets/, fitted to `longest` pixels.
/// Throws DataError when the assets folder cannot be found.
std::shared_ptr<const ImageDataset> demo_image_dataset(int longest = 256);

/// The project's own demo mesh. Throws DataError when the assets folder cannot be found, and what
/// `progress` throws.
std::shared_ptr<const MeshDataset> demo_mesh_dataset(const LoadProgress& progress = {});

/// The project's own demo scene: posed views of a still life, reduced to `longest`. As
/// demo_mesh_dataset().
std::shared_ptr<const PosedViews> demo_scene_dataset(const LoadProgress& progress = {},
                                                     int longest = PosedViewsSettings{}.longest);

/// The task whose data a path holds, told by its name and, of a folder, by what is in it: posed
/// views, a mesh, else a picture.
TaskKind task_of_data(const std::filesystem::path& path);

/// Reads what a path holds (task_of_data()): posed views, fitted to the longer of the two sides or
/// to a size of their own; a mesh; a picture at this size or, if only `longest` is given, fitted to
/// it. Throws DataError, UsageError, and what `progress` throws.
std::shared_ptr<const Dataset> load_dataset_file(const std::filesystem::path& path, int width,
                                                 int height, int longest,
                                                 const LoadProgress& progress = {});
/// Whether it is the ending of a mesh file.
bool is_mesh_file(const std::filesystem::path& path);
/// The built-in data of a task, a picture fitted to `longest`. Throws as the others do.
std::shared_ptr<const Dataset> demo_dataset(TaskKind task, int longest,
                                            const LoadProgress& progress = {});

/// ESGD beside Adam, sine activation, 4x256.
std::vector<RunConfig> default_comparison(TaskKind task = TaskKind::image);

/// Runs of one task as runs of another: config_for_task() of each, but what nobody has changed
/// begins as the other task's own comparison does.
std::vector<RunConfig> runs_for_task(const std::vector<RunConfig>& runs, TaskKind task);

}  // namespace fieldscope
