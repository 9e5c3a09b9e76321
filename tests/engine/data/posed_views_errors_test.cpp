// Posed views that are refused: one line each that names the file and what is wrong with it.
#include <limits>

#include "tests/engine/data/views_fixture.h"

namespace fieldscope {
namespace {

using namespace test;
using nlohmann::json;
namespace fs = std::filesystem;

class PosedViewsErrors : public ViewsTest {
 protected:
  /// The folder is refused because of `file`, there, for that reason.
  void expect(const std::string& file, const std::string& reason,
              const std::string& where = "") const {
    const std::string text = refusal();
    const std::string start = "cannot read posed views '" +
                              (file.empty() ? folder_ : folder_ / file).string() + "': " + where;
    EXPECT_EQ(text.substr(0, start.size()), start);
    EXPECT_NE(text.find(reason), std::string::npos) << text;
  }
  void expect_json(const json& document, const std::string& reason,
                   const std::string& where = "") const {
    save(document);
    expect("transforms.json", reason, where);
  }
  void expect_npy(const std::vector<std::vector<double>>& rows, const std::string& reason,
                  const std::string& where = "") const {
    file("poses_bounds.npy", npy_of(rows));
    expect("poses_bounds.npy", reason, where);
  }
  std::vector<std::vector<double>> rows() const {
    std::vector<std::vector<double>> rows;
    for (const HandCamera& camera : cameras_) rows.push_back(camera.row(12, 8, 10, 2, 9));
    return rows;
  }

