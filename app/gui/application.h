// The window of the program: puts the panels together, turns keys and drops into actions of the
// workspace, and keeps the report that tests read. UI thread only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/image.h"
#include "engine/train/config.h"

namespace fieldscope {

struct WindowOptions {
  // Pictures, meshes or a saved experiment; empty: the task's demo.
  std::vector<std::filesystem::path> files;
  TaskKind task = TaskKind::image;  // where no file tells
  std::vector<RunConfig> runs;      // empty: ESGD beside Adam
  int longest_side = 256;           // pixels; larger pictures are shrunk to it
  int threads = 0;                  // 0: all cores
  std::string device = "auto";      // where runs compute
  int width = 0, height = 0;        // of the window; 0: as last time
  std::filesystem::path report;     // where tests read what the window shows; may be empty
};

// Opens the window and returns when it is closed. Throws DeviceError when there is no display or no
// OpenGL 4.3, DataError when the built-in data is missing.
int run_window(const WindowOptions& options);

}  // namespace fieldscope
