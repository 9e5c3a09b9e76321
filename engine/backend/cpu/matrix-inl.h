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
  T* HWY_RESTRICT to = task.packed + panel * task.depth * panel_columns;
  if (columns < panel_columns) std::fill_n(to, task.depth * panel_columns, T(0));
  if (task.transpose_b) {
    for (std::size_t j = 0; j < columns; ++j) {
      const T* HWY_RESTRICT from = task.b + (first + j) * task.b_stride;
      for (std::size_t k = 0; k < task.depth; ++k) to[k * panel_columns + j] = from[k];
    }
  } else {
    for (std::size_t k = 0; k < task.depth; ++k)
      std::copy_n(task.b + k * task.b_stride + first, columns, to + k * panel_columns);
  }
}

/// Rows [first, first + rows) of op(a) at depths [k0, k0 + depth), in panels of one strip.
template <class T>
void pack_strip(const MatrixTask<T>& task, std::size_t first, std::size_t rows, std::size_t k0,
                std::size_t depth, T* HWY_RESTRICT to) {
  if (rows < strip_rows) std::fill_n(to, strip_size * panel_count(depth), T(0));
  for (std::size_t p = 0; p < panel_count(depth); ++p, to += strip_size) {
    const std::size_t k = k0 + p * panel_columns;
    const std::size_t columns = std::min(panel_columns, k0 + depth - k);
    if (task.transpose_a) {
      for (std::size_t j = 0; j < columns; ++j) {
        const T* HWY_RESTRICT from = task.a + (k + j) * task.a_stride + first;
        for (std::size_t r = 0; r < rows; ++r) to[r * panel_columns + j] = from[r];
      }
    } else {
      for (std::size_t r = 0; r < rows; ++r)
        std::copy_n(task.a + (first + r) * task.a_stride + k, columns, to + r * panel_columns);
    }
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
    pack_strip(task, first, rows, k0, depth, left);
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
