// Pictures to PNG files, 8 bits a channel. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/data/image.h"

namespace fieldscope {

/// Writes an image of 1 or 3 channels; values are clamped to [0, 1] and rounded, NaN becomes 0.
/// Throws DataError naming the file.
void write_png(const std::filesystem::path& path, const Image& image);

/// Writes rows of `channels` (1 to 4) bytes a pixel, the top row first. `stride` is the distance of
/// rows in bytes; 0: tightly packed. Throws DataError naming the file.
void write_png(const std::filesystem::path& path, int width, int height, int channels,
               const std::uint8_t* pixels, int stride = 0);

}  // namespace fieldscope
