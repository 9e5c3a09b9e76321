// The built-in comparison and dataset: what the window shows at first start.
#pragma once

#include <memory>
#include <vector>

#include "engine/data/image.h"
#include "engine/train/config.h"

namespace fieldscope {

/// The project's own demo picture from assets/, fitted to `longest` pixels.
/// Throws DataError when the assets folder cannot be found.
std::shared_ptr<const ImageDataset> demo_image_dataset(int longest = 256);

/// ESGD beside Adam, sine activation, 4x256, batch 512.
std::vector<RunConfig> default_comparison();

}  // namespace fieldscope