  const std::vector<HandCamera> cameras_ = row_of_cameras(3, 4);
  static constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  static constexpr double infinity = std::numeric_limits<double>::infinity();
};

TEST_F(PosedViewsErrors, NothingThatIsKnown) {
  expect("",
         "there is none of poses_bounds.npy (LLFF), transforms_train.json (Blender) and "
         "transforms.json");
  picture("images/0.png");
  expect("", "there is none of poses_bounds.npy");
  EXPECT_NE(refusal("none").find("there is nothing of that name"), std::string::npos);
  EXPECT_NE(refusal("images/0.png").find("it is no list of views"), std::string::npos);
  file("transforms_a.json", "{}");
  file("transforms_b.json", "{}");
  expect("", "several lists of views (transforms_a.json, transforms_b.json)");
}

TEST_F(PosedViewsErrors, LlffRows) {
  save_llff(cameras_);
  auto wrong = rows();
  for (auto& row : wrong) row.pop_back();
  expect_npy(wrong, "it holds 3 x 16 numbers, not N x 17");
  file("poses_bounds.npy", npy_bytes("<f8", false, "(0, 17)", ""));
  expect("poses_bounds.npy", "it holds 0 x 17 numbers");
  file("poses_bounds.npy", npy_bytes("<f8", false, "(1,)", std::string(8, '\0')));
  expect("poses_bounds.npy", "it holds 1 numbers");
  file("poses_bounds.npy", "text");
  EXPECT_EQ(refusal(), "cannot read NumPy file '" + (folder_ / "poses_bounds.npy").string() +
                           "': it is no NumPy file; save it again with numpy.save");
  wrong = rows();
  wrong.pop_back();
  expect_npy(wrong, "it has 2 rows, and there are 3 pictures in 'images'");
  file("poses_bounds.npy", npy_of(rows()));
  fs::remove_all(folder_ / "images");
  expect("poses_bounds.npy", "there are no pictures in 'images', 'images_2'");
}

TEST_F(PosedViewsErrors, LlffNumbers) {
  save_llff(cameras_);
  const auto with = [&](std::size_t at, double value, const char* reason) {
    auto wrong = rows();
    wrong[1][at] = value;
    expect_npy(wrong, reason, "row 1: ");
  };
  with(15, nan, "its bounds are nan and 9");
  with(15, 0, "its bounds are 0 and 9");
  with(15, 9, "its bounds are 9 and 9");
  with(16, infinity, "its bounds are 2 and inf");
  with(3, nan, "its pose holds numbers that are not finite");
  with(0, infinity, "its pose holds numbers that are not finite");
  with(8, 1e12, "away from the origin");
  with(0, 3, "its pose is no rotation");
  with(14, -10, "its focal length is -10");
  with(14, nan, "its focal length is nan");
  with(14, 0, "its focal length is 0");
  with(4, nan, "it says that pictures have nan pixels");
  with(9, 1e9, "it says that pictures have 1e+09 pixels");
  with(9, 8, "the lens is for pictures of 8x8");
}

TEST_F(PosedViewsErrors, Json) {
  const auto with = [&](const std::string& text, const char* reason) {
    file("transforms.json", text);
    expect("transforms.json", reason);
  };
  with("", "it is not JSON");
  with("{\n\"frames\": [\n{,}", "it is not JSON from line 3, column 2 on");
  with("{\"frames\": [NaN]}", "it has NaN at line 1, column 13, which is not a number");
  with("{\n \"fl_x\":\n  -Infinity}", "it has -Infinity at line 3, column 3, which is not");
  with("{\n \"fl_x\": Infinity}", "it has Infinity at line 2, column 10, which is not");
  with("{\"fl_x\": [1, nan]}", "it has nan at line 1, column 14, which is not");
  with("{\"fl_x\": nano}", "it is not JSON from line 1, column");
  with("{\"fl_x\": 1e999}", "it is not JSON");
  with(std::string(5000, '['), "nests too deeply");
  with("[]", "it has no list 'frames'");
  with("{\"frames\": 7}", "it has no list 'frames'");
  with("{\"frames\": []}", "it has no list 'frames'");
  with("{\"frames\": [7]}", "frame 0: it is not an object");
  with("{\"frames\": [{\"file_path\": 7}]}", "frame 0: it has no 'file_path'");
}

TEST_F(PosedViewsErrors, Frames) {
  const json good = capture(ring(4, 3, {0, 0, 0}));
  const auto with = [&](const char* key, const json& value, const char* reason) {
    json wrong = good;
    wrong["frames"][2][key] = value;
    expect_json(wrong, reason, "frame 2 ('images/2.png'): ");
  };
  json matrix = good["frames"][2]["transform_matrix"];
  with("transform_matrix", "eye", "not 4 rows of 4 numbers");
  with("transform_matrix", json({1, 2, 3}), "not 4 rows of 4 numbers");
  json changed = matrix;
  changed[1][2] = "a";
  with("transform_matrix", changed, "not 4 rows of 4 numbers");
  changed = matrix;
  changed[3][0] = 1;
  with("transform_matrix", changed, "the last row");
  changed = matrix;
  for (std::size_t r = 0; r < 3; ++r) changed[r][0] = -changed[r][0].get<double>();
  with("transform_matrix", changed, "its pose is mirrored");
  for (std::size_t r = 0; r < 3; ++r) changed[r][0] = 0;
  with("transform_matrix", changed, "its pose is no rotation");
  changed = matrix;
  changed[0][3] = 1e200;
  with("transform_matrix", changed, "away from the origin");
  with("fl_x", "wide", "its 'fl_x' is '\"wide\"', not a number");
  with("fl_x", -3, "its focal length is -3");
  with("k1", 1e9, "the coefficient 1e+09");
  with("k4", 0.1, "has a 'k4'");
  with("cx", 1e6, "its principal point is at 1e+06");
  with("camera_model", "OPENCV_FISHEYE", "its 'camera_model' is '\"OPENCV_FISHEYE\"'");
  json no_matrix = good;
  no_matrix["frames"][2].erase("transform_matrix");
  expect_json(no_matrix, "it has no 'transform_matrix'");
}

TEST_F(PosedViewsErrors, SlightlySkewedAxesAreMadeARotation) {
  json file = capture(ring(4, 3, {0, 0, 0}));
  for (std::size_t r = 0; r < 3; ++r) {
    json& entry = file["frames"][1]["transform_matrix"][r][0];
    entry = entry.get<double>() * 1.004 + 0.002;
  }
  save(file);
  const auto views = load();
  const Pose& pose = views->training[0].camera.pose;
  EXPECT_EQ(views->training[0].name, "1.png");
  EXPECT_NEAR(length(pose.right), 1, 1e-6);
  EXPECT_NEAR(dot(pose.right, pose.up), 0, 1e-6);
  EXPECT_LT(length(cross(pose.right, pose.up) - pose.back), 1e-6);
}

TEST_F(PosedViewsErrors, Lenses) {
  json wrong = capture(ring(4, 3, {0, 0, 0}));
  wrong.erase("fl_x");
  wrong.erase("fl_y");
  expect_json(wrong, "neither 'fl_x' nor 'camera_angle_x'");
  wrong["camera_angle_x"] = 3.5;
  expect_json(wrong, "its angle of view is 3.5");
  wrong["camera_angle_x"] = -1;
  expect_json(wrong, "its angle of view is -1");
  wrong = capture(ring(4, 3, {0, 0, 0}));
  wrong["w"] = 8;
  wrong["h"] = 12;
  expect_json(wrong, "not cut or turned");
  wrong["w"] = 1e300;
  expect_json(wrong, "it says that pictures have 1e+300 pixels");
  wrong["w"] = json::array();
  expect_json(wrong, "its 'w' is a list, not a number");
  wrong = capture(ring(4, 3, {0, 0, 0}));
  wrong["is_fisheye"] = true;
  expect_json(wrong, "its lens is a fisheye");
  wrong.erase("is_fisheye");
  wrong["test_filenames"] = 7;
  expect_json(wrong, "its 'test_filenames' is not a list of names");
  wrong["test_filenames"] = {"x"};
  wrong["train_filenames"] = {"y"};
  expect_json(wrong, "name none of its frames");
}

TEST_F(PosedViewsErrors, Pictures) {
  const json good = capture(ring(4, 3, {0, 0, 0}));
  save(good);
  picture("images/3.png", 24, 16);
  expect("transforms.json",
         "its pictures share one lens and differ in size ('0.png' has 12x8, '3.png' has 24x16)");
  file("images/3.png", bytes_of(folder_ / "images/0.png").substr(0, 60));
  EXPECT_NE(refusal().find((folder_ / "images/3.png").string()), std::string::npos) << refusal();
  file("images/3.png", "text");
  EXPECT_NE(refusal().find((folder_ / "images/3.png").string()), std::string::npos) << refusal();
  fs::remove_all(folder_ / "images");
  expect("transforms.json", "none of its 4 frames has a picture (0.png, 1.png, 2.png, ...)");
  picture("images/2.png");
  expect("transforms.json", "there is only one view with a picture");
}

TEST_F(PosedViewsErrors, TrainingViewsWithoutPictures) {
  for (const char* part : {"train", "test"})
    save({{"camera_angle_x", 0.7}, {"frames", frames(ring(3, 4, {0, 0, 0}), part, "")}},
         std::string("transforms_") + part + ".json");
  fs::remove_all(folder_ / "train");
  expect("transforms_train.json", "no training view has a picture");
}

TEST_F(PosedViewsErrors, CamerasAtOnePlace) {
  auto cameras = ring(4, 3, {0, 0, 0});
  for (HandCamera& camera : cameras) camera.origin = {1, 2, 3};
  save(capture(cameras));
  expect("transforms.json", "all 4 cameras stand at one place");
  save_llff(cameras, 2, 9, "images_2");
  fs::remove_all(folder_ / "images");
  expect("poses_bounds.npy", "all 4 cameras stand at one place");
}

}  // namespace
}  // namespace fieldscope
