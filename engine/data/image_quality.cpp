#include "engine/data/image_quality.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr int window = 11;
constexpr double sigma = 1.5;
constexpr double c1 = 0.01 * 0.01, c2 = 0.03 * 0.03;

using Weights = std::array<double, window>;

Weights gaussian() {
  Weights weights{};
  double sum = 0;
  for (int i = 0; i < window; ++i) {
    const double x = i - window / 2;
    sum += weights[static_cast<std::size_t>(i)] = std::exp(-x * x / (2 * sigma * sigma));
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

/// Means within windows of a, b, a^2, b^2, a b: a row of windows each.
struct Moments {
  std::array<std::vector<double>, 5> of;

  explicit Moments(std::size_t count) {
    for (auto& numbers : of) numbers.resize(count);
  }
};

/// The means along columns, of all numbers (pixels times channels) of the rows from y on.
void mean_down(const Image& a, const Image& b, int y, const Weights& weights, Moments& means) {
  for (auto& numbers : means.of) std::fill(numbers.begin(), numbers.end(), 0.0);
  const std::size_t count = means.of[0].size();
  for (int k = 0; k < window; ++k) {
    const float* pa = a.at(0, y + k);
    const float* pb = b.at(0, y + k);
    const double w = weights[static_cast<std::size_t>(k)];
    for (std::size_t i = 0; i < count; ++i) {
      const double u = pa[i], v = pb[i];
      means.of[0][i] += w * u;
      means.of[1][i] += w * v;
      means.of[2][i] += w * u * u;
      means.of[3][i] += w * v * v;
      means.of[4][i] += w * u * v;
    }
  }
}

/// The means of those along rows: of windows that begin at the first count numbers.
void mean_across(const Moments& down, std::size_t channels, const Weights& weights,
                 Moments& means) {
  for (std::size_t m = 0; m < means.of.size(); ++m) {
    std::vector<double>& out = means.of[m];
    std::fill(out.begin(), out.end(), 0.0);
    for (std::size_t k = 0; k < window; ++k) {
      const double* in = down.of[m].data() + k * channels;
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += weights[k] * in[i];
    }
  }
}

/// The sum over windows.
double similarity(const Moments& means) {
  double sum = 0;
  for (std::size_t i = 0; i < means.of[0].size(); ++i) {
    const double a = means.of[0][i], b = means.of[1][i];
    const double variance_a = means.of[2][i] - a * a, variance_b = means.of[3][i] - b * b;
    const double covariance = means.of[4][i] - a * b;
    sum += (2 * a * b + c1) * (2 * covariance + c2) /
           ((a * a + b * b + c1) * (variance_a + variance_b + c2));
  }
  return sum;
}

}  // namespace

double ssim(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels) {
    throw UsageError("cannot compare images of different shapes");
  }
  if (a.width < window || a.height < window) return std::numeric_limits<double>::quiet_NaN();
  const Weights weights = gaussian();
  const auto channels = static_cast<std::size_t>(a.channels);
  const auto across = static_cast<std::size_t>(a.width - window + 1) * channels;
  Moments down(static_cast<std::size_t>(a.width) * channels), means(across);
  double sum = 0;
  const int rows = a.height - window + 1;
  for (int y = 0; y < rows; ++y) {
    mean_down(a, b, y, weights, down);
    mean_across(down, channels, weights, means);
    sum += similarity(means);
  }
  return sum / (static_cast<double>(rows) * static_cast<double>(across));
}

}  // namespace fieldscope
