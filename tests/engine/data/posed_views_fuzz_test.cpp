// Thousands of damaged lists of views: a dataset or a refusal comes of each.
#include <chrono>

#include "engine/data/npy.h"
#include "tests/engine/data/damage.h"
#include "tests/engine/data/views_fixture.h"

namespace fieldscope {
namespace {

using namespace test;

std::string damaged(std::string bytes, Dice& dice) {
  static const std::string words[] = {"nan",  "-1",    "4294967295", "1e999", "null", "1e300", "\"",
                                      "[",    "}",     "0",          "True",  "(",    "<f4",   ",",
                                      "[[]]", "false", "\xff\xff",   ".",     "e9",   "{}"};
  return test::damaged(std::move(bytes), dice, {words, 3, 9});
}

bool sound(const PosedViews& views) {
  if (!(views.near > 0 && views.far > views.near && views.frame.scale > 0)) return false;
  if (views.training.empty() || views.held_out.empty()) return false;
  for (const auto* list : {&views.training, &views.held_out}) {
    for (const PosedView& view : *list) {
      const Lens& lens = view.camera.lens;
      const Ray ray = view.camera.ray({lens.width / 3.0, lens.height / 3.0});
      if (!(std::abs(length(ray.direction) - 1) < 1e-5f)) return false;
      if (!std::isfinite(length(ray.origin))) return false;
      const auto pixels = static_cast<std::size_t>(lens.width) * lens.height;
      if (view.pixels.size() != pixels * static_cast<std::size_t>(view.channels)) return false;
    }
  }
  return std::abs(length(views.up) - 1) < 1e-5f;
}

class PosedViewsFuzz : public ViewsTest {
 protected:
  void fuzz(const std::string& name, std::uint64_t seed, int times) {
    const std::string bytes = bytes_of(folder_ / name);
    Dice dice(seed);
    int loaded = 0, refused = 0;
    for (int i = 0; i < times; ++i) {
      const std::string text = damaged(bytes, dice);
      file(name, text);
      const auto start = std::chrono::steady_clock::now();
      try {
        EXPECT_TRUE(sound(*load())) << "mutation " << i << ":\n" << text;
        ++loaded;
      } catch (const DataError& error) {
        EXPECT_EQ(std::string(error.what()).find_first_of(std::string("\n\r\0", 3)),
                  std::string::npos)
            << error.what();
        ++refused;
      }
      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
      EXPECT_LT(taken.count(), 10) << "mutation " << i;
    }
    // Or the damage is too small or too large to show anything.
    EXPECT_GT(loaded, times / 100);
    EXPECT_GT(refused, times / 8);
  }
};

TEST_F(PosedViewsFuzz, Llff) {
  save_llff(row_of_cameras(3, 4));
  fuzz("poses_bounds.npy", 1, 2000);
}

TEST_F(PosedViewsFuzz, Transforms) {
  nlohmann::json file = capture(ring(3, 3, {0, 0, 0}));
  file["k1"] = 0.01;
  file["p1"] = 0.001;
  file["test_filenames"] = {"images/1.png"};
  save(file);
  fuzz("transforms.json", 2, 2000);
}

TEST_F(PosedViewsFuzz, Blender) {
  save({{"camera_angle_x", 0.7}, {"frames", frames(ring(3, 4, {0, 0, 0}), "train", "")}},
       "transforms_train.json");
  fuzz("transforms_train.json", 3, 2000);
}

TEST(NpyFuzz, HeadersAndNoise) {
  Dice dice(4);
  const std::string good = npy_bytes("<f8", true, "(2, 3, 1)", std::string(48, '\x3f'));
  for (int i = 0; i < 10000; ++i) {
    // The noise keeps the magic, or nothing more would be looked at.
    std::string bytes = good.substr(0, 8);
    if (i % 2) {
      bytes = damaged(good, dice);
    } else {
      for (std::size_t k = dice(200); k > 0; --k) bytes += static_cast<char>(dice(256));
    }
    try {
      const NpyArray array = parse_npy(bytes);
      std::size_t count = 1;
      for (const std::size_t size : array.shape) count *= size;
      EXPECT_EQ(count, array.numbers.size());
    } catch (const DataError&) {
    }
  }
}

}  // namespace
}  // namespace fieldscope
