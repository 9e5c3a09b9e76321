// Pixels of a picture as samples. What is computed is the same source as on the CPU, to the bit;
// each is one launch with all it needs by value, so that a step waits for nothing.
#pragma once

#include "engine/backend/cuda/launch.h"
#include "engine/math/pixel_grid.h"
#include "engine/math/shuffle.h"

namespace fieldscope::cuda {

template <class T>
void pixel_coordinates(cudaStream_t stream, const PixelGrid& grid, std::uint64_t first,
                       std::size_t count, T* coordinates) {
  for_each(stream, count,
           [=] __device__(std::size_t i) { grid.coordinates(first + i, coordinates + 2 * i); });
}

/// `colours` has `width` numbers a pixel.
template <class T>
void draw_pixels(cudaStream_t stream, const PixelGrid& grid, const float* colours,
                 std::size_t width, const Minibatch& pixels, T* coordinates, T* targets) {
  for_each(stream, pixels.size, [=] __device__(std::size_t i) {
    const std::uint64_t pixel = pixels.item(i);
    grid.coordinates(pixel, coordinates + 2 * i);
    for (std::size_t c = 0; c < width; ++c)
      targets[i * width + c] = static_cast<T>(colours[pixel * width + c]);
  });
}

}  // namespace fieldscope::cuda
