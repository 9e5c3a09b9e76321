#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/backend/cuda/blas.h"
#include "engine/backend/cuda/chosen_passes.h"
#include "engine/backend/cuda/cuda_backend.h"
#include "engine/backend/cuda/matrices.h"
#include "engine/backend/cuda/picture.h"
#include "engine/backend/cuda/pixels.h"
#include "engine/backend/cuda/points.h"
#include "engine/backend/cuda/ray_march.h"
#include "engine/backend/cuda/step_slots.h"
#include "engine/backend/cuda/vectors.h"
#include "engine/math/error.h"
#include "engine/math/round_up.h"

namespace fieldscope::cuda {
namespace {

/// A batch whose signals would take more goes in several blocks; a small device sets a lower limit.
constexpr std::size_t most_block_bytes = std::size_t{1} << 30, least_blocks = 16;

template <class T>
class CudaBackend final : public Backend {
 public:
  CudaBackend(int device, Passes passes) : device_(device) {
    cudaDeviceProp properties;
    FIELDSCOPE_CHECK(cudaGetDeviceProperties(&properties, device));
    name_ = "cuda:" + std::to_string(device) + " " + properties.name;
    const std::size_t block_bytes =
        std::min(most_block_bytes, properties.totalGlobalMem / least_blocks);
    passes_ = std::make_unique<ChosenPasses<T>>(passes, block_bytes, stream_, blas_, sum_);
  }
  ~CudaBackend() override {
    cudaSetDevice(device_);
    PictureMemory::of(device_).trim();
  }

  Precision precision() const override {
    return sizeof(T) == sizeof(float) ? Precision::f32 : Precision::f64;
  }
  std::string device_name() const override { return name_; }
  void set_arithmetic(Arithmetic arithmetic) override { passes_->set_arithmetic(arithmetic); }
  Arithmetic arithmetic() const override { return passes_->arithmetic(); }
  std::size_t memory_bytes() const override { return bytes_ + scratch_bytes(); }
  std::size_t peak_memory_bytes() const override { return std::max(peak_, memory_bytes()); }
  std::size_t free_bytes() const override {
    use_device();
    std::size_t free = 0, total = 0;
    FIELDSCOPE_CHECK(cudaMemGetInfo(&free, &total));
    return free;
  }
  std::size_t pass_bytes(const Network& network, std::size_t samples) const override {
    return passes_->bytes(network, samples);
  }

  void begin_step() override {
    use_device();
    slots_.begin_step();
  }
  void end_step() override {
    use_device();
    slots_.end_step();
  }
  std::size_t steps_ahead() const override { return StepSlots::most_ahead; }

  Buffer allocate(std::size_t size) override {
    Buffer buffer = allocate_bytes(size, std::max<std::size_t>(size, 1) * sizeof(T));
    FIELDSCOPE_CHECK(cudaMemsetAsync(buffer.data<T>(), 0, buffer.bytes(), stream_),
                     format_bytes(buffer.bytes()));
    return buffer;
  }

  void upload(Buffer& to, std::span<const float> from) override { copy_in(to, from); }
  void upload(Buffer& to, std::span<const double> from) override { copy_in(to, from); }
  void download(const Buffer& from, std::span<float> to) const override { copy_out(from, to); }
  void download(const Buffer& from, std::span<double> to) const override { copy_out(from, to); }

  void copy(const Buffer& from, Buffer& to) override {
    require(from.size() == to.size(), "copy");
    use_device();
    FIELDSCOPE_CHECK(cudaMemcpyAsync(to.data<T>(), from.data<T>(), from.size() * sizeof(T),
                                     cudaMemcpyDeviceToDevice, stream_),
                     format_bytes(from.size() * sizeof(T)));
  }
  void fill(Buffer& x, double value) override {
    use_device();
    cuda::fill(stream_, x.size(), static_cast<T>(value), x.data<T>());
  }

  void forward(const Network& network, const Buffer& weights, const Buffer& coordinates,
               std::size_t samples, Buffer& outputs) override {
    require(weights.size() >= network.parameters &&
                outputs.size() >= samples * static_cast<std::size_t>(network.outputs) &&
                coordinates.size() >= samples * static_cast<std::size_t>(network.coordinates),
            "forward");
    use_device();
    passes_->forward(network, weights.data<T>(), coordinates.data<T>(), samples, outputs.data<T>());
    note_peak();
  }

