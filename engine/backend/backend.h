// The seam between the mathematics and a device: some thirty coarse operations on one stream. One
// virtual call an operation, never an element. A backend belongs to one run and is used by one
// thread at a time; several backends may share a device or a thread pool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/backend/arithmetic.h"
#include "engine/backend/batch.h"
#include "engine/backend/buffer.h"
#include "engine/backend/device_picture.h"
#include "engine/backend/held_mesh.h"
#include "engine/backend/held_numbers.h"
#include "engine/backend/matrix.h"
#include "engine/backend/network.h"
#include "engine/backend/ray_bundle.h"
#include "engine/backend/scalar.h"
#include "engine/math/occupancy_points.h"
#include "engine/math/pixel_grid.h"
#include "engine/math/shuffle.h"
#include "engine/math/update_rules.h"

namespace fieldscope {

enum class Precision { f32, f64 };

class Backend {
 public:
  virtual ~Backend() = default;

  virtual Precision precision() const = 0;
  virtual std::string device_name() const = 0;
  /// Of passes in float32 from the next on, where the device has a choice; f32 until somebody says.
  /// The CPU has none, nor has float64: there it stays f32.
  virtual void set_arithmetic(Arithmetic) {}
  virtual Arithmetic arithmetic() const { return Arithmetic::f32; }
  /// Bytes held by buffers and scratch of this backend, now and at most so far.
  virtual std::size_t memory_bytes() const = 0;
  virtual std::size_t peak_memory_bytes() const = 0;
  /// Bytes that the device can still give, as far as it tells.
  virtual std::size_t free_bytes() const = 0;
  /// Scratch that passes over batches of so many samples take at most.
  virtual std::size_t pass_bytes(const Network& network, std::size_t samples) const = 0;

  // Steps. A device that works beside the host may take what is asked for between begin_step() and
  // end_step() together, and have several steps on the way. Their numbers (Scalar) come later.
  virtual void begin_step() {}
  virtual void end_step() {}
  /// Steps that should be on the way so that the device never waits; 0: each is done when it ends.
  virtual std::size_t steps_ahead() const { return 0; }

  // Memory. Sizes of the two sides must agree (std::logic_error otherwise).
  virtual Buffer allocate(std::size_t size) = 0;  ///< zero-filled; throws DeviceError
  virtual void upload(Buffer& to, std::span<const float> from) = 0;
  virtual void upload(Buffer& to, std::span<const double> from) = 0;
  virtual void download(const Buffer& from, std::span<float> to) const = 0;
  virtual void download(const Buffer& from, std::span<double> to) const = 0;
  virtual void copy(const Buffer& from, Buffer& to) = 0;
  virtual void fill(Buffer& x, double value) = 0;

  // The network. All of them are deterministic: the same bits whatever the number of threads.
  /// y[B][m] = f(x[B][d]); y may be larger than B*m.
  virtual void forward(const Network& network, const Buffer& weights, const Buffer& coordinates,
                       std::size_t samples, Buffer& outputs) = 0;
  /// Returns the loss; g[P] = its gradient.
  virtual Scalar gradient(const Network& network, LossKind loss, const Buffer& weights,
                          const Batch& batch, Buffer& gradient) = 0;
  /// The same, fused with the exact product of the curvature matrix with v (Pearlmutter's
  /// R-operator, MATHS section 3): g[P] and product[P] from one pass.
  virtual Scalar gradient_and_product(const Network& network, LossKind loss, Curvature curvature,
                                      const Buffer& weights, const Buffer& direction,
                                      const Batch& batch, Buffer& gradient, Buffer& product) = 0;

  /// The gradient with the Kronecker factors of each linear map z = W x + b (Martens and Grosse
  /// 2015): A = (1/B) sum of (x, 1)(x, 1)^T, S = B sum of dL/dz dL/dz^T. In `factors`, for each map
  /// in the order of layers_of(): A [in + 1][in + 1], then S [out][out].
  virtual Scalar gradient_and_factors(const Network& network, LossKind loss, const Buffer& weights,
                                      const Batch& batch, Buffer& gradient, Buffer& factors) = 0;

