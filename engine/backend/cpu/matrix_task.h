// What a thread is given to do in a matrix product: c = alpha op(a) op(b) + beta c, with op(b) in
// panels.
#pragma once

#include <cstddef>

namespace fieldscope::cpu {

template <class T>
struct MatrixTask {
  const T *a = nullptr, *b = nullptr;
  T* c = nullptr;
  std::size_t a_stride = 0, b_stride = 0, c_stride = 0;
  bool transpose_a = false, transpose_b = false;
  std::size_t rows = 0, columns = 0, depth = 0;  ///< op(a) [rows][depth], op(b) [depth][columns]
  T alpha = 1, beta = 0;
  T* packed = nullptr;  ///< op(b) in panels: [panel of columns][depth][32]
};

}  // namespace fieldscope::cpu
