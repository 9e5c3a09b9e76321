// A pass over tiles of samples: a block of threads, one for each unit of a layer, takes a tile of
// them through all layers and back without its activations leaving the chip (MATHS section 3). What
// the weight gradient needs of them is written down on the way: weight_gradients.h.
#pragma once

#include "engine/backend/cuda/tile_ends.h"

namespace fieldscope::cuda {

/// Tiles in shared memory: x, its tangent, and the same of a second map.
constexpr int tiles_of(int maps, Pass pass) {
  return maps * (pass == Pass::product ? 2 : 1);
}

constexpr std::size_t tile_pass_bytes(int width, int outputs, int rows, int maps, Pass pass) {
  const int numbers = rows * (tiles_of(maps, pass) * tile_stride(width) + 2 * outputs);
  return static_cast<std::size_t>(numbers) * sizeof(float) +
         most_width / warp_lanes * sizeof(double);
}

template <class Math, int M, int maps, Pass pass>
struct TileWorker {
  static constexpr int rows = 16 * M;
  static constexpr bool keeps = pass != Pass::forward, tangents = pass == Pass::product;

  const TilePass& p;
  const TileNetwork& n;
  const int width, stride, thread;
  TileThread here;

  __device__ explicit TileWorker(const TilePass& pass_)
      : p(pass_),
        n(pass_.network),
        width(pass_.network.width),
        stride(tile_stride(pass_.network.width)),
        thread(static_cast<int>(threadIdx.x)),
        here(thread, width) {}

  /// Tiles; what they hold changes from step to step. Found again each time: registers are scarce.
  __device__ float* x(int map = 0) const { return shared_memory() + map * rows * stride; }
  __device__ float* rx(int map = 0) const { return x(maps + map); }
  /// [rows][outputs], and the tangents.
  __device__ float* y() const { return x(tiles_of(maps, pass)); }
  __device__ float* ry() const { return y() + rows * n.outputs; }
  __device__ double* scratch() const { return reinterpret_cast<double*>(ry() + rows * n.outputs); }

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
        const std::size_t out = (here.first + row) * width + thread;
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
        if (!keeps || row >= here.count) continue;
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

  /// dL/da of the last hidden layer, into x(): few terms. A thread has a column.
  __device__ void back_from_outputs() {
    for (int row = 0; row < rows; ++row) {
      float e = 0, re = 0;
      for (int o = 0; o < n.outputs && row < here.count; ++o) {
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
      const std::size_t out = (here.first + row) * width + thread;
      const float e = x()[at], re = tangents ? rx()[at] : 0;
      FIELDSCOPE_UNROLL(2)
      for (int m = 0; m < maps; ++m) {
        float d = 0, rd = 0;
        if (row < here.count) {
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
    here.go_to(p, tile, rows);
    float* const ry_or_null = tangents ? ry() : nullptr;
    double loss = 0;
    if (p.forward) {
      encode(p, here, rows, x(), stride);
      if constexpr (keeps) keep_inputs(p, here, x(), stride);
      for (int l = 0; l < n.hidden; ++l) {
        linear_maps(l);
        activate(l);
      }
      output_map<tangents>(p, here, rows, x(), rx(), stride, y(), ry());
    }
    if constexpr (pass == Pass::forward) {
      for (int i = thread; i < here.count * n.outputs; i += width)
        p.outputs[here.first * n.outputs + i] = y()[i];
      __syncthreads();
    } else {
      if (p.loss_here) loss = loss_head(p, here, y(), ry_or_null);
      if (p.forward)
        keep_outputs(p, here, y(), ry_or_null);
      else
        fetch_outputs(p, here, y(), ry_or_null);
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
