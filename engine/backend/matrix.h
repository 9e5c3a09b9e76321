// Dense matrices within buffers, and what a backend does with them: what optimizers that work layer
// by layer need. Plain data. Operations come in lists whose members are independent of each other,
// so that many small ones share the machine.
#pragma once

#include <cstddef>

#include "engine/backend/buffer.h"

namespace fieldscope {

/// [rows][columns], row after row, `stride` numbers from one to the next.
struct Matrix {
  Buffer* buffer = nullptr;
  std::size_t offset = 0, rows = 0, columns = 0, stride = 0;
};

/// Without gaps between its rows.
inline Matrix matrix_in(Buffer& buffer, std::size_t offset, std::size_t rows, std::size_t columns) {
  return {&buffer, offset, rows, columns, columns};
}

/// c = alpha op(a) op(b) + beta c; c shares no memory with a and b.
struct MatrixProduct {
  Matrix a, b, c;
  bool transpose_a = false, transpose_b = false;
  double alpha = 1, beta = 0;
};

struct MatrixCopy {
  Matrix from, to;  ///< of one shape
};

/// to = (from + (shift + ridge lambda_max) I)^exponent for a symmetric matrix that should have no
/// negative eigenvalue: those that it has are rounding and count as 0.
struct MatrixPower {
  Matrix from, to;
  double shift = 0, ridge = 0, exponent = 1;
};

/// The orthonormal eigenvectors of a symmetric matrix, as columns, by falling eigenvalue.
struct Eigenvectors {
  Matrix from, to;
};

}  // namespace fieldscope