  /// What each ray sees of a radiance field, rounds of samples from near to far, so that what lies
  /// behind something opaque is never evaluated; seen[rays]. Returns the evaluations that it took.
  virtual std::size_t march(const Network& network, const Buffer& weights, const RayBundle& bundle,
                            std::span<RayColour> seen) = 0;

  /// A picture of so many numbers, a pixel every `channels`, that stays on the device; null where
  /// the host's is the only one.
  virtual std::shared_ptr<DevicePicture> make_picture(std::size_t, int) { return nullptr; }

  // Vectors.
  virtual double dot(const Buffer& a, const Buffer& b) = 0;     ///< accumulated in double
  virtual void axpy(double a, const Buffer& x, Buffer& y) = 0;  ///< y += a x
  virtual void scale(double a, Buffer& x) = 0;                  ///< x *= a
  virtual Scalar all_finite(const Buffer& x) = 0;               ///< 1 or 0
  /// x[i] = random_sign(key, i).
  virtual void random_signs(std::uint64_t key, Buffer& x) = 0;
  /// x[i] = random_normal(key, i).
  virtual void random_normals(std::uint64_t key, Buffer& x) = 0;

  // Matrices.
  virtual void multiply(std::span<const MatrixProduct> products) = 0;
  virtual void copy(std::span<const MatrixCopy> copies) = 0;
  virtual void power(std::span<const MatrixPower> powers) = 0;            ///< throws DeviceError
  virtual void eigenvectors(std::span<const Eigenvectors> problems) = 0;  ///< throws DeviceError
  /// Each (square) becomes the Q of its QR decomposition.
  virtual void orthonormalise(std::span<const Matrix> matrices) = 0;
  virtual double dot(const Matrix& a, const Matrix& b) = 0;  ///< accumulated in double
  virtual void scale(double a, const Matrix& x) = 0;         ///< x *= a

  // Datasets. On a device, all but hold() is a single launch: nothing is allocated, copied or
  // waited for.
  /// The numbers where operations of this backend read them; throws DeviceError.
  virtual HeldNumbers hold(std::span<const float> numbers) = 0;
  virtual HeldMesh hold(const MeshView& mesh) = 0;
  /// What so many bytes of a dataset take of this backend's memory.
  virtual std::size_t held_bytes(std::size_t) const { return 0; }
  /// coordinates[B][2] of B pixels from `first` on, row by row.
  virtual void pixel_coordinates(const PixelGrid& grid, std::uint64_t first, std::size_t count,
                                 Buffer& coordinates) = 0;
  /// A minibatch of a picture: coordinates[B][2] and targets[B][m] of its pixels, of which
  /// `colours` has m numbers each.
  virtual void draw_pixels(const PixelGrid& grid, const HeldNumbers& colours,
                           const Minibatch& pixels, Buffer& coordinates, Buffer& targets) = 0;
  /// A minibatch of a mesh: coordinates[B][3] of points and targets[B], 1 inside and 0 outside.
  virtual void draw_points(const HeldMesh& mesh, const OccupancyPoints& points, Buffer& coordinates,
                           Buffer& targets) = 0;

  /// Applies an elementwise rule to weights w[P] with gradient (or product) g[P] and the rule's
  /// state buffers, in the order that the rule states.
  virtual void apply_update(const UpdateRule& rule, Buffer& weights, const Buffer& gradient,
                            std::span<Buffer* const> state) = 0;
};

/// Another arithmetic for as long as this lives.
class ArithmeticScope {
 public:
  ArithmeticScope(Backend& backend, Arithmetic arithmetic)
      : backend_(backend), before_(backend.arithmetic()) {
    backend_.set_arithmetic(arithmetic);
  }
  ~ArithmeticScope() { backend_.set_arithmetic(before_); }
  ArithmeticScope(const ArithmeticScope&) = delete;
  ArithmeticScope& operator=(const ArithmeticScope&) = delete;

 private:
  Backend& backend_;
  Arithmetic before_;
};

}  // namespace fieldscope
