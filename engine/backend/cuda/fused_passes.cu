#include <new>
#include <utility>

#include "engine/backend/cuda/fused_passes.h"
#include "engine/math/round_up.h"

namespace fieldscope::cuda {
namespace {

/// What a device must let a block have: 64 rows, with tangents and second maps counted as such.
/// Tiles that need more are for those that have it.
constexpr std::size_t least_shared_bytes = std::max(
    tile_pass_bytes(most_width, most_outputs, 64, 1, Pass::gradient), weight_pass_bytes(true, 64));

const FusedKernels& kernels_of(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::f32:
      return fused_kernels_f32;
    case Arithmetic::tf32:
      return fused_kernels_tf32;
    case Arithmetic::bf16:
      break;
  }
  return fused_kernels_bf16;
}

int maps_of(const Network& network) {
  return network.hidden[0].w.out > 0 ? 2 : 1;
}

/// Numbers a sample in a pass' signals; with memory != nullptr, these signals too.
std::size_t lay_out(const Network& network, Pass pass, float* memory, std::size_t samples,
                    TilePass& to) {
  std::size_t size = 0;
  const auto take = [&](int width) {
    float* const at = memory == nullptr ? nullptr : memory + size * samples;
    size += static_cast<std::size_t>(width);
    return at;
  };
  const bool product = pass == Pass::product;
  const int width = network.hidden[0].u.out, maps = maps_of(network);
  to.input_stride = static_cast<int>(round_up(network.first_inputs(), 4));
  to.output_stride = static_cast<int>(round_up(network.outputs, 4));
  if (pass == Pass::forward) return 0;
  to.signals[0].a = take(to.input_stride);
  for (std::size_t l = 0; l <= network.hidden.size(); ++l) {
    Signals<float>& s = to.signals[l + 1];
    const bool output = l == network.hidden.size();
    if (!output) s.a = take(width);
    if (!output && product) s.ra = take(width);
    for (int m = 0; m < (output ? 1 : maps); ++m) {
      s.d[m] = take(output ? to.output_stride : width);
      if (product) s.rd[m] = take(output ? to.output_stride : width);
    }
  }
  return size;
}

/// What the weight gradient has to do with a tile pass' signals.
WeightPass gradients_of(const TilePass& pass, int side) {
  WeightPass to;
  const TileNetwork& n = pass.network;
  const auto add = [&](const LinearMap& map, int input, int m, int d_stride) {
    const Signals<float>&x = pass.signals[input], &d = pass.signals[input + 1];
    GradientTask& task = to.tasks[to.task_count++];
    // The tangent of dL/du x^T; Gauss-Newton leaves out how the gradient's own factors move.
    task = {x.a,
            pass.hessian ? x.ra : nullptr,
            d.d[m],
            d.rd[m],
            input > 0 ? n.width : pass.input_stride,
            d_stride,
            map.out,
            map.in,
            map.weight,
            map.bias};
    to.blocks += task.blocks(side);
  };
  for (int l = 0; l < n.hidden; ++l)
    for (int m = 0; m < 2 && n.maps[l][m].out > 0; ++m) add(n.maps[l][m], l, m, n.width);
  add(n.output, n.hidden, 0, pass.output_stride);
  return to;
}

/// to = the sum of `count` vectors that lie one behind the other, and of what earlier blocks
/// brought.
void add_parts(cudaStream_t stream, std::size_t n, std::size_t count, const float* parts,
               bool first, float* to) {
  for_each(stream, n, [=] __device__(std::size_t i) {
    float sum = first ? 0.0f : to[i];
    for (std::size_t k = 0; k < count; ++k) sum += parts[k * n + i];
    to[i] = sum;
  });
}

}  // namespace

FusedPasses::FusedPasses(std::size_t block_bytes, Stream& stream)
    : kernels_(&kernels_of(Arithmetic::f32)), block_bytes_(block_bytes), stream_(stream) {
  int device = 0;
  cudaDeviceProp properties;
  FIELDSCOPE_CHECK(cudaGetDevice(&device));
  FIELDSCOPE_CHECK(cudaGetDeviceProperties(&properties, device));
  processors_ = static_cast<std::size_t>(properties.multiProcessorCount);
  shared_limit_ = properties.sharedMemPerBlockOptin;
  available_ = properties.major >= 8 && shared_limit_ >= least_shared_bytes;
  clusters_ = properties.major >= 9;
}

void FusedPasses::set_arithmetic(Arithmetic arithmetic) {
  kernels_ = &kernels_of(arithmetic);
}

