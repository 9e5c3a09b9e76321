// Structural similarity against scikit-image 0.26.0 (NumPy 2.4.6), which gave the numbers for
// pictures from the same formulas:
//   y, x, k = np.mgrid[0:h, 0:w, 0:c].astype(float)
//   waves(phase) = (0.5 + 0.5*np.sin(0.9*x + 0.4*y + k +
//   phase)*np.cos(0.05*x*y)).astype(np.float32) noise = (((np.arange(w*h*c) * 7919) % 1009) /
//   1009).reshape(h, w, c).astype(np.float32) structural_similarity(a.astype(float),
//   b.astype(float), gaussian_weights=True,
//       use_sample_covariance=False, data_range=1.0, channel_axis=2)
#include "engine/data/image_quality.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/math/error.h"

namespace fieldscope {
namespace {

Image waves(int width, int height, int channels, double phase) {
  Image image{width, height, channels, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int k = 0; k < channels; ++k) {
        image.pixels.push_back(static_cast<float>(
            0.5 + 0.5 * std::sin(0.9 * x + 0.4 * y + k + phase) * std::cos(0.05 * x * y)));
      }
    }
  }
  return image;
}

Image mixed(Image image, float share, float (*other)(std::size_t, float)) {
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = share * image.pixels[i] + (1 - share) * other(i, image.pixels[i]);
  }
  return image;
}
float noise(std::size_t i, float) {
  return static_cast<float>(static_cast<double>((i * 7919) % 1009) / 1009);
}
float black(std::size_t, float) {
  return 0;
}
float negative(std::size_t, float value) {
  return 1 - value;
}

struct Expected {
  int width, height, channels;
  double shifted, noisy, dark, negative;
};

TEST(ImageQuality, IsScikitImages) {
  const Expected cases[] = {
      {32, 24, 3, 0.9524161493142854, 0.9326507598422099, 0.6426109205626113, -0.8700065060478597},
      {11, 11, 1, 0.958350545367298, 0.9192063794673603, 0.6440256016679271, -0.9026822982076165},
      {40, 13, 1, 0.954550545827658, 0.9326897810756599, 0.6422594185987754, -0.9335079022495965}};
  for (const Expected& e : cases) {
    const Image a = waves(e.width, e.height, e.channels, 0);
    const Image shifted = waves(e.width, e.height, e.channels, 0.3);
    EXPECT_NEAR(ssim(a, shifted), e.shifted, 1e-6);
    EXPECT_NEAR(ssim(shifted, a), e.shifted, 1e-6);
    EXPECT_NEAR(ssim(a, mixed(a, 0.8f, noise)), e.noisy, 1e-6);
    EXPECT_NEAR(ssim(a, mixed(a, 0.5f, black)), e.dark, 1e-6);
    EXPECT_NEAR(ssim(a, mixed(a, 0, negative)), e.negative, 1e-6);
    EXPECT_NEAR(ssim(a, a), 1, 1e-12);
  }
}

TEST(ImageQuality, WherePicturesCannotBeCompared) {
  const Image a = waves(20, 12, 3, 0);
  EXPECT_THROW(ssim(a, waves(20, 12, 1, 0)), UsageError);
  EXPECT_THROW(ssim(a, waves(12, 20, 3, 0)), UsageError);
  EXPECT_TRUE(std::isnan(ssim(waves(30, 10, 1, 0), waves(30, 10, 1, 0))));
  EXPECT_TRUE(std::isnan(ssim({}, {})));
}

}  // namespace
}  // namespace fieldscope
