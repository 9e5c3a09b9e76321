// The built-in comparison and dataset: what the window shows at first start.
#pragma once

#include <memory>
#include <vector>

#include "engine/data/image.h"
#include "engine/data/mesh_dataset.h"
#include "engine/train/config.h"

namespace fieldscope {

/// The project's own demo picture from assets/, fitted to `longest` pixels.
/// Throws DataError when the assets folder cannot be found.
std::shared_ptr<const ImageDataset> demo_image_dataset(int longest = 256);

/// The project's own demo mesh. Throws DataError when the assets folder cannot be found, and what
/// `progress` throws.
std::shared_ptr<const MeshDataset> demo_mesh_dataset(const LoadProgress& progress = {});

/// Reads what a file holds, told by its name's ending: a mesh, else a picture, at this size or, if
/// only `longest` is given, fitted to it. Throws DataError, UsageError, and what `progress` throws.
std::shared_ptr<const Dataset> load_dataset_file(const std::filesystem::path& path, int width,
                                                 int height, int longest,
                                                 const LoadProgress& progress = {});
/// Whether it is the ending of a mesh file.
bool is_mesh_file(const std::filesystem::path& path);

/// ESGD beside Adam, sine activation, 4x256.
std::vector<RunConfig> default_comparison(TaskKind task = TaskKind::image);

}  // namespace fieldscope
