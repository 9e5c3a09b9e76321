#include "app/gui/settings.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <nlohmann/json.hpp>

namespace fieldscope::gui {
namespace {

namespace fs = std::filesystem;

fs::path home() {
  const char* folder = std::getenv("HOME");
  return folder && *folder ? fs::path(folder) : fs::temp_directory_path();
}

// Our folder in a place that the XDG base directories name.
fs::path own_folder(const char* variable, const char* in_home) {
  const char* configured = std::getenv(variable);
  return (configured && *configured ? fs::path(configured) : home() / in_home) / "fieldscope";
}

}  // namespace

fs::path settings_file() {
  return own_folder("XDG_CONFIG_HOME", ".config") / "window.json";
}

fs::path state_folder() {
  return own_folder("XDG_STATE_HOME", ".local/state");
}

fs::path export_folder() {
  std::error_code error;
  const fs::path pictures = home() / "Pictures";
  return (fs::is_directory(pictures, error) ? pictures : home()) / "fieldscope";
}

Settings load_settings() {
  Settings s;
  std::ifstream in(settings_file());
  if (!in) return s;
  const auto json = nlohmann::json::parse(in, nullptr, false);
  if (!json.is_object()) return s;
  try {
    s.dark = json.value("dark", s.dark);
    s.scale = json.value("scale", s.scale);
    s.side_width = std::clamp(json.value("side_width", s.side_width), 240.0f, 640.0f);
    s.curves_height = std::clamp(json.value("curves_height", s.curves_height), 140.0f, 1200.0f);
    s.side_open = json.value("side_open", s.side_open);
    s.curves_open = json.value("curves_open", s.curves_open);
    s.width = std::clamp(json.value("width", s.width), 480, 16384);
    s.height = std::clamp(json.value("height", s.height), 300, 16384);
    s.hints_seen = json.value("hints_seen", s.hints_seen);
    s.last_folder = json.value("last_folder", s.last_folder);
    s.recent = json.value("recent", s.recent);
    s.x_axis = json.value("x_axis", s.x_axis);
    s.smoothing = std::clamp(json.value("smoothing", s.smoothing), 0.0, 1.0);
    s.surface_training = std::clamp(json.value("surface_training", s.surface_training), 32, 128);
    s.surface_resting = std::clamp(json.value("surface_resting", s.surface_resting), 64, 512);
    s.mesh_wire = json.value("mesh_wire", s.mesh_wire);
    s.path_open = json.value("path_open", s.path_open);
  } catch (const nlohmann::json::exception&) {
    return {};  // a field of another type: somebody edited the file
  }
  return s;
}

void save_settings(const Settings& s) {
  const nlohmann::json json = {
      {"dark", s.dark},
      {"scale", s.scale},
      {"side_width", s.side_width},
      {"curves_height", s.curves_height},
      {"side_open", s.side_open},
      {"curves_open", s.curves_open},
      {"width", s.width},
      {"height", s.height},
      {"hints_seen", s.hints_seen},
      {"last_folder", s.last_folder},
      {"recent", s.recent},
      {"x_axis", s.x_axis},
      {"smoothing", s.smoothing},
      {"surface_training", s.surface_training},
      {"surface_resting", s.surface_resting},
      {"mesh_wire", s.mesh_wire},
      {"path_open", s.path_open},
  };
  std::error_code error;
  const fs::path file = settings_file();
  fs::create_directories(file.parent_path(), error);
  fs::path beside = file;
  beside += ".new";
  {
    std::ofstream out(beside);
    if (!(out << json.dump(2) << '\n')) return;
  }
  fs::rename(beside, file, error);
}

}  // namespace fieldscope::gui
