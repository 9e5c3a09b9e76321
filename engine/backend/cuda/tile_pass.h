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
  static constexpr int rows = 16 * M, quad_rows = 4;
  static constexpr bool keeps = pass != Pass::forward, tangents = pass == Pass::product;

  const TilePass& p;
  const TileNetwork& n;
  const int width, stride, thread;
  const int first_row, column;  ///< of its warp's columns a thread has four, in every fourth row
  TileThread here;

  __device__ explicit TileWorker(const TilePass& pass_)
      : p(pass_),
        n(pass_.network),
        width(pass_.network.width),
        stride(tile_stride(pass_.network.width)),
        thread(static_cast<int>(threadIdx.x)),
        first_row(thread % warp_lanes / (warp_columns / 4)),
        column(thread / warp_lanes * warp_columns + thread % (warp_columns / 4) * 4),
        here(thread, width) {}

  /// Tiles; what they hold changes from step to step. Found again each time: registers are scarce.
  __device__ float* x(int map = 0) const { return shared_memory() + map * rows * stride; }
  __device__ float* rx(int map = 0) const { return x(maps + map); }
  /// [rows][outputs], and the tangents.
  __device__ float* y() const { return x(tiles_of(maps, pass)); }
  __device__ float* ry() const { return y() + rows * n.outputs; }
  __device__ double* scratch() const { return reinterpret_cast<double*>(ry() + rows * n.outputs); }

  /// The thread's four numbers of a row into a tile, rounded if it will be a factor; into a signal.
  __device__ void put(float* tile, int row, const float (&v)[4], bool factor) const {
    float to[4];
    FIELDSCOPE_UNROLL(4)
    for (int i = 0; i < 4; ++i) to[i] = factor ? Math::rounded(v[i]) : v[i];
    store4(tile + row * stride + column, to[0], to[1], to[2], to[3]);
  }
  __device__ std::size_t in_signal(int row) const { return (here.first + row) * width + column; }
  /// (The compiler takes a store apart whose index does not count fours.)
  __device__ void keep(float* signal, int row, const float (&v)[4]) const {
    reinterpret_cast<float4*>(signal)[in_signal(row) / 4] = float4{v[0], v[1], v[2], v[3]};
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
    __syncwarp();  // a thread's own columns come from its warp
  }

  /// u (and w) become the activation of hidden layer l, its slopes go where dL/du will be.
  __device__ void activate(int l) {
    float bias[maps][4], rbias[maps][4] = {};
    FIELDSCOPE_UNROLL(2)
    for (int m = 0; m < maps; ++m) {
      FIELDSCOPE_UNROLL(4)
      for (int i = 0; i < 4; ++i) {
        bias[m][i] = p.weights[n.maps[l][m].bias + column + i];
        if constexpr (tangents) rbias[m][i] = p.direction[n.maps[l][m].bias + column + i];
      }
    }
    const Signals<float>& s = p.signals[l + 1];
    const bool is_factor = l + 1 < n.hidden;
    with_activation_here<maps>(Activations{}, n.activation, [&]<class A>(A) {
      const auto& f = *reinterpret_cast<const typename A::template At<float>*>(n.function);
      FIELDSCOPE_UNROLL(1)
      for (int row = first_row; row < rows; row += quad_rows) {
        float u[maps][4], a[4], slope[maps][4];
        [[maybe_unused]] float ru[maps][4], ra[4], rslope[maps][4];
        FIELDSCOPE_UNROLL(2)
        for (int m = 0; m < maps; ++m) {
          load4(x(m) + row * stride + column, u[m]);
          if constexpr (tangents) load4(rx(m) + row * stride + column, ru[m]);
        }
        FIELDSCOPE_UNROLL(4)
        for (int i = 0; i < 4; ++i) {
          if constexpr (maps == 1) {
            const Jet<float> jet = f(u[0][i] + bias[0][i]);
            a[i] = jet.f;
            slope[0][i] = jet.fu;
            if constexpr (tangents) {
              const float v = ru[0][i] + rbias[0][i];
              ra[i] = jet.fu * v;
              rslope[0][i] = jet.fuu * v;
            }
          } else {
            const Jet2<float> jet = f(u[0][i] + bias[0][i], u[1][i] + bias[1][i]);
            a[i] = jet.f;
            slope[0][i] = jet.fu;
            slope[1][i] = jet.fw;
            if constexpr (tangents) {
              const float v = ru[0][i] + rbias[0][i], w = ru[1][i] + rbias[1][i];
              ra[i] = jet.fu * v + jet.fw * w;
              rslope[0][i] = jet.fuu * v + jet.fuw * w;
              rslope[1][i] = jet.fuw * v + jet.fww * w;
            }
          }
        }
        put(x(), row, a, is_factor);
        if constexpr (tangents) put(rx(), row, ra, is_factor);
        if (!keeps || row >= here.count) continue;
        keep(s.a, row, a);
        if constexpr (tangents) keep(s.ra, row, ra);
        FIELDSCOPE_UNROLL(2)
        for (int m = 0; m < maps; ++m) {
          keep(s.d[m], row, slope[m]);
          if constexpr (tangents) keep(s.rd[m], row, rslope[m]);
        }
      }
    });
    __syncthreads();
  }

  /// dL/da of the last hidden layer, into x(): few terms.
  __device__ void back_from_outputs() {
    FIELDSCOPE_UNROLL(1)
    for (int row = first_row; row < rows; row += quad_rows) {
      float e[4] = {}, re[4] = {};
      for (int o = 0; o < n.outputs && row < here.count; ++o) {
        const std::size_t at = n.output.weight + o * width + column;
        const float d = y()[row * n.outputs + o];
        [[maybe_unused]] const float rd = tangents ? ry()[row * n.outputs + o] : 0;
        float w[4], v[4] = {};
        load4(p.weights + at, w);
        if (tangents && p.hessian) load4(p.direction + at, v);
        FIELDSCOPE_UNROLL(4)
        for (int i = 0; i < 4; ++i) {
          e[i] += d * w[i];
          if constexpr (tangents) re[i] += rd * w[i] + d * v[i];
        }
      }
      put(x(), row, e, false);
      if constexpr (tangents) put(rx(), row, re, false);
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

  /// dL/du (and dL/dw) of hidden layer l from dL/da in x(): as through_activation(). Slopes may
  /// have a long way: those of 16 rows are asked for at once.
  __device__ void back_through_activation(int l) {
    const Signals<float>& s = p.signals[l + 1];
    const float share = p.hessian ? 1.0f : 0.0f;
    constexpr int at_once = 16 / quad_rows;
    FIELDSCOPE_UNROLL(1)
    for (int first = first_row; first < rows; first += 16) {
      float slope[at_once][maps][4] = {}, rslope[at_once][maps][4] = {};
      FIELDSCOPE_UNROLL(4)
      for (int j = 0; j < at_once; ++j) {
        const int row = first + j * quad_rows;
        if (row >= here.count) continue;
        FIELDSCOPE_UNROLL(2)
        for (int m = 0; m < maps; ++m) {
          load4(s.d[m] + in_signal(row), slope[j][m]);
          if constexpr (tangents) load4(s.rd[m] + in_signal(row), rslope[j][m]);
        }
      }
      FIELDSCOPE_UNROLL(4)
      for (int j = 0; j < at_once; ++j) {
        const int row = first + j * quad_rows;
        float e[4], re[4];
        load4(x() + row * stride + column, e);
        if constexpr (tangents) load4(rx() + row * stride + column, re);
        FIELDSCOPE_UNROLL(2)
        for (int m = 0; m < maps; ++m) {
          float d[4], rd[4];
          FIELDSCOPE_UNROLL(4)
          for (int i = 0; i < 4; ++i) {
            d[i] = row < here.count ? slope[j][m][i] * e[i] : 0;
            if constexpr (tangents)
              rd[i] =
                  row < here.count ? slope[j][m][i] * re[i] + share * rslope[j][m][i] * e[i] : 0;
          }
          put(x(m), row, d, true);
          if constexpr (tangents) put(rx(m), row, rd, true);
          if (row >= here.count) continue;
          keep(s.d[m], row, d);
          if constexpr (tangents) keep(s.rd[m], row, rd);
        }
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