bool FusedPasses::fits(const Network& network) {
  if (network.hidden.empty() || network.hidden.size() > most_hidden || network.trunk > 0 ||
      network.density.out > 0 || network.outputs > most_outputs)
    return false;
  const int width = network.hidden[0].u.out;
  if (width % warp_columns != 0 || width > most_width || network.first_inputs() > width)
    return false;
  for (std::size_t l = 0; l < network.hidden.size(); ++l)
    for (const LinearMap* map : {&network.hidden[l].u, &network.hidden[l].w}) {
      if (map->out == 0) continue;
      // Rows of weights are read four numbers at a time.
      if (map->out != width || (l > 0 && (map->in != width || map->weight % 4 != 0))) return false;
    }
  return network.output.weight % 4 == 0;
}

/// Launches of the kernel may ask for all that the device has.
void FusedPasses::allow_shared(const void* kernel) const {
  FIELDSCOPE_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                        static_cast<int>(shared_limit_)),
                   format_bytes(shared_limit_) + " of shared memory");
}

/// How many blocks of a kernel a processor holds; asked once.
int FusedPasses::resident(const void* kernel, int threads, std::size_t shared_bytes) {
  const auto known = resident_.find({kernel, shared_bytes});
  if (known != resident_.end()) return known->second;
  allow_shared(kernel);
  int blocks = 0;
  FIELDSCOPE_CHECK(
      cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, threads, shared_bytes));
  return resident_[{kernel, shared_bytes}] = std::max(blocks, 1);
}

/// How many clusters of a kernel the device holds at once; none where it cannot hold their shared
/// memory. Asked once.
int FusedPasses::resident_clusters(TileKernel kernel, std::size_t shared_bytes) {
  if (shared_bytes > shared_limit_) return 0;
  const void* const key = reinterpret_cast<const void*>(kernel);
  const auto known = resident_.find({key, shared_bytes});
  if (known != resident_.end()) return known->second;
  allow_shared(key);
  cudaLaunchAttribute attribute;
  const cudaLaunchConfig_t config =
      clusters_config(cluster_blocks, cluster_blocks, cluster_threads, shared_bytes, attribute);
  int clusters = 0;
  FIELDSCOPE_CHECK(cudaOccupancyMaxActiveClusters(&clusters, kernel, &config));
  return resident_[{key, shared_bytes}] = clusters;
}

bool FusedPasses::has(const Network& network, Pass pass, TileKind kind) {
  if (kind.shared) return plan_clusters(network, pass, 1).has_value();
  const std::optional<TileKind> forced = std::exchange(forced_, kind);
  const bool has = plan(network, pass, 1).rows == kind.rows;
  forced_ = forced;
  return has;
}

/// Clusters that share a tile each, where they all run at once: else a tile a block reads as much.
std::optional<FusedPasses::Plan> FusedPasses::plan_clusters(const Network& network, Pass pass,
                                                            std::size_t samples) {
  const int width = network.hidden[0].u.out, maps = maps_of(network);
  if (!clusters_ || pass != Pass::gradient || !cluster_fits(width)) return std::nullopt;
  Plan plan;
  plan.kernel = kernels_->clusters[maps - 1][width == 128 ? 0 : 1];
  plan.rows = cluster_rows;
  const std::size_t tiles = (samples + plan.rows - 1) / plan.rows;
  plan.blocks = cluster_blocks * tiles;
  plan.shared_bytes = cluster_pass_bytes(width, network.outputs, maps);
  plan.threads = cluster_threads;
  plan.shared = true;
  if (plan.blocks > processors_ && !forced_) return std::nullopt;
  const auto at_once = static_cast<std::size_t>(resident_clusters(plan.kernel, plan.shared_bytes));
  if (at_once == 0 || (tiles > at_once && !forced_)) return std::nullopt;
  return plan;
}

/// The tiles that take the fewest rounds of all processors, a round of small ones being shorter,
/// but not by as much as they are smaller: each tile reads the weights.
FusedPasses::Plan FusedPasses::plan(const Network& network, Pass pass, std::size_t samples) {
  constexpr std::size_t reading = 32;  // takes about as long as so many samples
  const int width = network.hidden[0].u.out, maps = maps_of(network);
  if (!forced_ || forced_->shared)
    if (const std::optional<Plan> shared = plan_clusters(network, pass, samples)) return *shared;
  Plan plan;
  std::size_t tiles = 0, least = 0;
  for (int size = 0; size < 4; ++size) {
    const TileKernel kernel = kernels_->tiles[static_cast<int>(pass)][maps - 1][size];
    const std::size_t rows = tile_kinds[size].rows;
    const std::size_t bytes =
        tile_pass_bytes(width, network.outputs, static_cast<int>(rows), maps, pass);
    if (kernel == nullptr || bytes > shared_limit_ || (forced_ && rows > forced_->rows)) continue;
    const std::size_t count = (samples + rows - 1) / rows;
    const std::size_t cost = (count + processors_ - 1) / processors_ * (rows + reading);
    if (plan.kernel != nullptr && !forced_ && cost > least) continue;
    plan.kernel = kernel;
    plan.rows = rows;
    plan.shared_bytes = bytes;
    tiles = count;
    least = cost;
  }
  plan.threads = width;
  if (plan.rows == 128 && width >= 128) plan.side = 128;
  const int resident_blocks =
      resident(reinterpret_cast<const void*>(plan.kernel), width, plan.shared_bytes);
  plan.blocks = std::min(tiles, processors_ * static_cast<std::size_t>(resident_blocks));
  return plan;
}

