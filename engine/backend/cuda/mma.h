// Matrix products of a warp on tensor cores: C[16][32] += A[16][16] B[16][32], four tiles of eight
// columns side by side, in one of three arithmetics. They take numbers in float32: factors B as
// they lie in memory, factors A rounded() before, since many warps want the same.
//
// Lane 4 g + t (g < 8, t < 4) holds of A the rows g and g + 8, of B the column g of each tile, in
// both at the same four k, which this calls j = 0..3: 16 for the four t. Which k these are is the
// caller's choice, since a sum may take its terms in any order; which rows and columns of a matrix
// the tile's are is too. Of C it holds, for each tile, [0] row g, column 2 t; [1] row g,
// column 2 t + 1; [2] and [3] the same of row g + 8.
//
// From compute capability 8.0 on; below, these do nothing, and nobody calls them.
#pragma once

#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>

#include "engine/backend/arithmetic.h"
#include "engine/math/portable.h"

namespace fieldscope::cuda {

/// One instruction: c[16][8] += a[16][8] b[8][8] of numbers of which the first 19 bits count.
/// Registers as in the PTX manual, mma.m16n8k8 with .tf32.
__device__ inline void mma_tf32(float (&c)[4], const std::uint32_t (&a)[4],
                                const std::uint32_t (&b)[2]) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#elif !defined(__CUDACC__)
  fake_mma_tf32(c, a, b);
#endif
}

/// c[16][8] += a[16][16] b[16][8] of pairs of bfloat16: mma.m16n8k16 with .bf16.
__device__ inline void mma_bf16(float (&c)[4], const std::uint32_t (&a)[4],
                                const std::uint32_t (&b)[2]) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#elif !defined(__CUDACC__)
  fake_mma_bf16(c, a, b);
#endif
}

/// Two floats as bfloat16, the first in the low half.
__device__ inline std::uint32_t bf16_pair(float low, float high) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  std::uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
#else
  const auto half = [](float x) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
    if (!(::fabsf(x) <= FLT_MAX)) return bits >> 16;
    return (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;  // to the nearest, to even in between
  };
  return half(high) << 16 | half(low);
#endif
}

/// `products`: instructions for each product of two numbers. rounded(x): what A takes for x; only a
/// factor, since it may have bits that the instruction cuts off.
template <Arithmetic>
struct TensorCores;

template <>
struct TensorCores<Arithmetic::tf32> {
  static constexpr int products = 1;

  /// To the nearest of 11 bits: the instruction itself cuts off. NaN and infinity stay what they
  /// are.
  __device__ static float rounded(float x) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
    return ::fabsf(x) <= FLT_MAX ? std::bit_cast<float>(bits + 0x1000u) : x;
  }

  struct A {
    std::uint32_t bits[2][4];
    __device__ A(const float (&top)[4], const float (&bottom)[4]) {
      for (int half = 0; half < 2; ++half)
        for (int i = 0; i < 2; ++i) {
          bits[half][2 * i] = std::bit_cast<std::uint32_t>(top[2 * half + i]);
          bits[half][2 * i + 1] = std::bit_cast<std::uint32_t>(bottom[2 * half + i]);
        }
    }
  };
  struct B {
    std::uint32_t bits[2][2];
    B() = default;
    __device__ explicit B(const float (&column)[4]) {
      for (int j = 0; j < 4; ++j)
        bits[j / 2][j % 2] = std::bit_cast<std::uint32_t>(rounded(column[j]));
    }
  };
  __device__ static void multiply_add(float (&c)[4][4], const A& a, const B (&b)[4]) {
    FIELDSCOPE_UNROLL(2)
    for (int half = 0; half < 2; ++half) {
      FIELDSCOPE_UNROLL(4)
      for (int i = 0; i < 4; ++i) mma_tf32(c[i], a.bits[half], b[i].bits[half]);
    }
  }
};

