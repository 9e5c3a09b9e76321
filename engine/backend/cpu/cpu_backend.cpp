#include "engine/backend/cpu/cpu_backend.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <mutex>
#include <new>
#include <stdexcept>
#include <vector>

#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/cpu/tile.h"
#include "engine/math/error.h"
#include "engine/math/random.h"

namespace fieldscope {
namespace {

using cpu::Pass;
using cpu::TileJob;
using cpu::UpdateJob;

/// A batch is cut into at most this many slices, each summed up by one thread. The number depends
/// on the batch alone, never on the threads, so that sums come out the same bits on any machine
/// size.
constexpr std::size_t max_slices = 8;

/// Elements that one call of a vector operation handles; fixed, for the same reason.
constexpr std::size_t chunk = 16384;

[[noreturn]] void size_mismatch(const char* operation) {
  throw std::logic_error(std::string("CpuBackend::") + operation + ": sizes disagree");
}

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

  Buffer allocate(std::size_t size) override {
    // Whole cache lines and one to spare, so that vectors may be read past the end.
    const std::size_t bytes =
        (size * sizeof(T) + 2 * cpu::alignment - 1) / cpu::alignment * cpu::alignment;
    void* data = ::operator new(bytes, std::align_val_t(cpu::alignment), std::nothrow);
    if (data == nullptr)
      throw DeviceError("out of memory on the CPU: " + std::to_string(bytes >> 20) +
                        " MiB asked for; use a smaller batch, image or network");
    std::memset(data, 0, bytes);
    const std::size_t now = bytes_ += bytes;
    for (std::size_t peak = peak_; now > peak && !peak_.compare_exchange_weak(peak, now);) {
    }
    return Buffer(data, size, bytes, &CpuBackend::release, this);
  }

  void upload(Buffer& to, std::span<const float> from) override { convert_in(to, from); }
  void upload(Buffer& to, std::span<const double> from) override { convert_in(to, from); }
  void download(const Buffer& from, std::span<float> to) const override { convert_out(from, to); }
  void download(const Buffer& from, std::span<double> to) const override { convert_out(from, to); }

  void copy(const Buffer& from, Buffer& to) override {
    if (from.size() != to.size()) size_mismatch("copy");
    std::copy_n(from.data<T>(), from.size(), to.data<T>());
  }
  void fill(Buffer& x, double value) override {
    std::fill_n(x.data<T>(), x.size(), static_cast<T>(value));
  }

  void forward(const Network& network, const Buffer& weights, const Buffer& coordinates,
               std::size_t samples, Buffer& outputs) override {
    const std::size_t m = network.outputs, d = network.coordinates;
    if (outputs.size() < samples * m || coordinates.size() < samples * d) size_mismatch("forward");
    TileJob<T> common;
    common.network = &network;
    common.pass = Pass::forward;
    common.weights = weights.data<T>();
    const std::size_t tiles = tile_count(samples);
    pool_->parallel_for(tiles, [&](std::size_t tile) {
      const std::size_t first = tile * cpu::tile_samples;
      TileJob<T> job = common;
      job.coordinates = coordinates.data<T>() + first * d;
      job.count = std::min(cpu::tile_samples, samples - first);
      job.outputs = outputs.data<T>() + first * m;
      const ScratchLoan scratch(*this, cpu::scratch_size(network, Pass::forward));
      job.scratch = scratch.data();
      cpu::run_tile(job);
    });
  }

  double gradient(const Network& network, LossKind loss, const Buffer& weights, const Batch& batch,
                  Buffer& gradient) override {
    TileJob<T> common;
    common.pass = Pass::gradient;
    return backward(network, loss, weights, batch, common, gradient, nullptr);
  }

  double gradient_and_product(const Network& network, LossKind loss, Curvature curvature,
                              const Buffer& weights, const Buffer& direction, const Batch& batch,
                              Buffer& gradient, Buffer& product) override {
    if (direction.size() < network.parameters || product.size() < network.parameters)
      size_mismatch("gradient_and_product");
    TileJob<T> common;
    common.pass = Pass::product;
    common.curvature = curvature;
    common.direction = direction.data<T>();
    return backward(network, loss, weights, batch, common, gradient, &product);
  }

  double dot(const Buffer& a, const Buffer& b) override {
    if (a.size() != b.size()) size_mismatch("dot");
    const T *x = a.data<T>(), *y = b.data<T>();
    double total = 0;
    for (double part : map_chunks<double>(a.size(), [&](std::size_t begin, std::size_t end) {
           double sum = 0;
           for (std::size_t i = begin; i < end; ++i) sum += static_cast<double>(x[i]) * y[i];
           return sum;
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
      for (std::size_t i = begin; i < end; ++i) to[i] += factor * from[i];
    });
  }

  bool all_finite(const Buffer& x) override {
    const T* v = x.data<T>();
    for (char finite : map_chunks<char>(x.size(), [&](std::size_t begin, std::size_t end) {
           // A sum of x * 0 is 0 unless some x is infinite or NaN.
           T sum = 0;
           for (std::size_t i = begin; i < end; ++i) sum += v[i] * T(0);
           return static_cast<char>(sum == T(0));
         }))
      if (!finite) return false;
    return true;
  }

  void gather(const Buffer& from, std::span<const std::uint32_t> rows, std::size_t width,
              Buffer& to) override {
    if (to.size() < rows.size() * width) size_mismatch("gather");
    const T* source = from.data<T>();
    T* target = to.data<T>();
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::size_t j = 0; j < width; ++j) target[i * width + j] = source[rows[i] * width + j];
  }

