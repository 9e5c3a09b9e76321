// Bytes of an image file to raw numbers: the only place that knows the decoder. Used by
// load_image() and load_posed_views(); called on any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace fieldscope {

/// What a file holds, before alpha is composited: `channels` 1 to 4 (2 and 4 end with alpha), row
/// by row from the upper left.
template <class Number>
struct Decoded {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<Number> numbers;
};
using DecodedImage = Decoded<float>;         ///< numbers in [0, 1]
using DecodedBytes = Decoded<std::uint8_t>;  ///< from 0 to 255; 16 bits are rounded to 8

struct ImageExtent {
  int width = 0;
  int height = 0;
};

/// Throws DataError naming the file, the reason and what to do. Images with more than `max_pixels`
/// are refused from their header, before anything is decoded.
DecodedImage decode_image(const std::filesystem::path& path, std::size_t max_pixels);

/// The same in a quarter of the memory, for many pictures that are kept.
DecodedBytes decode_image_bytes(const std::filesystem::path& path, std::size_t max_pixels);

/// The size that the header promises; refuses as decode_image() does.
ImageExtent image_extent(const std::filesystem::path& path, std::size_t max_pixels);

/// Endings of the files that can be decoded, with the dot.
const std::vector<std::string>& decoded_extensions();

}  // namespace fieldscope
