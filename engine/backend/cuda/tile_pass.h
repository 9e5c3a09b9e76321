// A pass over tiles of samples: a block of threads, one for each unit of a layer, takes a tile of
// them through all layers and back without its activations leaving the chip (MATHS section 3). What
// the weight gradient needs of them is written down on the way: weight_gradients.h.
#pragma once

#include "engine/backend/cuda/passes.h"
#include "engine/backend/cuda/tile.h"

namespace fieldscope::cuda {

constexpr int most_width = 256;  ///< threads of a block
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
  double* losses = nullptr;  ///< [blocks]: each block's share, before it is scaled
};

/// Tiles in shared memory: x, its tangent, and the same of a second map.
constexpr int tiles_of(int maps, Pass pass) {
  return maps * (pass == Pass::product ? 2 : 1);
}

constexpr std::size_t tile_pass_bytes(int width, int outputs, int rows, int maps, Pass pass) {
  const int numbers = rows * (tiles_of(maps, pass) * tile_stride(width) + 2 * outputs);
  return static_cast<std::size_t>(numbers) * sizeof(float) +
         most_width / warp_lanes * sizeof(double);
}

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

template <class Math, int M, int maps, Pass pass>
struct TileWorker {
  static constexpr int rows = 16 * M;
  static constexpr bool keeps = pass != Pass::forward, tangents = pass == Pass::product;

  const TilePass& p;
  const TileNetwork& n;
  const int width, stride, thread;
  std::size_t first = 0;  ///< sample of the tile
  int count = 0;  ///< samples of the tile; the rows behind them hold numbers, but no samples

  __device__ explicit TileWorker(const TilePass& pass_)
      : p(pass_),
        n(pass_.network),
        width(pass_.network.width),
        stride(tile_stride(pass_.network.width)),
        thread(static_cast<int>(threadIdx.x)) {}

  /// Tiles; what they hold changes from step to step. Found again each time: registers are scarce.
  __device__ float* x(int map = 0) const { return shared_memory() + map * rows * stride; }
  __device__ float* rx(int map = 0) const { return x(maps + map); }
  /// [rows][outputs], and the tangents.
  __device__ float* y() const { return x(tiles_of(maps, pass)); }
  __device__ float* ry() const { return y() + rows * n.outputs; }
  __device__ double* scratch() const { return reinterpret_cast<double*>(ry() + rows * n.outputs); }

  /// Encoded samples into x(), zeros behind them.
  __device__ void encode() {
    const int depth = (n.inputs + k_step - 1) / k_step * k_step;
    for (int i = thread; i < rows * depth; i += width) x()[i / depth * stride + i % depth] = 0;
    __syncthreads();
    const int d = n.coordinates, position = d - n.view;
    const float* const samples = p.coordinates + first * d;
    const auto positions = [&](int from, int coordinates, int levels, int column) {
      for (int i = thread; i < count * coordinates; i += width) {
        const int row = i / coordinates, c = i % coordinates;
        const float coordinate = samples[row * d + from + c];
        float* const to = x() + row * stride + column;
        to[c] = coordinate;
        positional_waves(coordinate, levels, to + coordinates + c * 2 * levels);
      }
    };
    if (n.frequencies == nullptr) positions(0, position, n.levels, 0);
    const int waves = n.frequencies == nullptr ? 0 : n.features / 2;
    for (int i = thread; i < count * waves; i += width) {
      const int row = i / waves, f = i % waves;
      const SinCos<float> v =
          fourier_feature(n.frequencies + f * position, samples + row * d, position);
      x()[row * stride + f] = v.sin;
      x()[row * stride + waves + f] = v.cos;
    }
    if (n.view > 0) positions(position, n.view, n.view_levels, n.features);
    __syncthreads();
    if constexpr (keeps)
      for (int i = thread; i < count * p.input_stride; i += width) {
        const int row = i / p.input_stride, c = i % p.input_stride;
        p.signals[0].a[(first + row) * p.input_stride + c] = x()[row * stride + c];
      }
  }

  /// The maps of hidden layer l in the place of the tile that they read, without biases.
  __device__ void linear_maps(int l) {
    Sums<M> z[maps], rz[maps];
    FIELDSCOPE_UNROLL(2)
    for (int m = 0; m < maps; ++m) {
      const LinearMap& map = n.maps[l][m];
      const int depth = (map.in + k_step - 1) / k_step * k_step;
      const Factors f = {x(),
                         tangents && l > 0 ? rx() : nullptr,
                         p.weights + map.weight,
                         tangents ? p.direction + map.weight : nullptr,
                         depth,
                         map.in};
      if (l > 0)
        add_product<Math, Reading::rows, tangents>(f, stride, z[m], rz[m]);
      else
        add_product<Math, Reading::any_rows, tangents>(f, stride, z[m], rz[m]);
    }
    __syncthreads();  // nobody reads x any more
    FIELDSCOPE_UNROLL(2)
    for (int m = 0; m < maps; ++m) {
      store(z[m], x(m), stride);
      if constexpr (tangents) store(rz[m], rx(m), stride);
    }
    __syncwarp();  // a thread's own column comes from its warp
  }

