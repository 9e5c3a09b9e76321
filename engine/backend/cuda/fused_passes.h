// A batch through the network and back in a few launches: the tile pass, which keeps the
// activations of a tile of samples on chip, and the weight gradient. In float32, on tensor cores,
// for networks of one width up to 256; the meaning is that of NetworkPasses, which runs all others.
#pragma once

#include <map>
#include <optional>

#include "engine/backend/cuda/frequencies.h"
#include "engine/backend/cuda/fused_kernels.h"
#include "engine/backend/cuda/network_passes.h"

namespace fieldscope::cuda {

struct TileKind {
  std::size_t rows = 0;
  bool shared = false;  ///< by a cluster of blocks
};

class FusedPasses {
 public:
  /// On the present device, with signals of at most `block_bytes` at a time, in f32. The stream
  /// must outlive this.
  FusedPasses(std::size_t block_bytes, Stream& stream);

  /// Of the passes that follow. All take the same memory.
  void set_arithmetic(Arithmetic arithmetic);

  /// Whether the device can (compute capability 8.0 or more), and whether a network has the shape:
  /// hidden layers of one width, a multiple of 32 up to 256, that the features fit into; one output
  /// map and no head.
  bool available() const { return available_; }
  static bool fits(const Network& network);

  void forward(const Network& network, const float* weights, const float* coordinates,
               std::size_t samples, float* outputs);
  /// Without factors. The loss goes to *value, which the device must reach. Waits for nothing. From
  /// the second call with a network and batches no larger on, it allocates nothing either and
  /// copies nothing from the host: nothing but launches, which a graph can hold.
  void backward(const Network& network, LossKind loss, const float* weights, const Batch& batch,
                const Derivatives<float>& wanted, double* value);

  /// Tiles have so many samples, mostly the more the larger the batch is; with two maps, tangents
  /// or in f32 not all of them, nor where the device has not the shared memory. The gradient of few
  /// tiles has clusters of blocks that share one each, where the device (compute capability 9.0 or
  /// more) and the width (128, 256) allow.
  static constexpr TileKind tile_kinds[] = {{16}, {32}, {64}, {128}, {cluster_rows, true}};
  bool has(const Network& network, Pass pass, TileKind kind);
  /// Who checks tiles wants one kind: force(), and again with nothing.
  void force(std::optional<TileKind> kind) { forced_ = kind; }
  /// From now on no tiles are shared.
  void give_up_clusters() { clusters_ = false; }

  /// Held now, and at most held by any pass over batches of so many samples.
  std::size_t bytes() const;
  std::size_t bytes(const Network& network, std::size_t samples) const;

 private:
  struct Plan {
    TileKernel kernel = nullptr;
    std::size_t rows = 0, blocks = 0, shared_bytes = 0;
    int threads = 0;
    bool shared = false;
    int side = 64;  ///< of the weight gradient's blocks
    /// Each has its share of the loss.
    std::size_t workers() const { return shared ? blocks / cluster_blocks : blocks; }
  };
  struct Split {
    std::size_t samples = 0, count = 0;
  };
  Plan plan(const Network& network, Pass pass, std::size_t samples);
  std::optional<Plan> plan_clusters(const Network& network, Pass pass, std::size_t samples);
  void launch(const Plan& plan, const TilePass& pass, const std::string& what);
  void allow_shared(const void* kernel) const;
  int resident(const void* kernel, int threads, std::size_t shared_bytes);
  int resident_clusters(TileKernel kernel, std::size_t shared_bytes);
  std::size_t block_samples(const Network& network, Pass pass) const;
  std::size_t most_parts(const WeightPass& pass, int side, std::size_t samples) const;
  Split split(const WeightPass& pass, int side, std::size_t samples) const;
  void add_gradients(const TilePass& pass, const Plan& how, const Derivatives<float>& wanted,
                     std::size_t parameters, bool first, const std::string& what);
  TilePass describe(const Network& network, Pass pass, const float* weights,
                    const float* direction);

  const FusedKernels* kernels_;
  std::size_t block_bytes_;
  Stream& stream_;
  bool available_ = false, clusters_ = false;
  std::size_t processors_ = 1, shared_limit_ = 0;
  std::optional<TileKind> forced_;
  /// Blocks of a kernel with so much shared memory that a processor holds; or clusters, the device.
  std::map<std::pair<const void*, std::size_t>, int> resident_;
  DeviceArray<float> signals_, partial_;
  Frequencies<float> frequencies_;
  DeviceArray<double> losses_, ray_scratch_;
};

}  // namespace fieldscope::cuda