  Scalar gradient(const Network& network, LossKind loss, const Buffer& weights, const Batch& batch,
                  Buffer& gradient) override {
    return backward(network, loss, weights, batch, {.gradient = gradient.data<T>()}, gradient);
  }
  Scalar gradient_and_product(const Network& network, LossKind loss, Curvature curvature,
                              const Buffer& weights, const Buffer& direction, const Batch& batch,
                              Buffer& gradient, Buffer& product) override {
    require(direction.size() >= network.parameters && product.size() >= network.parameters,
            "gradient_and_product");
    return backward(network, loss, weights, batch,
                    {.gradient = gradient.data<T>(),
                     .direction = direction.data<T>(),
                     .product = product.data<T>(),
                     .curvature = curvature},
                    gradient);
  }
  Scalar gradient_and_factors(const Network& network, LossKind loss, const Buffer& weights,
                              const Batch& batch, Buffer& gradient, Buffer& factors) override {
    require(factors.size() >= NetworkPasses<T>::factors_size(network), "gradient_and_factors");
    return backward(network, loss, weights, batch,
                    {.gradient = gradient.data<T>(), .factors = factors.data<T>()}, gradient);
  }

  std::size_t march(const Network& network, const Buffer& weights, const RayBundle& bundle,
                    std::span<RayColour> seen) override {
    require(weights.size() >= network.parameters && network.outputs == radiance_outputs &&
                bundle.samples.size() == bundle.rays.size() * bundle.each &&
                seen.size() >= bundle.rays.size(),
            "march");
    use_device();
    const std::size_t evaluations = march_.run(
        bundle,
        [&](const T* coordinates, std::size_t samples, T* outputs) {
          passes_->forward(network, weights.data<T>(), coordinates, samples, outputs);
        },
        seen);
    note_peak();
    return evaluations;
  }

  std::shared_ptr<DevicePicture> make_picture(std::size_t numbers, int channels) override {
    use_device();
    stream_.interrupt();
    try {
      return cuda::make_picture<T>(device_, stream_, numbers, channels);
    } catch (const DeviceError&) {  // no memory for what the host has as well
      return nullptr;
    }
  }

  double dot(const Buffer& a, const Buffer& b) override {
    require(a.size() == b.size(), "dot");
    use_device();
    return cuda::dot(stream_, sum_, a.size(), a.data<T>(), b.data<T>());
  }
  void axpy(double a, const Buffer& x, Buffer& y) override {
    require(x.size() == y.size(), "axpy");
    use_device();
    cuda::axpy(stream_, x.size(), static_cast<T>(a), x.data<T>(), y.data<T>());
  }
  void scale(double a, Buffer& x) override {
    use_device();
    cuda::scale(stream_, x.size(), static_cast<T>(a), x.data<T>());
  }
  Scalar all_finite(const Buffer& x) override {
    use_device();
    double* const finite = slots_.result(1);
    find_not_finite(stream_, x.size(), x.data<T>(), finite);
    return slots_.promise(finite);
  }
  void random_signs(std::uint64_t key, Buffer& x) override {
    use_device();
    cuda::random_signs(stream_, key, x.size(), x.data<T>());
  }
  void random_normals(std::uint64_t key, Buffer& x) override {
    use_device();
    cuda::random_normals(stream_, key, x.size(), x.data<T>());
  }