void FusedPasses::launch(const Plan& plan, const TilePass& pass, const std::string& what) {
  if (plan.shared)
    launch_clusters(stream_, plan.kernel, plan.blocks, cluster_blocks, plan.threads,
                    plan.shared_bytes, pass, what);
  else
    launch_blocks(stream_, plan.kernel, plan.blocks, plan.threads, plan.shared_bytes, pass, what);
}

/// Samples of a block of a batch.
std::size_t FusedPasses::block_samples(const Network& network, Pass pass) const {
  TilePass unused;
  const std::size_t bytes = lay_out(network, pass, nullptr, 0, unused) * sizeof(float);
  constexpr std::size_t multiple = 1024;
  return std::max(block_bytes_ / bytes / multiple * multiple, multiple);
}

/// Enough parts to keep all processors busy, but not so many that adding them up counts: no more
/// for large blocks than for small ones, four of which make a large one.
std::size_t FusedPasses::most_parts(const WeightPass& pass, int side, std::size_t samples) const {
  constexpr std::size_t least_samples = 128;
  const std::size_t blocks_a_processor = side == 128 ? 2 : 8;
  const std::size_t most = std::max<std::size_t>(blocks_a_processor * processors_ / pass.blocks, 1);
  return std::min((samples + least_samples - 1) / least_samples, most);
}

/// Parts are multiples of what a block takes at once, so that fewer samples may have more of them:
/// memory is for most_parts().
FusedPasses::Split FusedPasses::split(const WeightPass& pass, int side, std::size_t samples) const {
  const std::size_t count = most_parts(pass, side, samples);
  const std::size_t each = (samples + count - 1) / count;
  Split split;
  split.samples = (each + gradient_samples - 1) / gradient_samples * gradient_samples;
  split.count = (samples + split.samples - 1) / split.samples;
  return split;
}

/// A launch without its samples.
TilePass FusedPasses::describe(const Network& network, Pass pass, const float* weights,
                               const float* direction) {
  TilePass to;
  TileNetwork& n = to.network;
  n.width = network.hidden[0].u.out;
  n.hidden = static_cast<int>(network.hidden.size());
  n.inputs = network.first_inputs();
  n.outputs = network.outputs;
  n.coordinates = network.coordinates;
  n.view = network.view_features > 0 ? network.view_coordinates : 0;
  n.levels = network.encoding_levels;
  n.view_levels = network.view_levels;
  n.features = network.features;
  n.frequencies = frequencies_.of(network, stream_);
  for (int l = 0; l < n.hidden; ++l) {
    n.maps[l][0] = network.hidden[static_cast<std::size_t>(l)].u;
    n.maps[l][1] = network.hidden[static_cast<std::size_t>(l)].w;
  }
  n.output = network.output;
  n.activation = network.activation;
  with_activation(network.activation, [&]<class A>(A) {
    using Function = typename A::template At<float>;
    static_assert(sizeof(Function) <= sizeof n.function && alignof(Function) <= 8);
    new (n.function) Function(network.activation_parameters);
  });
  to.weights = weights;
  to.direction = direction;
  to.loss_here = to.backward = pass != Pass::forward;
  return to;
}

void FusedPasses::forward(const Network& network, const float* weights, const float* coordinates,
                          std::size_t samples, float* outputs) {
  if (samples == 0) return;
  TilePass pass = describe(network, Pass::forward, weights, nullptr);
  pass.coordinates = coordinates;
  pass.samples = samples;
  pass.outputs = outputs;
  launch(plan(network, Pass::forward, samples), pass, std::to_string(samples) + " samples");
}

