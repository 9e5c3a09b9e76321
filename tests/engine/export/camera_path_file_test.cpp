#include "engine/export/camera_path_file.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "engine/geometry/quaternion.h"
#include "engine/math/error.h"
#include "tests/engine/export/temporary_folder.h"

namespace fieldscope {
namespace {

using nlohmann::json;

SceneFrame placed() {
  return {pose_of(exp({0.3, -0.2, 0.5}), {10, -20, 5}), 0.25f};
}

CameraPath some_path() {
  return CameraPath({{pose_of(exp({0.1, 0.2, 0.3}), {0, 0.5f, 0.7f}), 0.7, 0.25},
                     {pose_of(exp({0.6, -0.9, 0.2}), {-0.5f, 1, 0.1f}), 0.9, 1},
                     {pose_of(exp({1.2, 0.1, -0.4}), {0.3f, -0.8f, 1}), 0.5, 3}},
                    4, true);
}

class CameraPathFiles : public TemporaryFolderTest {
 protected:
  json written() const {
    write_camera_path(folder_ / "path.json", {some_path(), 24}, placed());
    return json::parse(bytes_of(folder_ / "path.json"));
  }
  /// With what a file with this text is refused.
  std::string refusal(const std::string& text) const {
    const auto path = file("bad.json", text);
    try {
      read_camera_path(path, placed());
    } catch (const DataError& error) {
      const std::string said = error.what();
      EXPECT_NE(said.find("'" + path.string() + "'"), std::string::npos) << said;
      EXPECT_EQ(said.find('\n'), std::string::npos) << said;
      return said;
    }
    return "(accepted)";
  }
};

TEST_F(CameraPathFiles, ReadBack) {
  written();
  const CameraPathFile again = read_camera_path(folder_ / "path.json", placed());
  EXPECT_EQ(again.frames_per_second, 24);
  EXPECT_EQ(again.path.seconds(), 4);
  EXPECT_TRUE(again.path.closed());
  const std::vector<CameraKey> keys = some_path().keys();
  ASSERT_EQ(again.path.keys().size(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const CameraKey& key = again.path.keys()[i];
    EXPECT_LT(length(key.pose.right - keys[i].pose.right), 1e-5f);
    EXPECT_LT(length(key.pose.up - keys[i].pose.up), 1e-5f);
    EXPECT_LT(length(key.pose.back - keys[i].pose.back), 1e-5f);
    EXPECT_LT(length(key.pose.origin - keys[i].pose.origin), 1e-5f);
    EXPECT_NEAR(key.vertical_angle, keys[i].vertical_angle, 1e-7);
    EXPECT_DOUBLE_EQ(key.time, keys[i].time);
  }
  EXPECT_EQ(files(), 1u);
}

TEST_F(CameraPathFiles, AreInTheCoordinatesOfTheDataset) {
  const json j = written();
  EXPECT_EQ(j["fieldscope"], "camera path");
  EXPECT_EQ(j["loop"], true);
  const CameraKey key = some_path().keys()[1];
  const json m = j["keyframes"][1]["transform_matrix"];
  const SceneFrame frame = placed();
  const Vec3 origin = frame.to_file(key.pose.origin);
  // A point one unit of the file in front of the camera is a quarter of a scene unit away.
  const Vec3 ahead = {m[0][3].get<float>() - m[0][2].get<float>(),
                      m[1][3].get<float>() - m[1][2].get<float>(),
                      m[2][3].get<float>() - m[2][2].get<float>()};
  EXPECT_NEAR(m[0][3].get<double>(), origin.x, 1e-5);
  EXPECT_NEAR(m[2][3].get<double>(), origin.z, 1e-5);
  EXPECT_LT(length(frame.to_scene(ahead) - (key.pose.origin - key.pose.back * 0.25f)), 1e-5f);
  EXPECT_EQ(m[3], json({0, 0, 0, 1}));
  EXPECT_NEAR(j["keyframes"][1]["vertical_angle"].get<double>(), 0.9 * 180 / M_PI, 1e-6);
}

TEST_F(CameraPathFiles, NeedNotSayEverything) {
  json j = written();
  j.erase("frames_per_second");
  j.erase("loop");
  j["made_by"] = "hand";
  for (json& key : j["keyframes"]) key["transform_matrix"].erase(3);
  const CameraPathFile read = read_camera_path(file("short.json", j.dump()), placed());
  EXPECT_EQ(read.frames_per_second, 30);
  EXPECT_FALSE(read.path.closed());
}

TEST_F(CameraPathFiles, SayWhatIsWrongWhere) {
  const auto expect = [&](const std::string& where, auto change) {
    json j = written();
    change(j);
    const std::string said = refusal(j.dump());
    EXPECT_NE(said.find(where), std::string::npos) << said;
  };
  expect("\"camera path\"", [](json& j) { j["fieldscope"] = "mesh"; });
  expect("\"camera path\"", [](json& j) { j = json::array(); });
  expect("seconds is missing", [](json& j) { j.erase("seconds"); });
  expect("seconds is not a number", [](json& j) { j["seconds"] = "4"; });
  expect("seconds is not a number", [](json& j) { j["seconds"] = -4; });
  expect("frames_per_second", [](json& j) { j["frames_per_second"] = 0; });
  expect("loop", [](json& j) { j["loop"] = 1; });
  expect("keyframes", [](json& j) { j["keyframes"] = json::array(); });
  expect("keyframes[1] ", [](json& j) { j["keyframes"][1] = 7; });
  expect("keyframes[1].time is missing", [](json& j) { j["keyframes"][1].erase("time"); });
  expect("keyframes[2].vertical_angle", [](json& j) { j["keyframes"][2]["vertical_angle"] = 180; });
  expect("keyframes[0].transform_matrix is not a matrix", [](json& j) {
    j["keyframes"][0]["transform_matrix"].erase(0);
    j["keyframes"][0]["transform_matrix"].erase(0);
  });
  expect("keyframes[0].transform_matrix[1][2]",
         [](json& j) { j["keyframes"][0]["transform_matrix"][1][2] = nullptr; });
  expect("key frame 0", [](json& j) { j["keyframes"][0]["transform_matrix"][0][0] = 2; });
  expect("key frame 1", [](json& j) { j["keyframes"][1]["time"] = 0.1; });
  expect("key frame 2", [](json& j) { j["keyframes"][2]["time"] = 5; });
  EXPECT_NE(refusal("{\"fieldscope\": ").find("not JSON"), std::string::npos);
  EXPECT_NE(refusal(""), "(accepted)");
  EXPECT_NE(refusal(std::string(5000, '[')), "(accepted)");
  EXPECT_THROW(read_camera_path(folder_ / "missing.json", placed()), DataError);
  EXPECT_THROW(write_camera_path(folder_ / "no" / "a.json", {some_path(), 24}, placed()),
               DataError);
}

TEST_F(CameraPathFiles, AreTold) {
  written();
  EXPECT_TRUE(is_camera_path(folder_ / "path.json"));
  EXPECT_TRUE(is_camera_path(file("late.json", R"({"seconds": 4, "fieldscope" : "camera path"})")));
  EXPECT_TRUE(is_camera_path(file("broken.json", R"({"fieldscope": "camera path", "seco)")));
  EXPECT_FALSE(is_camera_path(file("other.json", R"({"fieldscope": 1, "runs": "camera path"})")));
  EXPECT_FALSE(is_camera_path(file("transforms.json", R"({"frames": []})")));
  EXPECT_FALSE(is_camera_path(file("path.txt", R"({"fieldscope": "camera path"})")));
  EXPECT_FALSE(is_camera_path(file("empty.json", "")));
  EXPECT_FALSE(is_camera_path(folder_ / "none.json"));
  EXPECT_FALSE(is_camera_path(folder_));
}

}  // namespace
}  // namespace fieldscope