  void multiply(std::span<const MatrixProduct> products) override {
    use_device();
    for (const MatrixProduct& p : products) {
      const std::size_t depth = p.transpose_a ? p.a.rows : p.a.columns;
      require((p.transpose_a ? p.a.columns : p.a.rows) == p.c.rows &&
                  (p.transpose_b ? p.b.rows : p.b.columns) == p.c.columns &&
                  (p.transpose_b ? p.b.columns : p.b.rows) == depth,
              "multiply");
      cuda::multiply<T>(blas_, p.c.rows, p.c.columns, depth, static_cast<T>(p.alpha),
                        {start_of<T>(p.a), p.a.stride, p.transpose_a},
                        {start_of<T>(p.b), p.b.stride, p.transpose_b}, static_cast<T>(p.beta),
                        start_of<T>(p.c), p.c.stride);
    }
  }
  void copy(std::span<const MatrixCopy> copies) override {
    use_device();
    for (const MatrixCopy& c : copies) {
      require(c.from.rows == c.to.rows && c.from.columns == c.to.columns, "copy");
      if (c.from.rows == 0 || c.from.columns == 0) continue;
      FIELDSCOPE_CHECK(
          cudaMemcpy2DAsync(start_of<T>(c.to), c.to.stride * sizeof(T), start_of<T>(c.from),
                            c.from.stride * sizeof(T), c.from.columns * sizeof(T), c.from.rows,
                            cudaMemcpyDeviceToDevice, stream_),
          std::to_string(c.from.rows) + " x " + std::to_string(c.from.columns));
    }
  }
  void power(std::span<const MatrixPower> powers) override {
    use_device();
    for (const MatrixPower& p : powers) decompositions_.power(p);
    note_peak();
  }
  void eigenvectors(std::span<const Eigenvectors> problems) override {
    use_device();
    for (const Eigenvectors& p : problems) decompositions_.eigenvectors(p);
    note_peak();
  }
  void orthonormalise(std::span<const Matrix> matrices) override {
    use_device();
    for (const Matrix& m : matrices) decompositions_.orthonormalise(m);
    note_peak();
  }
  double dot(const Matrix& a, const Matrix& b) override {
    require(a.rows == b.rows && a.columns == b.columns, "dot");
    use_device();
    return cuda::dot<T>(stream_, sum_, a.rows, a.columns, start_of<T>(a), a.stride, start_of<T>(b),
                        b.stride);
  }
  void scale(double a, const Matrix& x) override {
    use_device();
    cuda::scale<T>(stream_, x.rows, x.columns, static_cast<T>(a), start_of<T>(x), x.stride);
  }

  HeldNumbers hold(std::span<const float> numbers) override {
    Buffer copy = allocate_bytes(numbers.size(), numbers.size_bytes());
    stream_.copy_now(copy.data<float>(), numbers.data(), numbers.size_bytes(),
                     cudaMemcpyHostToDevice);
    return HeldNumbers(std::move(copy));
  }
  HeldMesh hold(const MeshView& mesh) override {
    constexpr std::size_t alignment = 256;
    MeshView there = mesh;
    std::size_t bytes = 0;
    there.for_arrays([&](auto& array) { bytes += round_up(array.size_bytes(), alignment); });
    Buffer copy = allocate_bytes(bytes, bytes);
    std::byte* place = copy.data<std::byte>();
    there.for_arrays([&]<class Element>(std::span<Element>& array) {
      stream_.copy_now(place, array.data(), array.size_bytes(), cudaMemcpyHostToDevice);
      array = {reinterpret_cast<Element*>(place), array.size()};
      place += round_up(array.size_bytes(), alignment);
    });
    return HeldMesh(there, std::move(copy));
  }
  std::size_t held_bytes(std::size_t bytes) const override { return bytes; }
  void pixel_coordinates(const PixelGrid& grid, std::uint64_t first, std::size_t count,
                         Buffer& coordinates) override {
    require(coordinates.size() >= 2 * count && first + count <= grid.count(), "pixel_coordinates");
    use_device();
    cuda::pixel_coordinates(stream_, grid, first, count, coordinates.data<T>());
  }
  void draw_pixels(const PixelGrid& grid, const HeldNumbers& colours, const Minibatch& pixels,
                   Buffer& coordinates, Buffer& targets) override {
    const std::size_t m = colours.size() / grid.count();
    require(coordinates.size() >= 2 * pixels.size && targets.size() >= m * pixels.size &&
                pixels.order.size() == grid.count(),
            "draw_pixels");
    use_device();
    cuda::draw_pixels(stream_, grid, colours.data(), m, pixels, coordinates.data<T>(),
                      targets.data<T>());
  }
  void draw_points(const HeldMesh& mesh, const OccupancyPoints& points, Buffer& coordinates,
                   Buffer& targets) override {
    require(coordinates.size() >= 3 * points.size && targets.size() >= points.size, "draw_points");
    use_device();
    cuda::draw_points(stream_, mesh.view(), points, coordinates.data<T>(), targets.data<T>());
  }

  void apply_update(const UpdateRule& rule, Buffer& weights, const Buffer& gradient,
                    std::span<Buffer* const> state) override {
    require(gradient.size() == weights.size(), "apply_update");
    for (const Buffer* s : state) require(s->size() == weights.size(), "apply_update");
    use_device();
    std::visit(
        [&]<class Rule>(const Rule& r) {
          require(state.size() == Rule::states, "apply_update");
          States<T, Rule::states> states;
          for (int k = 0; k < Rule::states; ++k) states.s[k] = state[k]->data<T>();
          update<Rule>(stream_, typename Rule::template Constants<T>(r), weights.size(),
                       weights.data<T>(), gradient.data<T>(), states);
        },
        rule);
  }