template <>
struct TensorCores<Arithmetic::bf16> {
  static constexpr int products = 1;
  __device__ static float rounded(float x) { return x; }  // two at a time are, for nothing

  struct A {
    std::uint32_t bits[4];
    __device__ A(const float (&top)[4], const float (&bottom)[4]) {
      for (int i = 0; i < 2; ++i) {
        bits[2 * i] = bf16_pair(top[2 * i], top[2 * i + 1]);
        bits[2 * i + 1] = bf16_pair(bottom[2 * i], bottom[2 * i + 1]);
      }
    }
  };
  struct B {
    std::uint32_t bits[2];
    B() = default;
    __device__ explicit B(const float (&column)[4]) {
      for (int i = 0; i < 2; ++i) bits[i] = bf16_pair(column[2 * i], column[2 * i + 1]);
    }
  };
  __device__ static void multiply_add(float (&c)[4][4], const A& a, const B (&b)[4]) {
    FIELDSCOPE_UNROLL(4)
    for (int i = 0; i < 4; ++i) mma_bf16(c[i], a.bits, b[i].bits);
  }
};

/// x = hi + lo, both of 11 bits and more; x y = hi hi + hi lo + lo hi, up to 2^-21 of it. Tensor
/// cores cut their sums off, always towards zero, which over a long sum would be worse than
/// float32: they add up 16 k at a time, from zero, and the rest is ordinary addition (Ootomo and
/// Yokota 2022, "Recovering single precision accuracy from Tensor Cores while surpassing the FP32
/// theoretical peak performance").
template <>
struct TensorCores<Arithmetic::f32> {
  static constexpr int products = 3;
  __device__ static float rounded(float x) { return x; }

  struct A {
    std::uint32_t hi[2][4], lo[2][4];
    __device__ A(const float (&top)[4], const float (&bottom)[4]) {
      for (int half = 0; half < 2; ++half)
        for (int i = 0; i < 2; ++i) {
          split(top[2 * half + i], hi[half][2 * i], lo[half][2 * i]);
          split(bottom[2 * half + i], hi[half][2 * i + 1], lo[half][2 * i + 1]);
        }
    }
  };
  struct B {
    std::uint32_t hi[2][2], lo[2][2];
    B() = default;
    __device__ explicit B(const float (&column)[4]) {
      for (int j = 0; j < 4; ++j) split(column[j], hi[j / 2][j % 2], lo[j / 2][j % 2]);
    }
  };
  __device__ static void multiply_add(float (&c)[4][4], const A& a, const B (&b)[4]) {
    float sum[4][4] = {};
    FIELDSCOPE_UNROLL(2)
    for (int half = 0; half < 2; ++half) {
      FIELDSCOPE_UNROLL(4)
      for (int i = 0; i < 4; ++i) mma_tf32(sum[i], a.lo[half], b[i].hi[half]);
      FIELDSCOPE_UNROLL(4)
      for (int i = 0; i < 4; ++i) mma_tf32(sum[i], a.hi[half], b[i].lo[half]);
    }
    FIELDSCOPE_UNROLL(2)
    for (int half = 0; half < 2; ++half) {
      FIELDSCOPE_UNROLL(4)
      for (int i = 0; i < 4; ++i) mma_tf32(sum[i], a.hi[half], b[i].hi[half]);
    }
    FIELDSCOPE_UNROLL(4)
    for (int i = 0; i < 4; ++i) {
      FIELDSCOPE_UNROLL(4)
      for (int k = 0; k < 4; ++k) c[i][k] += sum[i][k];
    }
  }

 private:
  /// NaN and infinity become NaN in `lo`, whatever rounding makes of them in `hi`.
  __device__ static void split(float x, std::uint32_t& hi, std::uint32_t& lo) {
    hi = (std::bit_cast<std::uint32_t>(x) + 0x1000u) & 0xffffe000u;
    lo = std::bit_cast<std::uint32_t>(x - std::bit_cast<float>(hi));
  }
};

}  // namespace fieldscope::cuda
