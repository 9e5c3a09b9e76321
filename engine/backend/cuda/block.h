// What passes between the layers of a network for one block of a batch. Matrices lie row after row:
// [sample][width].
#pragma once

#include <cstddef>
#include <vector>

#include "engine/backend/backend.h"

namespace fieldscope::cuda {

/// What a pass over the batch computes.
enum class Pass { forward, gradient, product };

/// One a layer; index 0 of Block::signals is the sample itself, encoded.
template <class T>
struct Signals {
  T* a = nullptr;   ///< activation
  T* ra = nullptr;  ///< its tangent R{a}
  /// Of each map's output u (and w): W x, then df/du, then on the way back dL/du. At the output
  /// layer: W x, then dL/dy.
  T* d[2] = {nullptr, nullptr};
  /// R{W x}, then R{df/du}, then R{dL/du}. At the output layer: R{y}, then R{dL/dy}.
  T* rd[2] = {nullptr, nullptr};
};

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
