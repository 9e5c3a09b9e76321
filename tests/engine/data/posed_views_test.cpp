// Posed views of every format from hand-written cameras: where points land, which views are held
// out, where the scene's box lies.
#include "engine/data/posed_views.h"

#include <algorithm>

#include "tests/engine/data/views_fixture.h"

namespace fieldscope {
namespace {

using namespace test;
using nlohmann::json;
namespace fs = std::filesystem;

Vec3 to_float(const Axis& p) {
  return {static_cast<float>(p[0]), static_cast<float>(p[1]), static_cast<float>(p[2])};
}

std::vector<PosedView> all_views(const PosedViews& views) {
  std::vector<PosedView> all = views.training;
  all.insert(all.end(), views.held_out.begin(), views.held_out.end());
  std::sort(all.begin(), all.end(),
            [](const PosedView& a, const PosedView& b) { return a.name < b.name; });
  return all;
}

/// Corners of a cube land where similar triangles say; the views are sorted by name as the cameras.
void expect_corners(const PosedViews& views, const std::vector<HandCamera>& cameras,
                    const Axis& centre, double half, double focal, double cx, double cy) {
  const std::vector<PosedView> all = all_views(views);
  ASSERT_EQ(all.size(), cameras.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Pose& pose = all[i].camera.pose;
    EXPECT_LT(length(cross(pose.right, pose.up) - pose.back), 1e-5);
    EXPECT_LT(length(views.frame.to_file(pose.origin) - to_float(cameras[i].origin)), 1e-3);
    for (int corner = 0; corner < 8; ++corner) {
      const Axis p = {centre[0] + (corner & 1 ? half : -half),
                      centre[1] + (corner & 2 ? half : -half),
                      centre[2] + (corner & 4 ? half : -half)};
      const auto wanted = cameras[i].pixel(p, focal, cx, cy);
      const auto at = all[i].camera.project(views.frame.to_scene(to_float(p)));
      ASSERT_TRUE(at);
      EXPECT_NEAR(at->column, wanted[0], 1e-3) << all[i].name;
      EXPECT_NEAR(at->row, wanted[1], 1e-3) << all[i].name;
    }
  }
}

class PosedViewsTest : public ViewsTest {};

TEST_F(PosedViewsTest, LlffPutsPointsWhereTheyBelong) {
  const auto cameras = row_of_cameras(5, 4);
  save_llff(cameras);
  expect_corners(*load(), cameras, {0.2, 4, 0.1}, 0.5, 10, 6, 4);
  EXPECT_TRUE(load()->forward_facing);
  // Halved, with the lens that belongs to it.
  expect_corners(*load({6, 8}), cameras, {0.2, 4, 0.1}, 0.5, 5, 3, 2);
}

TEST_F(PosedViewsTest, BlenderPutsPointsWhereTheyBelong) {
  const auto cameras = ring(6, 4, {0, 0, 0});
  const double angle = 2 * std::atan(12 / (2 * 10.0));
  save({{"camera_angle_x", angle}, {"frames", frames(cameras, "./train", "")}},
       "transforms_train.json");
  expect_corners(*load(), cameras, {0, 0, 0}, 0.8, 10, 6, 4);
  expect_corners(*load({6, 8}), cameras, {0, 0, 0}, 0.8, 5, 3, 2);
}

TEST_F(PosedViewsTest, TransformsPutPointsWhereTheyBelong) {
  const auto cameras = ring(7, 3, {5, -2, 1});
  json file = capture(cameras);
  file["cx"] = 5.5;
  file["cy"] = 4.25;
  save(file);
  expect_corners(*load(), cameras, {5, -2, 1}, 0.5, 10, 5.5, 4.25);
  // The lens may be told for larger photographs than those that are there.
  for (const char* key : {"fl_x", "fl_y", "cx", "cy", "w", "h"})
    file[key] = 4 * file[key].get<double>();
  save(file);
  expect_corners(*load(), cameras, {5, -2, 1}, 0.5, 10, 5.5, 4.25);
}

TEST_F(PosedViewsTest, LlffLooksInwardToo) {
  const auto cameras = ring(9, 3, {1, 1, 1});
  save_llff(cameras, 2, 5);
  const auto views = load();
  EXPECT_FALSE(views->forward_facing);
  expect_corners(*views, cameras, {1, 1, 1}, 0.4, 10, 6, 4);
  EXPECT_NEAR(1 / views->frame.scale, 1.1 * 3, 1e-4);
  EXPECT_NEAR(views->near, 0.9 * 2 / 3.3, 1e-4);
}

TEST_F(PosedViewsTest, EveryEighthIsHeldOut) {
  save(capture(ring(17, 3, {0, 0, 0})));
  const auto views = load();
  ASSERT_EQ(views->held_out.size(), 3u);
  EXPECT_EQ(views->held_out[0].name, "0.png");
  EXPECT_EQ(views->held_out[1].name, "8.png");
  EXPECT_EQ(views->held_out[2].name, "16.png");
  EXPECT_EQ(views->extent(), "14 views of 12 × 8, 3 held out");
  EXPECT_EQ(load({0, 2})->held_out.size(), 9u);
  EXPECT_THROW(load({0, 1}), UsageError);
  EXPECT_THROW(load({-1, 8}), UsageError);
}

TEST_F(PosedViewsTest, BlendersTestViewsAreHeldOut) {
  const auto part = [&](const char* name, int count, double radius) {
    save({{"camera_angle_x", 0.7}, {"frames", frames(ring(count, radius, {0, 0, 0}), name, "")}},
         std::string("transforms_") + name + ".json");
  };
  part("train", 9, 4);
  EXPECT_EQ(load()->extent(), "7 views of 12 × 8, 2 held out");
  part("val", 3, 4);
  EXPECT_EQ(load()->extent(), "9 views of 12 × 8, 3 held out");
  part("test", 4, 4);
  EXPECT_EQ(load()->extent(), "9 views of 12 × 8, 4 held out");
  EXPECT_EQ(load_posed_views(folder_ / "transforms_train.json", {})->extent(), load()->extent());
  EXPECT_EQ(load_posed_views(folder_ / "transforms_test.json", {})->extent(),
            "3 views of 12 × 8, 1 held out");
  // Test views without any picture: others have to do.
  fs::remove_all(folder_ / "test");
  const auto views = load();
  EXPECT_EQ(views->extent(), "7 views of 12 × 8, 2 held out");
  ASSERT_EQ(views->warnings.size(), 2u);
  EXPECT_EQ(views->warnings[0], "4 of 13 frames skipped: no image (0, 1, 2, ...)");
}

TEST_F(PosedViewsTest, NerfstudiosListsDecideWhatIsHeldOut) {
  json file = capture(ring(8, 3, {0, 0, 0}));
  file["train_filenames"] = {"images/0.png", "images/1.png", "images/2.png"};
  file["val_filenames"] = {"images/3.png"};
  file["test_filenames"] = {"images/5.png", "images/6.png"};
  save(file);
  EXPECT_EQ(load()->extent(), "3 views of 12 × 8, 2 held out");
  EXPECT_EQ(load()->held_out[1].name, "6.png");
  file.erase("test_filenames");
  save(file);
  EXPECT_EQ(load()->extent(), "3 views of 12 × 8, 1 held out");
  file.erase("train_filenames");
  save(file);
  EXPECT_EQ(load()->extent(), "7 views of 12 × 8, 1 held out");
}

TEST_F(PosedViewsTest, FramesMayHaveTheirOwnLenses) {
  json file = capture(ring(4, 3, {0, 0, 0}));
  for (const char* key : {"fl_x", "fl_y", "cx", "cy", "w", "h"}) file.erase(key);
  for (std::size_t i = 0; i < 4; ++i) {
    const int width = 12 + static_cast<int>(i);
    picture("images/" + std::to_string(i) + ".png", width, 8);
    json& frame = file["frames"][i];
    frame["fl_x"] = 10.0 + static_cast<double>(i);
    frame["w"] = width;
    frame["h"] = 8;
    frame["k1"] = 0.01 * static_cast<double>(i);
  }
  save(file);
  const auto all = all_views(*load());
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(all[i].camera.lens.fx, 10 + static_cast<double>(i));
    EXPECT_EQ(all[i].camera.lens.fy, 10 + static_cast<double>(i));
    EXPECT_EQ(all[i].camera.lens.cx, (12 + static_cast<double>(i)) / 2);
    EXPECT_EQ(all[i].camera.lens.k1, 0.01 * static_cast<double>(i));
  }
  EXPECT_EQ(load()->extent(), "3 views of up to 15 × 8, 1 held out");
}

TEST_F(PosedViewsTest, AnglesServeWhereNoFocalLengthIsTold) {
  json file = capture(ring(4, 3, {0, 0, 0}));
  for (const char* key : {"fl_x", "fl_y", "w", "h", "cx", "cy"}) file.erase(key);
  file["camera_angle_x"] = 1.0;
  save(file);
  const Lens square = load()->training[0].camera.lens;
  EXPECT_NEAR(square.fx, 6 / std::tan(0.5), 1e-9);
  EXPECT_EQ(square.fy, square.fx);
  file["camera_angle_y"] = 0.8;
  save(file);
  EXPECT_NEAR(load()->training[0].camera.lens.fy, 4 / std::tan(0.4), 1e-9);
  file["fl_x"] = 11;  // says more than the angles
  save(file);
  EXPECT_EQ(load()->training[0].camera.lens.fx, 11);
  EXPECT_EQ(load()->training[0].camera.lens.fy, 11);
}

TEST_F(PosedViewsTest, NamesWithoutEndingsAndWithBackslashes) {
  json file = capture(ring(5, 3, {0, 0, 0}));
  const char* names[] = {"./images/0", "images/1", "images\\2.png", "images/3.png", "images/4"};
  for (std::size_t i = 0; i < 5; ++i) file["frames"][i]["file_path"] = names[i];
  fs::copy_file(folder_ / "images/4.png", folder_ / "images/4.jpeg");  // told by content
  fs::remove(folder_ / "images/4.png");
  save(file);
  EXPECT_EQ(load()->extent(), "4 views of 12 × 8, 1 held out");
  EXPECT_TRUE(load()->warnings.empty());
}

TEST_F(PosedViewsTest, MissingPicturesAreSkipped) {
  save(capture(ring(6, 3, {0, 0, 0})));
  fs::remove(folder_ / "images/1.png");
  fs::remove(folder_ / "images/4.png");
  const auto views = load();
  EXPECT_EQ(views->extent(), "3 views of 12 × 8, 1 held out");
  ASSERT_EQ(views->warnings.size(), 1u);
  EXPECT_EQ(views->warnings[0], "2 of 6 frames skipped: no image (1.png, 4.png)");
}

TEST_F(PosedViewsTest, LlffsFolderSuitsTheSize) {
  const auto cameras = row_of_cameras(3, 4);
  save_llff(cameras);
  const auto add = [&](const std::string& name, int width, int height) {
    for (int i = 0; i < 3; ++i)
      picture(name + "/" + std::to_string(100 + i) + ".png", width, height);
  };
  add("images", 96, 64);
  add("images_2", 48, 32);
  add("images_8", 12, 8);
  const auto width = [&](int longest) {
    const auto views = load({longest, 8});
    EXPECT_NEAR(views->training[0].camera.lens.fx, views->training[0].camera.lens.width * 10 / 12.0,
                1e-9);
    return views->training[0].camera.lens.width;
  };
  EXPECT_EQ(width(0), 96);
  EXPECT_EQ(width(200), 96);
  EXPECT_EQ(width(12), 12);
  EXPECT_EQ(width(24), 24);
  // It is the small picture that is read: the large one has other colours now.
  fs::remove_all(folder_ / "images_2");
  EXPECT_EQ(width(24), 24);
  fs::remove_all(folder_ / "images");
  EXPECT_EQ(width(24), 12);
}

TEST_F(PosedViewsTest, ObjectsFillTheBox) {
  const double tangent = 8 / (2 * 10.0);  // the smaller angle of view is the vertical one
  save({{"camera_angle_x", 2 * std::atan(12 / (2 * 10.0))},
        {"frames", frames(ring(6, 4, {0, 0, 0}), "train", "")}},
       "transforms_train.json");
  const auto views = load();
  EXPECT_NEAR(1 / views->frame.scale, 4 * tangent, 1e-4);
  EXPECT_NEAR(views->near, 1 / tangent - std::sqrt(3), 1e-4);
  EXPECT_NEAR(views->far, 1 / tangent + std::sqrt(3), 1e-4);
  EXPECT_EQ(views->up, (Vec3{0, 0, 1}));
  EXPECT_LT(length(views->frame.frame.origin), 1e-5);
  EXPECT_EQ(views->frame.frame.right, (Vec3{1, 0, 0}));
}

TEST_F(PosedViewsTest, CapturesHaveTheirCamerasInTheBox) {
  json file = capture(ring(6, 4, {10, 20, 30}));
  save(file);
  auto views = load();
  EXPECT_NEAR(1 / views->frame.scale, 1.1 * 4, 1e-4);
  EXPECT_LT(length(views->frame.frame.origin - Vec3{10, 20, 30}), 1e-4);
  EXPECT_FLOAT_EQ(views->near, 0.05f);
  EXPECT_NEAR(views->far, 2 * std::sqrt(3), 1e-5);
  EXPECT_LT(length(views->up - Vec3{0, 0, 1}), 1e-5);
  for (const PosedView& view : views->training)
    EXPECT_NEAR(length(view.camera.pose.origin), 1 / 1.1, 1e-4);
  file["aabb_scale"] = 1;  // the box ends before the cameras
  save(file);
  views = load();
  EXPECT_NEAR(1 / views->frame.scale, 4 * 0.4, 1e-4);
}

TEST_F(PosedViewsTest, ForwardFacingViewsAreRecentred) {
  const auto cameras = row_of_cameras(5, 4);
  save_llff(cameras, 2, 100);
  const auto views = load();
  ASSERT_TRUE(views->forward_facing);
  EXPECT_TRUE(views->warnings.empty());
  const ForwardFacing& forward = *views->forward_facing;
  EXPECT_EQ(views->up, (Vec3{0, 1, 0}));
  EXPECT_NEAR(forward.fx, 10 / 6.0, 1e-6);
  EXPECT_NEAR(forward.fy, 10 / 4.0, 1e-6);
  const float scale = views->frame.scale;
  EXPECT_NEAR(forward.near, 0.75 * 2 * scale, 1e-5);
  EXPECT_NEAR(views->near, 0.9 * 2 * scale, 1e-5);
  EXPECT_NEAR(views->far, 16 * scale * std::sqrt(1 + 0.36 + 0.16), 1e-4);  // 8 x the nearest bound
  // The mean camera stands at the origin and looks along -z; every view's frustum is in the box.
  Vec3 mean, back;
  bool touched = false;
  for (const PosedView& view : all_views(*views)) {
    mean = mean + view.camera.pose.origin * 0.2f;
    back = back + view.camera.pose.back * 0.2f;
    for (const PicturePoint at : {PicturePoint{0, 0}, {12, 0}, {0, 8}, {12, 8}}) {
      const Ray ray = view.camera.ray(at);
      const float depth = -dot(ray.direction, view.camera.pose.back);
      for (const double far : {0.9 * 2, 16.0}) {
        const Vec3 p = ray.at(static_cast<float>(far) * scale / depth);
        const float most = std::max({std::abs(p.x), std::abs(p.y), std::abs(p.z)});
        EXPECT_LT(most, 1 + 1e-5f);
        touched = touched || most > 1 - 1e-4f;
      }
    }
  }
  EXPECT_TRUE(touched);
  EXPECT_LT(length(mean - forward.origin), 1e-5);
  EXPECT_LT(length(normalised(back) - Vec3{0, 0, 1}), 1e-5);
}

TEST_F(PosedViewsTest, ForwardFacingWithoutBoundsIsAGuess) {
  const auto cameras = row_of_cameras(6, 4);
  save(capture(cameras));
  const auto views = load();
  ASSERT_TRUE(views->forward_facing);
  ASSERT_EQ(views->warnings.size(), 1u);
  EXPECT_NE(views->warnings[0].find("guessed"), std::string::npos);
  expect_corners(*views, cameras, {0.2, 4, 0.1}, 0.5, 10, 6, 4);
  const Vec3 target = views->frame.to_scene({0, 4, 0});
  EXPECT_LT(std::max({std::abs(target.x), std::abs(target.y), std::abs(target.z)}), 1);
}

TEST_F(PosedViewsTest, CamerasThatLookAwayFromEachOther) {
  std::vector<HandCamera> cameras;
  for (int i = 0; i < 8; ++i) {
    const double c = std::cos(0.785 * i), s = std::sin(0.785 * i);
    cameras.push_back(look({c, s, 0}, {2 * c, 2 * s, 0}));
  }
  save(capture(cameras));
  const auto views = load();
  EXPECT_EQ(views->warnings.size(), 1u);
  EXPECT_NEAR(1 / views->frame.scale, 4, 1e-2);
}

TEST_F(PosedViewsTest, PicturesAreOverTheBackgroundOneAsksFor) {
  json file = capture(ring(2, 3, {0, 0, 0}));
  const std::uint8_t rgba[] = {255, 0, 51, 255, 255, 255, 255, 0, 10, 20, 30, 128, 0, 0, 0, 255};
  for (const char* name : {"images/0.png", "images/1.png"})
    write_png(folder_ / name, 2, 2, 4, rgba);
  for (const char* key : {"w", "h", "cx", "cy"}) file.erase(key);
  save(file);
  const auto views = load();
  EXPECT_TRUE(views->has_alpha);
  const PosedView& view = views->training[0];
  EXPECT_EQ(view.channels, 4);
  EXPECT_EQ(view.colour(0, 1), (std::array<float, 3>{1, 0, 51 / 255.0f}));
  EXPECT_EQ(view.colour(1, 0.25f), (std::array<float, 3>{0.25f, 0.25f, 0.25f}));
  EXPECT_NEAR(view.colour(2, 1)[1], (20 * 128 / 255.0 + 127) / 255, 1e-6);
  const Image picture = view.picture(0);
  EXPECT_EQ(picture.channels, 3);
  EXPECT_EQ(picture.width, 2);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(picture.pixels[3 * i + c], view.colour(i, 0)[c]);
}

TEST_F(PosedViewsTest, WhatPosedViewsLookLike) {
  EXPECT_FALSE(is_posed_views(folder_));
  EXPECT_FALSE(is_posed_views(folder_ / "none"));
  EXPECT_FALSE(is_posed_views(file("config.json", "{}")));
  EXPECT_TRUE(is_posed_views(file("transforms_x.json", "{}")));
  EXPECT_TRUE(is_posed_views(folder_));
  EXPECT_TRUE(is_posed_views("anywhere/poses_bounds.npy"));
  fs::remove(folder_ / "transforms_x.json");
  file("poses_bounds.npy", "");
  EXPECT_TRUE(is_posed_views(folder_));
}

TEST_F(PosedViewsTest, NamesAndPaths) {
  save(capture(ring(3, 3, {0, 0, 0})));
  const std::string name = folder_.filename().string();
  EXPECT_EQ(load()->name, name);
  EXPECT_EQ(load()->path, folder_);
  EXPECT_EQ(load_posed_views(folder_ / "", {})->name, name);
  EXPECT_EQ(load_posed_views(folder_ / "transforms.json", {})->name, name);
  fs::rename(folder_ / "transforms.json", folder_ / "transforms_few.json");
  EXPECT_EQ(load()->name, name);  // the only one
  EXPECT_EQ(load_posed_views(folder_ / "transforms_few.json", {})->name, "transforms_few.json");
  EXPECT_EQ(load()->task(), TaskKind::nerf);
}

TEST_F(PosedViewsTest, ThreadsMakeNoDifference) {
  save(capture(ring(40, 3, {0, 0, 0}), 60, 40));
  const auto one = load_posed_views(folder_, {25, 8});
  const auto three = load_posed_views(folder_, {25, 8}, on_threads(3));
  ASSERT_EQ(one->training.size(), three->training.size());
  for (std::size_t i = 0; i < one->training.size(); ++i) {
    EXPECT_EQ(one->training[i].pixels, three->training[i].pixels);
    EXPECT_EQ(one->training[i].camera, three->training[i].camera);
  }
}

TEST_F(PosedViewsTest, LoadingTellsHowFarItIsAndCanBeGivenUp) {
  save(capture(ring(40, 3, {0, 0, 0})));
  std::vector<double> shares;
  std::string last;
  load_posed_views(folder_, {}, on_threads(2), [&](double share, const char* stage) {
    shares.push_back(share);
    last = stage;
  });
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_GE(shares.size(), 4u);
  EXPECT_EQ(shares.front(), 0);
  EXPECT_EQ(shares.back(), 1);
  EXPECT_EQ(last, "reading pictures");
  EXPECT_THROW(load_posed_views(folder_, {}, on_threads(2),
                                [](double share, const char*) {
                                  if (share > 0.3) throw Cancelled();
                                }),
               Cancelled);
}

}  // namespace
}  // namespace fieldscope
