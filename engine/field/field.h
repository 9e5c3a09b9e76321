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
  /// As in PyTorch: `body.0.a.weight`, ..., `out.bias`; with a head `density.weight` and
  /// `head.0.a.weight` in between.
  std::string name;
  std::vector<std::size_t> shape;  ///< [out][in] or [out]
  std::size_t offset = 0, size = 0;
  int fan_in = 0;  ///< n_in of the linear map that it belongs to
};

/// What a task asks of a field. Without a view direction: {coordinates, outputs}.
struct FieldShape {
  int coordinates = 0;       ///< d
  int outputs = 0;           ///< m
  int view_coordinates = 0;  ///< so many of the coordinates, the last ones, are a view direction
  /// As in Mildenhall et al. 2020: the last output, a density, depends on the position alone; the
  /// others come from a head, one more hidden layer of half the width, which sees the last hidden
  /// layer and the direction. Without hidden layers there is no head.
  bool head = false;

  bool operator==(const FieldShape&) const = default;
};

class Field {
 public:
  /// `spec` must be resolved. Throws std::logic_error for a shape that no field has.
  Field(const FieldSpec& spec, const FieldShape& shape);

  const FieldSpec& spec() const { return spec_; }
  const FieldShape& shape() const { return shape_; }
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
  void add_hidden(const std::string& name, int in, int out);

  FieldSpec spec_;
  FieldShape shape_;
  Network network_;
  std::vector<ParameterTensor> tensors_;
};

}  // namespace fieldscope