void FusedPasses::backward(const Network& network, LossKind loss, const float* weights,
                           const Batch& batch, const Derivatives<float>& wanted, double* value) {
  const Pass kind = wanted.product != nullptr ? Pass::product : Pass::gradient;
  const LossTargets to = loss_targets(network, loss, batch);
  const bool rays = loss == LossKind::volume;
  TilePass pass = describe(network, kind, weights, wanted.direction);
  pass.hessian = wanted.curvature == Curvature::hessian;
  pass.loss = {loss, 1.0 / static_cast<double>(to.numbers)};
  const std::size_t units = std::max<std::size_t>(block_samples(network, kind) / to.samples, 1);
  const std::size_t rows = std::min(batch.size, units * to.samples);
  signals_.need(lay_out(network, kind, nullptr, rows, pass) * rows, stream_);
  lay_out(network, kind, signals_.data(), rows, pass);
  losses_.need(rows, stream_);  // at most; whatever tiles a smaller batch will have
  pass.losses = losses_.data();
  if (rays) ray_scratch_.need(2 * rows, stream_);
  partial_.need((kind == Pass::product ? 2 : 1) * most_parts(gradients_of(pass, 64), 64, rows) *
                    network.parameters,
                stream_);
  const RayLoss ray_loss = ray_loss_of(batch.rays, to.numbers, wanted.curvature);
  for (std::size_t first = 0; first < batch.size; first += rows) {
    pass.samples = std::min(rows, batch.size - first);
    pass.coordinates =
        batch.coordinates->data<float>() + first * static_cast<std::size_t>(network.coordinates);
    pass.targets = batch.targets->data<float>() + first / to.samples * to.width;
    const std::string what = std::to_string(pass.samples) + " samples";
    const Plan how = plan(network, kind, pass.samples);
    const std::size_t shares = rays ? pass.samples / to.samples : how.workers();
    if (rays) {
      pass.loss_here = pass.backward = false;
      launch(how, pass, what);
      const Signals<float>& y = pass.signals[pass.network.hidden + 1];
      const RayLosses<float> loss_of = {
          ray_loss,     to.samples,          batch.rays.lengths->data<float>() + first,
          pass.targets, ray_scratch_.data(), y.d[0],
          y.rd[0]};
      double* const losses = losses_.data();
      for_each(stream_, shares, [=] __device__(std::size_t i) { losses[i] = loss_of(i); });
      pass.backward = true;
    }
    pass.forward = !rays;
    launch(how, pass, what);
    pass.forward = true;
    add_up(stream_, shares, losses_.data(), {value, rays ? 1 : pass.loss.scale, first > 0});
    add_gradients(pass, how, wanted, network.parameters, first == 0, what);
  }
}

/// The weight gradient of a block of a batch, onto that of earlier ones.
void FusedPasses::add_gradients(const TilePass& pass, const Plan& how,
                                const Derivatives<float>& wanted, std::size_t parameters,
                                bool first, const std::string& what) {
  const bool product = wanted.product != nullptr;
  const WeightKernel kernel = kernels_->weights[how.side == 128 ? 2 : product ? 1 : 0];
  const std::size_t bytes = weight_pass_bytes(product, how.side);
  resident(reinterpret_cast<const void*>(kernel), gradient_threads, bytes);
  WeightPass gradients = gradients_of(pass, how.side);
  const Split parts = split(gradients, how.side, pass.samples);
  gradients.samples = pass.samples;
  gradients.split_samples = parts.samples;
  gradients.parameters = parameters;
  gradients.gradient = partial_.data();
  gradients.product = partial_.data() + parts.count * parameters;
  launch_blocks(stream_, kernel, static_cast<std::size_t>(gradients.blocks) * parts.count,
                gradient_threads, bytes, gradients, what);
  add_parts(stream_, parameters, parts.count, gradients.gradient, first, wanted.gradient);
  if (product)
    add_parts(stream_, parameters, parts.count, gradients.product, first, wanted.product);
}

std::size_t FusedPasses::bytes() const {
  return (signals_.size() + partial_.size()) * sizeof(float) + frequencies_.bytes() +
         (losses_.size() + ray_scratch_.size()) * sizeof(double);
}

std::size_t FusedPasses::bytes(const Network& network, std::size_t samples) const {
  TilePass pass;
  pass.network.width = network.hidden[0].u.out;
  pass.network.hidden = static_cast<int>(network.hidden.size());
  for (int l = 0; l < pass.network.hidden; ++l) {
    pass.network.maps[l][0] = network.hidden[static_cast<std::size_t>(l)].u;
    pass.network.maps[l][1] = network.hidden[static_cast<std::size_t>(l)].w;
  }
  pass.network.output = network.output;
  const std::size_t rows = std::min(samples, block_samples(network, Pass::product));
  const std::size_t signals = lay_out(network, Pass::product, nullptr, rows, pass) * rows;
  const std::size_t parts = most_parts(gradients_of(pass, 64), 64, rows) * network.parameters;
  return (signals + 2 * parts + network.frequencies.size()) * sizeof(float) +
         3 * rows * sizeof(double);
}

}  // namespace fieldscope::cuda
