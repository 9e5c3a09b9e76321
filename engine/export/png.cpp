#include "engine/export/png.h"

#include <cmath>
#include <string>
#include <vector>

#include "engine/export/atomic_file.h"
#include "engine/math/error.h"

// Compiled into this file only, with internal linkage.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wshadow"
#endif
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#if __has_include(<stb/stb_image_write.h>)
#include <stb/stb_image_write.h>
#else
#include <stb_image_write.h>
#endif
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace fieldscope {

void write_png(const std::filesystem::path& path, int width, int height, int channels,
               const std::uint8_t* pixels, int stride) {
  std::string bytes;
  const auto append = [](void* context, void* data, int size) {
    static_cast<std::string*>(context)->append(static_cast<const char*>(data),
                                               static_cast<std::size_t>(size));
  };
  if (width < 1 || height < 1 ||
      !stbi_write_png_to_func(append, &bytes, width, height, channels, pixels,
                              stride > 0 ? stride : width * channels)) {
    throw DataError("cannot write '" + path.string() + "': a picture of " + std::to_string(width) +
                    "x" + std::to_string(height) + " cannot be encoded as PNG");
  }
  write_file(path, bytes);
}

void write_png(const std::filesystem::path& path, const Image& image) {
  std::vector<std::uint8_t> bytes(image.pixels.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const float value = std::fmin(std::fmax(image.pixels[i], 0.0f), 1.0f);  // NaN becomes 0
    bytes[i] = static_cast<std::uint8_t>(std::lround(value * 255));
  }
  write_png(path, image.width, image.height, image.channels, bytes.data());
}

}  // namespace fieldscope
