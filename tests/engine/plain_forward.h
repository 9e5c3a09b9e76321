// A field as one would write it down on paper, from its spec, its shape and its tensors' names:
// what the engines' networks are held against.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/engine/support.h"

namespace fieldscope::test {

/// f(x) of one sample.
class PlainForward {
 public:
  PlainForward(const Field& field, const std::vector<double>& weights)
      : field_(field), weights_(weights) {}

  std::vector<double> operator()(const std::vector<double>& x) const {
    const Network& n = field_.network();
    const FieldShape& shape = field_.shape();
    const auto seam = x.end() - shape.view_coordinates;
    const int levels = n.encoding_levels;
    std::vector<double> a = n.frequencies.empty() ? encoded({x.begin(), seam}, levels)
                                                  : waves({x.begin(), seam}, n.frequencies);
    const std::vector<double> view = encoded({seam, x.end()}, levels < 4 ? levels : 4);
    const std::size_t layers = field_.spec().hidden.size();
    const bool head = shape.head && layers > 0;
    if (!head) a = joined(a, view);
    for (std::size_t i = 0; i < layers; ++i) a = hidden("body." + std::to_string(i), a);
    if (!head) return linear("out", a);
    return joined(linear("out", hidden("head.0", joined(a, view))), linear("density", a));
  }

 private:
  using Numbers = std::vector<double>;

  static Numbers joined(Numbers a, const Numbers& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }
  static Numbers encoded(const Numbers& x, int levels) {
    Numbers features = x;
    for (const double c : x) {
      for (int k = 0; k < levels; ++k) features.push_back(std::sin(std::ldexp(M_PI, k) * c));
      for (int k = 0; k < levels; ++k) features.push_back(std::cos(std::ldexp(M_PI, k) * c));
    }
    return features;
  }
  static Numbers waves(const Numbers& x, const Numbers& frequencies) {
    Numbers features;
    for (double (*wave)(double) :
         {+[](double p) { return std::sin(p); }, +[](double p) { return std::cos(p); }})
      for (std::size_t f = 0; f < frequencies.size(); f += x.size()) {
        double phase = 0;
        for (std::size_t i = 0; i < x.size(); ++i) phase += frequencies[f + i] * x[i];
        features.push_back(wave(phase));
      }
    return features;
  }

  const ParameterTensor* find(const std::string& name) const {
    for (const ParameterTensor& tensor : field_.tensors())
      if (tensor.name == name) return &tensor;
    return nullptr;
  }
  Numbers linear(const std::string& name, const Numbers& x) const {
    const ParameterTensor &w = *find(name + ".weight"), &b = *find(name + ".bias");
    if (w.shape != std::vector<std::size_t>{b.size, x.size()})
      throw std::logic_error(name + " has another shape");
    Numbers z;
    for (std::size_t o = 0; o < b.size; ++o) {
      z.push_back(weights_[b.offset + o]);
      for (std::size_t i = 0; i < x.size(); ++i)
        z.back() += weights_[w.offset + o * x.size() + i] * x[i];
    }
    return z;
  }
  Numbers hidden(const std::string& name, const Numbers& x) const {
    Numbers a = linear(name + ".a", x);
    const Numbers gate = find(name + ".b.weight") != nullptr ? linear(name + ".b", x) : Numbers();
    with_activation(field_.network().activation, [&]<class A>(A) {
      const typename A::template At<double> f(field_.network().activation_parameters);
      for (std::size_t i = 0; i < a.size(); ++i) {
        if constexpr (A::maps == 1) a[i] = f(a[i]).f;
        if constexpr (A::maps == 2) a[i] = f(a[i], gate[i]).f;
      }
    });
    return a;
  }

  const Field& field_;
  const std::vector<double>& weights_;
};

}  // namespace fieldscope::test
