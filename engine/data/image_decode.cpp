#include "engine/data/image_decode.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <type_traits>

#include "engine/math/error.h"

// The decoder is compiled into this file only, with internal linkage, so that no other part of the
// program can meet its names or its warnings.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wshadow"
#endif
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_NO_STDIO
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_ONLY_TGA
#define STBI_ONLY_HDR
#define STBI_ONLY_GIF
#if __has_include(<stb/stb_image.h>)
#include <stb/stb_image.h>
#else
#include <stb_image.h>
#endif
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace fieldscope {
namespace {

enum class Format { unknown, png, jpeg, bmp, tga, hdr, gif };

// The stand-in for stb_image says as stb_image would that it was built without the other formats.
#ifdef STBI_NO_JPEG
constexpr bool png_only = true;
#else
constexpr bool png_only = false;
#endif
constexpr const char* known_formats = png_only ? "PNG" : "PNG, JPEG, BMP, TGA, HDR or GIF";

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& reason,
                         const std::string& hint) {
  throw DataError("cannot read image '" + path.string() + "': " + reason + "; " + hint);
}

/// A file as the decoder reads it. The decoder takes bytes after the end for zeros, which turns a
/// truncated picture into a partly black one; `past_end` tells.
struct Source {
  std::FILE* file = nullptr;
  bool past_end = false;

  static int read(void* user, char* bytes, int count) {
    auto* source = static_cast<Source*>(user);
    const auto got = std::fread(bytes, 1, static_cast<std::size_t>(count), source->file);
    // The decoder fills its own 128-byte buffer ahead of need: only a read that brings nothing, or
    // a direct one that brings too little, means that it wanted more than there is.
    if (count > 0 && (got == 0 || (got < static_cast<std::size_t>(count) && count != 128))) {
      source->past_end = true;
    }
    return static_cast<int>(got);
  }
  static void skip(void* user, int count) {
    std::fseek(static_cast<Source*>(user)->file, count, SEEK_CUR);
  }
  static int eof(void* user) {
    auto* source = static_cast<Source*>(user);
    const int next = std::fgetc(source->file);
    if (next == EOF) return 1;
    std::ungetc(next, source->file);
    return 0;
  }
  void rewind() {
    std::rewind(file);
    past_end = false;
  }
};

constexpr stbi_io_callbacks callbacks = {&Source::read, &Source::skip, &Source::eof};

using Head = std::array<unsigned char, 32>;

Format format_of(const Head& head, std::size_t size, const std::filesystem::path& path) {
  const auto starts = [&](const char* magic, std::size_t length) {
    return size >= length && std::memcmp(head.data(), magic, length) == 0;
  };
  if (starts("\x89PNG\r\n\x1a\n", 8)) return Format::png;
  if (starts("\xff\xd8\xff", 3)) return Format::jpeg;
  if (starts("BM", 2)) return Format::bmp;
  if (starts("GIF87a", 6) || starts("GIF89a", 6)) return Format::gif;
  if (starts("#?RADIANCE", 10) || starts("#?RGBE", 6)) return Format::hdr;
  // TGA has no signature: the ending of the name has to vouch for it.
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending == ".tga" ? Format::tga : Format::unknown;
}

std::uint32_t big_endian(const unsigned char* p) {
  return (std::uint32_t{p[0]} << 24) | (std::uint32_t{p[1]} << 16) | (std::uint32_t{p[2]} << 8) |
         std::uint32_t{p[3]};
}

struct Extent {
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  int channels = 0;
};

/// Size from the header alone. PNG is read here because the decoder's own header reader refuses
/// large pictures without saying how large they are.
Extent header_extent(Source& source, Format format, const Head& head, std::size_t head_size,
                     const std::filesystem::path& path) {
  Extent extent;
  if (format == Format::png && head_size >= 24 && std::memcmp(&head[12], "IHDR", 4) == 0) {
    extent.width = big_endian(&head[16]);
    extent.height = big_endian(&head[20]);
    return extent;
  }
  int width = 0, height = 0, channels = 0;
  source.rewind();
  if (!stbi_info_from_callbacks(&callbacks, &source, &width, &height, &channels)) {
    refuse(path, source.past_end ? "it ends inside its header" : "its header is damaged",
           "copy or export it again");
  }
  extent.width = static_cast<std::uint64_t>(std::max(width, 0));
  extent.height = static_cast<std::uint64_t>(std::max(height, 0));
  return extent;
}

struct FreeStb {
  void operator()(void* pixels) const { stbi_image_free(pixels); }
};

/// From numbers up to `most`, to floats up to 1 or bytes up to 255.
template <class Out, class Number>
void convert(const Number* numbers, std::size_t count, Number most, std::vector<Out>& out) {
  if constexpr (std::is_same_v<Out, Number>) {
    out.assign(numbers, numbers + count);
    return;
  }
  out.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    if constexpr (std::is_same_v<Out, float>) {
      out[i] = static_cast<float>(numbers[i]) / static_cast<float>(most);
    } else {
      out[i] = static_cast<Out>(static_cast<float>(numbers[i]) * (255 / static_cast<float>(most)) +
                                0.5f);
    }
  }
}

