// What tile passes of any shape have in common: what a launch is told, and what they do at both
// ends of the network, where a tile's samples come in and its outputs become a loss.
#pragma once

#include "engine/backend/cuda/passes.h"
#include "engine/backend/cuda/tile.h"

namespace fieldscope::cuda {

constexpr int most_width = 256;
constexpr int most_hidden = 16;  ///< layers
constexpr int most_outputs = 16;

/// What a kernel knows of a network, by value.
struct TileNetwork {
  int width = 0, hidden = 0, inputs = 0, outputs = 0;
  int coordinates = 0, view = 0, levels = 0, view_levels = 0;
  int features = 0;                    ///< of the position
  const float* frequencies = nullptr;  ///< [features / 2][coordinates - view], or null
  LinearMap maps[most_hidden][2];
  LinearMap output;
  ActivationIndex activation = 0;
  alignas(8) unsigned char function[16] = {};  ///< the activation's At<float>
};

/// One launch.
struct TilePass {
  TileNetwork network;
  /// As in Block: of the sample, each hidden layer and the output. Rows have `width` numbers, but
  /// those of the sample and of the output, which have `input_stride` and `output_stride`.
  Signals<float> signals[most_hidden + 2];
  int input_stride = 0, output_stride = 0;
  const float *weights = nullptr, *direction = nullptr;
  const float *coordinates = nullptr, *targets = nullptr;
  float* outputs = nullptr;  ///< [samples][outputs] of inference
  std::size_t samples = 0;
  /// A pass goes forward, through the loss and back; where the loss is of whole rays, it stops for
  /// it and goes on in a second launch.
  bool forward = true, loss_here = true, backward = true;
  bool hessian = true;  ///< else Gauss-Newton
  PointLoss loss;
  double* losses = nullptr;  ///< each block's or cluster's share, before it is scaled
};

/// Calls visit(A{}) for the activation of that index, if it takes so many maps.
template <int maps, class... A, class Visitor>
__device__ __forceinline__ void with_activation_here(TypeList<A...>, ActivationIndex index,
                                                     const Visitor& visit) {
  const auto one = [&]<class F>(F f) {
    if constexpr (F::maps == maps)
      if (index == activation_index<F>) visit(f);
  };
  (one(A{}), ...);
}

/// A tile as one of the threads sees it that share its work.
struct TileThread {
  int thread, threads;
  std::size_t first = 0;  ///< sample of the tile
  int count = 0;  ///< samples of the tile; the rows behind them hold numbers, but no samples

