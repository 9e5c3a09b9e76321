#include <cmath>
#include <limits>

#include "engine/data/image.h"
#include "engine/export/atomic_file.h"
#include "engine/export/png.h"
#include "engine/math/error.h"
#include "tests/engine/export/temporary_folder.h"

namespace fieldscope {
namespace {

using Files = TemporaryFolderTest;

TEST_F(Files, WritesAndReplacesWholeFilesOnly) {
  write_file(folder_ / "a", "one");
  write_file(folder_ / "a", "two");
  EXPECT_EQ(bytes_of(folder_ / "a"), "two");
  EXPECT_EQ(files(), 1u);
}

TEST_F(Files, FailureNamesTheFileAndLeavesNothing) {
  std::filesystem::create_directories(folder_ / "taken" / "inside");
  for (const auto& path : {folder_ / "missing" / "a", folder_ / "taken"}) {
    try {
      write_file(path, "x");
      FAIL() << "wrote " << path;
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find("'" + path.string() + "'"), std::string::npos);
    }
  }
  EXPECT_EQ(files(), 1u);
}

TEST_F(Files, PngReadsBackWithinHalfAStep) {
  for (const int channels : {1, 3}) {
    Image image{5, 3, channels, {}};
    for (int i = 0; i < 5 * 3 * channels; ++i) {
      image.pixels.push_back(static_cast<float>(i) / static_cast<float>(15 * channels - 1));
    }
    write_png(folder_ / "a.png", image);
    const Image again = load_image(folder_ / "a.png");
    ASSERT_EQ(again.channels, channels);
    ASSERT_EQ(again.width, 5);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      EXPECT_NEAR(again.pixels[i], image.pixels[i], 0.5 / 255 + 1e-6);
    }
  }
}

TEST_F(Files, PngClampsAndSurvivesNaN) {
  const float inf = std::numeric_limits<float>::infinity();
  write_png(folder_ / "a.png", Image{5, 1, 1, {-1, 2, std::nanf(""), inf, -inf}});
  EXPECT_EQ(load_image(folder_ / "a.png").pixels, (std::vector<float>{0, 1, 0, 1, 0}));
}

TEST_F(Files, PngHonoursStride) {
  const std::uint8_t rows[] = {10, 20, 99, 30, 40, 99};
  write_png(folder_ / "a.png", 2, 2, 1, rows, 3);
  const Image image = load_image(folder_ / "a.png");
  EXPECT_FLOAT_EQ(image.at(1, 0)[0], 20 / 255.0f);
  EXPECT_FLOAT_EQ(image.at(0, 1)[0], 30 / 255.0f);
}

TEST_F(Files, PngRefusesEmptyPictures) {
  EXPECT_THROW(write_png(folder_ / "a.png", Image{}), DataError);
  EXPECT_EQ(files(), 0u);
}

}  // namespace
}  // namespace fieldscope
