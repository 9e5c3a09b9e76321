#include "app/headless/device_peak.h"

#include <array>
#include <chrono>

#include "engine/backend/cpu/peak.h"
#include "engine/backend/devices.h"

namespace fieldscope {
namespace {

/// Matrices grow from the least to the greatest until one product takes so long.
constexpr std::size_t least_side = 256, greatest_side = 8192;
constexpr double long_enough = 0.002;  // seconds

double gflops(std::size_t side, double seconds) {
  const double n = static_cast<double>(side);
  return 2 * n * n * n / seconds / 1e9;
}

}  // namespace

DevicePeak::DevicePeak(const std::string& device, std::shared_ptr<ThreadPool> pool)
    : pool_(std::move(pool)) {
  if (cuda_index(device) < 0) return;
  backend_ = make_backend(device, pool_, Precision::f32);
  for (side_ = least_side;; side_ *= 2) {
    for (Buffer* buffer : {&a_, &b_, &c_}) *buffer = backend_->allocate(side_ * side_);
    backend_->random_normals(1, a_);
    backend_->random_normals(2, b_);
    measure(0);  // the first product also loads the library's kernels
    const double second = gflops(side_, 1) / measure(0);
    if (second >= long_enough || side_ == greatest_side) return;
  }
}

double DevicePeak::measure(double seconds) {
  if (!backend_) return measure_fma_peak(*pool_, seconds);
  using Clock = std::chrono::steady_clock;
  const MatrixProduct product = {matrix_in(a_, 0, side_, side_), matrix_in(b_, 0, side_, side_),
                                 matrix_in(c_, 0, side_, side_)};
  std::array<float, 1> one;
  const auto begun = Clock::now();
  double taken = 0, products = 0;
  do {
    backend_->multiply(std::span(&product, 1));
    backend_->download(c_, std::span<float>(one));  // waits until the product is there
    ++products;
    taken = std::chrono::duration<double>(Clock::now() - begun).count();
  } while (taken < seconds);
  return products * gflops(side_, taken);
}

double DevicePeak::measure_copy() {
  if (!backend_) return 0;
  using Clock = std::chrono::steady_clock;
  constexpr int copies = 4;
  std::array<float, 1> one;
  backend_->download(c_, std::span<float>(one));
  const auto begun = Clock::now();
  for (int i = 0; i < copies; ++i) backend_->copy(a_, c_);
  backend_->download(c_, std::span<float>(one));  // waits until they are done
  const double taken = std::chrono::duration<double>(Clock::now() - begun).count();
  return copies * 2.0 * static_cast<double>(a_.size() * sizeof(float)) / taken / 1e9;
}

std::string DevicePeak::name(const std::string& device) {
  return cuda_index(device) < 0 ? "FMA peak" : "Matrix product";
}

}  // namespace fieldscope
