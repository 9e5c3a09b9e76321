// The derivatives by all weights and biases of a network in one launch, from what a tile pass has
// written down: dL/dW = sum over samples of dL/du x^T, for all maps at once. Samples are cut into
// `splits` parts that are added up afterwards, in one order.
#pragma once

#include "engine/backend/cuda/tile_pass.h"

namespace fieldscope::cuda {

/// A block has `side` rows and columns of one dL/dW, 64 or 128: the more, the less often are
/// signals read.
constexpr int gradient_threads = 128;  ///< four warps with a quarter of these each
constexpr int gradient_samples = 32;   ///< on chip at once, and as many on their way
/// Sample rows in shared memory: lanes of one load differ in four samples and two columns.
constexpr int gradient_stride(int side) {
  return side + 8;
}

/// dL/dW [out][in] and dL/db [out] of one map.
struct GradientTask {
  const float *x, *rx, *d, *rd;  ///< rx and rd null: not wanted, or zero
  int x_stride, d_stride;
  int out, in;
  std::size_t weight, bias;  ///< where they are among the parameters

  FIELDSCOPE_HOST_DEVICE int blocks_across(int side) const { return (in + side - 1) / side; }
  FIELDSCOPE_HOST_DEVICE int blocks(int side) const {
    return (out + side - 1) / side * blocks_across(side);
  }
};

constexpr int most_tasks = 2 * most_hidden + 1;

struct WeightPass {
  GradientTask tasks[most_tasks];
  int task_count = 0;
  int blocks = 0;  ///< of all tasks, for each split
  std::size_t samples = 0;
  std::size_t split_samples = 0;  ///< of each split but the last; a multiple of gradient_samples
  std::size_t parameters = 0;
  float *gradient = nullptr, *product = nullptr;  ///< [splits][parameters]
};

/// Samples of x and dL/du on chip (and of their tangents), twice.
constexpr std::size_t weight_pass_bytes(bool product, int side) {
  return static_cast<std::size_t>(2 * (product ? 4 : 2) * gradient_samples *
                                  gradient_stride(side)) *
         sizeof(float);
}

/// A warp's part of dL/dW: n times n parts of 32 rows and 32 columns.
template <int n>
struct WarpGradient {
  float c[n][n][2][4][4] = {};
  float bias[n][4] = {};
};

template <class Math, bool product, int side>
struct WeightWorker {
  static constexpr int signals = product ? 4 : 2;  ///< d, x, rd, rx
  static constexpr int stride = gradient_stride(side);
  static constexpr int signal_numbers = gradient_samples * stride;
  static constexpr int n = side / 64;
  using Gradient = WarpGradient<n>;

  const WeightPass& p;
  int thread, lane, g, t, warp_row, warp_column;

  __device__ explicit WeightWorker(const WeightPass& pass)
      : p(pass),
        thread(static_cast<int>(threadIdx.x)),
        lane(thread % warp_lanes),
        g(lane / 4),
        t(lane % 4),
        warp_row(thread / warp_lanes / 2 * 32 * n),
        warp_column(thread / warp_lanes % 2 * 32 * n) {}

  __device__ float* stage(int turn, int signal) const {
    return shared_memory() + (turn * signals + signal) * signal_numbers;
  }

  /// Starts fetching a chunk of samples, of one signal `side` columns from `column` on.
  __device__ void fetch(float* to, const float* from, int width, int column, std::size_t sample,
                        std::size_t end) const {
    constexpr int quads = side / 4, rows = gradient_threads / quads;
    const int first = thread / quads, c = thread % quads * 4;
    const bool any = from != nullptr && column + c < width && sample < end;
    const std::size_t left = any ? end - sample : 0;
    const int count = left < gradient_samples ? static_cast<int>(left) : gradient_samples;
    const float* at = any ? from + (sample + first) * width + column + c : p.tasks[0].x;
    to += first * stride + c;
    FIELDSCOPE_UNROLL(1)  // else all addresses want registers at once
    for (int row = first; row < gradient_samples; row += rows) {
      copy4_async(to, at, row < count);
      at += rows * width;
      to += rows * stride;
    }
  }
  __device__ void fetch_all(const GradientTask& task, int turn, int row, int column,
                            std::size_t sample, std::size_t end) const {
    fetch(stage(turn, 0), task.d, task.d_stride, row, sample, end);
    fetch(stage(turn, 1), task.x, task.x_stride, column, sample, end);
    if constexpr (product) {
      fetch(stage(turn, 2), task.rd, task.d_stride, row, sample, end);
      if (task.rx != nullptr) fetch(stage(turn, 3), task.rx, task.x_stride, column, sample, end);
    }
    end_copy_group();
  }

  /// Of a signal on chip, four neighbouring columns at the lane's samples k + t, k + t + 4, ...
  __device__ void columns(const float* signal, int k, int column, float (&v)[4][4]) const {
    for (int j = 0; j < 4; ++j) load4(signal + (k + t + 4 * j) * stride + column + 4 * g, v[j]);
  }
  /// Rows 4 g to 4 g + 3 of the warp's: two of each of the two tiles of 16.
  __device__ __forceinline__ typename Math::A rows_of(const float (&v)[4][4], int tile) const {
    float top[4], bottom[4];
    for (int j = 0; j < 4; ++j) {
      top[j] = Math::rounded(v[j][2 * tile]);
      bottom[j] = Math::rounded(v[j][2 * tile + 1]);
    }
    return typename Math::A(top, bottom);
  }
  __device__ __forceinline__ typename Math::B column_of(const float (&v)[4][4], int tile) const {
    const float column[4] = {v[0][tile], v[1][tile], v[2][tile], v[3][tile]};
    return typename Math::B(column);
  }

