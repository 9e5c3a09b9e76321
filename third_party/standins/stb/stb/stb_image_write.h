// Stand-in for stb_image_write.h, for machines that do not have it (package libstb-dev): writes
// PNG, and nothing else. What it lacks is listed in third_party/README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <stb/standin/deflate.h>
#include <stb/standin/png_parts.h>

inline int stbi_write_png_compression_level = 8;  ///< for the interface only: there is one level

using stbi_write_func = void(void* context, void* data, int size);

namespace stb_standin {

/// Appends a row, each byte less what the filter expects; returns how much is left to pack.
inline std::size_t append_filtered(Bytes& to, int filter, const unsigned char* row,
                                   const unsigned char* above, std::size_t width,
                                   std::size_t pixel) {
  std::size_t left_over = 0;
  to.push_back(static_cast<unsigned char>(filter));
  for (std::size_t i = 0; i < width; ++i) {
    const int a = i >= pixel ? row[i - pixel] : 0, b = above ? above[i] : 0;
    const int c = i >= pixel && above ? above[i - pixel] : 0;
    to.push_back(static_cast<unsigned char>(row[i] - foretold(filter, a, b, c)));
    left_over += static_cast<std::size_t>(std::abs(static_cast<signed char>(to.back())));
  }
  return left_over;
}

inline void append_chunk(Bytes& to, const char* name, View data) {
  append_big_endian(to, static_cast<std::uint32_t>(data.size()));
  const std::size_t begin = to.size();
  to.insert(to.end(), name, name + 4);
  to.insert(to.end(), data.begin(), data.end());
  append_big_endian(to, crc32(View(to).subspan(begin)));
}

/// Samples of 8 bits; from one row to the next it is `stride` bytes.
inline Bytes encode_png(std::size_t width, std::size_t height, std::size_t channels,
                        const unsigned char* pixels, std::ptrdiff_t stride) {
  Bytes filtered, best, candidate;
  const unsigned char* above = nullptr;
  for (std::size_t y = 0; y < height; ++y, above = pixels, pixels += stride) {
    std::size_t least = static_cast<std::size_t>(-1);
    for (int filter = 0; filter < png_filters; ++filter) {
      candidate.clear();
      const std::size_t left_over =
          append_filtered(candidate, filter, pixels, above, width * channels, channels);
      if (left_over >= least) continue;
      least = left_over;
      best.swap(candidate);
    }
    filtered.insert(filtered.end(), best.begin(), best.end());
  }

  Bytes header;
  append_big_endian(header, static_cast<std::uint32_t>(width));
  append_big_endian(header, static_cast<std::uint32_t>(height));
  constexpr unsigned char colour[] = {0, 0, 4, 2, 6};  // by channels: grey, with alpha, RGB, RGBA
  for (const int byte : {8, int{colour[channels]}, 0, 0, 0})
    header.push_back(static_cast<unsigned char>(byte));
  Bytes png(png_signature, png_signature + 8);
  append_chunk(png, "IHDR", header);
  append_chunk(png, "IDAT", Deflate::pack(filtered));
  append_chunk(png, "IEND", {});
  return png;
}

}  // namespace stb_standin

/// Hands the file over; 0 if the picture cannot be one.
inline int stbi_write_png_to_func(stbi_write_func* write, void* context, int width, int height,
                                  int channels, const void* pixels, int stride) {
  if (width < 1 || height < 1 || channels < 1 || channels > 4) return 0;
  stb_standin::Bytes png = stb_standin::encode_png(
      static_cast<std::size_t>(width), static_cast<std::size_t>(height),
      static_cast<std::size_t>(channels), static_cast<const unsigned char*>(pixels),
      stride != 0 ? stride : std::ptrdiff_t{width} * channels);
  write(context, png.data(), static_cast<int>(png.size()));
  return 1;
}

inline int stbi_write_png(const char* path, int width, int height, int channels, const void* pixels,
                          int stride) {
  std::FILE* file = std::fopen(path, "wb");
  if (!file) return 0;
  const auto write = [](void* to, void* data, int size) {
    std::fwrite(data, 1, static_cast<std::size_t>(size), static_cast<std::FILE*>(to));
  };
  const int encoded = stbi_write_png_to_func(write, file, width, height, channels, pixels, stride);
  const bool written = std::ferror(file) == 0;
  return std::fclose(file) == 0 && written && encoded != 0 ? 1 : 0;
}
