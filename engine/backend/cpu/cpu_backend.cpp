#include "engine/backend/cpu/cpu_backend.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <fstream>
#include <limits>
#include <new>
#include <stdexcept>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "engine/backend/cpu/block.h"
#include "engine/backend/cpu/march.h"
#include "engine/backend/cpu/matrices.h"
#include "engine/backend/cpu/panels.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/math/error.h"
#include "engine/math/random.h"

namespace fieldscope {
namespace {

using cpu::Block;

/// A tile is at most a group of rows: its signals should stay in a core's own cache.
constexpr std::size_t max_tile_strips = cpu::group_rows / cpu::strip_rows;

/// Groups that a thread has in a block at most, and the memory that a block's signals may take
/// (but a group they always get).
constexpr std::size_t max_groups_a_thread = 8, max_block_bytes = std::size_t{64} << 20;

/// Bytes of a core's own cache.
std::size_t core_cache_bytes() {
#if defined(_SC_LEVEL2_CACHE_SIZE)
  if (const long bytes = sysconf(_SC_LEVEL2_CACHE_SIZE); bytes > 0)
    return static_cast<std::size_t>(bytes);
#endif
  return std::size_t{1} << 20;
}

/// Bytes that programs can still get without others being swapped out; without the kernel's word
/// for it, as many as there can be.
std::size_t available_memory() {
  std::ifstream info("/proc/meminfo");
  std::string name;
  for (std::size_t kibibytes = 0; info >> name >> kibibytes; info.ignore(64, '\n'))
    if (name == "MemAvailable:") return kibibytes << 10;
  return std::numeric_limits<std::size_t>::max();
}

/// Elements that one call of a vector operation handles; fixed, so that sums do not depend on the
/// number of threads.
constexpr std::size_t chunk = 16384;

[[noreturn]] void size_mismatch(const char* operation) {
  throw std::logic_error(std::string("CpuBackend::") + operation + ": sizes disagree");
}

/// The most state vectors that any update rule has.
template <class... Rules>
constexpr std::size_t most_states(const std::variant<Rules...>*) {
  return static_cast<std::size_t>(std::max({Rules::states...}));
}
constexpr std::size_t max_states = most_states(static_cast<UpdateRule*>(nullptr));

template <class T>
class CpuBackend final : public Backend {
 public:
  explicit CpuBackend(std::shared_ptr<ThreadPool> pool) : pool_(std::move(pool)) {}

  Precision precision() const override {
    return sizeof(T) == sizeof(float) ? Precision::f32 : Precision::f64;
  }
  std::string device_name() const override {
    return "CPU " + std::to_string(pool_->threads()) +
           (pool_->threads() == 1 ? " thread" : " threads");
  }
  std::size_t memory_bytes() const override { return bytes_.load(); }
  std::size_t peak_memory_bytes() const override { return peak_.load(); }
  std::size_t free_bytes() const override { return available_memory(); }
  std::size_t pass_bytes(const Network& network, std::size_t samples) const override {
    const cpu::PackedNetwork packed(network);
    std::size_t most = 0;
    for (const Pass pass : {Pass::forward, Pass::product}) {
      Block<T> block;
      block.network = &network;
      block.packed = &packed;
      block.pass = pass;
      const std::size_t row_size = lay_out(block, nullptr, 1);
      most = std::max(most, row_size * std::min(round_up(samples, cpu::strip_rows),
                                                choose_block_rows(row_size * sizeof(T))));
    }
    return (most + 2 * packed.size + 2 * packed.sums_size) * sizeof(T);
  }

  Buffer allocate(std::size_t size) override {
    const std::size_t wanted = std::max<std::size_t>(size, 1) * sizeof(T);
    const std::size_t bytes = round_up(wanted, alignment_of(wanted));
    void* data = ::operator new(bytes, std::align_val_t(alignment_of(bytes)), std::nothrow);
    if (data == nullptr)
      throw DeviceError("out of memory on the CPU: " + std::to_string(bytes >> 20) +
                        " MiB asked for; use a smaller batch, image or network");
#if defined(__linux__)
    // With small pages a block's signals now and then meet in the same lines of the cache, for as
    // long as the process lives: a run in ten was then a fifth slower. Only a wish: may fail.
    if (bytes >= huge_page) madvise(data, bytes, MADV_HUGEPAGE);
#endif
    std::memset(data, 0, bytes);
    const std::size_t now = bytes_ += bytes;
    for (std::size_t peak = peak_; now > peak && !peak_.compare_exchange_weak(peak, now);) {
    }
    return Buffer(data, size, bytes, &CpuBackend::release, this);
  }

