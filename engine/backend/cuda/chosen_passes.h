// Which passes a backend runs: fused ones where device and network allow, else layer by layer. The
// fused ones are believed only after they have agreed with the others, once for each network
// and arithmetic.
#pragma once

#include <memory>
#include <vector>

#include "engine/backend/cuda/cuda_backend.h"
#include "engine/backend/cuda/fused_passes.h"

namespace fieldscope::cuda {

/// Of forward() and backward() the meaning of NetworkPasses.
template <class T>
class ChosenPasses {
 public:
  /// In f32.
  ChosenPasses(Passes passes, std::size_t block_bytes, Stream& stream, const Blas& blas,
               Summation& sum);

  /// Of the passes that follow; of float64 there is one.
  void set_arithmetic(Arithmetic arithmetic);
  Arithmetic arithmetic() const { return arithmetic_; }

  void forward(const Network& network, const T* weights, const T* coordinates, std::size_t samples,
               T* outputs);
  void backward(const Network& network, LossKind loss, const T* weights, const Batch& batch,
                const Derivatives<T>& wanted, double* value);

  /// Held now, and at most held by any pass over batches of so many samples.
  std::size_t bytes() const;
  std::size_t bytes(const Network& network, std::size_t samples) const;

 private:
  bool fused(const Network& network);
  /// Why fused passes over this network are not to be trusted, or only those whose tiles clusters
  /// share; empty if they are.
  struct Doubts {
    std::string all, clusters;
  };
  Doubts doubts(const Network& network);

  struct Verdict {
    Network network;
    Arithmetic arithmetic;
    bool trusted;
  };

  Arithmetic arithmetic_ = Arithmetic::f32;
  Stream& stream_;
  const Blas& blas_;
  Summation& sum_;
  NetworkPasses<T> layers_;
  std::unique_ptr<FusedPasses> fused_;  ///< null: never
  std::vector<Verdict> verdicts_;
};

}  // namespace fieldscope::cuda
