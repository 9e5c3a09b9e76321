// The tile pass where there are fewer tiles than processors: a cluster of four blocks shares a tile
// of 16 samples. Each makes a quarter of every layer's columns, so that it reads a quarter of the
// weights, and hands its part of the layer to the other three through their shared memory. What it
// writes down for the weight gradient is what tile_pass.h does.
#pragma once

#include "engine/backend/cuda/cluster.h"
#include "engine/backend/cuda/tile_ends.h"

namespace fieldscope::cuda {

constexpr int cluster_blocks = 4;
constexpr int cluster_rows = 16;
constexpr int cluster_threads = 256;  ///< of each block

/// How a block of a cluster divides its columns among its warps: 32 of them each, and warps with
/// the same columns divide k. `width` is 128 or 256.
template <int width>
struct ClusterShare {
  static constexpr int warps = cluster_threads / warp_lanes;
  static constexpr int columns = width / cluster_blocks;  ///< of the block
  static constexpr int groups = columns / warp_columns;
  static constexpr int splits = warps / groups;          ///< of k
  static constexpr int steps = width / k_step / splits;  ///< of 16 k, for each warp
  static constexpr int ahead = steps < 2 ? steps : 2;    ///< steps whose weights are on their way
  static constexpr int stride = columns + 4;  ///< of a part; so that the lanes' banks differ
  static constexpr int part = cluster_rows * stride;
  static constexpr int quads = cluster_rows * columns / 4;  ///< four columns of a row, for a thread
  static_assert(groups * splits == warps && steps * splits * k_step == width);
  static_assert(quads <= cluster_threads && quads % warp_lanes == 0);
};

/// Whether a cluster can share tiles of this width.
constexpr bool cluster_fits(int width) {
  return width == 128 || width == 256;
}

/// Tiles twice over, one read while the other is written; parts of sums; y; scratch.
constexpr std::size_t cluster_pass_bytes(int width, int outputs, int maps) {
  const int parts = width == 128 ? ClusterShare<128>::splits * ClusterShare<128>::part
                                 : ClusterShare<256>::splits * ClusterShare<256>::part;
  const int numbers = cluster_rows * (2 * maps * tile_stride(width) + outputs) + maps * parts;
  return static_cast<std::size_t>(numbers) * sizeof(float) +
         cluster_threads / warp_lanes * sizeof(double);
}

template <class Math, int width, int maps>
struct ClusterWorker {
  using Share = ClusterShare<width>;
  static constexpr int stride = tile_stride(width);

  const TilePass& p;
  const TileNetwork& n;
  TileThread here;
  const int rank;       ///< of the block
  const LanePart lane;  ///< its column is one of the block's
  const int first_k;    ///< of the warp
  const int row, quad;  ///< the thread's four numbers of a layer: their row, and the block's column
  int turn = 0;         ///< the tiles that are read
  float w[maps][Share::ahead][4][4] = {};  ///< the next product's first weights
  float slope[maps][4] = {};               ///< the next activation's, on the way back

  __device__ explicit ClusterWorker(const TilePass& pass)
      : p(pass),
        n(pass.network),
        here(static_cast<int>(threadIdx.x), cluster_threads),
        rank(static_cast<int>(blockIdx.x) % cluster_blocks),
        lane(warp() % Share::groups * warp_columns),
        first_k(warp() / Share::groups * Share::steps * k_step),
        row(here.thread / (Share::columns / 4)),
        quad(here.thread % (Share::columns / 4) * 4) {}

  __device__ static int warp() { return static_cast<int>(threadIdx.x) / warp_lanes; }

  /// The tiles that are read now, or those of the other turn.
  __device__ float* x(int of_turn, int map = 0) const {
    return shared_memory() + (of_turn * maps + map) * cluster_rows * stride;
  }
  /// [splits][rows][Share::stride] of each map.
  __device__ float* parts(int map = 0) const { return x(2) + map * Share::splits * Share::part; }
  __device__ float* y() const { return parts(maps); }
  __device__ double* scratch() const {
    return reinterpret_cast<double*>(y() + cluster_rows * n.outputs);
  }

  /// Column of the layer, and where the thread's numbers lie in a signal.
  __device__ int column() const { return rank * Share::columns + quad; }
  __device__ std::size_t out() const { return (here.first + row) * width + column(); }
  __device__ bool has_quad() const { return here.thread < Share::quads; }
  __device__ bool has_sample() const { return has_quad() && row < here.count; }

  /// The first of the warp's columns in the layer.
  __device__ LanePart layer_lane() const { return LanePart(rank * Share::columns + lane.column); }

  /// Of a map of hidden layer l > 0 the warp's weights at one of its steps.
  template <Reading reading>
  __device__ void ask_for_step(int l, int m, int step, float (&b)[4][4]) {
    load_weights<reading>(p.weights + n.maps[l][m].weight, width, first_k + step * k_step,
                          layer_lane(), b);
  }
  /// Asks for the first weights of hidden layer l > 0, well before they are multiplied: until then
  /// there is enough to do.
  template <Reading reading>
  __device__ void ask_for_weights(int l) {
    FIELDSCOPE_UNROLL(2)
    for (int m = 0; m < maps; ++m) {
      FIELDSCOPE_UNROLL(2)
      for (int i = 0; i < Share::ahead; ++i) ask_for_step<reading>(l, m, i, w[m][i]);
    }
  }

