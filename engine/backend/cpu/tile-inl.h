// One tile through the network: forward, R-forward, loss, backward and R-backward (MATHS section
// 3). Compiled once for each instruction set (see kernels.cpp).
#if defined(FIELDSCOPE_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FIELDSCOPE_TILE_INL_H
#undef FIELDSCOPE_TILE_INL_H
#else
#define FIELDSCOPE_TILE_INL_H
#endif

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/backend/cpu/flush_denormals.h"
#include "engine/backend/cpu/multiply-inl.h"
#include "engine/backend/cpu/scratch.h"
#include "engine/backend/cpu/tile.h"

HWY_BEFORE_NAMESPACE();
namespace fieldscope::cpu {
namespace HWY_NAMESPACE {

/// Z[out][tile] (+)= W X.
template <class T>
void apply_map(const LinearMap& map, const T* parameters, const T* x, T* z, bool accumulate) {
  multiply<T>({parameters + map.weight, static_cast<std::size_t>(map.in), 1}, x, tile_samples, z,
              tile_samples, map.out, tile_samples, map.in, accumulate);
}

/// E[in][tile] (+)= W^T D.
template <class T>
void apply_transposed(const LinearMap& map, const T* parameters, const T* d, T* e,
                      bool accumulate) {
  multiply<T>({parameters + map.weight, 1, static_cast<std::size_t>(map.in)}, d, tile_samples, e,
              tile_samples, map.in, tile_samples, map.out, accumulate);
}

/// dW += D X^T and db += D 1, with X^T = xt[tile][padded(in)].
template <class T>
void add_weight_gradient(const LinearMap& map, const T* d, const T* xt, T* gradient) {
  multiply<T>({d, tile_samples, 1}, xt, padded(map.in), gradient + map.weight, map.in, map.out,
              map.in, tile_samples, true);
}

template <class T>
void add_bias_gradient(const LinearMap& map, const T* d, T* gradient) {
  for (int o = 0; o < map.out; ++o) {
    T sum = 0;
    for (std::size_t r = 0; r < tile_samples; ++r) sum += d[o * tile_samples + r];
    gradient[map.bias + o] += sum;
  }
}

/// xt[tile][padded(rows)] = x[rows][tile] transposed; the padding stays as it is (zero).
template <class T>
void transpose(const T* HWY_RESTRICT x, std::size_t rows, T* HWY_RESTRICT xt) {
  const std::size_t row = padded(rows);
  constexpr std::size_t block = 16;
  for (std::size_t r0 = 0; r0 < tile_samples; r0 += block) {
    for (std::size_t f = 0; f < rows; ++f) {
      for (std::size_t r = r0; r < r0 + block; ++r) xt[r * row + f] = x[f * tile_samples + r];
    }
  }
}

/// Coordinates, feature-major, with their positional encoding behind them: for each coordinate i,
/// sin(2^k pi x_i) for k < L, then cos(2^k pi x_i). Samples past `count` are 0.
template <class T>
void encode(const Network& network, const T* coordinates, std::size_t count, T* features) {
  const int d = network.coordinates, levels = network.encoding_levels;
  for (int i = 0; i < d; ++i) {
    T* x = features + i * tile_samples;
    for (std::size_t r = 0; r < tile_samples; ++r) x[r] = r < count ? coordinates[r * d + i] : T(0);
    for (int k = 0; k < levels; ++k) {
      T* s = features + (d + i * 2 * levels + k) * tile_samples;
      T* c = s + levels * tile_samples;
      const T frequency = static_cast<T>(std::ldexp(3.14159265358979323846, k));
      for (std::size_t r = 0; r < tile_samples; ++r) {
        const SinCos<T> v = sincos(frequency * x[r]);
        s[r] = v.sin;
        c[r] = v.cos;
      }
    }
  }
}

/// Activation of one hidden layer with one map. In: z.u = W x, and z.ru = R{W x} for a product.
/// Out: l.a, l.fu, and for a product l.su = f'' R{u} and z.ru = R{a}.
template <class A, class T>
void activate_one(const Network& network, const LinearMap& map, const TileJob<T>& job,
                  const LayerScratch<T>& l, const T* u_map, T* ru_map) {
  const typename A::template At<T> f(network.activation_parameters);
  for (int o = 0; o < map.out; ++o) {
    const std::size_t at = o * tile_samples;
    const T bias = job.weights[map.bias + o];
    const T* HWY_RESTRICT u = u_map + at;
    T* HWY_RESTRICT a = l.a + at;
    if (job.pass == Pass::forward) {
      for (std::size_t r = 0; r < tile_samples; ++r) a[r] = f(u[r] + bias).f;
      continue;
    }
    T* HWY_RESTRICT fu = l.fu + at;
    if (job.pass == Pass::gradient) {
      for (std::size_t r = 0; r < tile_samples; ++r) {
        const Jet<T> jet = f(u[r] + bias);
        a[r] = jet.f;
        fu[r] = jet.fu;
      }
      continue;
    }
    const T rbias = job.direction[map.bias + o];
    T* HWY_RESTRICT ru = ru_map + at;
    T* HWY_RESTRICT su = l.su + at;
    for (std::size_t r = 0; r < tile_samples; ++r) {
      const Jet<T> jet = f(u[r] + bias);
      const T tangent = ru[r] + rbias;
      a[r] = jet.f;
      fu[r] = jet.fu;
      su[r] = jet.fuu * tangent;
      ru[r] = jet.fu * tangent;
    }
  }
}

/// The same for two maps: l.su, l.sw are the two rows of f'' (R{u}, R{w}); ru becomes R{a}.
template <class A, class T>
void activate_two(const Network& network, const HiddenLayer& layer, const TileJob<T>& job,
                  const LayerScratch<T>& l, const T* u_map, const T* w_map, T* ru_map,
                  const T* rw_map) {
  const typename A::template At<T> f(network.activation_parameters);
  for (int o = 0; o < layer.u.out; ++o) {
    const std::size_t at = o * tile_samples;
    const T u_bias = job.weights[layer.u.bias + o], w_bias = job.weights[layer.w.bias + o];
    const T* HWY_RESTRICT u = u_map + at;
    const T* HWY_RESTRICT w = w_map + at;
    T* HWY_RESTRICT a = l.a + at;
    if (job.pass == Pass::forward) {
      for (std::size_t r = 0; r < tile_samples; ++r) a[r] = f(u[r] + u_bias, w[r] + w_bias).f;
      continue;
    }
    T* HWY_RESTRICT fu = l.fu + at;
    T* HWY_RESTRICT fw = l.fw + at;
    if (job.pass == Pass::gradient) {
      for (std::size_t r = 0; r < tile_samples; ++r) {
        const Jet2<T> jet = f(u[r] + u_bias, w[r] + w_bias);
        a[r] = jet.f;
        fu[r] = jet.fu;
        fw[r] = jet.fw;
      }
      continue;
    }
    const T ru_bias = job.direction[layer.u.bias + o], rw_bias = job.direction[layer.w.bias + o];
    T* HWY_RESTRICT ru = ru_map + at;
    const T* HWY_RESTRICT rw = rw_map + at;
    T* HWY_RESTRICT su = l.su + at;
    T* HWY_RESTRICT sw = l.sw + at;
    for (std::size_t r = 0; r < tile_samples; ++r) {
      const Jet2<T> jet = f(u[r] + u_bias, w[r] + w_bias);
      const T tu = ru[r] + ru_bias, tw = rw[r] + rw_bias;
      a[r] = jet.f;
      fu[r] = jet.fu;
      fw[r] = jet.fw;
      su[r] = jet.fuu * tu + jet.fuw * tw;
      sw[r] = jet.fuw * tu + jet.fww * tw;
      ru[r] = jet.fu * tu + jet.fw * tw;
    }
  }
}

/// A linear map of the layer's input x (and its tangent rx, null at the first layer, where it is
/// zero): z = W x, and for a product rz = V x + W rx. Biases are added where z is used.
template <class T>
void forward_map(const LinearMap& map, const TileJob<T>& job, const T* x, const T* rx, T* z,
                 T* rz) {
  apply_map(map, job.weights, x, z, false);
  if (job.pass != Pass::product) return;
  apply_map(map, job.direction, x, rz, false);
  if (rx != nullptr) apply_map(map, job.weights, rx, rz, true);
}

template <class A, class T>
void forward_layers(const TileJob<T>& job, Scratch<T>& s) {
  const Network& network = *job.network;
  const T* x = s.features;
  const T* rx = nullptr;
  for (std::size_t i = 0; i < network.hidden.size(); ++i) {
    const HiddenLayer& layer = network.hidden[i];
    const LayerScratch<T>& l = s.layers[i];
    T* ru = s.tangent[i % 2];  // the next layer's tangent, while rx is the other one
    forward_map(layer.u, job, x, rx, s.z[0], ru);
    if constexpr (A::maps == 1) {
      activate_one<A>(network, layer.u, job, l, s.z[0], ru);
    } else {
      forward_map(layer.w, job, x, rx, s.z[1], s.rz);
      activate_two<A>(network, layer, job, l, s.z[0], s.z[1], ru, s.rz);
    }
    if (job.pass != Pass::forward) transpose(l.a, layer.u.out, l.at);
    if (job.pass == Pass::product) transpose(ru, layer.u.out, l.rat);
    x = l.a;
    rx = ru;
  }
  forward_map(network.output, job, x, rx, s.y, s.ry);
  const bool product = job.pass == Pass::product;
  for (int o = 0; o < network.outputs; ++o) {
    for (std::size_t r = 0; r < tile_samples; ++r) {
      s.y[o * tile_samples + r] += job.weights[network.output.bias + o];
      if (product) s.ry[o * tile_samples + r] += job.direction[network.output.bias + o];
    }
  }
}

/// y becomes dL/dy and ry becomes (d2L/dy2) ry; the loss is added up. Both are 0 past `count`, so
/// that the rest of a partly filled tile contributes nothing.
template <class T>
void loss_head(const TileJob<T>& job, T* y, T* ry) {
  const int m = job.network->outputs;
  double loss = 0;
  for (int o = 0; o < m; ++o) {
    for (std::size_t r = 0; r < tile_samples; ++r) {
      T& value = y[o * tile_samples + r];
      T* tangent = job.pass == Pass::product ? &ry[o * tile_samples + r] : nullptr;
      if (r >= job.count) {
        value = 0;
        if (tangent != nullptr) *tangent = 0;
        continue;
      }
      const T target = job.targets[r * m + o];
      double curvature;
      if (job.loss_kind == LossKind::mse) {
        const double difference = static_cast<double>(value) - target;
        loss += difference * difference;
        value = static_cast<T>(2 * job.scale * difference);
        curvature = 2;
      } else {
        const double logit = value;
        loss += std::max(logit, 0.0) - logit * target + std::log1p(std::exp(-std::abs(logit)));
        const double p = 1 / (1 + std::exp(-logit));
        value = static_cast<T>(job.scale * (p - target));
        curvature = p * (1 - p);
      }
      if (tangent != nullptr) *tangent = static_cast<T>(job.scale * curvature * *tangent);
    }
  }
  *job.loss += loss * job.scale;
}

/// Gradient and product of one linear map, given d = dL/dz and rd = R{dL/dz}; l_in are the
/// transposed input and its tangent (null at the first layer, where it is zero).
template <class T>
void add_map(const LinearMap& map, const TileJob<T>& job, const T* d, const T* rd, const T* xt,
             const T* rxt) {
  add_weight_gradient(map, d, xt, job.gradient);
  add_bias_gradient(map, d, job.gradient);
  if (job.pass != Pass::product) return;
  add_weight_gradient(map, rd, xt, job.product);
  add_bias_gradient(map, rd, job.product);
  // The Gauss-Newton product leaves out how the gradient's own factors move.
  if (rxt != nullptr && job.curvature == Curvature::hessian)
    add_weight_gradient(map, d, rxt, job.product);
}

/// e (+)= W^T d, and for a product re (+)= W^T rd (+ V^T d, for the Hessian).
template <class T>
void backward_map(const LinearMap& map, const TileJob<T>& job, const T* d, const T* rd, T* e, T* re,
                  bool accumulate) {
  apply_transposed(map, job.weights, d, e, accumulate);
  if (job.pass != Pass::product) return;
  apply_transposed(map, job.weights, rd, re, accumulate);
  if (job.curvature == Curvature::hessian) apply_transposed(map, job.direction, d, re, true);
}

/// d = factor e, and for a product rd = factor re (+ s e, for the Hessian), over a whole layer.
template <class T>
void through_activation(std::size_t size, const TileJob<T>& job, const T* HWY_RESTRICT factor,
                        const T* HWY_RESTRICT s, const T* HWY_RESTRICT e, const T* HWY_RESTRICT re,
                        T* HWY_RESTRICT d, T* HWY_RESTRICT rd) {
  if (job.pass == Pass::gradient) {
    for (std::size_t i = 0; i < size; ++i) d[i] = factor[i] * e[i];
  } else if (job.curvature == Curvature::hessian) {
    for (std::size_t i = 0; i < size; ++i) {
      d[i] = factor[i] * e[i];
      rd[i] = factor[i] * re[i] + s[i] * e[i];
    }
  } else {
    for (std::size_t i = 0; i < size; ++i) {
      d[i] = factor[i] * e[i];
      rd[i] = factor[i] * re[i];
    }
  }
}

template <class A, class T>
void backward_layers(const TileJob<T>& job, Scratch<T>& s) {
  const Network& network = *job.network;
  const std::size_t layers = network.hidden.size();
  const auto input = [&](std::size_t i) { return i == 0 ? s.features_t : s.layers[i - 1].at; };
  const auto tangent = [&](std::size_t i) -> const T* {
    return i == 0 ? nullptr : s.layers[i - 1].rat;
  };
  add_map(network.output, job, s.y, s.ry, input(layers), tangent(layers));
  if (layers == 0) return;
  backward_map(network.output, job, s.y, s.ry, s.e, s.re, false);
  for (std::size_t i = layers; i-- > 0;) {
    const HiddenLayer& layer = network.hidden[i];
    const LayerScratch<T>& l = s.layers[i];
    const std::size_t size = layer.u.out * tile_samples;
    T *du = s.z[0], *rdu = s.tangent[0], *dw = s.z[1], *rdw = s.tangent[1];
    through_activation(size, job, l.fu, l.su, s.e, s.re, du, rdu);
    add_map(layer.u, job, du, rdu, input(i), tangent(i));
    if constexpr (A::maps == 2) {
      through_activation(size, job, l.fw, l.sw, s.e, s.re, dw, rdw);
      add_map(layer.w, job, dw, rdw, input(i), tangent(i));
    }
    if (i == 0) break;
    backward_map(layer.u, job, du, rdu, s.e, s.re, false);
    if constexpr (A::maps == 2) backward_map(layer.w, job, dw, rdw, s.e, s.re, true);
  }
}

template <class T>
void run_tile_here(const TileJob<T>& job) {
  const FlushDenormals flush;
  const Network& network = *job.network;
  Scratch<T> s(network, job.pass, job.scratch);
  encode(network, job.coordinates, job.count, s.features);
  with_activation(network.activation, [&]<class A>(A) { forward_layers<A>(job, s); });
  if (job.pass == Pass::forward) {
    const int m = network.outputs;
    for (std::size_t r = 0; r < job.count; ++r)
      for (int o = 0; o < m; ++o) job.outputs[r * m + o] = s.y[o * tile_samples + r];
    return;
  }
  transpose(s.features, network.features, s.features_t);
  loss_head(job, s.y, s.ry);
  with_activation(network.activation, [&]<class A>(A) { backward_layers<A>(job, s); });
}

template <class T>
void run_update_here(const UpdateJob<T>& job) {
  const FlushDenormals flush;
  std::visit(
      [&]<class Rule>(const Rule& rule) {
        const typename Rule::template Constants<T> constants(rule);
        T* HWY_RESTRICT w = job.weights;
        const T* HWY_RESTRICT g = job.gradient;
        // Copies of the pointers, so that the compiler sees them as loop constants.
        T* state[Rule::states];
        for (int k = 0; k < Rule::states; ++k) state[k] = job.state[k];
#pragma GCC ivdep
        for (std::size_t i = 0; i < job.size; ++i)
          Rule::template apply<T>(constants, w[i], g[i], state, i);
      },
      *job.rule);
}

}  // namespace HWY_NAMESPACE
}  // namespace fieldscope::cpu
HWY_AFTER_NAMESPACE();

#endif
