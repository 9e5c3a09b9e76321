// A picture in memory and its readers: plain host data, no thread of its own.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/data/dataset.h"

namespace fieldscope {

/// Row-major pixels, `channels` interleaved floats each, in [0, 1] for displayable signals.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;  ///< 1 grey, 3 RGB
  std::vector<float> pixels;

  std::size_t count() const { return static_cast<std::size_t>(width) * height; }
  const float* at(int x, int y) const {
    return pixels.data() + (static_cast<std::size_t>(y) * width + x) * channels;
  }
  float* at(int x, int y) {
    return pixels.data() + (static_cast<std::size_t>(y) * width + x) * channels;
  }
};

/// What an image run learns: the picture and where it came from.
struct ImageDataset final : Dataset {
  int original_width = 0;  ///< before resizing
  int original_height = 0;
  Image image;

  TaskKind task() const override { return TaskKind::image; }
  std::string extent() const override;
};

/// Largest number of pixels that a file may have before it is refused (2^27, about 11,600 squared).
inline constexpr std::size_t max_image_pixels = std::size_t{1} << 27;

/// Reads PNG, JPEG, BMP, TGA, HDR or a GIF's first frame; grey, RGB, RGBA (composited over white),
/// 8 or 16 bit. 8-bit and 16-bit values are divided by their maximum, no gamma is undone (as the
/// paper does). Throws DataError naming the file and the reason.
Image load_image(const std::filesystem::path& path);

/// Area-weighted mean when shrinking (exactly the 2x2 mean at half size, as the paper's bilinear
/// resize gives), bilinear when enlarging. Throws UsageError on an empty size.
Image resize_image(const Image& image, int width, int height);

/// The size with the same aspect ratio whose longer side is at most `longest`.
void fit_size(int width, int height, int longest, int* fitted_width, int* fitted_height);

/// load_image and, if `width` and `height` are positive, resize_image; or, if only `longest` is
/// positive, a fit to that longer side.
std::shared_ptr<const ImageDataset> load_image_dataset(const std::filesystem::path& path, int width,
                                                       int height, int longest = 0);

/// The file endings that load_image understands, lower case with dot.
const std::vector<std::string>& image_extensions();

/// 10 log10(1/mse) over all numbers of two images of equal shape, in dB.
double psnr(const Image& a, const Image& b);

/// PSNR in dB of a mean squared error, for signals in [0, 1].
double psnr_of_mse(double mse);

}  // namespace fieldscope
