// What passes between the layers of a network for one block of a batch. Matrices lie row after row:
// [sample][width].
#pragma once

#include <cstddef>
#include <vector>

#include "engine/backend/network.h"
#include "engine/backend/signals.h"

namespace fieldscope::cuda {

template <class T>
struct Block {
  std::size_t count = 0;  ///< samples
  std::vector<Signals<T>> signals;
  T* e = nullptr;     ///< dL/da of the layer that the way back has reached
  T* re = nullptr;    ///< its tangent
  T* ones = nullptr;  ///< [count] of 1: a sum over samples is a product with it
};

/// A layer's maps: a hidden layer has one or two, the output one.
struct Layer {
  LinearMap maps[2];
  int map_count = 1;

  int out() const { return maps[0].out; }
};

}  // namespace fieldscope::cuda
