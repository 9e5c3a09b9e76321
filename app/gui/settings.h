// What the window remembers between starts, in XDG_CONFIG_HOME/fieldscope/window.json.
// Plain data; read and written by the UI thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fieldscope::gui {

struct Settings {
  bool dark = true;
  float scale = 0;                              // 0: as the monitor asks
  float side_width = 304, curves_height = 264;  // design pixels
  bool side_open = true, curves_open = true;
  int width = 1280, height = 800;
  bool hints_seen = false;
  std::string last_folder;
  std::vector<std::string> recent;  // pictures and meshes, newest first
  std::string x_axis;               // of the curves; empty: what suits the data
  double smoothing = 0.25;
  // Cells an axis of the surfaces of occupancy fields: while they train, at rest.
  int surface_training = 64, surface_resting = 128;
  bool mesh_wire = false;
  bool path_open = false;  // the row of the camera's path, where scenes are learned

  bool operator==(const Settings&) const = default;
};

std::filesystem::path settings_file();
// Where exports go: the folder of pictures if there is one, else the home folder; never throws.
std::filesystem::path export_folder();

// Where sessions are kept between starts: XDG_STATE_HOME/fieldscope.
std::filesystem::path state_folder();

// A missing or broken file gives the defaults; settings are never worth an error.
Settings load_settings();
void save_settings(const Settings& settings);

}  // namespace fieldscope::gui
