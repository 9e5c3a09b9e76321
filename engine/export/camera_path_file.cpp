#include "engine/export/camera_path_file.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/data/whole_file.h"
#include "engine/export/atomic_file.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kind = "camera path";
constexpr std::uint64_t most_bytes = 64'000'000;
constexpr double degree = M_PI / 180;

/// As many digits as a float has, and a few more of a double: 0.1 and not 0.10000000149011612.
double short_number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return std::strtod(text, nullptr);
}

Json matrix_json(const Pose& pose, const SceneFrame& frame) {
  const Vec3 right = frame.frame.to_world(pose.right), up = frame.frame.to_world(pose.up),
             back = frame.frame.to_world(pose.back), origin = frame.to_file(pose.origin);
  const auto row = [](double a, double b, double c, double d) {
    return Json{short_number(a), short_number(b), short_number(c), short_number(d)};
  };
  return {row(right.x, up.x, back.x, origin.x), row(right.y, up.y, back.y, origin.y),
          row(right.z, up.z, back.z, origin.z), row(0, 0, 0, 1)};
}

/// Reads members and names them where they are wrong.
class Reader {
 public:
  Reader(const std::filesystem::path& path, const SceneFrame& frame) : path_(path), frame_(frame) {}

  CameraPathFile read() const {
    const Json json = parsed();
    if (!json.is_object() || !json.contains("fieldscope") || json["fieldscope"] != Json(kind))
      refuse("it does not say \"fieldscope\": \"camera path\"");
    constexpr double most = 1e6;
    const double seconds = number(member(json, "", "seconds"), "seconds", 1e-3, most);
    double frames_per_second = 30;
    if (json.contains("frames_per_second"))
      frames_per_second = number(json["frames_per_second"], "frames_per_second", 0.1, 1000);
    bool loop = false;
    if (json.contains("loop")) {
      if (!json["loop"].is_boolean()) refuse("loop is neither true nor false");
      loop = json["loop"].get<bool>();
    }
    const Json& list = member(json, "", "keyframes");
    if (!list.is_array()) refuse("keyframes is not a list of key frames");
    if (list.empty()) refuse("keyframes is empty; give at least one key frame");
    std::vector<CameraKey> keys;
    for (std::size_t i = 0; i < list.size(); ++i)
      keys.push_back(key(list[i], "keyframes[" + std::to_string(i) + "]"));
    try {
      return {CameraPath(std::move(keys), seconds, loop), frames_per_second};
    } catch (const UsageError& error) {
      refuse(error.what());
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const {
    throw DataError("cannot read camera path '" + path_.string() + "': " + reason);
  }

  Json parsed() const {
    const std::string text = read_whole_file(path_, kind, most_bytes);
    if (nests_too_deeply(text)) refuse("it nests too deeply for a camera path");
    try {
      return Json::parse(text);
    } catch (const nlohmann::json::parse_error& error) {
      refuse(json_fault(text, error.byte));
    }
  }

  const Json& member(const Json& json, const std::string& of, const char* name) const {
    if (!json.is_object()) refuse(of + " is not an object");
    if (!json.contains(name)) refuse((of.empty() ? "" : of + ".") + name + " is missing");
    return json.at(name);
  }

  double number(const Json& json, const std::string& name, double low, double high) const {
    const double value = json.is_number() ? json.get<double>() : std::nan("");
    if (!(value >= low && value <= high)) {
      char range[64];
      std::snprintf(range, sizeof range, "%g to %g", low, high);
      refuse(name + " is not a number from " + range);
    }
    return value;
  }

  CameraKey key(const Json& json, const std::string& name) const {
    CameraKey key;
    key.pose = pose(member(json, name, "transform_matrix"), name + ".transform_matrix");
    key.vertical_angle =
        degree * number(member(json, name, "vertical_angle"), name + ".vertical_angle", 0.1, 179);
    key.time = number(member(json, name, "time"), name + ".time", 0, 1e6);
    return key;
  }

  Pose pose(const Json& json, const std::string& name) const {
    constexpr double any = 1e30;
    std::array<std::array<float, 4>, 3> m{};
    bool fits = json.is_array() && (json.size() == 4 || json.size() == 3);
    for (std::size_t row = 0; fits && row < json.size(); ++row)
      fits = json[row].is_array() && json[row].size() == 4;
    if (!fits) refuse(name + " is not a matrix of 4 rows with 4 numbers each");
    for (std::size_t row = 0; row < 3; ++row)
      for (std::size_t column = 0; column < 4; ++column)
        m[row][column] = static_cast<float>(number(
            json[row][column],
            name + "[" + std::to_string(row) + "][" + std::to_string(column) + "]", -any, any));
    const auto axis = [&](std::size_t column) {
      return frame_.frame.to_camera({m[0][column], m[1][column], m[2][column]});
    };
    return {axis(0), axis(1), axis(2), frame_.to_scene({m[0][3], m[1][3], m[2][3]})};
  }

  const std::filesystem::path& path_;
  const SceneFrame& frame_;
};

}  // namespace

void write_camera_path(const std::filesystem::path& path, const CameraPathFile& written,
                       const SceneFrame& frame) {
  Json json = {{"fieldscope", kind},
               {"frames_per_second", short_number(written.frames_per_second)},
               {"seconds", short_number(written.path.seconds())},
               {"loop", written.path.closed()}};
  // One line a key frame: to be read by people, too.
  std::string text = json.dump(2);
  text.erase(text.rfind('\n'));
  text += ",\n  \"keyframes\": [";
  const char* separator = "\n    ";
  for (const CameraKey& key : written.path.keys()) {
    const Json line = {{"transform_matrix", matrix_json(key.pose, frame)},
                       {"vertical_angle", short_number(key.vertical_angle / degree)},
                       {"time", short_number(key.time)}};
    text += separator + line.dump();
    separator = ",\n    ";
  }
  write_file(path, text + "\n  ]\n}\n");
}

bool is_camera_path(const std::filesystem::path& path) {
  if (path.extension() != ".json") return false;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  // Whoever writes one by hand may say so anywhere in it, but not after thousands of key frames.
  std::ifstream file(path, std::ios::binary);
  std::string text(64 << 10, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const std::size_t member = text.find("\"fieldscope\"");
  if (member == std::string::npos) return false;
  const std::size_t value = text.find_first_not_of(" \t\r\n:", member + 12);
  return value != std::string::npos && text.compare(value, 13, "\"camera path\"") == 0;
}

CameraPathFile read_camera_path(const std::filesystem::path& path, const SceneFrame& frame) {
  return Reader(path, frame).read();
}

}  // namespace fieldscope
