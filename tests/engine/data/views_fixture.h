// Small datasets of posed views, written by the tests in every format from the same cameras.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/data/posed_views.h"
#include "engine/export/png.h"
#include "engine/math/error.h"
#include "tests/engine/export/temporary_folder.h"

namespace fieldscope::test {

/// The bytes of a .npy file; `shape` as Python writes it.
inline std::string npy_bytes(const std::string& descr, bool fortran, const std::string& shape,
                             const std::string& numbers, int version = 1) {
  const std::size_t start = version == 1 ? 10 : 12;
  std::string header = "{'descr': '" + descr +
                       "', 'fortran_order': " + (fortran ? "True" : "False") +
                       ", 'shape': " + shape + ", }";
  while ((start + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  for (std::size_t i = 0; i < start - 8; ++i) {
    bytes += static_cast<char>((header.size() >> (8 * i)) & 0xff);
  }
  return bytes + header + numbers;
}

inline std::string npy_of(const std::vector<std::vector<double>>& rows) {
  std::string numbers;
  for (const auto& row : rows) {
    numbers.append(reinterpret_cast<const char*>(row.data()), row.size() * sizeof(double));
  }
  const std::size_t columns = rows.empty() ? 17 : rows.front().size();
  return npy_bytes("<f8", false,
                   "(" + std::to_string(rows.size()) + ", " + std::to_string(columns) + ")",
                   numbers);
}

using Axis = std::array<double, 3>;

/// A camera by its axes, written out by hand: nothing of the engine's own cameras is in it.
struct HandCamera {
  Axis right, up, back, origin;

  /// Column and row of a point, by similar triangles.
  std::array<double, 2> pixel(const Axis& point, double focal, double cx, double cy) const {
    double r = 0, u = 0, b = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      r += right[i] * (point[i] - origin[i]);
      u += up[i] * (point[i] - origin[i]);
      b += back[i] * (point[i] - origin[i]);
    }
    return {cx + focal * r / -b, cy - focal * u / -b};
  }
  nlohmann::json matrix() const {
    nlohmann::json rows = nlohmann::json::array();
    for (std::size_t i = 0; i < 3; ++i) rows.push_back({right[i], up[i], back[i], origin[i]});
    rows.push_back({0.0, 0.0, 0.0, 1.0});
    return rows;
  }
  /// As LLFF has it: the axes down, right, back.
  std::vector<double> row(double width, double height, double focal, double near,
                          double far) const {
    const double last[] = {height, width, focal};
    std::vector<double> numbers;
    for (std::size_t i = 0; i < 3; ++i) {
      for (const double x : {-up[i], right[i], back[i], origin[i], last[i]}) numbers.push_back(x);
    }
    numbers.push_back(near);
    numbers.push_back(far);
    return numbers;
  }
};

/// Looks from a place at a target, with z up.
inline HandCamera look(const Axis& from, const Axis& target) {
  HandCamera camera{{}, {}, {}, from};
  double length = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    camera.back[i] = from[i] - target[i];
    length += camera.back[i] * camera.back[i];
  }
  for (double& x : camera.back) x /= std::sqrt(length);
  const Axis& b = camera.back;
  const double flat = std::sqrt(b[0] * b[0] + b[1] * b[1]);
  camera.right = {-b[1] / flat, b[0] / flat, 0};  // z cross back
  const Axis& r = camera.right;
  camera.up = {b[1] * r[2] - b[2] * r[1], b[2] * r[0] - b[0] * r[2], b[0] * r[1] - b[1] * r[0]};
  return camera;
}

/// On a circle around `centre`, all looking at it, a little from above.
inline std::vector<HandCamera> ring(int count, double radius, const Axis& centre) {
  std::vector<HandCamera> cameras;
  for (int i = 0; i < count; ++i) {
    const double angle = 6.283185307179586 * (i + 0.25) / count;
    cameras.push_back(look({centre[0] + radius * 0.8 * std::cos(angle),
                            centre[1] + radius * 0.8 * std::sin(angle), centre[2] + radius * 0.6},
                           centre));
  }
  return cameras;
}

/// Side by side, looking along +y at something that far away.
inline std::vector<HandCamera> row_of_cameras(int count, double distance) {
  std::vector<HandCamera> cameras;
  for (int i = 0; i < count; ++i) {
    const double x = 0.1 * distance * (i - 0.5 * (count - 1)) / count;
    cameras.push_back(look({x, 0.02 * x, 0.3 * x}, {0, distance, 0}));
  }
  return cameras;
}

class ViewsTest : public TemporaryFolderTest {
 protected:
  /// A picture whose red and green say where a pixel is.
  void picture(const std::string& name, int width = 12, int height = 8) const {
    std::vector<std::uint8_t> rgb;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        rgb.push_back(static_cast<std::uint8_t>(255 * x / width));
        rgb.push_back(static_cast<std::uint8_t>(255 * y / height));
        rgb.push_back(77);
      }
    }
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    write_png(path, width, height, 3, rgb.data());
  }

  /// Frames named images/0.png, ... with their pictures.
  nlohmann::json frames(const std::vector<HandCamera>& cameras,
                        const std::string& folder = "images", const std::string& ending = ".png",
                        int width = 12, int height = 8) const {
    nlohmann::json list = nlohmann::json::array();
    for (std::size_t i = 0; i < cameras.size(); ++i) {
      const std::string name = folder + "/" + std::to_string(i);
      picture(name + ".png", width, height);
      list.push_back({{"file_path", name + ending}, {"transform_matrix", cameras[i].matrix()}});
    }
    return list;
  }
  /// As instant-ngp has it.
  nlohmann::json capture(const std::vector<HandCamera>& cameras, int width = 12,
                         int height = 8) const {
    return {{"fl_x", 10.0},      {"fl_y", 10.0},
            {"cx", width / 2.0}, {"cy", height / 2.0},
            {"w", width},        {"h", height},
            {"aabb_scale", 4},   {"frames", frames(cameras, "images", ".png", width, height)}};
  }
  std::filesystem::path save(const nlohmann::json& json,
                             const std::string& name = "transforms.json") const {
    return file(name, json.dump(1));
  }
  /// LLFF's, with pictures in `images`.
  std::filesystem::path save_llff(const std::vector<HandCamera>& cameras, double near = 2,
                                  double far = 9, const std::string& folder = "images") const {
    std::vector<std::vector<double>> rows;
    for (std::size_t i = 0; i < cameras.size(); ++i) {
      rows.push_back(cameras[i].row(12, 8, 10, near, far));
      picture(folder + "/" + std::to_string(100 + i) + ".png");
    }
    return file("poses_bounds.npy", npy_of(rows));
  }

  std::shared_ptr<const PosedViews> load(const PosedViewsSettings& settings = {0, 8}) const {
    return load_posed_views(folder_, settings);
  }
  /// What the folder is refused with; one line, else the test fails.
  std::string refusal(const std::string& name = "") const {
    try {
      load_posed_views(name.empty() ? folder_ : folder_ / name, {0, 8});
    } catch (const DataError& error) {
      const std::string text = error.what();
      EXPECT_EQ(text.find('\n'), std::string::npos) << text;
      return text;
    }
    return "(accepted)";
  }
};

}  // namespace fieldscope::test
