#include "engine/data/image.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/data/area_mean.h"
#include "engine/data/image_decode.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

/// Enlarging: linear between pixel centres, constant beyond the outer ones.
Taps between(int source, int target, int index) {
  const double centre = (index + 0.5) * source / target - 0.5;
  const double at = std::clamp<double>(centre, 0, source - 1);
  Taps taps;
  taps.first = std::min(static_cast<int>(at), std::max(source - 2, 0));
  const double fraction = at - taps.first;
  taps.weights = {1 - fraction};
  if (source > 1) taps.weights.push_back(fraction);
  return taps;
}

std::vector<Taps> axis_taps(int source, int target) {
  std::vector<Taps> taps(static_cast<std::size_t>(target));
  for (int i = 0; i < target; ++i) {
    taps[static_cast<std::size_t>(i)] =
        target < source ? covered(source, target, i) : between(source, target, i);
  }
  return taps;
}

/// Grey or RGB over white; alpha is the last channel of 2 or 4.
Image composited(const DecodedImage& decoded) {
  const bool alpha = decoded.channels == 2 || decoded.channels == 4;
  Image image{decoded.width, decoded.height, alpha ? decoded.channels - 1 : decoded.channels, {}};
  if (!alpha) {
    image.pixels = decoded.numbers;
    return image;
  }
  image.pixels.resize(image.count() * image.channels);
  float* out = image.pixels.data();
  const float* in = decoded.numbers.data();
  for (std::size_t i = 0; i < image.count(); ++i, in += decoded.channels) {
    const float a = in[image.channels];
    for (int c = 0; c < image.channels; ++c) *out++ = in[c] * a + (1 - a);
  }
  return image;
}

}  // namespace

std::string ImageDataset::extent() const {
  return std::to_string(image.width) + " × " + std::to_string(image.height) + " pixels";
}

Image load_image(const std::filesystem::path& path) {
  return composited(decode_image(path, max_image_pixels));
}

Image resize_image(const Image& image, int width, int height) {
  if (width < 1 || height < 1) {
    throw UsageError("cannot resize to " + std::to_string(width) + "x" + std::to_string(height) +
                     ": both sides must be at least 1");
  }
  if (static_cast<std::size_t>(width) * height > max_image_pixels) {
    throw UsageError("cannot resize to " + std::to_string(width) + "x" + std::to_string(height) +
                     ": that is more than " + std::to_string(max_image_pixels) + " pixels");
  }
  if (image.count() == 0) throw UsageError("cannot resize an image without pixels");
  if (width == image.width && height == image.height) return image;

  const std::vector<Taps> columns = axis_taps(image.width, width);
  const std::vector<Taps> rows = axis_taps(image.height, height);
  const int channels = image.channels;
  Image result{width, height, channels, {}};
  result.pixels.resize(result.count() * channels);
  std::vector<double> sums(static_cast<std::size_t>(image.width) * channels);
  for (int y = 0; y < height; ++y) {
    const Taps& row = rows[static_cast<std::size_t>(y)];
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::size_t k = 0; k < row.weights.size(); ++k) {
      const float* in = image.at(0, row.first + static_cast<int>(k));
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += row.weights[k] * in[i];
    }
    for (int x = 0; x < width; ++x) {
      const Taps& column = columns[static_cast<std::size_t>(x)];
      for (int c = 0; c < channels; ++c) {
        const double* in = sums.data() + static_cast<std::size_t>(column.first) * channels + c;
        double sum = 0;
        for (std::size_t k = 0; k < column.weights.size(); ++k) {
          sum += column.weights[k] * in[k * channels];
        }
        result.at(x, y)[c] = static_cast<float>(sum);
      }
    }
  }
  return result;
}

void fit_size(int width, int height, int longest, int* fitted_width, int* fitted_height) {
  const int side = std::max(width, height);
  if (longest < 1 || side <= longest) {
    *fitted_width = width;
    *fitted_height = height;
    return;
  }
  const double scale = static_cast<double>(longest) / side;
  *fitted_width = std::max(1, static_cast<int>(std::lround(width * scale)));
  *fitted_height = std::max(1, static_cast<int>(std::lround(height * scale)));
}

std::shared_ptr<const ImageDataset> load_image_dataset(const std::filesystem::path& path, int width,
                                                       int height, int longest) {
  auto dataset = std::make_shared<ImageDataset>();
  Image image = load_image(path);
  dataset->path = path;
  dataset->name = path.filename().string();
  dataset->original_width = image.width;
  dataset->original_height = image.height;
  if (width <= 0 || height <= 0) {
    width = image.width;
    height = image.height;
    if (longest > 0) fit_size(image.width, image.height, longest, &width, &height);
  }
  dataset->image = resize_image(image, width, height);
  return dataset;
}

const std::vector<std::string>& image_extensions() {
  return decoded_extensions();
}

double psnr_of_mse(double mse) {
  return -10 * std::log10(mse);
}

double psnr(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels) {
    throw UsageError("cannot compare images of different shapes");
  }
  if (a.pixels.empty()) throw UsageError("cannot compare images without pixels");
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    const double difference = static_cast<double>(a.pixels[i]) - b.pixels[i];
    sum += difference * difference;
  }
  return psnr_of_mse(sum / static_cast<double>(a.pixels.size()));
}

}  // namespace fieldscope
