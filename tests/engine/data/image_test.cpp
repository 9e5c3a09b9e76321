#include "engine/data/image.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/math/error.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;

fs::path fixture(const std::string& name) {
  return fs::path(FIELDSCOPE_TEST_FIXTURES) / "images" / name;
}

/// Without stb_image a build reads PNG only.
bool reads(const std::string& name) {
  const auto& endings = image_extensions();
  return std::find(endings.begin(), endings.end(), fs::path(name).extension().string()) !=
         endings.end();
}
constexpr const char* png_only = "built without stb_image: reads PNG only";

/// A folder of its own for each test, gone afterwards.
class ImageTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() / ("fieldscope-image-" + std::to_string(::getpid()) + "-" +
                                     testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path file(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }

  fs::path folder_;
};

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The message with which a file is refused; empty if it is not.
std::string refusal(const fs::path& path) {
  try {
    load_image(path);
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

void expect_ramp(const Image& image, float tolerance) {
  ASSERT_EQ(image.width, 6);
  ASSERT_EQ(image.height, 4);
  ASSERT_EQ(image.channels, 3);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 6; ++x) {
      EXPECT_NEAR(image.at(x, y)[0], x * 51 / 255.0f, tolerance) << x << ' ' << y;
      EXPECT_NEAR(image.at(x, y)[1], y * 85 / 255.0f, tolerance) << x << ' ' << y;
      EXPECT_NEAR(image.at(x, y)[2], 64 / 255.0f, tolerance) << x << ' ' << y;
    }
  }
}

TEST_F(ImageTest, ReadsLosslessFormatsExactly) {
  for (const char* name : {"rgb.png", "rgb.bmp", "rgb.tga", "palette.png", "rgb.gif"}) {
    if (!reads(name)) continue;
    SCOPED_TRACE(name);
    expect_ramp(load_image(fixture(name)), 1e-7f);
  }
}

TEST_F(ImageTest, ReadsJpeg) {
  if (!reads("rgb.jpg")) GTEST_SKIP() << png_only;
  const Image image = load_image(fixture("rgb.jpg"));
  EXPECT_EQ(image.width, 48);
  EXPECT_EQ(image.height, 32);
  ASSERT_EQ(image.channels, 3);
  EXPECT_NEAR(image.at(47, 0)[0], 1.0f, 0.03f);
  EXPECT_NEAR(image.at(0, 31)[1], 1.0f, 0.03f);
}

TEST_F(ImageTest, ReadsGreySixteenBitAndAlpha) {
  const Image grey = load_image(fixture("grey.png"));
  ASSERT_EQ(grey.channels, 1);
  EXPECT_FLOAT_EQ(grey.at(2, 1)[0], 102 / 255.0f);

  const Image wide = load_image(fixture("grey16.png"));
  ASSERT_EQ(wide.channels, 1);
  EXPECT_FLOAT_EQ(wide.at(3, 0)[0], 3 * 13107 / 65535.0f);

  const Image over_white = load_image(fixture("rgba.png"));
  ASSERT_EQ(over_white.channels, 3);
  const float alpha = 128 / 255.0f;
  EXPECT_NEAR(over_white.at(0, 0)[0], 1 - alpha, 1e-6f);
  EXPECT_NEAR(over_white.at(5, 3)[2], 64 / 255.0f * alpha + 1 - alpha, 1e-6f);
}

TEST_F(ImageTest, ReadsRadianceAsDisplayedValues) {
  if (!reads("rgb.hdr")) GTEST_SKIP() << png_only;
  const Image image = load_image(fixture("rgb.hdr"));
  ASSERT_EQ(image.channels, 3);
  EXPECT_NEAR(image.at(2, 0)[0], std::pow(102 / 256.0f, 1 / 2.2f), 2e-3f);
  EXPECT_NEAR(image.at(0, 0)[0], 0.0f, 1e-6f);
}