  /// u (and w) become the activation of hidden layer l, its slopes go where dL/du will be. A thread
  /// has a column.
  __device__ void activate(int l) {
    float bias[maps], rbias[maps];
    FIELDSCOPE_UNROLL(2)
    for (int m = 0; m < maps; ++m) {
      bias[m] = p.weights[n.maps[l][m].bias + thread];
      rbias[m] = tangents ? p.direction[n.maps[l][m].bias + thread] : 0;
    }
    const Signals<float>& s = p.signals[l + 1];
    with_activation_here<maps>(Activations{}, n.activation, [&]<class A>(A) {
      const auto& f = *reinterpret_cast<const typename A::template At<float>*>(n.function);
      FIELDSCOPE_UNROLL(4)
      for (int row = 0; row < rows; ++row) {
        const int at = row * stride + thread;
        const std::size_t out = (first + row) * width + thread;
        float a, slope[maps];
        [[maybe_unused]] float ra = 0, rslope[maps] = {};
        if constexpr (maps == 1) {
          const Jet<float> jet = f(x()[at] + bias[0]);
          a = jet.f;
          slope[0] = jet.fu;
          if constexpr (tangents) {
            const float ru = rx()[at] + rbias[0];
            ra = jet.fu * ru;
            rslope[0] = jet.fuu * ru;
          }
        } else {
          const Jet2<float> jet = f(x()[at] + bias[0], x(1)[at] + bias[1]);
          a = jet.f;
          slope[0] = jet.fu;
          slope[1] = jet.fw;
          if constexpr (tangents) {
            const float ru = rx()[at] + rbias[0], rw = rx(1)[at] + rbias[1];
            ra = jet.fu * ru + jet.fw * rw;
            rslope[0] = jet.fuu * ru + jet.fuw * rw;
            rslope[1] = jet.fuw * ru + jet.fww * rw;
          }
        }
        x()[at] = a;
        if constexpr (tangents) rx()[at] = ra;
        if (!keeps || row >= count) continue;
        s.a[out] = a;
        if constexpr (tangents) s.ra[out] = ra;
        FIELDSCOPE_UNROLL(2)
        for (int m = 0; m < maps; ++m) {
          s.d[m][out] = slope[m];
          if constexpr (tangents) s.rd[m][out] = rslope[m];
        }
      }
    });
    __syncthreads();
  }

  /// y = W x + b and its tangent: few columns, for which a warp adds up a row at a time.
  __device__ void output_map() {
    const int lane = thread % warp_lanes, warps = width / warp_lanes;
    const float* const w = p.weights + n.output.weight;
    const float* const v = tangents ? p.direction + n.output.weight : nullptr;
    for (int row = thread / warp_lanes; row < rows; row += warps)
      for (int o = 0; o < n.outputs; ++o) {
        float sum = 0, rsum = 0;
        for (int c = lane; c < width; c += warp_lanes) {
          const float a = x()[row * stride + c], weight = w[o * width + c];
          sum += a * weight;
          if constexpr (tangents) rsum += a * v[o * width + c] + rx()[row * stride + c] * weight;
        }
        sum = warp_sum(sum);
        if constexpr (tangents) rsum = warp_sum(rsum);
        if (lane > 0) continue;
        y()[row * n.outputs + o] = sum + p.weights[n.output.bias + o];
        if constexpr (tangents) ry()[row * n.outputs + o] = rsum + p.direction[n.output.bias + o];
      }
    __syncthreads();
  }

  /// Calls visit(where a number lies in y, where in the batch's outputs) for the thread's share.
  template <class Visitor>
  __device__ void each_output(const Visitor& visit) {
    for (int i = thread; i < count * n.outputs; i += width)
      visit(i, (first + i / n.outputs) * p.output_stride + i % n.outputs);
  }

  /// y becomes dL/dy. Returns the thread's share of the loss.
  __device__ double loss_head() {
    double sum = 0;
    each_output([&](int i, std::size_t) {
      sum += p.loss(y()[i], tangents ? ry() + i : nullptr, p.targets[first * n.outputs + i]);
    });
    return sum;
  }

