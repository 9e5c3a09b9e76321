// fieldscope_demo_scene OUT_FOLDER [--view SPLIT/r_N] [--size N] [--samples N] [--threads N]
//
// Renders the built-in demo scene, posed views of a model island, in the format of NeRF's Blender
// scenes. Everything in it is computed; nothing is read. The same arguments give the same files.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "engine/export/atomic_file.h"
#include "engine/export/png.h"
#include "tools/demo_scene/tracer.h"

namespace fieldscope::demo_scene {
namespace {

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

constexpr const char* kUsage =
    "usage: fieldscope_demo_scene OUT_FOLDER [--view SPLIT/r_N] [--size N] [--samples N] "
    "[--threads N]";

struct Arguments {
  std::filesystem::path out;
  std::string view;  // the only one to render; all if empty
  Settings settings;
};

int parse_int(const std::string& name, std::string_view text, int low, int high) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
    throw UsageError(name + " " + std::string(text) + ": give a whole number from " +
                     std::to_string(low) + " to " + std::to_string(high));
  }
  return value;
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  arguments.settings.threads =
      std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 64);
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&]() -> std::string_view {
      if (i + 1 >= argc) throw UsageError(word + ": give a value after it");
      return argv[++i];
    };
    if (word == "--view") {
      arguments.view = value();
    } else if (word == "--size") {
      arguments.settings.size = parse_int(word, value(), 8, 4096);
    } else if (word == "--samples") {
      arguments.settings.samples = parse_int(word, value(), 1, 16);
    } else if (word == "--threads") {
      arguments.settings.threads = parse_int(word, value(), 1, 256);
    } else if (word.empty() || word.starts_with("-") || !arguments.out.empty()) {
      throw UsageError("'" + word + "': not understood; " + kUsage);
    } else {
      arguments.out = word;
    }
  }
  if (arguments.out.empty()) throw UsageError(kUsage);
  return arguments;
}

void run(const Arguments& arguments) {
  const Settings& settings = arguments.settings;
  bool found = arguments.view.empty();
  for (const Split& split : splits()) {
    for (std::size_t i = 0; i < split.cameras.size(); ++i) {
      const std::string view = split.name + "/r_" + std::to_string(i);
      if (!arguments.view.empty() && view != arguments.view) continue;
      found = true;
      const std::filesystem::path path = arguments.out / (view + ".png");
      std::filesystem::create_directories(path.parent_path());
      write_png(path, settings.size, settings.size, 4, render(split.cameras[i], settings).data());
    }
  }
  if (!found) {
    throw UsageError("--view " + arguments.view +
                     ": there are train/r_0 to r_47, val/r_0 to r_3 and test/r_0 to r_7");
  }
  for (const Split& split : splits()) {
    write_file(arguments.out / ("transforms_" + split.name + ".json"), transforms_json(split));
  }
}

}  // namespace
}  // namespace fieldscope::demo_scene

int main(int argc, char** argv) {
  using namespace fieldscope::demo_scene;
  try {
    run(parse(argc, argv));
    return 0;
  } catch (const UsageError& error) {
    std::fprintf(stderr, "fieldscope_demo_scene: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fieldscope_demo_scene: %s\n", error.what());
    return 1;
  }
}
