// fieldscope_demo_image OUT.png [--size N] [--samples N] [--threads N]
//
// Renders the built-in demo picture: a lighthouse on a fjord, evening. Everything in it is
// computed; nothing is read. The same arguments give the same picture.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb/stb_image_write.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include "tools/demo_image/render.h"

namespace fieldscope::demo_image {
namespace {

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

constexpr const char* kUsage =
    "usage: fieldscope_demo_image OUT.png [--size N] [--samples N] [--threads N]";

int parse_int(std::string_view name, std::string_view text, int low, int high) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
    throw UsageError(std::string(name) + " " + std::string(text) + ": give a whole number from " +
                     std::to_string(low) + " to " + std::to_string(high));
  }
  return value;
}

struct Arguments {
  std::string out;
  Settings settings;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  arguments.settings.threads =
      std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 64);
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto value = [&](int low, int high) {
      if (i + 1 >= argc) throw UsageError(std::string(word) + ": give a number after it");
      return parse_int(word, argv[++i], low, high);
    };
    if (word == "--size") {
      arguments.settings.size = value(8, 8192);
    } else if (word == "--samples") {
      arguments.settings.samples = value(1, 64);
    } else if (word == "--threads") {
      arguments.settings.threads = value(1, 256);
    } else if (word.starts_with("-") || !arguments.out.empty()) {
      throw UsageError(std::string(word) + ": not understood; " + kUsage);
    } else {
      arguments.out = word;
    }
  }
  if (arguments.out.empty()) throw UsageError(kUsage);
  return arguments;
}

void write_png(const std::string& path, const std::vector<std::uint8_t>& bytes, int size) {
  // Beside, then renamed: never a half-written file.
  const std::string partial = path + ".partial";
  stbi_write_png_compression_level = 9;
  if (stbi_write_png(partial.c_str(), size, size, 3, bytes.data(), size * 3) == 0) {
    std::remove(partial.c_str());
    throw std::runtime_error(path + ": cannot be written; check that the folder exists");
  }
  std::filesystem::rename(partial, path);
}

}  // namespace
}  // namespace fieldscope::demo_image

int main(int argc, char** argv) {
  using namespace fieldscope::demo_image;
  try {
    const Arguments arguments = parse(argc, argv);
    const Settings& settings = arguments.settings;
    const Scene scene = make_scene(std::max(settings.size * 7 / 8, 48), settings.threads);
    write_png(arguments.out, develop(render(scene, settings), settings.size), settings.size);
    return 0;
  } catch (const UsageError& error) {
    std::fprintf(stderr, "fieldscope_demo_image: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fieldscope_demo_image: %s\n", error.what());
    return 1;
  }
}