  /// Likewise for the slopes that the thread needs on the way back through hidden layer l.
  __device__ void ask_for_slopes(int l) {
    if (!has_sample()) return;
    FIELDSCOPE_UNROLL(2)
    for (int m = 0; m < maps; ++m) load4(p.signals[l + 1].d[m] + out(), slope[m]);
  }

  /// z += tile W for the warp's k, of a map of hidden layer l > 0, whose first weights were asked
  /// for.
  template <Reading reading>
  __device__ void multiply(const float* tile, int l, int m, Sums<1>& z) {
    using B = typename Math::B;
    FIELDSCOPE_UNROLL(1)
    for (int first = 0; first < Share::steps; first += Share::ahead) {
      FIELDSCOPE_UNROLL(2)
      for (int i = 0; i < Share::ahead; ++i) {
        const int step = first + i, k = first_k + step * k_step;
        float(&b)[4][4] = w[m][i];
        const B factor[4] = {B(b[0]), B(b[1]), B(b[2]), B(b[3])};
        if (step + Share::ahead < Share::steps) ask_for_step<reading>(l, m, step + Share::ahead, b);
        Math::multiply_add(z.c[0], load_tile<Math, false>(tile, stride, 0, k, lane), factor);
      }
    }
  }
  __device__ void keep_part(const Sums<1>& z, int map = 0) {
    store(z, parts(map) + warp() / Share::groups * Share::part, Share::stride, lane);
  }

  /// The sum of the parts that warps made of the thread's four numbers, always in the same order.
  __device__ void add_parts(int map, float (&sum)[4]) const {
    const float* const from = parts(map) + row * Share::stride + quad;
    load4(from, sum);
    FIELDSCOPE_UNROLL(8)
    for (int split = 1; split < Share::splits; ++split) {
      float part[4];
      load4(from + split * Share::part, part);
      FIELDSCOPE_UNROLL(4)
      for (int i = 0; i < 4; ++i) sum[i] += part[i];
    }
  }

  /// The thread's four numbers into the other turn's tile of all blocks. It was last read before
  /// the last meeting, and will be after the next.
  __device__ void hand_over(const float (&value)[4], int map = 0) {
    float* const own = x(1 - turn, map) + row * stride + column();
    FIELDSCOPE_UNROLL(4)
    for (int block = 0; block < cluster_blocks; ++block)
      store4(in_block(own, block), value[0], value[1], value[2], value[3]);
  }

  /// The thread's four numbers of a signal. (The compiler takes a store apart whose index does not
  /// count fours.)
  __device__ void keep(float* signal, const float (&value)[4]) const {
    reinterpret_cast<float4*>(signal)[out() / 4] = float4{value[0], value[1], value[2], value[3]};
  }

  /// The first hidden layer: parts of its sums. Most networks have few inputs.
  __device__ void first_maps() {
    using B = typename Math::B;
    FIELDSCOPE_UNROLL(2)
    for (int m = 0; m < maps; ++m) {
      const LinearMap& map = n.maps[0][m];
      Sums<1> z;
      const int all = first_k + Share::steps * k_step, end = map.in < all ? map.in : all;
      FIELDSCOPE_UNROLL(1)
      for (int k = first_k; k < end; k += k_step) {
        float b[4][4];
        load_weights<Reading::any_rows>(p.weights + map.weight, map.in, k, layer_lane(), b);
        const B factor[4] = {B(b[0]), B(b[1]), B(b[2]), B(b[3])};
        Math::multiply_add(z.c[0], load_tile<Math, false>(x(turn), stride, 0, k, lane), factor);
      }
      keep_part(z, m);
    }
    __syncthreads();
  }

  /// A later one, from the weights that were asked for.
  __device__ void linear_maps(int l) {
    FIELDSCOPE_UNROLL(2)
    for (int m = 0; m < maps; ++m) {
      Sums<1> z;
      multiply<Reading::rows>(x(turn), l, m, z);
      keep_part(z, m);
    }
    __syncthreads();
  }

  /// The activation of hidden layer l to all blocks, its slopes to where dL/du will be. What goes
  /// to memory does so after arriving: nobody waits for it.
  __device__ void activate(int l) {
    float a[4] = {};
    if (has_quad()) {
      float u[maps][4];
      FIELDSCOPE_UNROLL(2)
      for (int m = 0; m < maps; ++m) {
        add_parts(m, u[m]);
        const float* const bias = p.weights + n.maps[l][m].bias + column();
        FIELDSCOPE_UNROLL(4)
        for (int i = 0; i < 4; ++i) u[m][i] += bias[i];
      }
      with_activation_here<maps>(Activations{}, n.activation, [&]<class A>(A) {
        const auto& f = *reinterpret_cast<const typename A::template At<float>*>(n.function);
        FIELDSCOPE_UNROLL(4)
        for (int i = 0; i < 4; ++i) {
          if constexpr (maps == 1) {
            const Jet<float> jet = f(u[0][i]);
            a[i] = jet.f;
            slope[0][i] = jet.fu;
          } else {
            const Jet2<float> jet = f(u[0][i], u[1][i]);
            a[i] = jet.f;
            slope[0][i] = jet.fu;
            slope[1][i] = jet.fw;
          }
        }
      });
      hand_over(a);
    }
    arrive_at_cluster();
    if (has_sample()) {
      const Signals<float>& s = p.signals[l + 1];
      keep(s.a, a);
      FIELDSCOPE_UNROLL(2)
      for (int m = 0; m < maps; ++m) keep(s.d[m], slope[m]);
    }
    wait_for_cluster();
    turn = 1 - turn;
  }

