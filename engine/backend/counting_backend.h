// A backend without memory and without work: what is built on it allocates what it would allocate
// elsewhere, and memory_bytes() tells how much that is. So nobody has to keep a formula for the
// memory of each optimizer in step with its code.
#pragma once

#include "engine/backend/backend.h"

namespace fieldscope {

class CountingBackend final : public Backend {
 public:
  explicit CountingBackend(Precision precision) : precision_(precision) {}

  Precision precision() const override { return precision_; }
  std::string device_name() const override { return "nowhere"; }
  std::size_t memory_bytes() const override { return bytes_; }
  std::size_t peak_memory_bytes() const override { return bytes_; }
  std::size_t free_bytes() const override { return 0; }
  std::size_t pass_bytes(const Network&, std::size_t) const override { return 0; }

  /// Of that size and without memory: nothing may touch it but operations of this backend.
  Buffer allocate(std::size_t size) override {
    const std::size_t bytes = size * (precision_ == Precision::f64 ? 8 : 4);
    bytes_ += bytes;
    return Buffer(nullptr, size, bytes, nullptr, nullptr);
  }

  void upload(Buffer&, std::span<const float>) override {}
  void upload(Buffer&, std::span<const double>) override {}
  void download(const Buffer&, std::span<float>) const override {}
  void download(const Buffer&, std::span<double>) const override {}
  void copy(const Buffer&, Buffer&) override {}
  void fill(Buffer&, double) override {}

  void forward(const Network&, const Buffer&, const Buffer&, std::size_t, Buffer&) override {}
  Scalar gradient(const Network&, LossKind, const Buffer&, const Batch&, Buffer&) override {
    return 0;
  }
  Scalar gradient_and_product(const Network&, LossKind, Curvature, const Buffer&, const Buffer&,
                              const Batch&, Buffer&, Buffer&) override {
    return 0;
  }
  Scalar gradient_and_factors(const Network&, LossKind, const Buffer&, const Batch&, Buffer&,
                              Buffer&) override {
    return 0;
  }

  std::size_t march(const Network&, const Buffer&, const RayBundle&,
                    std::span<RayColour>) override {
    return 0;
  }

  double dot(const Buffer&, const Buffer&) override { return 0; }
  void axpy(double, const Buffer&, Buffer&) override {}
  void scale(double, Buffer&) override {}
  Scalar all_finite(const Buffer&) override { return true; }
  void random_signs(std::uint64_t, Buffer&) override {}
  void random_normals(std::uint64_t, Buffer&) override {}

  void multiply(std::span<const MatrixProduct>) override {}
  void copy(std::span<const MatrixCopy>) override {}
  void power(std::span<const MatrixPower>) override {}
  void eigenvectors(std::span<const Eigenvectors>) override {}
  void orthonormalise(std::span<const Matrix>) override {}
  double dot(const Matrix&, const Matrix&) override { return 0; }
  void scale(double, const Matrix&) override {}

  HeldNumbers hold(std::span<const float> numbers) override { return HeldNumbers(numbers); }
  HeldMesh hold(const MeshView& mesh) override { return HeldMesh(mesh); }
  void pixel_coordinates(const PixelGrid&, std::uint64_t, std::size_t, Buffer&) override {}
  void draw_pixels(const PixelGrid&, const HeldNumbers&, const Minibatch&, Buffer&,
                   Buffer&) override {}
  void draw_points(const HeldMesh&, const OccupancyPoints&, Buffer&, Buffer&) override {}

  void apply_update(const UpdateRule&, Buffer&, const Buffer&, std::span<Buffer* const>) override {}

 private:
  Precision precision_;
  std::size_t bytes_ = 0;  ///< never falls: what is freed again was needed all the same
};

}  // namespace fieldscope