/// High dynamic range radiance as a picture: clipped at 1 and encoded with the customary 1/2.2
/// power, because the field learns displayed values.
void display_radiance(float* numbers, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float value = std::fmin(std::fmax(numbers[i], 0.0f), 1.0f);
    numbers[i] = std::isfinite(numbers[i]) ? std::pow(value, 1 / 2.2f) : 1;
  }
}

template <class Out>
Decoded<Out> decode(Source& source, Format format) {
  Decoded<Out> image;
  int& width = image.width;
  int& height = image.height;
  int& channels = image.channels;
  const auto take = [&](auto* pixels, auto most) {
    const std::unique_ptr<std::remove_pointer_t<decltype(pixels)>, FreeStb> owner(pixels);
    if (!pixels) return;
    // A GIF is always handed over as RGBA, whatever it says of its channels.
    if (format == Format::gif) channels = 4;
    const auto count = static_cast<std::size_t>(width) * height * channels;
    if constexpr (std::is_same_v<decltype(most), float>) display_radiance(pixels, count);
    convert(pixels, count, most, image.numbers);
  };
  source.rewind();
  if (format == Format::hdr) {
    take(stbi_loadf_from_callbacks(&callbacks, &source, &width, &height, &channels, 0), 1.0f);
    return image;
  }
  const bool wide = format == Format::png && stbi_is_16_bit_from_callbacks(&callbacks, &source);
  source.rewind();
  if (wide) {
    take(stbi_load_16_from_callbacks(&callbacks, &source, &width, &height, &channels, 0),
         stbi_us{65535});
  } else {
    take(stbi_load_from_callbacks(&callbacks, &source, &width, &height, &channels, 0),
         stbi_uc{255});
  }
  return image;
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// A picture that has passed every check but decoding.
struct OpenImage {
  std::unique_ptr<std::FILE, CloseFile> file;
  Format format = Format::unknown;
  Extent extent;
};

std::string size_text(const Extent& extent) {
  return std::to_string(extent.width) + "x" + std::to_string(extent.height);
}

OpenImage open_image(const std::filesystem::path& path, std::size_t max_pixels) {
  const std::string give = std::string("give a ") + known_formats + " file";
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) refuse(path, "there is no such file", "check the path");
  if (std::filesystem::is_directory(status)) refuse(path, "it is a folder", give);
  if (!std::filesystem::is_regular_file(status)) refuse(path, "it is not a regular file", give);

  OpenImage image;
  image.file.reset(std::fopen(path.c_str(), "rb"));
  std::FILE* const file = image.file.get();
  if (!file) refuse(path, std::strerror(errno), "check its permissions");
  Head head{};
  const std::size_t head_size = std::fread(head.data(), 1, head.size(), file);
  if (std::ferror(file)) refuse(path, "reading failed", "check the disk");
  if (head_size == 0) refuse(path, "the file is empty", give);
  const Format format = image.format = format_of(head, head_size, path);
  if (format == Format::unknown) {
    refuse(path, std::string("it is not a picture in a known format"), give);
  }
  if (png_only && format != Format::png) {
    refuse(path, "this build has no stb_image and reads PNG only",
           "convert it to PNG, or install libstb-dev and build again");
  }

  Source source{file};
  const Extent extent = image.extent = header_extent(source, format, head, head_size, path);
  const std::string size = size_text(extent);
  if (extent.width == 0 || extent.height == 0) {
    refuse(path, "it has no pixels (" + size + ")", "give a picture of at least 1x1");
  }
  // Both sides have 32 bits, so the product does not overflow 64.
  if (extent.width * extent.height > max_pixels) {
    refuse(path,
           "it is too large (" + size + ", more than " + std::to_string(max_pixels) + " pixels)",
           "shrink it first, for example to 4096x4096");
  }
  return image;
}

template <class Out>
Decoded<Out> decode_file(const std::filesystem::path& path, std::size_t max_pixels) {
  const OpenImage open = open_image(path, max_pixels);
  Source source{open.file.get()};
  Decoded<Out> image;
  try {
    image = decode<Out>(source, open.format);
  } catch (const std::bad_alloc&) {
    refuse(path, "decoding " + size_text(open.extent) + " pixels needs more memory than there is",
           "shrink it first");
  }
  if (source.past_end) refuse(path, "the file is truncated", "copy or export it again");
  if (image.numbers.empty()) {
    const char* reason = stbi_failure_reason();
    refuse(path, std::string("its data is damaged (") + (reason ? reason : "unknown reason") + ")",
           "copy or export it again");
  }
  return image;
}

}  // namespace

DecodedImage decode_image(const std::filesystem::path& path, std::size_t max_pixels) {
  return decode_file<float>(path, max_pixels);
}

DecodedBytes decode_image_bytes(const std::filesystem::path& path, std::size_t max_pixels) {
  return decode_file<std::uint8_t>(path, max_pixels);
}

ImageExtent image_extent(const std::filesystem::path& path, std::size_t max_pixels) {
  const Extent extent = open_image(path, max_pixels).extent;
  return {static_cast<int>(extent.width), static_cast<int>(extent.height)};
}

const std::vector<std::string>& decoded_extensions() {
  static const std::vector<std::string> all = {".png", ".jpg", ".jpeg", ".bmp",
                                               ".tga", ".hdr", ".gif"};
  static const std::vector<std::string> png = {".png"};
  return png_only ? png : all;
}

}  // namespace fieldscope
