// Stand-in for stb_image.h, for machines that do not have it (package libstb-dev): reads PNG
// through callbacks, and nothing else. What it lacks is listed in third_party/README.md.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#include <stb/standin/png_reader.h>

// As stb_image.h tells that it was configured without.
#define STBI_NO_JPEG
#define STBI_NO_BMP
#define STBI_NO_TGA
#define STBI_NO_HDR
#define STBI_NO_GIF

using stbi_uc = unsigned char;
using stbi_us = unsigned short;

struct stbi_io_callbacks {
  int (*read)(void* user, char* data, int size);
  void (*skip)(void* user, int n);
  int (*eof)(void* user);
};

namespace stb_standin {

inline const char*& failure_reason() {
  static thread_local const char* reason = nullptr;
  return reason;
}

struct CallbackSource {
  const stbi_io_callbacks* callbacks;
  void* user;

  std::size_t read(unsigned char* to, std::size_t count) const {
    const int got = callbacks->read(user, reinterpret_cast<char*>(to), static_cast<int>(count));
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }
};

/// What `use` makes of a reader; {} if the file is refused, and failure_reason() tells why.
template <class Use>
auto attempt(const stbi_io_callbacks* callbacks, void* user, const Use& use) {
  CallbackSource source{callbacks, user};
  PngReader reader(source);
  try {
    return use(reader);
  } catch (const Refusal& refusal) {
    failure_reason() = refusal.reason;
    return decltype(use(reader)){};
  }
}

/// The samples as numbers of another width, in memory that stbi_image_free takes.
template <class Number>
Number* load(const stbi_io_callbacks* callbacks, void* user, int* x, int* y, int* channels) {
  return attempt(callbacks, user, [&](auto& reader) {
    const Picture picture = reader.read();
    auto* numbers = static_cast<Number*>(std::malloc(picture.samples.size() * sizeof(Number)));
    if (!numbers) throw std::bad_alloc();
    const int to_bits = 8 * static_cast<int>(sizeof(Number));
    for (std::size_t i = 0; i < picture.samples.size(); ++i) {
      const unsigned s = picture.samples[i];
      numbers[i] = static_cast<Number>(picture.depth == to_bits ? s
                                       : to_bits == 8           ? s >> 8
                                                                : s * 257);
    }
    *x = static_cast<int>(picture.width);
    *y = static_cast<int>(picture.height);
    *channels = static_cast<int>(picture.channels);
    return numbers;
  });
}

}  // namespace stb_standin

inline const char* stbi_failure_reason() {
  return stb_standin::failure_reason();
}

inline void stbi_image_free(void* pixels) {
  std::free(pixels);
}

inline int stbi_info_from_callbacks(const stbi_io_callbacks* callbacks, void* user, int* x, int* y,
                                    int* channels) {
  return stb_standin::attempt(callbacks, user, [&](auto& reader) {
    const stb_standin::Picture picture = reader.header();
    *x = static_cast<int>(picture.width);
    *y = static_cast<int>(picture.height);
    *channels = static_cast<int>(picture.channels);
    return 1;
  });
}

inline int stbi_is_16_bit_from_callbacks(const stbi_io_callbacks* callbacks, void* user) {
  return stb_standin::attempt(callbacks, user,
                              [](auto& reader) { return reader.header().depth == 16 ? 1 : 0; });
}

// `desired` is 0: as many channels as there are.
inline stbi_uc* stbi_load_from_callbacks(const stbi_io_callbacks* callbacks, void* user, int* x,
                                         int* y, int* channels, int /*desired*/) {
  return stb_standin::load<stbi_uc>(callbacks, user, x, y, channels);
}
inline stbi_us* stbi_load_16_from_callbacks(const stbi_io_callbacks* callbacks, void* user, int* x,
                                            int* y, int* channels, int /*desired*/) {
  return stb_standin::load<stbi_us>(callbacks, user, x, y, channels);
}

/// Only for pictures of high dynamic range, which PNG is not.
inline float* stbi_loadf_from_callbacks(const stbi_io_callbacks*, void*, int*, int*, int*, int) {
  stb_standin::failure_reason() = "this build has no stb_image to read other files than PNG";
  return nullptr;
}