  /// y, or dL/dy, out of the tile.
  __device__ void keep_outputs() {
    const Signals<float>& s = p.signals[n.hidden + 1];
    each_output([&](int i, std::size_t to) {
      s.d[0][to] = y()[i];
      if constexpr (tangents) s.rd[0][to] = ry()[i];
    });
  }
  __device__ void fetch_outputs() {
    const Signals<float>& s = p.signals[n.hidden + 1];
    each_output([&](int i, std::size_t from) {
      y()[i] = s.d[0][from];
      if constexpr (tangents) ry()[i] = s.rd[0][from];
    });
  }

  /// dL/da of the last hidden layer, into x(): few terms. A thread has a column.
  __device__ void back_from_outputs() {
    for (int row = 0; row < rows; ++row) {
      float e = 0, re = 0;
      for (int o = 0; o < n.outputs && row < count; ++o) {
        const std::size_t at = n.output.weight + o * width + thread;
        const float d = y()[row * n.outputs + o], weight = p.weights[at];
        e += d * weight;
        if constexpr (tangents) {
          re += ry()[row * n.outputs + o] * weight;
          if (p.hessian) re += d * p.direction[at];
        }
      }
      x()[row * stride + thread] = e;
      if constexpr (tangents) rx()[row * stride + thread] = re;
    }
  }

  /// dL/da of hidden layer l - 1 in the place of dL/du of layer l.
  __device__ void back_through_maps(int l) {
    Sums<M> e, re;
    FIELDSCOPE_UNROLL(2)
    for (int m = 0; m < maps; ++m) {
      const LinearMap& map = n.maps[l][m];
      const Factors f = {x(m),
                         rx(m),
                         p.weights + map.weight,
                         tangents && p.hessian ? p.direction + map.weight : nullptr,
                         width,
                         width};
      add_product<Math, Reading::columns, tangents>(f, stride, e, re);
    }
    __syncthreads();  // nobody reads dL/du any more
    store(e, x(), stride);
    if constexpr (tangents) store(re, rx(), stride);
    __syncwarp();
  }

  /// dL/du (and dL/dw) of hidden layer l from dL/da in x(): as through_activation().
  __device__ void back_through_activation(int l) {
    const Signals<float>& s = p.signals[l + 1];
    const float share = p.hessian ? 1.0f : 0.0f;
    FIELDSCOPE_UNROLL(4)
    for (int row = 0; row < rows; ++row) {
      const int at = row * stride + thread;
      const std::size_t out = (first + row) * width + thread;
      const float e = x()[at], re = tangents ? rx()[at] : 0;
      FIELDSCOPE_UNROLL(2)
      for (int m = 0; m < maps; ++m) {
        float d = 0, rd = 0;
        if (row < count) {
          const float slope = s.d[m][out];
          d = slope * e;
          s.d[m][out] = d;
          if constexpr (tangents) {
            rd = slope * re + share * s.rd[m][out] * e;
            s.rd[m][out] = rd;
          }
        }
        x(m)[at] = d;
        if constexpr (tangents) rx(m)[at] = rd;
      }
    }
    __syncthreads();
  }

  /// One tile. Returns the thread's share of its loss.
  __device__ double run(std::size_t tile) {
    first = tile * rows;
    count = static_cast<int>(p.samples - first < rows ? p.samples - first : rows);
    double loss = 0;
    if (p.forward) {
      encode();
      for (int l = 0; l < n.hidden; ++l) {
        linear_maps(l);
        activate(l);
      }
      output_map();
    }
    if constexpr (pass == Pass::forward) {
      for (int i = thread; i < count * n.outputs; i += width)
        p.outputs[first * n.outputs + i] = y()[i];
      __syncthreads();
    } else {
      if (p.loss_here) loss = loss_head();
      if (p.forward)
        keep_outputs();
      else
        fetch_outputs();
      __syncthreads();
      if (!p.backward) return loss;
      back_from_outputs();
      for (int l = n.hidden - 1;; --l) {
        back_through_activation(l);
        if (l == 0) break;
        back_through_maps(l);
      }
    }
    return loss;
  }
};

/// Blocks take tiles in turn.
template <class Math, int M, int maps, Pass pass>
__global__ void __launch_bounds__(most_width, 1) tile_pass(const __grid_constant__ TilePass p) {
  TileWorker<Math, M, maps, pass> worker(p);
  const std::size_t tiles = (p.samples + worker.rows - 1) / worker.rows;
  double loss = 0;
  for (std::size_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) loss += worker.run(tile);
  if (pass == Pass::forward || !p.loss_here) return;
  loss = block_sum(loss, worker.scratch());
  if (threadIdx.x == 0) p.losses[blockIdx.x] = loss;
}

}  // namespace fieldscope::cuda