  void upload(Buffer& to, std::span<const float> from) override {
    convert_in(to, from);
  }
  void upload(Buffer& to, std::span<const double> from) override {
    convert_in(to, from);
  }
  void download(const Buffer& from, std::span<float> to) const override {
    convert_out(from, to);
  }
  void download(const Buffer& from, std::span<double> to) const override {
    convert_out(from, to);
  }

  void copy(const Buffer& from, Buffer& to) override {
    if (from.size() != to.size()) size_mismatch("copy");
    const T* source = from.data<T>();
    T* target = to.data<T>();
    for_chunks(from.size(), [&](std::size_t begin, std::size_t end) {
      std::copy(source + begin, source + end, target + begin);
    });
  }
  void fill(Buffer& x, double value) override {
    std::fill_n(x.data<T>(), x.size(), static_cast<T>(value));
  }

  void forward(const Network& network, const Buffer& weights, const Buffer& coordinates,
               std::size_t samples, Buffer& outputs) override {
    const std::size_t m = network.outputs, d = network.coordinates;
    if (weights.size() < network.parameters || outputs.size() < samples * m ||
        coordinates.size() < samples * d)
      size_mismatch("forward");
    Block<T> block = begin(network, Pass::forward, samples, weights, nullptr);
    for_blocks(samples, [&](std::size_t first, std::size_t count) {
      block.coordinates = coordinates.data<T>() + first * d;
      block.outputs = outputs.data<T>() + first * m;
      block.count = count;
      run_tiles(block);
    });
  }

  Scalar gradient(const Network& network, LossKind loss, const Buffer& weights, const Batch& batch,
                  Buffer& gradient) override {
    return backward(network, Pass::gradient, loss, Curvature::hessian, weights, nullptr, batch,
                    gradient, nullptr);
  }

  Scalar gradient_and_product(const Network& network, LossKind loss, Curvature curvature,
                              const Buffer& weights, const Buffer& direction, const Batch& batch,
                              Buffer& gradient, Buffer& product) override {
    if (direction.size() < network.parameters || product.size() < network.parameters)
      size_mismatch("gradient_and_product");
    return backward(network, Pass::product, loss, curvature, weights, &direction, batch, gradient,
                    &product);
  }

  Scalar gradient_and_factors(const Network& network, LossKind loss, const Buffer& weights,
                              const Batch& batch, Buffer& gradient, Buffer& factors) override {
    return backward(network, Pass::gradient, loss, Curvature::hessian, weights, nullptr, batch,
                    gradient, nullptr, &factors);
  }

  void multiply(std::span<const MatrixProduct> products) override {
    std::vector<cpu::MatrixTask<T>> tasks;
    std::vector<std::pair<std::size_t, std::size_t>> panels, strips;  // of which task, which
    const auto packed_size = [](const cpu::MatrixTask<T>& task) {
      return cpu::panel_count(task.columns) * cpu::panel_columns * task.depth;
    };
    std::size_t packed = 0;
    for (const MatrixProduct& p : products) {
      const std::size_t i = tasks.size();
      const cpu::MatrixTask<T>& task = tasks.emplace_back(matrix_task(p));
      for (std::size_t k = 0; k < cpu::panel_count(task.columns); ++k) panels.emplace_back(i, k);
      for (std::size_t k = 0; k * cpu::strip_rows < task.rows; ++k) strips.emplace_back(i, k);
      packed += packed_size(task);
    }
    if (packed_matrices_.size() < packed) packed_matrices_ = allocate(packed);
    T* next = packed_matrices_.data<T>();
    for (cpu::MatrixTask<T>& task : tasks) {
      task.packed = next;
      next += packed_size(task);
    }
    pool_->parallel_for(panels.size(), [&](std::size_t i) {
      kernels_.pack_matrix(tasks[panels[i].first], panels[i].second);
    });
    pool_->parallel_for(strips.size(), [&](std::size_t i) {
      kernels_.multiply_matrix(tasks[strips[i].first], strips[i].second);
    });
  }

