// What a pass does with each number of a block, between the matrix products: encoding, activations,
// the loss, and the way back through an activation (MATHS section 3). The twin of cpu/tile-inl.h.
#pragma once

#include <cmath>

#include "engine/backend/batch.h"
#include "engine/backend/cuda/block.h"
#include "engine/backend/cuda/launch.h"
#include "engine/backend/cuda/summation.h"

namespace fieldscope::cuda {

/// `n` numbers of each row of a matrix, from one column on, `stride` numbers from one row to the
/// next.
template <class T>
struct Columns {
  T* data = nullptr;
  int n = 0;
  std::size_t stride = 0;
};

/// sin(2^k pi x) for k < L, then cos(2^k pi x).
template <class T>
FIELDSCOPE_HOST_DEVICE void positional_waves(T x, int levels, T* waves) {
  T frequency = static_cast<T>(3.14159265358979323846);
  for (int k = 0; k < levels; ++k, frequency *= 2) {
    const SinCos<T> v = sincos(frequency * x);
    waves[k] = v.sin;
    waves[levels + k] = v.cos;
  }
}

/// sin(f.x) and cos(f.x) for one frequency f [d].
template <class T>
FIELDSCOPE_HOST_DEVICE SinCos<T> fourier_feature(const T* f, const T* x, int d) {
  T phase = 0;
  for (int i = 0; i < d; ++i) phase += f[i] * x[i];
  return sincos(phase);
}

/// Coordinates with their positional encoding behind them: for each coordinate i, sin(2^k pi x_i)
/// for k < L, then cos(2^k pi x_i).
template <class T>
void encode_positions(cudaStream_t stream, int levels, std::size_t count, const Columns<const T>& x,
                      const Columns<T>& features) {
  const int d = x.n;
  for_each(stream, count * d, [=] __device__(std::size_t at) {
    const std::size_t row = at / d;
    const int i = static_cast<int>(at % d);
    T* to = features.data + row * features.stride;
    const T coordinate = x.data[row * x.stride + i];
    to[i] = coordinate;
    positional_waves(coordinate, levels, to + d + i * 2 * levels);
  });
}

/// Fourier features instead: sin(f.x) for each of n frequencies f [n][d], then cos(f.x).
template <class T>
void encode_frequencies(cudaStream_t stream, std::size_t n, const T* frequencies, std::size_t count,
                        const Columns<const T>& x, const Columns<T>& features) {
  for_each(stream, count * n, [=] __device__(std::size_t at) {
    const std::size_t row = at / n, f = at % n;
    const SinCos<T> v = fourier_feature(frequencies + f * x.n, x.data + row * x.stride, x.n);
    features.data[row * features.stride + f] = v.sin;
    features.data[row * features.stride + n + f] = v.cos;
  });
}

/// Zero in all of them.
template <class T>
void clear(cudaStream_t stream, std::size_t count, const Columns<T>& x) {
  for_each(stream, count * x.n,
           [=] __device__(std::size_t at) { x.data[at / x.n * x.stride + at % x.n] = 0; });
}

/// The biases of a layer's maps, and where a direction is followed, those of the direction.
template <class T>
struct Biases {
  const T* b[2] = {nullptr, nullptr};
  const T* rb[2] = {nullptr, nullptr};
};

/// Of one hidden layer with one map: from W x in d[0] (and R{W x} in rd[0]) the activation, its
/// slope and their tangents, as far as the pass wants them.
template <class F, class T>
void activate_one(cudaStream_t stream, Pass pass, F f, std::size_t count, std::size_t width,
                  const Biases<T>& bias, const RowSignals<T>& s) {
  const T *b = bias.b[0], *rb = bias.rb[0];
  T *a = s.a, *ra = s.ra, *d = s.d[0], *rd = s.rd[0];
  const std::size_t gap = s.a_stride - width;  // behind a row of a
  if (pass == Pass::forward) {
    for_each(stream, count * width,
             [=] __device__(std::size_t i) { a[i + i / width * gap] = f(d[i] + b[i % width]).f; });
  } else if (pass == Pass::gradient) {
    for_each(stream, count * width, [=] __device__(std::size_t i) {
      const Jet<T> jet = f(d[i] + b[i % width]);
      a[i + i / width * gap] = jet.f;
      d[i] = jet.fu;
    });
  } else {
    for_each(stream, count * width, [=] __device__(std::size_t i) {
      const Jet<T> jet = f(d[i] + b[i % width]);
      const T ru = rd[i] + rb[i % width];
      a[i + i / width * gap] = jet.f;
      d[i] = jet.fu;
      ra[i + i / width * gap] = jet.fu * ru;
      rd[i] = jet.fuu * ru;
    });
  }
}

/// The same of a layer with two maps.
template <class F, class T>
void activate_two(cudaStream_t stream, Pass pass, F f, std::size_t count, std::size_t width,
                  const Biases<T>& bias, const RowSignals<T>& s) {
  const T *b = bias.b[0], *c = bias.b[1], *rb = bias.rb[0], *rc = bias.rb[1];
  T *a = s.a, *ra = s.ra, *du = s.d[0], *dw = s.d[1], *rdu = s.rd[0], *rdw = s.rd[1];
  const std::size_t gap = s.a_stride - width;  // behind a row of a
  if (pass == Pass::forward) {
    for_each(stream, count * width, [=] __device__(std::size_t i) {
      a[i + i / width * gap] = f(du[i] + b[i % width], dw[i] + c[i % width]).f;
    });
  } else if (pass == Pass::gradient) {
    for_each(stream, count * width, [=] __device__(std::size_t i) {
      const Jet2<T> jet = f(du[i] + b[i % width], dw[i] + c[i % width]);
      a[i + i / width * gap] = jet.f;
      du[i] = jet.fu;
      dw[i] = jet.fw;
    });
  } else {
    for_each(stream, count * width, [=] __device__(std::size_t i) {
      const Jet2<T> jet = f(du[i] + b[i % width], dw[i] + c[i % width]);
      const T ru = rdu[i] + rb[i % width], rw = rdw[i] + rc[i % width];
      a[i + i / width * gap] = jet.f;
      du[i] = jet.fu;
      dw[i] = jet.fw;
      ra[i + i / width * gap] = jet.fu * ru + jet.fw * rw;
      rdu[i] = jet.fuu * ru + jet.fuw * rw;
      rdw[i] = jet.fuw * ru + jet.fww * rw;
    });
  }
}

template <class T>
void activate(cudaStream_t stream, Pass pass, const Network& network, std::size_t count,
              std::size_t width, const Biases<T>& bias, const RowSignals<T>& s) {
  with_activation(network.activation, [&]<class A>(A) {
    const typename A::template At<T> f(network.activation_parameters);
    if constexpr (A::maps == 1)
      activate_one(stream, pass, f, count, width, bias, s);
    else
      activate_two(stream, pass, f, count, width, bias, s);
  });
}

/// The network's outputs: W x + b.
template <class T>
void add_bias(cudaStream_t stream, std::size_t count, std::size_t width, const T* bias, T* y) {
  for_each(stream, count * width, [=] __device__(std::size_t i) { y[i] += bias[i % width]; });
}

/// The loss of one of the batch's B m numbers, which all weigh `scale` = 1 / (B m).
struct PointLoss {
  LossKind kind = LossKind::mse;
  double scale = 1;

