// Bytes of an image file to raw numbers: the only place that knows the decoder. Used by
// load_image(); called on any thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fieldscope {

/// What a file holds, before alpha is composited: `channels` 1 to 4 (2 and 4 end with alpha),
/// numbers in [0, 1].
struct DecodedImage {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<float> numbers;
};

/// Throws DataError naming the file, the reason and what to do. Images with more than `max_pixels`
/// are refused from their header, before anything is decoded.
DecodedImage decode_image(const std::filesystem::path& path, std::size_t max_pixels);

/// Endings of the files that can be decoded, with the dot.
const std::vector<std::string>& decoded_extensions();

}  // namespace fieldscope