  void copy(std::span<const MatrixCopy> copies) override {
    for (const MatrixCopy& c : copies)
      if (c.from.rows != c.to.rows || c.from.columns != c.to.columns) size_mismatch("copy");
    pool_->parallel_for(copies.size(), [&](std::size_t i) {
      const MatrixCopy& c = copies[i];
      const T* from = start_of(c.from);
      T* to = start_of(c.to);
      for (std::size_t r = 0; r < c.from.rows; ++r)
        std::copy_n(from + r * c.from.stride, c.from.columns, to + r * c.to.stride);
    });
  }

  void power(std::span<const MatrixPower> powers) override {
    cpu::power<T>(*pool_, powers);
  }
  void eigenvectors(std::span<const Eigenvectors> problems) override {
    cpu::eigenvectors<T>(*pool_, problems);
  }
  void orthonormalise(std::span<const Matrix> matrices) override {
    cpu::orthonormalise<T>(*pool_, matrices);
  }

  double dot(const Matrix& a, const Matrix& b) override {
    if (a.rows != b.rows || a.columns != b.columns) size_mismatch("dot");
    const T *x = start_of(a), *y = start_of(b);
    double total = 0;
    for (std::size_t r = 0; r < a.rows; ++r)
      total += kernels_.dot(x + r * a.stride, y + r * b.stride, a.columns);
    return total;
  }
  void scale(double a, const Matrix& x) override {
    T* v = start_of(x);
    for (std::size_t r = 0; r < x.rows; ++r)
      for (std::size_t c = 0; c < x.columns; ++c) v[r * x.stride + c] *= static_cast<T>(a);
  }

  std::size_t march(const Network& network, const Buffer& weights, const RayBundle& bundle,
                    std::span<RayColour> seen) override {
    return march_on_host(*this, network, weights, bundle, seen);
  }

  double dot(const Buffer& a, const Buffer& b) override {
    if (a.size() != b.size()) size_mismatch("dot");
    const T *x = a.data<T>(), *y = b.data<T>();
    double total = 0;
    for (double part : map_chunks<double>(a.size(), [&](std::size_t begin, std::size_t end) {
           return kernels_.dot(x + begin, y + begin, end - begin);
         }))
      total += part;
    return total;
  }

  void axpy(double a, const Buffer& x, Buffer& y) override {
    if (x.size() != y.size()) size_mismatch("axpy");
    const T factor = static_cast<T>(a);
    const T* from = x.data<T>();
    T* to = y.data<T>();
    for_chunks(x.size(), [&](std::size_t begin, std::size_t end) {
      kernels_.axpy(factor, from + begin, to + begin, end - begin);
    });
  }

  void scale(double a, Buffer& x) override {
    const T factor = static_cast<T>(a);
    T* v = x.data<T>();
    for_chunks(x.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) v[i] *= factor;
    });
  }

  Scalar all_finite(const Buffer& x) override {
    const T* v = x.data<T>();
    std::atomic<bool> finite{true};
    for_chunks(x.size(), [&](std::size_t begin, std::size_t end) {
      if (!kernels_.all_finite(v + begin, end - begin)) finite = false;
    });
    return finite ? 1.0 : 0.0;
  }

  void random_signs(std::uint64_t key, Buffer& x) override {
    T* v = x.data<T>();
    for_chunks(x.size(), [&](std::size_t begin, std::size_t end) {
      kernels_.random_signs(key, begin, v + begin, end - begin);
    });
  }

