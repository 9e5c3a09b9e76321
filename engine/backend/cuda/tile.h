// A tile of samples on chip: what a block of threads does with it between two layers. Tiles lie in
// shared memory, [16 M samples][columns], and each warp makes 32 columns of the next one, reading
// its weights straight from the second-level cache: no two warps want the same, so that shared
// memory would only be a detour.
#pragma once

#include "engine/backend/cuda/mma.h"
#include "engine/backend/cuda/warp.h"

namespace fieldscope::cuda {

constexpr int warp_columns = 32;
constexpr int k_step = 16;

/// Numbers from one row of a tile to the next. `width` is a multiple of 32, so that the eight rows
/// by four k that a warp reads at once fall on different banks.
constexpr int tile_stride(int width) {
  return width + 16;
}

/// Which part of a matrix product a thread has; see mma.h.
struct LanePart {
  int g, t, column;  ///< column: the first of its warp's
  __device__ LanePart() : LanePart(static_cast<int>(threadIdx.x) / warp_lanes * warp_columns) {}
  __device__ explicit LanePart(int column_)
      : g(static_cast<int>(threadIdx.x) % warp_lanes / 4),
        t(static_cast<int>(threadIdx.x) % 4),
        column(column_) {}
};

/// How a product reads a matrix W [out][in] of weights. Lanes get four numbers at once; columns are
/// dealt out to the four tiles in turn.
enum class Reading {
  rows,      ///< x W^T: the product's columns are W's rows; `in` is a multiple of 16
  any_rows,  ///< the same for any `in`, beyond which there are zeros
  columns    ///< d W: its columns are W's
};

/// Of W those numbers that a lane needs at k to k + 15, b[tile][j].
template <Reading reading>
__device__ __forceinline__ void load_weights(const float* w, int in, int k, const LanePart& lane,
                                             float (&b)[4][4]) {
  FIELDSCOPE_UNROLL(4)
  for (int i = 0; i < 4; ++i) {
    if constexpr (reading == Reading::rows) {
      load4(w + static_cast<std::size_t>(lane.column + 4 * lane.g + i) * in + k + 4 * lane.t, b[i]);
    } else if constexpr (reading == Reading::any_rows) {
      FIELDSCOPE_UNROLL(4)
      for (int j = 0; j < 4; ++j) {
        const int at = k + 4 * lane.t + j;
        b[i][j] = at < in ? w[(lane.column + 4 * lane.g + i) * in + at] : 0;
      }
    } else {
      float row[4];  // at k = 4 t + i, of all tiles
      load4(w + static_cast<std::size_t>(k + 4 * lane.t + i) * in + lane.column + 4 * lane.g, row);
      FIELDSCOPE_UNROLL(4)
      for (int j = 0; j < 4; ++j) b[j][i] = row[j];
    }
  }
}

/// Of a tile, whose numbers are rounded for it or not, the 16 rows from `row` on, at k to k + 15,
/// as a factor.
template <class Math, bool rounded>
__device__ __forceinline__ typename Math::A load_tile(const float* tile, int stride, int row, int k,
                                                      const LanePart& lane) {
  const float* const at = tile + (row + lane.g) * stride + k + 4 * lane.t;
  float top[4], bottom[4];
  load4(at, top);
  load4(at + 8 * stride, bottom);
  if constexpr (!rounded) {
    FIELDSCOPE_UNROLL(4)
    for (int i = 0; i < 4; ++i) {
      top[i] = Math::rounded(top[i]);
      bottom[i] = Math::rounded(bottom[i]);
    }
  }
  return typename Math::A(top, bottom);
}

/// A tile's sums, as the lanes of a warp hold them.
template <int M>
struct Sums {
  float c[M][4][4] = {};
};

/// What a product reads: a tile, its tangent (or null), the weights and the direction's (or null).
struct Factors {
  const float *x, *rx;
  const float *w, *v;
  int depth;  ///< columns of the tile
  int in;     ///< of w and v
};

/// z += x W and, with tangents, rz += x V + rx W, over all k. Tiles are rounded, but where they
/// hold the network's inputs.
template <class Math, Reading reading, bool tangents, int M>
__device__ __forceinline__ void add_product(const Factors& f, int stride, Sums<M>& z, Sums<M>& rz) {
  using B = typename Math::B;
  const LanePart lane;
  float w[4][4], v[4][4] = {};
  const bool with_v = tangents && f.v != nullptr, with_rx = tangents && f.rx != nullptr;
  load_weights<reading>(f.w, f.in, 0, lane, w);
  if (with_v) load_weights<reading>(f.v, f.in, 0, lane, v);
  FIELDSCOPE_UNROLL(1)
  for (int k = 0; k < f.depth; k += k_step) {
    const B b[4] = {B(w[0]), B(w[1]), B(w[2]), B(w[3])};
    // The next ones are on their way while these are used; with tangents, where there is more to do
    // and registers are scarcer, for the later half of it.
    const int next = k + k_step < f.depth ? k + k_step : k;
    if constexpr (!tangents) load_weights<reading>(f.w, f.in, next, lane, w);
    const auto add = [&](Sums<M>& to, const float* tile, const B(&factor)[4]) {
      FIELDSCOPE_UNROLL(8)
      for (int m = 0; m < M; ++m)
        Math::multiply_add(
            to.c[m], load_tile<Math, reading != Reading::any_rows>(tile, stride, 16 * m, k, lane),
            factor);
    };
    add(z, f.x, b);
    if constexpr (tangents) {
      load_weights<reading>(f.w, f.in, next, lane, w);
      if (with_rx) add(rz, f.rx, b);
      if (!with_v) continue;
      __syncwarp();  // x is read again rather than kept: its registers are needed
      const B rb[4] = {B(v[0]), B(v[1]), B(v[2]), B(v[3])};
      load_weights<reading>(f.v, f.in, next, lane, v);
      add(rz, f.x, rb);
    }
  }
}

/// Sums into the warp's own columns of a tile, or into those that `lane` names.
template <int M>
__device__ __forceinline__ void store(const Sums<M>& sums, float* tile, int stride,
                                      const LanePart& lane = {}) {
  FIELDSCOPE_UNROLL(8)
  for (int m = 0; m < M; ++m)
    for (int half = 0; half < 2; ++half) {
      float* const to = tile + (16 * m + 8 * half + lane.g) * stride + lane.column + 8 * lane.t;
      const auto& c = sums.c[m];
      for (int q = 0; q < 2; ++q)
        store4(to + 4 * q, c[0][2 * half + q], c[1][2 * half + q], c[2][2 * half + q],
               c[3][2 * half + q]);
    }
}

}  // namespace fieldscope::cuda