 private:
  static void require(bool right, const char* operation) {
    if (!right)
      throw std::logic_error(std::string("CudaBackend::") + operation + ": sizes disagree");
  }

  /// Which device the calls of a thread go to is the thread's own state.
  void use_device() const { FIELDSCOPE_CHECK(cudaSetDevice(device_)); }

  /// `size` numbers of whatever type, not initialised.
  Buffer allocate_bytes(std::size_t size, std::size_t bytes) {
    use_device();
    stream_.interrupt();
    void* data = nullptr;
    FIELDSCOPE_CHECK(
        cudaMalloc(&data, bytes),
        format_bytes(bytes) + " asked for, " + format_bytes(memory_bytes()) + " held by this run");
    bytes_ += bytes;
    peak_ = std::max(peak_, memory_bytes());
    return Buffer(data, size, bytes, &CudaBackend::release, this);
  }

  static void release(void* data, std::size_t bytes, void* owner) {
    CudaBackend& self = *static_cast<CudaBackend*>(owner);
    try {
      self.stream_.interrupt();
    } catch (const DeviceError&) {  // whoever waits for the device next will hear of it
    }
    cudaFree(data);  // waits for the device, so that nothing still works on it
    self.bytes_ -= bytes;
  }

  template <class From>
  void copy_in(Buffer& to, std::span<const From> from) {
    require(to.size() == from.size(), "upload");
    use_device();
    const std::size_t bytes = from.size() * sizeof(T);
    if (slots_.within_step()) {
      T* const staged = static_cast<T*>(slots_.staging(bytes));
      std::copy(from.begin(), from.end(), staged);
      FIELDSCOPE_CHECK(
          cudaMemcpyAsync(to.data<T>(), staged, bytes, cudaMemcpyHostToDevice, stream_),
          format_bytes(bytes));
      return;
    }
    const void* source = from.data();
    if constexpr (!std::is_same_v<From, T>) {
      staging_.assign(from.begin(), from.end());
      source = staging_.data();
    }
    stream_.copy_now(to.data<T>(), source, bytes, cudaMemcpyHostToDevice);
  }
  template <class To>
  void copy_out(const Buffer& from, std::span<To> to) const {
    require(from.size() >= to.size(), "download");
    use_device();
    const auto fetch = [&](T* target) {
      stream_.copy_now(target, from.data<T>(), to.size() * sizeof(T), cudaMemcpyDeviceToHost);
    };
    if constexpr (std::is_same_v<To, T>) {
      fetch(to.data());
    } else {
      staging_.resize(to.size());
      fetch(staging_.data());
      std::copy(staging_.begin(), staging_.end(), to.begin());
    }
  }

  Scalar backward(const Network& network, LossKind loss, const Buffer& weights, const Batch& batch,
                  const Derivatives<T>& wanted, const Buffer& gradient) {
    require(
        weights.size() >= network.parameters && gradient.size() >= network.parameters &&
            batch.size > 0 && loss_targets(network, loss, batch).fit &&
            batch.coordinates->size() >= batch.size * static_cast<std::size_t>(network.coordinates),
        "gradient");
    use_device();
    double* const value = slots_.result(0);
    passes_->backward(network, loss, weights.data<T>(), batch, wanted, value);
    note_peak();
    return slots_.promise(value);
  }

  std::size_t scratch_bytes() const {
    return passes_->bytes() + sum_.bytes() + decompositions_.bytes() + blas_.bytes() +
           march_.bytes();
  }
  void note_peak() { peak_ = std::max(peak_, memory_bytes()); }

  int device_;
  bool present_ = (use_device(), true);  ///< what follows is made on the device
  std::string name_;
  std::size_t bytes_ = 0, peak_ = 0;
  mutable Stream stream_;  ///< a download has to wait for it
  StepSlots slots_{stream_};
  Blas blas_{stream_};
  Summation sum_;
  mutable std::vector<T> staging_;  ///< numbers on their way to or from another precision
  std::unique_ptr<ChosenPasses<T>> passes_;
  RayMarch<T> march_{stream_};
  Decompositions<T> decompositions_{stream_, blas_, sum_};
};

}  // namespace

std::unique_ptr<Backend> make_backend(int device, Precision precision, Passes passes) {
  if (precision == Precision::f64) return std::make_unique<CudaBackend<double>>(device, passes);
  return std::make_unique<CudaBackend<float>>(device, passes);
}

}  // namespace fieldscope::cuda