TEST_F(ImageTest, EveryTruncationIsRefusedOrDecodesTheSame) {
  for (const char* name : {"rgb.png", "rgb.jpg", "rgb.bmp", "rgb.tga", "rgb.gif", "rgb.hdr"}) {
    if (!reads(name)) continue;
    const std::string whole = bytes_of(fixture(name));
    const Image reference = load_image(fixture(name));
    const auto ending = fs::path(name).extension().string();
    std::size_t refused = 0;
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const fs::path cut = file("cut" + ending, whole.substr(0, length));
      try {
        // A few bytes of padding or trailer may be missing without harm to the picture.
        EXPECT_EQ(load_image(cut).pixels, reference.pixels) << name << " cut at " << length;
      } catch (const DataError&) {
        ++refused;
      }
    }
    EXPECT_GE(refused + 64, whole.size()) << name;
    EXPECT_NE(refusal(file("half" + ending, whole.substr(0, whole.size() / 2))), "") << name;
  }
}

TEST_F(ImageTest, RefusalsNameFileReasonAndRemedyInOneLine) {
  const auto expect = [](const fs::path& path, const std::string& reason) {
    const std::string message = refusal(path);
    EXPECT_NE(message.find("'" + path.string() + "'"), std::string::npos) << message;
    EXPECT_NE(message.find(reason), std::string::npos) << message;
    EXPECT_NE(message.find("; "), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  };
  expect(folder_ / "missing.png", "no such file");
  expect(folder_, "it is a folder");
  expect("/dev/null", "not a regular file");
  expect(file("empty.png", ""), "the file is empty");
  expect(file("text.png", "this is only text\n"), "not a picture in a known format");
  expect(file("text.tga", "this is only text\n"),
         reads("text.tga") ? "header is damaged" : "reads PNG only");
  expect(fixture("huge.png"), "too large (20000x20000");
  expect(fixture("no_pixels.png"), "no pixels (0x4)");
  expect(file("head.png", bytes_of(fixture("rgb.png")).substr(0, 40)), "truncated");
}

TEST_F(ImageTest, WhatThisBuildCannotReadIsRefusedWithTheReason) {
  for (const char* name : {"rgb.jpg", "rgb.bmp", "rgb.tga", "rgb.gif", "rgb.hdr"}) {
    const std::string message = refusal(fixture(name));
    EXPECT_EQ(message.empty(), reads(name)) << name;
    EXPECT_EQ(message.find("reads PNG only") != std::string::npos, !reads(name)) << message;
  }
}

TEST_F(ImageTest, HugeHeadersOfOtherFormatsAreRefusedBeforeDecoding) {
  if (!reads("rgb.bmp")) GTEST_SKIP() << png_only;
  std::string bmp = bytes_of(fixture("rgb.bmp"));
  for (const std::size_t at : {18, 22}) {  // width and height, little endian
    bmp[at] = 0x20;
    bmp[at + 1] = 0x4e;
  }
  EXPECT_NE(refusal(file("huge.bmp", bmp)).find("too large (20000x20000"), std::string::npos);
  std::string tga = bytes_of(fixture("rgb.tga"));
  for (const std::size_t at : {12, 14}) {
    tga[at] = 0x20;
    tga[at + 1] = 0x4e;
  }
  EXPECT_NE(refusal(file("huge.tga", tga)).find("too large (20000x20000"), std::string::npos);
}

TEST_F(ImageTest, HalvingTakesTheMeanOfFour) {
  Image image{4, 2, 1, {0, 1, 2, 3, 4, 5, 6, 7}};
  const Image half = resize_image(image, 2, 1);
  EXPECT_FLOAT_EQ(half.at(0, 0)[0], (0 + 1 + 4 + 5) / 4.0f);
  EXPECT_FLOAT_EQ(half.at(1, 0)[0], (2 + 3 + 6 + 7) / 4.0f);
}

TEST_F(ImageTest, ResizingKeepsConstantsAndMeans) {
  Image flat{7, 5, 3, std::vector<float>(7 * 5 * 3, 0.25f)};
  for (const auto& [width, height] : {std::pair{3, 2}, {7, 11}, {20, 3}, {1, 1}}) {
    for (const float value : resize_image(flat, width, height).pixels) {
      EXPECT_NEAR(value, 0.25f, 1e-6f);
    }
  }
  // Shrinking by a ratio that divides nothing still keeps the mean: every pixel counts its area.
  Image ramp{7, 5, 1, {}};
  for (int i = 0; i < 35; ++i) ramp.pixels.push_back(static_cast<float>(i % 11) / 10);
  const auto mean = [](const Image& image) {
    double sum = 0;
    for (const float value : image.pixels) sum += value;
    return sum / static_cast<double>(image.pixels.size());
  };
  EXPECT_NEAR(mean(resize_image(ramp, 3, 2)), mean(ramp), 1e-6);
}

TEST_F(ImageTest, EnlargingIsLinearBetweenCentres) {
  const Image two{2, 1, 1, {0, 1}};
  const Image four = resize_image(two, 4, 1);
  EXPECT_FLOAT_EQ(four.pixels[0], 0.0f);
  EXPECT_FLOAT_EQ(four.pixels[1], 0.25f);
  EXPECT_FLOAT_EQ(four.pixels[2], 0.75f);
  EXPECT_FLOAT_EQ(four.pixels[3], 1.0f);
}

TEST_F(ImageTest, ResizingRefusesEmptyAndHugeSizes) {
  const Image one{1, 1, 1, {0.5f}};
  EXPECT_THROW(resize_image(one, 0, 4), UsageError);
  EXPECT_THROW(resize_image(one, 4, -1), UsageError);
  EXPECT_THROW(resize_image(one, 100000, 100000), UsageError);
  EXPECT_THROW(resize_image(Image{}, 4, 4), UsageError);
}

TEST_F(ImageTest, FitKeepsAspectAndNeverEnlarges) {
  int width = 0, height = 0;
  fit_size(1216, 832, 256, &width, &height);
  EXPECT_EQ(width, 256);
  EXPECT_EQ(height, 175);
  fit_size(100, 50, 256, &width, &height);
  EXPECT_EQ(width, 100);
  EXPECT_EQ(height, 50);
  fit_size(10000, 1, 256, &width, &height);
  EXPECT_EQ(width, 256);
  EXPECT_EQ(height, 1);
}

TEST_F(ImageTest, DatasetRemembersWhereItCameFrom) {
  const auto dataset = load_image_dataset(fixture("rgb.png"), 3, 2);
  EXPECT_EQ(dataset->name, "rgb.png");
  EXPECT_EQ(dataset->original_width, 6);
  EXPECT_EQ(dataset->original_height, 4);
  EXPECT_EQ(dataset->image.width, 3);
  EXPECT_EQ(dataset->image.height, 2);
  EXPECT_EQ(load_image_dataset(fixture("rgb.png"), 0, 0, 3)->image.width, 3);
  EXPECT_EQ(load_image_dataset(fixture("rgb.png"), 0, 0)->image.width, 6);
}

TEST_F(ImageTest, Psnr) {
  const Image a{2, 1, 1, {0.0f, 0.5f}};
  const Image b{2, 1, 1, {0.1f, 0.5f}};
  EXPECT_NEAR(psnr(a, b), -10 * std::log10(0.01 / 2), 1e-5);
  EXPECT_EQ(psnr(a, a), std::numeric_limits<double>::infinity());
  EXPECT_THROW(psnr(a, Image{1, 2, 1, {0, 0}}), UsageError);
  EXPECT_NEAR(psnr_of_mse(0.001), 30.0, 1e-12);
}

}  // namespace
}  // namespace fieldscope
