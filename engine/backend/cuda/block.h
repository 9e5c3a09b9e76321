// What passes between the layers of a network for one block of a batch. Matrices lie row after row:
// [sample][width].
#pragma once

#include <cstddef>
#include <vector>

#include "engine/backend/signals.h"

namespace fieldscope::cuda {

/// Signals whose rows may be parts of longer ones: numbers from one row to the next of a and ra,
/// and of d and rd.
template <class T>
struct RowSignals : Signals<T> {
  std::size_t a_stride = 0, d_stride = 0;
};

template <class T>
struct Block {
  std::size_t count = 0;  ///< samples
  std::vector<RowSignals<T>> signals;
  T* e = nullptr;     ///< dL/da of the layer that the way back has reached
  T* re = nullptr;    ///< its tangent
  T* ones = nullptr;  ///< [count] of 1: a sum over samples is a product with it
};

}  // namespace fieldscope::cuda