  /// y becomes dL/dy and R{y} becomes R{dL/dy} = (d2L/dy2) R{y}, where `ry` is not null. Returns
  /// the loss before it is scaled.
  template <class T>
  FIELDSCOPE_HOST_DEVICE double operator()(T& y, T* ry, T target) const {
    if (kind == LossKind::mse) {
      const double difference = static_cast<double>(y) - target;
      y = static_cast<T>(2 * scale * difference);
      if (ry != nullptr) *ry = static_cast<T>(2 * scale * *ry);
      return difference * difference;
    }
    const double logit = y;
    const double tail = ::exp(-::fabs(logit));
    const double p = logit > 0 ? 1 / (1 + tail) : tail / (1 + tail);
    y = static_cast<T>(scale * (p - target));
    if (ry != nullptr) *ry = static_cast<T>(scale * p * (1 - p) * *ry);
    return (logit > 0 ? logit : 0.0) - logit * target + ::log1p(tail);
  }
};

/// W x at the output becomes dL/dy and R{W x} becomes R{dL/dy}; the block's share of the loss goes
/// to *total.
template <class T>
void loss_head(Stream& stream, Summation& sum, const PointLoss& loss, std::size_t count,
               std::size_t width, const T* targets, const Biases<T>& bias, const Signals<T>& s,
               const Total& total) {
  const T *b = bias.b[0], *rb = bias.rb[0];
  T *y = s.d[0], *ry = s.rd[0];
  sum.enqueue(
      stream, count * width,
      [=] __device__(std::size_t i) {
        y[i] += b[i % width];
        if (ry != nullptr) ry[i] += rb[i % width];
        return loss(y[i], ry != nullptr ? ry + i : nullptr, targets[i]);
      },
      total);
}

/// The same for LossKind::volume and outputs with their biases, a thread a ray of S samples.
template <class T>
struct RayLosses {
  RayLoss loss;
  std::size_t samples;  ///< S
  const T* lengths;     ///< [rays][S]
  const T* targets;     ///< [rays][3]
  double* scratch;      ///< [2][rays][S]
  T *y, *ry;            ///< [rays][S][4]; ry may be null

  FIELDSCOPE_HOST_DEVICE double operator()(std::size_t i) const {
    RaySamples<T> ray;
    ray.y = y + i * samples * radiance_outputs;
    if (ry != nullptr) ray.ry = ry + i * samples * radiance_outputs;
    ray.lengths = lengths + i * samples;
    ray.count = samples;
    ray.scratch = scratch + 2 * i * samples;
    return ray_loss(loss, ray, targets + 3 * i);
  }
};

/// What the batch's rays share.
inline RayLoss ray_loss_of(const RayBatch& rays, std::size_t targets, Curvature curvature) {
  RayLoss loss;
  loss.density = rays.density;
  loss.background = rays.background;
  loss.scale = 1.0 / static_cast<double>(targets);
  loss.gauss_newton = curvature == Curvature::gauss_newton;
  return loss;
}

/// One map of a hidden layer on the way back, e = dL/da and re its tangent: d becomes dL/du =
/// df/du e, and rd becomes R{dL/du} = df/du R{e} + R{df/du} e, without the last term for
/// Gauss-Newton, which leaves out how the gradient's own factors move.
template <class T>
void through_activation(cudaStream_t stream, Curvature curvature, std::size_t n, const T* e,
                        const T* re, T* d, T* rd) {
  if (rd == nullptr) {
    for_each(stream, n, [=] __device__(std::size_t i) { d[i] *= e[i]; });
    return;
  }
  const T share = curvature == Curvature::hessian ? T(1) : T(0);
  for_each(stream, n, [=] __device__(std::size_t i) {
    rd[i] = d[i] * re[i] + share * rd[i] * e[i];
    d[i] *= e[i];
  });
}

}  // namespace fieldscope::cuda
