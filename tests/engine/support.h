// Small things that several engine tests need.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/data/image.h"
#include "engine/field/field.h"
#include "engine/math/error.h"
#include "engine/math/random.h"

namespace fieldscope::test {

/// |a - b| / |b|.
inline double relative_error(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  return std::sqrt(difference / (norm > 0 ? norm : 1));
}

/// Uniform in [-1, 1), reproducible.
inline std::vector<double> random_numbers(std::uint64_t seed, std::size_t count) {
  std::vector<double> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = 2 * random_uniform(seed, i) - 1;
  return numbers;
}

inline Buffer upload(Backend& backend, const std::vector<double>& numbers) {
  Buffer buffer = backend.allocate(numbers.size());
  backend.upload(buffer, std::span<const double>(numbers));
  return buffer;
}

inline std::vector<double> download(const Backend& backend, const Buffer& buffer) {
  std::vector<double> numbers(buffer.size());
  backend.download(buffer, std::span<double>(numbers));
  return numbers;
}

inline Field make_field(const std::string& activation, std::vector<int> hidden,
                        const FieldShape& shape, KnobValues knobs = {}) {
  FieldSpec spec;
  spec.activation = activation;
  spec.hidden = std::move(hidden);
  spec.knobs = std::move(knobs);
  return Field(resolve_field(spec), shape);
}

inline Field make_field(const std::string& activation, std::vector<int> hidden, int coordinates,
                        int outputs, KnobValues knobs = {}) {
  return make_field(activation, std::move(hidden), FieldShape{coordinates, outputs},
                    std::move(knobs));
}

/// What `call` is refused with, as a UsageError says it.
template <class Call>
std::string refusal(Call&& call) {
  try {
    call();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "(accepted)";
}

/// A small colourful picture with smooth and sharp parts.
inline std::shared_ptr<const ImageDataset> small_dataset(int width = 24, int height = 20) {
  auto dataset = std::make_shared<ImageDataset>();
  dataset->name = "small";
  Image& image = dataset->image;
  image.width = dataset->original_width = width;
  image.height = dataset->original_height = height;
  image.channels = 3;
  image.pixels.resize(image.count() * 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      float* p = image.at(x, y);
      p[0] = 0.5f + 0.5f * std::sin(0.7f * static_cast<float>(x));
      p[1] = x + y > width ? 0.9f : 0.1f;
      p[2] = static_cast<float>(y) / static_cast<float>(height);
    }
  }
  return dataset;
}

}  // namespace fieldscope::test
