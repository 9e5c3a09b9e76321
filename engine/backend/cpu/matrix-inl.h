// Products of dense matrices, on the same register blocks as the network's. Compiled once for each
// instruction set (see kernels.cpp).
#if defined(FIELDSCOPE_MATRIX_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FIELDSCOPE_MATRIX_INL_H
#undef FIELDSCOPE_MATRIX_INL_H
#else
#define FIELDSCOPE_MATRIX_INL_H
#endif

#include <algorithm>

#include "engine/backend/cpu/flush_denormals.h"
#include "engine/backend/cpu/matrix_task.h"
#include "engine/backend/cpu/multiply-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fieldscope::cpu {
namespace HWY_NAMESPACE {

/// One panel of op(b), with zeros behind its last column.
template <class T>
void pack_matrix(const MatrixTask<T>& task, std::size_t panel) {
  const std::size_t first = panel * panel_columns;
  const std::size_t columns = std::min(panel_columns, task.columns - first);
  T* to = task.packed + panel * task.depth * panel_columns;
  for (std::size_t k = 0; k < task.depth; ++k, to += panel_columns) {
    const T* from =
        task.transpose_b ? task.b + first * task.b_stride + k : task.b + k * task.b_stride + first;
    const std::size_t step = task.transpose_b ? task.b_stride : 1;
    for (std::size_t j = 0; j < columns; ++j) to[j] = from[j * step];
    std::fill(to + columns, to + panel_columns, T(0));
  }
}

/// A strip of rows of c.
template <class T>
void multiply_matrix(const MatrixTask<T>& task, std::size_t strip) {
  const FlushDenormals flush;
  // A chunk of op(a)'s strip at a time, in panels of its own.
  constexpr std::size_t chunk_panels = 16, chunk = chunk_panels * panel_columns;
  HWY_ALIGN T left[strip_rows * chunk];
  HWY_ALIGN T sums[strip_size];
  const std::size_t first = strip * strip_rows;
  const std::size_t rows = std::min(strip_rows, task.rows - first);
  for (std::size_t k0 = 0; k0 < task.depth || k0 == 0; k0 += chunk) {
    const std::size_t depth = std::min(chunk, task.depth - k0);
    std::fill_n(left, strip_size * panel_count(depth), T(0));
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t k = 0; k < depth; ++k)
        left[k / panel_columns * strip_size + r * panel_columns + k % panel_columns] =
            task.transpose_a ? task.a[(k0 + k) * task.a_stride + first + r]
                             : task.a[(first + r) * task.a_stride + k0 + k];
    for (std::size_t panel = 0; panel < panel_count(task.columns); ++panel) {
      const std::size_t columns = std::min(panel_columns, task.columns - panel * panel_columns);
      const Product<T> product{left, strip_size,
                               task.packed + (panel * task.depth + k0) * panel_columns, depth};
      multiply_strip(&product, 1, 0, columns, static_cast<const T*>(nullptr), sums);
      for (std::size_t r = 0; r < rows; ++r) {
        T* HWY_RESTRICT c = task.c + (first + r) * task.c_stride + panel * panel_columns;
        const T* HWY_RESTRICT sum = sums + r * panel_columns;
        const T beta = k0 > 0 ? T(1) : task.beta;
        if (beta == T(0)) {  // whatever c holds, NaN too
          for (std::size_t j = 0; j < columns; ++j) c[j] = task.alpha * sum[j];
        } else {
          for (std::size_t j = 0; j < columns; ++j) c[j] = beta * c[j] + task.alpha * sum[j];
        }
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace fieldscope::cpu
HWY_AFTER_NAMESPACE();

#endif
