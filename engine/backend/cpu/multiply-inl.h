// Matrix products in registers. Compiled once for each instruction set (see kernels.cpp).
#if defined(FIELDSCOPE_MULTIPLY_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FIELDSCOPE_MULTIPLY_INL_H
#undef FIELDSCOPE_MULTIPLY_INL_H
#else
#define FIELDSCOPE_MULTIPLY_INL_H
#endif

#include <algorithm>
#include <cstddef>

#include <hwy/highway.h>

#include "engine/backend/cpu/panels.h"

HWY_BEFORE_NAMESPACE();
namespace fieldscope::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Rows of a register block: with two vectors each they fill most of the register file.
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
constexpr int register_rows = 6;  // 16 registers
#else
constexpr int register_rows = 12;  // 32
#endif

/// One term X W of a product: X by rows in panels, W by its rows `k` in one panel.
template <class T>
struct Product {
  const T* x = nullptr;      ///< row 0 of panel 0
  std::size_t x_stride = 0;  ///< between panels of x
  const T* w = nullptr;      ///< [depth][32]
  std::size_t depth = 0;
};

/// out[Rows][32] = start + the sum of products, `Vectors` vectors of columns.
template <int Rows, int Vectors, class T>
HWY_NOINLINE void multiply_block(const Product<T>* products, int count, std::size_t row,
                                 std::size_t column, const T* start, T* out) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t lanes = hn::MaxLanes(d);
  V sum[Rows][Vectors];
#pragma GCC unroll 2
  for (int j = 0; j < Vectors; ++j) {
    const V first = start != nullptr ? hn::Load(d, start + column + j * lanes) : hn::Zero(d);
#pragma GCC unroll 12
    for (int i = 0; i < Rows; ++i) sum[i][j] = first;
  }
  for (int p = 0; p < count; ++p) {
    const T* HWY_RESTRICT w = products[p].w + column;
    const T* HWY_RESTRICT panel = products[p].x + row * panel_columns;
    for (std::size_t k0 = 0; k0 < products[p].depth; k0 += panel_columns) {
      const std::size_t columns = std::min(panel_columns, products[p].depth - k0);
      for (std::size_t k = 0; k < columns; ++k) {
        V b[Vectors];
#pragma GCC unroll 2
        for (int j = 0; j < Vectors; ++j) b[j] = hn::Load(d, w + j * lanes);
#pragma GCC unroll 12
        for (int i = 0; i < Rows; ++i) {
          const V a = hn::Set(d, panel[i * panel_columns + k]);
#pragma GCC unroll 2
          for (int j = 0; j < Vectors; ++j) sum[i][j] = hn::MulAdd(a, b[j], sum[i][j]);
        }
        w += panel_columns;
      }
      panel += products[p].x_stride;
    }
  }
#pragma GCC unroll 12
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
    for (int j = 0; j < Vectors; ++j)
      hn::Store(sum[i][j], d, out + i * panel_columns + column + j * lanes);
  }
}

/// One strip of one panel: out[12][32] = start[32] + the sum of `count` products, from row `row` on
/// of each X. Only `columns` columns are wanted; others may or may not be written.
template <class T>
void multiply_strip(const Product<T>* products, int count, std::size_t row, std::size_t columns,
                    const T* start, T* out) {
  constexpr std::size_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  for (std::size_t column = 0; column < columns; column += 2 * lanes) {
    for (std::size_t i = 0; i < strip_rows; i += register_rows) {
      if (columns - column > lanes)
        multiply_block<register_rows, 2>(products, count, row + i, column, start,
                                         out + i * panel_columns);
      else
        multiply_block<register_rows, 1>(products, count, row + i, column, start,
                                         out + i * panel_columns);
    }
  }
}

/// One term D^T X of a weight gradient: the same rows of one panel of D and one of X.
template <class T>
struct OuterProduct {
  const T* d = nullptr;
  const T* x = nullptr;
};

/// sums[Rows][32] (+)= the sum over `rows` samples, of `Vectors` vectors of columns.
template <int Rows, int Vectors, class T>
HWY_NOINLINE void outer_block(const OuterProduct<T>* products, int count, std::size_t rows,
                              std::size_t d_column, std::size_t x_column, bool add, T* sums) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t lanes = hn::MaxLanes(d);
  V sum[Rows][Vectors];
#pragma GCC unroll 12
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
    for (int j = 0; j < Vectors; ++j) sum[i][j] = hn::Zero(d);
  }
  for (int p = 0; p < count; ++p) {
    const T* HWY_RESTRICT e = products[p].d + d_column;
    const T* HWY_RESTRICT x = products[p].x + x_column;
    for (std::size_t r = 0; r < rows; ++r) {
      V b[Vectors];
#pragma GCC unroll 2
      for (int j = 0; j < Vectors; ++j) b[j] = hn::Load(d, x + j * lanes);
#pragma GCC unroll 12
      for (int i = 0; i < Rows; ++i) {
        const V a = hn::Set(d, e[i]);
#pragma GCC unroll 2
        for (int j = 0; j < Vectors; ++j) sum[i][j] = hn::MulAdd(a, b[j], sum[i][j]);
      }
      e += panel_columns;
      x += panel_columns;
    }
  }
#pragma GCC unroll 12
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
    for (int j = 0; j < Vectors; ++j) {
      T* to = sums + i * panel_columns + x_column + j * lanes;
      hn::Store(add ? hn::Add(hn::Load(d, to), sum[i][j]) : sum[i][j], d, to);
    }
  }
}

/// sums[d_columns][32] (+)= D^T X over `rows` samples, for one panel of D by one of X. Of X's
/// columns only `x_columns` are wanted; d_columns is a multiple of 4, at most 32.
template <class T>
void outer_panel(const OuterProduct<T>* products, int count, std::size_t rows,
                 std::size_t d_columns, std::size_t x_columns, bool add, T* sums) {
  constexpr std::size_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  for (std::size_t x = 0; x < x_columns; x += 2 * lanes) {
    const bool two = x_columns - x > lanes;
    std::size_t i = 0;
    const auto blocks = [&]<int Rows>(std::size_t end) {
      for (; i < end; i += Rows) {
        if (two)
          outer_block<Rows, 2>(products, count, rows, i, x, add, sums + i * panel_columns);
        else
          outer_block<Rows, 1>(products, count, rows, i, x, add, sums + i * panel_columns);
      }
    };
    blocks.template operator()<register_rows>(d_columns / strip_rows * strip_rows);
    if constexpr (register_rows > 8) blocks.template operator()<8>(i + (d_columns - i) / 8 * 8);
    blocks.template operator()<4>(d_columns);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace fieldscope::cpu
HWY_AFTER_NAMESPACE();

#endif
