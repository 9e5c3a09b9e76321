// Points of a mesh as samples. What is computed is the same source as on the CPU; it is one launch
// with all it needs by value, so that a step waits for nothing.
#pragma once

#include "engine/backend/cuda/launch.h"
#include "engine/math/occupancy_points.h"

namespace fieldscope::cuda {

template <class T>
void draw_points(cudaStream_t stream, const MeshView& mesh, const OccupancyPoints& points,
                 T* coordinates, T* targets) {
  // Every other point first, then those in between: near the surface they take a walk through the
  // tree, and so the threads of a warp take it together.
  const std::size_t half = (points.size + 1) / 2;
  for_each(stream, points.size, [=] __device__(std::size_t i) {
    points.draw(mesh, i < half ? 2 * i : 2 * (i - half) + 1, coordinates, targets);
  });
}

}  // namespace fieldscope::cuda