  /// The thread's four dL/da of the last hidden layer, from dL/dy.
  __device__ void from_outputs(float (&e)[4]) const {
    for (int o = 0; o < n.outputs; ++o) {
      const float d = y()[row * n.outputs + o];
      const float* const weight = p.weights + n.output.weight + o * width + column();
      FIELDSCOPE_UNROLL(4)
      for (int i = 0; i < 4; ++i) e[i] += d * weight[i];
    }
  }

  /// Parts of dL/da of hidden layer l - 1.
  __device__ void back_through_maps(int l) {
    Sums<1> e;
    FIELDSCOPE_UNROLL(2)
    for (int m = 0; m < maps; ++m) multiply<Reading::columns>(x(turn, m), l, m, e);
    keep_part(e);
    __syncthreads();
  }

  /// dL/du (and dL/dw) of hidden layer l from the thread's dL/da: to all blocks, unless no layer
  /// needs them, and to memory.
  __device__ void back_through_activation(int l, const float (&e)[4]) {
    const Signals<float>& s = p.signals[l + 1];
    float d[maps][4] = {};
    if (has_sample()) {
      FIELDSCOPE_UNROLL(2)
      for (int m = 0; m < maps; ++m) {
        FIELDSCOPE_UNROLL(4)
        for (int i = 0; i < 4; ++i) d[m][i] = slope[m][i] * e[i];
      }
    }
    if (l > 0) {
      if (has_quad()) {
        FIELDSCOPE_UNROLL(2)
        for (int m = 0; m < maps; ++m) hand_over(d[m], m);
      }
      arrive_at_cluster();
    }
    if (has_sample()) {
      FIELDSCOPE_UNROLL(2)
      for (int m = 0; m < maps; ++m) keep(s.d[m], d[m]);
    }
    if (l > 0) wait_for_cluster();
    turn = 1 - turn;
  }

  __device__ void begin_forward() {
    encode(p, here, cluster_rows, x(turn), stride);
    if (rank == 0) keep_inputs(p, here, x(turn), stride);
    first_maps();
  }

  __device__ void run_forward() {
    for (int l = 0;; ++l) {
      if (l + 1 < n.hidden) ask_for_weights<Reading::rows>(l + 1);
      activate(l);
      if (l + 1 == n.hidden) return;
      linear_maps(l + 1);
    }
  }

  __device__ void begin_backward() {
    ask_for_slopes(n.hidden - 1);
    if (n.hidden > 1) ask_for_weights<Reading::columns>(n.hidden - 1);
  }

  __device__ void run_backward() {
    float e[4] = {};
    if (has_sample()) from_outputs(e);
    for (int l = n.hidden - 1;; --l) {
      back_through_activation(l, e);
      if (l == 0) return;
      ask_for_slopes(l - 1);
      back_through_maps(l);
      if (l > 1) ask_for_weights<Reading::columns>(l - 1);
      if (has_quad()) add_parts(0, e);
    }
  }

  /// The cluster's tile. Returns the thread's share of its loss.
  __device__ double run() {
    here.go_to(p, blockIdx.x / cluster_blocks, cluster_rows);
    arrive_at_cluster();  // all blocks have begun before anyone writes into them
    if (p.forward) begin_forward();
    wait_for_cluster();
    if (p.forward) run_forward();
    if (p.backward) begin_backward();
    // Each block makes all outputs: they are few, and another meeting would take longer.
    double loss = 0;
    if (p.forward)
      output_map<false>(p, here, cluster_rows, x(turn), nullptr, stride, y(), nullptr);
    else
      fetch_outputs(p, here, y(), nullptr);
    if (p.loss_here) loss = loss_head(p, here, y(), nullptr);
    if (p.forward && rank == 0) keep_outputs(p, here, y(), nullptr);
    __syncthreads();
    if (p.backward) run_backward();
    return loss;
  }
};

/// A cluster for each tile.
template <class Math, int width, int maps>
__global__ void __launch_bounds__(cluster_threads, 1)
    cluster_pass(const __grid_constant__ TilePass p) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
  ClusterWorker<Math, width, maps> worker(p);
  const double share = worker.run();
  if (!p.loss_here || worker.rank > 0) return;
  const double loss = block_sum(share, worker.scratch());
  if (threadIdx.x == 0) p.losses[blockIdx.x / cluster_blocks] = loss;
#endif
}

}  // namespace fieldscope::cuda