  void random_signs(std::uint64_t key, Buffer& x) override {
    T* v = x.data<T>();
    for_chunks(x.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) v[i] = static_cast<T>(random_sign(key, i));
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
      std::vector<T*> pointers;
      for (Buffer* s : state) pointers.push_back(s->data<T>() + begin);
      cpu::run_update(UpdateJob<T>{&rule, weights.data<T>() + begin, gradient.data<T>() + begin,
                                   pointers.data(), end - begin});
    });
  }

 private:
  static void release(void* data, std::size_t bytes, void* owner) {
    ::operator delete(data, std::align_val_t(cpu::alignment));
    static_cast<CpuBackend*>(owner)->bytes_ -= bytes;
  }

  static std::size_t tile_count(std::size_t samples) {
    return (samples + cpu::tile_samples - 1) / cpu::tile_samples;
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

  /// Scratch for one tile at a time, lent to whichever thread asks and kept for the next.
  class ScratchLoan {
   public:
    ScratchLoan(CpuBackend& backend, std::size_t size) : backend_(backend) {
      {
        std::lock_guard lock(backend_.scratch_mutex_);
        if (!backend_.scratch_.empty()) {
          buffer_ = std::move(backend_.scratch_.back());
          backend_.scratch_.pop_back();
        }
      }
      if (buffer_.size() < size) {
        buffer_ = Buffer();
        buffer_ = backend_.allocate(size);
      }
    }
    ~ScratchLoan() {
      std::lock_guard lock(backend_.scratch_mutex_);
      backend_.scratch_.push_back(std::move(buffer_));
    }
    ScratchLoan(const ScratchLoan&) = delete;
    ScratchLoan& operator=(const ScratchLoan&) = delete;
    T* data() const { return const_cast<Buffer&>(buffer_).template data<T>(); }

   private:
    CpuBackend& backend_;
    Buffer buffer_;
  };

  /// What one slice of the batch adds up to.
  struct Slice {
    Buffer gradient, product;
    double loss = 0;
  };

  double backward(const Network& network, LossKind loss, const Buffer& weights, const Batch& batch,
                  TileJob<T> common, Buffer& gradient, Buffer* product) {
    const std::size_t parameters = network.parameters;
    const std::size_t d = network.coordinates, m = network.outputs;
    if (weights.size() < parameters || gradient.size() < parameters ||
        batch.coordinates->size() < batch.size * d || batch.targets->size() < batch.size * m ||
        batch.size == 0)
      size_mismatch("gradient");
    common.network = &network;
    common.loss_kind = loss;
    common.weights = weights.data<T>();
    common.scale = 1.0 / (static_cast<double>(batch.size) * static_cast<double>(m));

    const std::size_t tiles = tile_count(batch.size);
    const std::size_t slices = std::min(tiles, max_slices);
    if (slices_.size() < slices) slices_.resize(slices);
    for (std::size_t i = 0; i < slices; ++i) {
      if (slices_[i].gradient.size() != parameters) slices_[i].gradient = allocate(parameters);
      if (product != nullptr && slices_[i].product.size() != parameters)
        slices_[i].product = allocate(parameters);
    }
    pool_->parallel_for(slices, [&](std::size_t i) {
      Slice& slice = slices_[i];
      slice.loss = 0;
      fill(slice.gradient, 0);
      if (product != nullptr) fill(slice.product, 0);
      TileJob<T> job = common;
      const ScratchLoan scratch(*this, cpu::scratch_size(network, job.pass));
      job.scratch = scratch.data();
      job.gradient = slice.gradient.template data<T>();
      job.product = product != nullptr ? slice.product.template data<T>() : nullptr;
      job.loss = &slice.loss;
      for (std::size_t tile = i * tiles / slices; tile < (i + 1) * tiles / slices; ++tile) {
        const std::size_t first = tile * cpu::tile_samples;
        job.coordinates = batch.coordinates->data<T>() + first * d;
        job.targets = batch.targets->data<T>() + first * m;
        job.count = std::min(cpu::tile_samples, batch.size - first);
        cpu::run_tile(job);
      }
    });
    for_chunks(parameters, [&](std::size_t begin, std::size_t end) {
      sum_slices(slices, &Slice::gradient, gradient, begin, end);
      if (product != nullptr) sum_slices(slices, &Slice::product, *product, begin, end);
    });
    double total = 0;
    for (std::size_t i = 0; i < slices; ++i) total += slices_[i].loss;
    return total;
  }

  /// to[begin, end) = the sum over slices, always in the same order.
  void sum_slices(std::size_t slices, Buffer Slice::*part, Buffer& to, std::size_t begin,
                  std::size_t end) {
    T* sum = to.data<T>();
    std::copy(&(slices_[0].*part).template data<T>()[begin],
              &(slices_[0].*part).template data<T>()[end], sum + begin);
    for (std::size_t s = 1; s < slices; ++s) {
      const T* add = (slices_[s].*part).template data<T>();
      for (std::size_t i = begin; i < end; ++i) sum[i] += add[i];
    }
  }

  std::shared_ptr<ThreadPool> pool_;
  std::atomic<std::size_t> bytes_{0}, peak_{0};
  std::mutex scratch_mutex_;
  std::vector<Buffer> scratch_;
  std::vector<Slice> slices_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(std::shared_ptr<ThreadPool> pool, Precision precision) {
  if (precision == Precision::f64) return std::make_unique<CpuBackend<double>>(std::move(pool));
  return std::make_unique<CpuBackend<float>>(std::move(pool));
}

}  // namespace fieldscope
