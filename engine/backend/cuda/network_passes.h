// A batch through the network and back, in blocks of samples whose signals fit into a bounded piece
// of memory. Matrix products between layers, passes.h within them.
#pragma once

#include "engine/backend/cuda/blas.h"
#include "engine/backend/cuda/frequencies.h"
#include "engine/backend/cuda/passes.h"
#include "engine/backend/cuda/vectors.h"
#include "engine/backend/layers.h"

namespace fieldscope::cuda {

/// What a pass back is to bring, all in device memory: the gradient [P] always; the product [P] of
/// the curvature matrix with `direction` [P], or the Kronecker factors, where asked for.
template <class T>
struct Derivatives {
  T* gradient = nullptr;
  const T* direction = nullptr;
  T* product = nullptr;
  Curvature curvature = Curvature::hessian;
  T* factors = nullptr;
};

template <class T>
class NetworkPasses {
 public:
  /// The signals of a block take at most `block_bytes` (but 1024 samples they always get); what a
  /// batch gives depends on it in the last bits. The others must outlive this.
  NetworkPasses(std::size_t block_bytes, Stream& stream, const Blas& blas, Summation& sum)
      : block_bytes_(block_bytes), stream_(stream), blas_(blas), sum_(sum) {}

  /// Of the passes that follow; f32 until then. Of T = double it changes nothing.
  void set_arithmetic(Arithmetic arithmetic) { arithmetic_ = arithmetic; }

  void forward(const Network& network, const T* weights, const T* coordinates, std::size_t samples,
               T* outputs);
  /// The loss goes to *value, which the device must reach. Waits for nothing.
  void backward(const Network& network, LossKind loss, const T* weights, const Batch& batch,
                const Derivatives<T>& wanted, double* value);

  static std::size_t factors_size(const Network& network);

  /// Held now, and at most held by any pass over batches of so many samples.
  std::size_t bytes() const {
    return (signals_.size() + output_biases_.size()) * sizeof(T) + frequencies_.bytes() +
           ray_scratch_.size() * sizeof(double);
  }
  std::size_t bytes(const Network& network, std::size_t samples) const;

 private:
  static std::size_t lay_out(Block<T>& block, const Network& network, Pass pass, T* memory,
                             std::size_t rows);
  std::size_t block_rows(const Network& network, Pass pass) const;
  std::size_t begin(Block<T>& block, const Network& network, Pass pass, std::size_t samples,
                    std::size_t unit = 1);
  void encode(const Block<T>& block, const Network& network, const T* coordinates);
  void encode_view(const Block<T>& block, const Network& network, const T* coordinates,
                   std::size_t signal);
  void run_forward(const Block<T>& block, const Network& network, Pass pass, const T* weights,
                   const T* direction, const T* coordinates);
  void run_backward(const Block<T>& block, const T* weights, const Derivatives<T>& wanted,
                    bool first);
  void to_activation(const Block<T>& block, const T* weights, const Derivatives<T>& wanted,
                     std::size_t i);
  void add_gradients(const Block<T>& block, const Derivatives<T>& wanted, std::size_t i,
                     bool first);
  void add_factors(const Block<T>& block, double samples, T* factors, bool first);
  void sum_rows(const Block<T>& block, const T* x, std::size_t stride, std::size_t width, T alpha,
                T beta, T* sums);
  /// Of a layer's products. Outputs are few columns, which take next to no time in float32.
  Arithmetic arithmetic_of(const Layer& layer) const {
    return layer.activated ? arithmetic_ : Arithmetic::f32;
  }
  static Biases<T> biases(const Layer& layer, const T* weights, const T* direction);
  Biases<T> output_biases(const Network& network, const T* weights, const T* direction);

  std::size_t block_bytes_;
  Arithmetic arithmetic_ = Arithmetic::f32;
  Stream& stream_;
  const Blas& blas_;
  Summation& sum_;
  DeviceArray<T> signals_;
  Frequencies<T> frequencies_;
  DeviceArray<double> ray_scratch_;
  DeviceArray<T> output_biases_;  ///< side by side, where two maps give outputs
  std::vector<Layer> layers_;     ///< of the present pass
};

}  // namespace fieldscope::cuda