  /// to += the sum of d x^T over 16 samples on chip.
  __device__ __forceinline__ void add(Gradient& to, const float* d, const float* x, int k,
                                      bool with_bias) const {
    float v[4][4];
    typename Math::B b[n][4];
    FIELDSCOPE_UNROLL(2)
    for (int part = 0; part < n; ++part) {
      columns(x, k, warp_column + 32 * part, v);
      FIELDSCOPE_UNROLL(4)
      for (int tile = 0; tile < 4; ++tile) b[part][tile] = column_of(v, tile);
    }
    FIELDSCOPE_UNROLL(2)
    for (int part = 0; part < n; ++part) {
      columns(d, k, warp_row + 32 * part, v);
      FIELDSCOPE_UNROLL(2)
      for (int tile = 0; tile < 2; ++tile) {
        const typename Math::A a = rows_of(v, tile);
        FIELDSCOPE_UNROLL(2)
        for (int across = 0; across < n; ++across)
          Math::multiply_add(to.c[part][across][tile], a, b[across]);
      }
      if (with_bias)
        for (int i = 0; i < 4; ++i) to.bias[part][i] += v[0][i] + v[1][i] + v[2][i] + v[3][i];
    }
  }

  /// The warp's part of dL/dW and dL/db; `row` and `column` are the block's.
  __device__ __forceinline__ void write(const GradientTask& task, const Gradient& from, int row,
                                        int column, bool with_bias, float* to) const {
    FIELDSCOPE_UNROLL(2)
    for (int part = 0; part < n; ++part) {
      FIELDSCOPE_UNROLL(4)
      for (int i = 0; i < 4; ++i) {
        const int o = row + warp_row + 32 * part + 4 * g + i;
        FIELDSCOPE_UNROLL(2)
        for (int across = 0; across < n; ++across) {
          const int first = column + warp_column + 32 * across + 8 * t;
          const auto& c = from.c[part][across][i / 2];
          FIELDSCOPE_UNROLL(8)
          for (int q = 0; q < 8; ++q)
            if (o < task.out && first + q < task.in)
              to[task.weight + static_cast<std::size_t>(o) * task.in + first + q] =
                  c[q % 4][i % 2 * 2 + q / 4];
        }
      }
    }
    if (!with_bias) return;
    FIELDSCOPE_UNROLL(2)
    for (int part = 0; part < n; ++part) {
      FIELDSCOPE_UNROLL(4)
      for (int i = 0; i < 4; ++i) {
        float sum = from.bias[part][i];  // over the four lanes that have other samples
        sum += __shfl_xor_sync(all_lanes, sum, 1);
        sum += __shfl_xor_sync(all_lanes, sum, 2);
        const int o = row + warp_row + 32 * part + 4 * g + i;
        if (t == 0 && o < task.out) to[task.bias + o] = sum;
      }
    }
  }

  __device__ void run(int block, std::size_t split) const {
    const GradientTask* task = p.tasks;
    while (block >= task->blocks(side)) block -= (task++)->blocks(side);
    const int row = block / task->blocks_across(side) * side;
    const int column = block % task->blocks_across(side) * side;
    const bool with_bias = column + warp_column == 0;
    // A warp may have no row or column of a narrow matrix.
    const bool busy = row + warp_row < task->out && column + warp_column < task->in;
    const int depth = busy ? gradient_samples : 0;
    const std::size_t begin = split * p.split_samples;
    const std::size_t end =
        begin + p.split_samples < p.samples ? begin + p.split_samples : p.samples;
    Gradient gradient, tangent;
    fetch_all(*task, 0, row, column, begin, end);
    int turn = 0;
    for (std::size_t at = begin; at < end; at += gradient_samples, turn ^= 1) {
      fetch_all(*task, turn ^ 1, row, column, at + gradient_samples, end);
      wait_for_copies<1>();
      __syncthreads();
      const float *const d = stage(turn, 0), *const x = stage(turn, 1);
      FIELDSCOPE_UNROLL(1)
      for (int k = 0; k < depth; k += k_step) {
        add(gradient, d, x, k, with_bias);
        if constexpr (product) {
          add(tangent, stage(turn, 2), x, k, with_bias);
          if (task->rx == nullptr) continue;
          __syncwarp();  // d is read again rather than kept: its registers are needed
          add(tangent, d, stage(turn, 3), k, false);
        }
      }
      __syncthreads();  // before the next but one is fetched into the same place
    }
    wait_for_copies<0>();
    write(*task, gradient, row, column, with_bias, p.gradient + split * p.parameters);
    if constexpr (product)
      write(*task, tangent, row, column, with_bias, p.product + split * p.parameters);
  }
};

template <class Math, bool product, int side>
__global__ void __launch_bounds__(gradient_threads, product || side > 64 ? 2 : 3)
    weight_gradients(const __grid_constant__ WeightPass p) {
  const WeightWorker<Math, product, side> worker(p);
  worker.run(static_cast<int>(blockIdx.x) % p.blocks, blockIdx.x / p.blocks);
}

}  // namespace fieldscope::cuda
