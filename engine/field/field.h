// A neural field f: R^d -> R^m as a network over one flat parameter vector: its layout, its initial
// weights and its parameters' names. Immutable; the weights themselves live in whoever trains them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/backend/network.h"
#include "engine/field/spec.h"

namespace fieldscope {

/// One tensor of the parameter vector.
struct ParameterTensor {
  std::string name;                ///< as in PyTorch: `body.0.a.weight`, ..., `out.bias`
  std::vector<std::size_t> shape;  ///< [out][in] or [out]
  std::size_t offset = 0, size = 0;
  int fan_in = 0;  ///< n_in of the linear map that it belongs to
};

class Field {
 public:
  /// `coordinates` = d, `outputs` = m. `spec` must be resolved.
  Field(const FieldSpec& spec, int coordinates, int outputs);

  const FieldSpec& spec() const { return spec_; }
  const Network& network() const { return network_; }
  std::size_t parameters() const { return network_.parameters; }
  const std::vector<ParameterTensor>& tensors() const { return tensors_; }

  /// Initial weights (MATHS section 1), drawn per tensor from the seed, so that two fields give
  /// tensors of the same place and size the same values up to their scale.
  std::vector<double> initial_weights(std::uint64_t seed) const;

  /// initial_weights(seed), except that tensors which `other` has too, with the same name and
  /// shape, are taken from `other_weights`.
  std::vector<double> adopt_weights(const Field& other, const std::vector<double>& other_weights,
                                    std::uint64_t seed) const;

 private:
  LinearMap add_map(const std::string& name, int in, int out);

  FieldSpec spec_;
  Network network_;
  std::vector<ParameterTensor> tensors_;
};

}  // namespace fieldscope