  __device__ TileThread(int thread_, int threads_) : thread(thread_), threads(threads_) {}
  __device__ void go_to(const TilePass& p, std::size_t tile, std::size_t rows) {
    first = tile * rows;
    count = static_cast<int>(p.samples - first < rows ? p.samples - first : rows);
  }
};

/// Encoded samples into x [rows][stride], zeros behind them. All threads see them.
__device__ __forceinline__ void encode(const TilePass& p, const TileThread& at, int rows, float* x,
                                       int stride) {
  const TileNetwork& n = p.network;
  const int depth = (n.inputs + k_step - 1) / k_step * k_step;
  for (int i = at.thread; i < rows * depth; i += at.threads) x[i / depth * stride + i % depth] = 0;
  __syncthreads();
  const int d = n.coordinates, position = d - n.view;
  const float* const samples = p.coordinates + at.first * d;
  const auto positions = [&](int from, int coordinates, int levels, int column) {
    for (int i = at.thread; i < at.count * coordinates; i += at.threads) {
      const int row = i / coordinates, c = i % coordinates;
      const float coordinate = samples[row * d + from + c];
      float* const to = x + row * stride + column;
      to[c] = coordinate;
      positional_waves(coordinate, levels, to + coordinates + c * 2 * levels);
    }
  };
  if (n.frequencies == nullptr) positions(0, position, n.levels, 0);
  const int waves = n.frequencies == nullptr ? 0 : n.features / 2;
  for (int i = at.thread; i < at.count * waves; i += at.threads) {
    const int row = i / waves, f = i % waves;
    const SinCos<float> v =
        fourier_feature(n.frequencies + f * position, samples + row * d, position);
    x[row * stride + f] = v.sin;
    x[row * stride + waves + f] = v.cos;
  }
  if (n.view > 0) positions(position, n.view, n.view_levels, n.features);
  __syncthreads();
}

/// The encoded samples out of the tile.
__device__ __forceinline__ void keep_inputs(const TilePass& p, const TileThread& at, const float* x,
                                            int stride) {
  for (int i = at.thread; i < at.count * p.input_stride; i += at.threads) {
    const int row = i / p.input_stride, c = i % p.input_stride;
    p.signals[0].a[(at.first + row) * p.input_stride + c] = x[row * stride + c];
  }
}

/// y [rows][outputs] = W x + b and its tangent: few columns, for which a warp adds up a row at a
/// time. All threads see them.
template <bool tangents>
__device__ __forceinline__ void output_map(const TilePass& p, const TileThread& at, int rows,
                                           const float* x, const float* rx, int stride, float* y,
                                           float* ry) {
  const TileNetwork& n = p.network;
  const int lane = at.thread % warp_lanes, warps = at.threads / warp_lanes;
  const float* const w = p.weights + n.output.weight;
  const float* const v = tangents ? p.direction + n.output.weight : nullptr;
  for (int row = at.thread / warp_lanes; row < rows; row += warps)
    for (int o = 0; o < n.outputs; ++o) {
      float sum = 0, rsum = 0;
      for (int c = lane; c < n.width; c += warp_lanes) {
        const float a = x[row * stride + c], weight = w[o * n.width + c];
        sum += a * weight;
        if constexpr (tangents) rsum += a * v[o * n.width + c] + rx[row * stride + c] * weight;
      }
      sum = warp_sum(sum);
      if constexpr (tangents) rsum = warp_sum(rsum);
      if (lane > 0) continue;
      y[row * n.outputs + o] = sum + p.weights[n.output.bias + o];
      if constexpr (tangents) ry[row * n.outputs + o] = rsum + p.direction[n.output.bias + o];
    }
  __syncthreads();
}

/// Calls visit(where a number lies in y, where in the batch's outputs) for the thread's share.
template <class Visitor>
__device__ __forceinline__ void each_output(const TilePass& p, const TileThread& at,
                                            const Visitor& visit) {
  const int outputs = p.network.outputs;
  for (int i = at.thread; i < at.count * outputs; i += at.threads)
    visit(i, (at.first + i / outputs) * p.output_stride + i % outputs);
}

/// y becomes dL/dy. Returns the thread's share of the loss. `ry` is null without tangents.
__device__ __forceinline__ double loss_head(const TilePass& p, const TileThread& at, float* y,
                                            float* ry) {
  double sum = 0;
  each_output(p, at, [&](int i, std::size_t) {
    sum +=
        p.loss(y[i], ry != nullptr ? ry + i : nullptr, p.targets[at.first * p.network.outputs + i]);
  });
  return sum;
}

/// y, or dL/dy, out of the tile, and into it. `ry` is null without tangents.
__device__ __forceinline__ void keep_outputs(const TilePass& p, const TileThread& at,
                                             const float* y, const float* ry) {
  const Signals<float>& s = p.signals[p.network.hidden + 1];
  each_output(p, at, [&](int i, std::size_t to) {
    s.d[0][to] = y[i];
    if (ry != nullptr) s.rd[0][to] = ry[i];
  });
}
__device__ __forceinline__ void fetch_outputs(const TilePass& p, const TileThread& at, float* y,
                                              float* ry) {
  const Signals<float>& s = p.signals[p.network.hidden + 1];
  each_output(p, at, [&](int i, std::size_t from) {
    y[i] = s.d[0][from];
    if (ry != nullptr) ry[i] = s.rd[0][from];
  });
}

}  // namespace fieldscope::cuda
