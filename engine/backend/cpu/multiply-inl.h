// Matrix product in registers: C (+)= A B, with A read one number at a time through two strides (so
// that W, its transpose and tiles all serve) and B, C in rows of whole vectors. Compiled once for
// each instruction set (see kernels.cpp).
#if defined(FIELDSCOPE_MULTIPLY_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FIELDSCOPE_MULTIPLY_INL_H
#undef FIELDSCOPE_MULTIPLY_INL_H
#else
#define FIELDSCOPE_MULTIPLY_INL_H
#endif

#include <cstddef>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fieldscope::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// A[m][k] = a[m * row + k * column].
template <class T>
struct StridedMatrix {
  const T* a;
  std::size_t row, column;
};

/// Six rows by two or four vectors of C fill the register file without spilling.
constexpr int block_rows = 6;
constexpr int block_vectors = HWY_MAX_BYTES >= 64 && HWY_TARGET <= HWY_AVX3 ? 4 : 2;

/// One block of C: `Rows` rows, `Vectors` vectors; with `Masked`, only the first `lanes` numbers of
/// its single vector are stored (B must be readable to the vector's end).
template <int Rows, int Vectors, bool Masked, class T>
HWY_INLINE void multiply_block(StridedMatrix<T> a, const T* HWY_RESTRICT b, std::size_t b_row,
                               T* HWY_RESTRICT c, std::size_t c_row, std::size_t depth,
                               bool accumulate, std::size_t lanes) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t width = hn::MaxLanes(d);
  static_assert(!Masked || Vectors == 1);
  V sum[Rows][Vectors];
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) sum[i][j] = hn::Zero(d);
  }
  for (std::size_t k = 0; k < depth; ++k) {
    V row[Vectors];
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) row[j] = hn::LoadU(d, b + k * b_row + j * width);
#pragma GCC unroll 8
    for (int i = 0; i < Rows; ++i) {
      const V factor = hn::Set(d, a.a[i * a.row + k * a.column]);
#pragma GCC unroll 4
      for (int j = 0; j < Vectors; ++j) sum[i][j] = hn::MulAdd(factor, row[j], sum[i][j]);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) {
      T* to = c + i * c_row + j * width;
      if constexpr (Masked) {
        HWY_ALIGN T numbers[width];
        hn::Store(sum[i][j], d, numbers);
        for (std::size_t q = 0; q < lanes; ++q) to[q] = (accumulate ? to[q] : T(0)) + numbers[q];
      } else {
        hn::StoreU(accumulate ? hn::Add(hn::LoadU(d, to), sum[i][j]) : sum[i][j], d, to);
      }
    }
  }
}

/// `Rows` rows of C over all its columns.
template <int Rows, class T>
HWY_NOINLINE void multiply_rows(StridedMatrix<T> a, const T* b, std::size_t b_row, T* c,
                                std::size_t c_row, std::size_t columns, std::size_t depth,
                                bool accumulate) {
  constexpr std::size_t width = hn::MaxLanes(hn::ScalableTag<T>());
  std::size_t n = 0;
  for (; n + block_vectors * width <= columns; n += block_vectors * width)
    multiply_block<Rows, block_vectors, false>(a, b + n, b_row, c + n, c_row, depth, accumulate, 0);
  for (; n + width <= columns; n += width)
    multiply_block<Rows, 1, false>(a, b + n, b_row, c + n, c_row, depth, accumulate, 0);
  if (n < columns)
    multiply_block<Rows, 1, true>(a, b + n, b_row, c + n, c_row, depth, accumulate, columns - n);
}

/// C[rows][columns] (+)= A[rows][depth] B[depth][columns]; rows of B must be readable up to a whole
/// vector past `columns`.
template <class T>
void multiply(StridedMatrix<T> a, const T* b, std::size_t b_row, T* c, std::size_t c_row,
              std::size_t rows, std::size_t columns, std::size_t depth, bool accumulate) {
  std::size_t m = 0;
  const auto from = [&](std::size_t row) {
    return StridedMatrix<T>{a.a + row * a.row, a.row, a.column};
  };
  for (; m + block_rows <= rows; m += block_rows)
    multiply_rows<block_rows>(from(m), b, b_row, c + m * c_row, c_row, columns, depth, accumulate);
  switch (rows - m) {
    case 5:
      multiply_rows<5>(from(m), b, b_row, c + m * c_row, c_row, columns, depth, accumulate);
      break;
    case 4:
      multiply_rows<4>(from(m), b, b_row, c + m * c_row, c_row, columns, depth, accumulate);
      break;
    case 3:
      multiply_rows<3>(from(m), b, b_row, c + m * c_row, c_row, columns, depth, accumulate);
      break;
    case 2:
      multiply_rows<2>(from(m), b, b_row, c + m * c_row, c_row, columns, depth, accumulate);
      break;
    case 1:
      multiply_rows<1>(from(m), b, b_row, c + m * c_row, c_row, columns, depth, accumulate);
      break;
    default:
      break;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace fieldscope::cpu
HWY_AFTER_NAMESPACE();

#endif