  void random_normals(std::uint64_t key, Buffer& x) override {
    T* v = x.data<T>();
    for_chunks(x.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) v[i] = static_cast<T>(random_normal(key, i));
    });
  }

  HeldNumbers hold(std::span<const float> numbers) override {
    return HeldNumbers(numbers);
  }
  HeldMesh hold(const MeshView& mesh) override {
    return HeldMesh(mesh);
  }

  void pixel_coordinates(const PixelGrid& grid, std::uint64_t first, std::size_t count,
                         Buffer& coordinates) override {
    if (coordinates.size() < 2 * count || first + count > grid.count())
      size_mismatch("pixel_coordinates");
    T* at = coordinates.data<T>();
    for_chunks(count, [&](std::size_t begin, std::size_t end) {
      std::uint64_t row = (first + begin) / grid.width, column = (first + begin) % grid.width;
      T place = static_cast<T>(grid.row(row));
      for (std::size_t i = begin; i < end; ++i) {
        at[2 * i] = place;
        at[2 * i + 1] = static_cast<T>(grid.column(column));
        if (++column < grid.width) continue;
        column = 0;
        place = static_cast<T>(grid.row(++row));
      }
    });
  }

  void draw_pixels(const PixelGrid& grid, const HeldNumbers& colours, const Minibatch& pixels,
                   Buffer& coordinates, Buffer& targets) override {
    const std::size_t m = colours.size() / grid.count();
    if (coordinates.size() < 2 * pixels.size || targets.size() < m * pixels.size ||
        pixels.order.size() != grid.count())
      size_mismatch("draw_pixels");
    const float* from = colours.data();
    T *at = coordinates.data<T>(), *to = targets.data<T>();
    for_chunks(pixels.size, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const std::uint64_t pixel = pixels.item(i);
        grid.coordinates(pixel, at + 2 * i);
        for (std::size_t c = 0; c < m; ++c) to[i * m + c] = static_cast<T>(from[pixel * m + c]);
      }
    });
  }

  void draw_points(const HeldMesh& mesh, const OccupancyPoints& points, Buffer& coordinates,
                   Buffer& targets) override {
    if (coordinates.size() < 3 * points.size || targets.size() < points.size)
      size_mismatch("draw_points");
    T *at = coordinates.data<T>(), *to = targets.data<T>();
    // A point near the surface takes a microsecond or two.
    constexpr std::size_t piece = 256;
    pool_->parallel_for((points.size + piece - 1) / piece, [&](std::size_t k) {
      const std::size_t end = std::min(points.size, (k + 1) * piece);
      for (std::size_t i = k * piece; i < end; ++i) points.draw(mesh.view(), i, at, to);
    });
  }

  void apply_update(const UpdateRule& rule, Buffer& weights, const Buffer& gradient,
                    std::span<Buffer* const> state) override {
    const auto states =
        std::visit([]<class Rule>(const Rule&) -> std::size_t { return Rule::states; }, rule);
    if (state.size() != states || gradient.size() != weights.size()) size_mismatch("apply_update");
    for (const Buffer* s : state)
      if (s->size() != weights.size()) size_mismatch("apply_update");
    for_chunks(weights.size(), [&](std::size_t begin, std::size_t end) {
      std::array<T*, max_states> pointers{};
      for (std::size_t k = 0; k < states; ++k) pointers[k] = state[k]->data<T>() + begin;
      kernels_.update(rule, weights.data<T>() + begin, gradient.data<T>() + begin, pointers.data(),
                      end - begin);
    });
  }

 private:
  /// The matrix's first number; its last must lie within the buffer.
  static T* start_of(const Matrix& m) {
    if (m.rows > 0 && m.offset + (m.rows - 1) * m.stride + m.columns > m.buffer->size())
      size_mismatch("matrix");
    return m.buffer->data<T>() + m.offset;
  }
  static cpu::MatrixTask<T> matrix_task(const MatrixProduct& p) {
    cpu::MatrixTask<T> task;
    task.a = start_of(p.a);
    task.b = start_of(p.b);
    task.c = start_of(p.c);
    task.a_stride = p.a.stride;
    task.b_stride = p.b.stride;
    task.c_stride = p.c.stride;
    task.transpose_a = p.transpose_a;
    task.transpose_b = p.transpose_b;
    task.rows = p.c.rows;
    task.columns = p.c.columns;
    task.depth = p.transpose_a ? p.a.rows : p.a.columns;
    task.alpha = static_cast<T>(p.alpha);
    task.beta = static_cast<T>(p.beta);
    if ((p.transpose_a ? p.a.columns : p.a.rows) != task.rows ||
        (p.transpose_b ? p.b.rows : p.b.columns) != task.columns ||
        (p.transpose_b ? p.b.columns : p.b.rows) != task.depth)
      size_mismatch("multiply");
    return task;
  }

  /// Large buffers are whole huge pages, others whole cache lines.
  static constexpr std::size_t huge_page = std::size_t{2} << 20;
  static std::size_t alignment_of(std::size_t bytes) {
    return bytes >= huge_page ? huge_page : cpu::alignment;
  }

  static void release(void* data, std::size_t bytes, void* owner) {
    ::operator delete(data, std::align_val_t(alignment_of(bytes)));
    static_cast<CpuBackend*>(owner)->bytes_ -= bytes;
  }

  template <class From>
  void convert_in(Buffer& to, std::span<const From> from) {
    if (to.size() != from.size()) size_mismatch("upload");
    std::transform(from.begin(), from.end(), to.data<T>(),
                   [](From x) { return static_cast<T>(x); });
  }
  template <class To>
  void convert_out(const Buffer& from, std::span<To> to) const {
    if (from.size() < to.size()) size_mismatch("download");
    std::transform(from.data<T>(), from.data<T>() + to.size(), to.begin(),
                   [](T x) { return static_cast<To>(x); });
  }

  /// body(begin, end) over fixed chunks of [0, size), in parallel.
  template <class Body>
  void for_chunks(std::size_t size, Body&& body) {
    pool_->parallel_for((size + chunk - 1) / chunk,
                        [&](std::size_t i) { body(i * chunk, std::min(size, (i + 1) * chunk)); });
  }
  /// The results of body(begin, end) for each chunk, in order.
  template <class Result, class Body>
  std::vector<Result> map_chunks(std::size_t size, Body&& body) {
    std::vector<Result> results((size + chunk - 1) / chunk);
    for_chunks(size, [&](std::size_t begin, std::size_t end) {
      results[begin / chunk] = body(begin, end);
    });
    return results;
  }

  /// What a pass needs before its first block: packed weights, and memory for the signals.
  Block<T> begin(const Network& network, Pass pass, std::size_t samples, const Buffer& weights,
                 const Buffer* direction, std::size_t unit = cpu::group_rows) {
    if (network != network_) {
      network_ = network;
      packed_ = cpu::PackedNetwork(network);
      gradient_tasks_ = packed_.gradient_tasks(pool_->threads());
      for (Buffer& buffer : packed_numbers_) buffer = Buffer();
      for (Buffer& buffer : sums_) buffer = Buffer();
      factor_sums_ = Buffer();
    }
    Block<T> block;
    block.network = &network_;
    block.packed = &packed_;
    block.pass = pass;
    block.weights = pack(weights, pass, packed_numbers_[0]);
    if (direction != nullptr) block.direction = pack(*direction, pass, packed_numbers_[1]);

    const std::size_t row_size = lay_out(block, nullptr, 1);
    block.unit = unit;
    block_rows_ = choose_block_rows(row_size * sizeof(T), unit);
    block.rows = round_up(std::min(samples, block_rows_), cpu::strip_rows);
    const std::size_t size = row_size * block.rows;
    if (signals_.size() < size) {
      signals_ = Buffer();  // free first
      signals_ = allocate(size);
    }
    lay_out(block, signals_.data<T>(), block.rows);
    losses_.resize(block.rows / cpu::strip_rows);
    block.losses = losses_.data();
    return block;
  }

  /// Samples that a block never separates: as many rays as fit into a group, at least one; without
  /// rays, a group.
  static std::size_t unit_of(LossKind loss, const RayBatch& rays) {
    if (loss != LossKind::volume) return cpu::group_rows;
    return rays.samples * std::max<std::size_t>(cpu::group_rows / rays.samples, 1);
  }

  /// Rows in a block: whole units, about as many for each thread as its core's cache holds, so that
  /// the weight gradient finds the signals of the tiles still there.
  std::size_t choose_block_rows(std::size_t row_bytes, std::size_t unit = cpu::group_rows) const {
    const std::size_t group_bytes = row_bytes * unit;
    const std::size_t fitting = (core_cache_ + group_bytes / 2) / group_bytes;
    const std::size_t wanted = static_cast<std::size_t>(pool_->threads()) *
                               std::clamp<std::size_t>(fitting, 1, max_groups_a_thread);
    const std::size_t affordable = std::max<std::size_t>(max_block_bytes / group_bytes, 1);
    return std::min(wanted, affordable) * unit;
  }

  /// The packed form of `numbers`, as far as the pass needs it, kept in `to`. Its padding is zero
  /// from the allocation on.
  const T* pack(const Buffer& numbers, Pass pass, Buffer& to) {
    if (to.size() != packed_.size) to = allocate(packed_.size);
    const T* from = numbers.data<T>();
    T* packed = to.data<T>();
    const std::size_t tasks =
        pass == Pass::forward ? packed_.forward_pack_tasks : packed_.pack_tasks.size();
    pool_->parallel_for(
        tasks, [&](std::size_t i) { kernels_.pack(packed_, packed_.pack_tasks[i], from, packed); });
    return packed;
  }

  /// Divides memory for `rows` rows among the signals of a block; returns the numbers it takes.
  /// With memory == nullptr nothing but that is meaningful.
  static std::size_t lay_out(Block<T>& block, T* memory, std::size_t rows) {
    std::size_t size = 0;
    const auto take = [&](std::size_t width) {
      T* at = memory == nullptr ? nullptr : memory + size;
      size += cpu::panel_count(width) * cpu::panel_columns * rows;
      return at;
    };
    const std::vector<cpu::PackedLayer>& layers = block.packed->layers;
    const bool product = block.pass == Pass::product;
    block.signals.assign(layers.size() + 1, Signals<T>());
    block.signals[0].a = take(block.network->first_inputs());
    std::size_t widest = 0;
    for (const cpu::PackedLayer& layer : layers)
      if (layer.activated) widest = std::max<std::size_t>(widest, layer.out + layer.behind);
    T* turns[2] = {nullptr, nullptr};  // forward alone, only two layers are ever needed
    if (block.pass == Pass::forward)
      for (T*& turn : turns) turn = take(widest);
    int turn = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const cpu::PackedLayer& layer = layers[i];
      Signals<T>& s = block.signals[i + 1];
      // All outputs come together in the last one's signal.
      const std::size_t out = i + 1 == layers.size() ? block.network->outputs : layer.out;
      if (block.pass == Pass::forward) {
        if (layer.activated)
          s.a = turns[turn++ % 2];
        else
          s.d[0] = take(out);
        continue;
      }
      if (layer.activated) s.a = take(layer.out + layer.behind);
      if (layer.activated && product) s.ra = take(layer.out + layer.behind);
      for (int m = 0; m < layer.map_count; ++m) {
        s.d[m] = take(out);
        if (product) s.rd[m] = take(out);
      }
    }
    return size;
  }

  /// body(first, count) for each block of the batch, in order.
  template <class Body>
  void for_blocks(std::size_t samples, Body&& body) {
    for (std::size_t first = 0; first < samples; first += block_rows_)
      body(first, std::min(block_rows_, samples - first));
  }

  void run_tiles(const Block<T>& block) {
    const std::size_t strips = round_up(block.count, cpu::strip_rows) / cpu::strip_rows;
    const std::size_t threads = pool_->threads();
    const std::size_t tiles =
        std::min(strips, round_up((strips + max_tile_strips - 1) / max_tile_strips, threads));
    pool_->parallel_for(tiles, [&](std::size_t i) {
      const std::size_t first = i * strips / tiles, last = (i + 1) * strips / tiles;
      kernels_.run_tile(block, first * cpu::strip_rows, (last - first) * cpu::strip_rows);
    });
  }

  /// Between the two halves of a block whose samples make up rays: y becomes dL/dy and R{y} becomes
  /// R{dL/dy}, 0 past the block's samples. `first` is the block's first sample in the batch; each
  /// ray's loss joins `total` in turn, so that it does not show how the batch was cut.
  void ray_losses(const Block<T>& block, const RayBatch& rays, std::size_t first, double& total) {
    const std::size_t count = block.count / rays.samples;
    RayLoss loss;
    loss.density = rays.density;
    loss.background = rays.background;
    loss.scale = block.scale;
    loss.gauss_newton = block.curvature == Curvature::gauss_newton;
    const Signals<T>& output = block.signals.back();
    ray_scratch_.resize(2 * block.count);
    ray_losses_.resize(count);
    pool_->parallel_for(count, [&](std::size_t i) {
      const std::size_t at = i * rays.samples, row = at * cpu::panel_columns;
      RaySamples<T> ray;
      ray.y = output.d[0] + row;
      if (output.rd[0] != nullptr) ray.ry = output.rd[0] + row;
      ray.stride = cpu::panel_columns;
      ray.lengths = rays.lengths->data<T>() + first + at;
      ray.count = rays.samples;
      ray.scratch = ray_scratch_.data() + 2 * at;
      ray_losses_[i] = ray_loss(loss, ray, block.targets + i * 3);
    });
    for (T* signal : {output.d[0], output.rd[0]})
      if (signal != nullptr)
        std::fill(signal + block.count * cpu::panel_columns, signal + block.panel_stride(), T(0));
    for (const double each : ray_losses_) total += each;
  }

  double backward(const Network& network, Pass pass, LossKind loss, Curvature curvature,
                  const Buffer& weights, const Buffer* direction, const Batch& batch,
                  Buffer& gradient, Buffer* product, Buffer* factors = nullptr) {
    const std::size_t d = network.coordinates;
    const LossTargets to = loss_targets(network, loss, batch);
    if (weights.size() < network.parameters || gradient.size() < network.parameters ||
        batch.coordinates->size() < batch.size * d || batch.size == 0 || !to.fit)
      size_mismatch("gradient");
    Block<T> block =
        begin(network, pass, batch.size, weights, direction, unit_of(loss, batch.rays));
    block.loss_kind = loss;
    block.curvature = curvature;
    block.scale = 1.0 / static_cast<double>(to.numbers);
    Buffer* const results[2] = {&gradient, product};
    for (int target = 0; target < (product != nullptr ? 2 : 1); ++target) {
      if (sums_[target].size() != packed_.sums_size) sums_[target] = allocate(packed_.sums_size);
      block.sums[target] = sums_[target].template data<T>();
      block.results[target] = results[target]->data<T>();
    }
    std::size_t factor_tasks = 0;
    if (factors != nullptr) {
      if (factors->size() < packed_.factors_size) size_mismatch("gradient_and_factors");
      if (factor_sums_.size() != packed_.factor_sums_size)
        factor_sums_ = allocate(packed_.factor_sums_size);
      block.factor_sums = factor_sums_.data<T>();
      block.factors = factors->data<T>();
      block.samples = static_cast<double>(batch.size);
      factor_tasks = packed_.factor_tasks.size();
    }
    const std::vector<cpu::GradientTask>& tasks = gradient_tasks_;
    double total = 0;
    for_blocks(batch.size, [&](std::size_t first, std::size_t count) {
      block.coordinates = batch.coordinates->data<T>() + first * d;
      block.targets = batch.targets->data<T>() + first / to.samples * to.width;
      block.count = count;
      block.first = first == 0;
      block.last = first + count == batch.size;
      if (loss == LossKind::volume) {
        block.stage = cpu::Stage::forward;
        run_tiles(block);
        ray_losses(block, batch.rays, first, total);
        block.stage = cpu::Stage::backward;
      }
      run_tiles(block);
      pool_->parallel_for(tasks.size() + factor_tasks, [&](std::size_t i) {
        if (i < tasks.size())
          kernels_.add_gradient(block, tasks[i]);
        else
          kernels_.add_factor(block, packed_.factor_tasks[i - tasks.size()]);
      });
      if (loss == LossKind::volume) return;
      for (std::size_t s = 0; s * cpu::strip_rows < count; ++s) total += losses_[s];
    });
    return total;
  }

  const cpu::Kernels<T>& kernels_ = cpu::kernels<T>();
  std::shared_ptr<ThreadPool> pool_;
  std::atomic<std::size_t> bytes_{0}, peak_{0};

  // Of the network last worked on. A backend belongs to one run, whose network rarely changes.
  Network network_;
  cpu::PackedNetwork packed_;
  std::vector<cpu::GradientTask> gradient_tasks_;
  Buffer packed_numbers_[2];  ///< weights and direction, packed
  Buffer sums_[2];            ///< of the gradient and of the product, packed by input
  Buffer factor_sums_;        ///< of the Kronecker factors
  Buffer signals_;
  Buffer packed_matrices_;  ///< scratch of multiply()
  std::vector<double> losses_, ray_losses_, ray_scratch_;
  std::size_t block_rows_ = cpu::group_rows;
  const std::size_t core_cache_ = core_cache_bytes();  ///< asked once: it may take a trap
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(std::shared_ptr<ThreadPool> pool, Precision precision) {
  if (precision == Precision::f64) return std::make_unique<CpuBackend<double>>(std::move(pool));
  return std::make_unique<CpuBackend<float>>(std::move(pool));
}

}  // namespace fieldscope
