// A tile of samples through the network: forward, R-forward, loss, backward and R-backward (MATHS
// section 3). Compiled once for each instruction set (see kernels.cpp).
#if defined(FIELDSCOPE_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FIELDSCOPE_TILE_INL_H
#undef FIELDSCOPE_TILE_INL_H
#else
#define FIELDSCOPE_TILE_INL_H
#endif

#include <algorithm>
#include <cmath>

#include "engine/backend/cpu/block.h"
#include "engine/backend/cpu/flush_denormals.h"
#include "engine/backend/cpu/multiply-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fieldscope::cpu {
namespace HWY_NAMESPACE {

/// Some of a sample's coordinates, and what becomes of them.
struct Encoding {
  int first = 0, count = 0;
  int levels = 0;                                    ///< of positional encoding
  const std::vector<double>* frequencies = nullptr;  ///< [n][count] of Fourier features instead
};

/// Coordinates with their positional encoding behind them: for each coordinate i, sin(2^k pi x_i)
/// for k < L, then cos(2^k pi x_i); or Fourier features instead: sin(f.x) for each frequency f,
/// then cos(f.x). Into columns of a signal, from `to` on. Rows past the block's samples are those
/// of a sample 0.
template <class T>
void encode(const Block<T>& block, std::size_t first, std::size_t rows, const Encoding& encoding,
            T* signal, int to) {
  const int d = block.network->coordinates, count = encoding.count, levels = encoding.levels;
  const auto feature = [&](int column, std::size_t row) -> T& {
    const std::size_t c = static_cast<std::size_t>(to + column);
    return signal[c / panel_columns * block.panel_stride() + (first + row) * panel_columns +
                  c % panel_columns];
  };
  constexpr std::size_t chunk = 64;
  const std::size_t waves =
      encoding.frequencies != nullptr ? encoding.frequencies->size() / count : 0;
  for (std::size_t r0 = 0; r0 < rows; r0 += chunk) {
    const std::size_t n = std::min(chunk, rows - r0), start = first + r0;
    const std::size_t samples = start < block.count ? std::min(n, block.count - start) : 0;
    const auto coordinate = [&](int i, T(&x)[chunk]) {
      std::fill_n(x, chunk, T(0));
      for (std::size_t r = 0; r < samples; ++r)
        x[r] = block.coordinates[(start + r) * d + encoding.first + i];
    };
    const auto put_wave = [&](const T(&phase)[chunk], int sin_column, int cos_column) {
      T s[chunk], c[chunk];
      for (std::size_t r = 0; r < chunk; ++r) {
        const SinCos<T> v = sincos(phase[r]);
        s[r] = v.sin;
        c[r] = v.cos;
      }
      for (std::size_t r = 0; r < n; ++r) {
        feature(sin_column, r0 + r) = s[r];
        feature(cos_column, r0 + r) = c[r];
      }
    };
    T x[chunk], phase[chunk];
    for (std::size_t f = 0; f < waves; ++f) {
      std::fill_n(phase, chunk, T(0));
      for (int i = 0; i < count; ++i) {
        coordinate(i, x);
        const T frequency = static_cast<T>((*encoding.frequencies)[f * count + i]);
        for (std::size_t r = 0; r < chunk; ++r) phase[r] += frequency * x[r];
      }
      put_wave(phase, static_cast<int>(f), static_cast<int>(waves + f));
    }
    if (waves > 0) continue;
    for (int i = 0; i < count; ++i) {
      coordinate(i, x);
      for (std::size_t r = 0; r < n; ++r) feature(i, r0 + r) = x[r];
      for (int k = 0; k < levels; ++k) {
        const T frequency = static_cast<T>(std::ldexp(3.14159265358979323846, k));
        for (std::size_t r = 0; r < chunk; ++r) phase[r] = frequency * x[r];
        const int column = count + i * 2 * levels + k;
        put_wave(phase, column, column + levels);
      }
    }
  }
}

/// The features of the view direction into columns of a signal, from `to` on.
template <class T>
void encode_view(const Block<T>& block, std::size_t first, std::size_t rows, T* signal, int to) {
  const Network& network = *block.network;
  const int view = network.view_coordinates;
  encode(block, first, rows, {network.coordinates - view, view, network.view_levels, nullptr},
         signal, to);
}

/// What the first layer sees.
template <class T>
void encode_sample(const Block<T>& block, std::size_t first, std::size_t rows) {
  const Network& network = *block.network;
  T* signal = block.signals[0].a;
  encode(block, first, rows,
         {0, network.coordinates - network.view_coordinates, network.encoding_levels,
          &network.frequencies},
         signal, 0);
  if (network.trunk == 0 && network.view_features > 0)
    encode_view(block, first, rows, signal, network.features);
}

/// A strip's linear maps, before the activation: z = W x + b and R{z}, of each map.
template <class T>
struct Strip {
  HWY_ALIGN T z[2][strip_size];
  HWY_ALIGN T rz[2][strip_size];
};

/// Where a strip of one panel lies in the signals.
template <class T>
struct StripSignals {
  T *HWY_RESTRICT a, *HWY_RESTRICT ra, *HWY_RESTRICT d[2], *HWY_RESTRICT rd[2];

  StripSignals(const Signals<T>& s, std::size_t at)
      : a(move(s.a, at)),
        ra(move(s.ra, at)),
        d{move(s.d[0], at), move(s.d[1], at)},
        rd{move(s.rd[0], at), move(s.rd[1], at)} {}

 private:
  static T* move(T* signal, std::size_t at) { return signal != nullptr ? signal + at : nullptr; }
};

/// a, df/du and, with R{u} in rz, R{a} and R{df/du}, of one strip.
template <class A, class T>
void activate(const Block<T>& block, const Strip<T>& strip, const StripSignals<T>& to) {
  const typename A::template At<T> f(block.network->activation_parameters);
  if constexpr (A::maps == 1) {
    const T* HWY_RESTRICT u = strip.z[0];
    T *HWY_RESTRICT a = to.a, *HWY_RESTRICT fu = to.d[0];
    if (block.pass == Pass::forward) {
#pragma GCC ivdep
      for (std::size_t i = 0; i < strip_size; ++i) a[i] = f(u[i]).f;
    } else if (block.pass == Pass::gradient) {
#pragma GCC ivdep
      for (std::size_t i = 0; i < strip_size; ++i) {
        const Jet<T> jet = f(u[i]);
        a[i] = jet.f;
        fu[i] = jet.fu;
      }
    } else {
      const T* HWY_RESTRICT ru = strip.rz[0];
      T *HWY_RESTRICT ra = to.ra, *HWY_RESTRICT rfu = to.rd[0];
#pragma GCC ivdep
      for (std::size_t i = 0; i < strip_size; ++i) {
        const Jet<T> jet = f(u[i]);
        a[i] = jet.f;
        fu[i] = jet.fu;
        ra[i] = jet.fu * ru[i];
        rfu[i] = jet.fuu * ru[i];
      }
    }
  } else {
    const T *HWY_RESTRICT u = strip.z[0], *HWY_RESTRICT w = strip.z[1];
    T *HWY_RESTRICT a = to.a, *HWY_RESTRICT fu = to.d[0], *HWY_RESTRICT fw = to.d[1];
    if (block.pass == Pass::forward) {
#pragma GCC ivdep
      for (std::size_t i = 0; i < strip_size; ++i) a[i] = f(u[i], w[i]).f;
    } else if (block.pass == Pass::gradient) {
#pragma GCC ivdep
      for (std::size_t i = 0; i < strip_size; ++i) {
        const Jet2<T> jet = f(u[i], w[i]);
        a[i] = jet.f;
        fu[i] = jet.fu;
        fw[i] = jet.fw;
      }
    } else {
      const T *HWY_RESTRICT ru = strip.rz[0], *HWY_RESTRICT rw = strip.rz[1];
      T *HWY_RESTRICT ra = to.ra, *HWY_RESTRICT rfu = to.rd[0], *HWY_RESTRICT rfw = to.rd[1];
#pragma GCC ivdep
      for (std::size_t i = 0; i < strip_size; ++i) {
        const Jet2<T> jet = f(u[i], w[i]);
        a[i] = jet.f;
        fu[i] = jet.fu;
        fw[i] = jet.fw;
        ra[i] = jet.fu * ru[i] + jet.fw * rw[i];
        rfu[i] = jet.fuu * ru[i] + jet.fuw * rw[i];
        rfw[i] = jet.fuw * ru[i] + jet.fww * rw[i];
      }
    }
  }
}

/// z = W x + b of one map for one strip of panel `panel`, and R{z} = V x + W R{x} + R{b} if `rz`.
template <class T>
void forward_map(const Block<T>& block, const PackedMap& map, const Signals<T>& input,
                 std::size_t row, std::size_t panel, T* z, T* rz) {
  const std::size_t in = map.map.in, stride = block.panel_stride();
  const std::size_t columns = std::min(panel_columns, map.map.out - panel * panel_columns);
  const std::size_t w = map.by_output + panel * in * panel_columns;
  const std::size_t bias = map.bias + panel * panel_columns;
  const Product<T> value{input.a, stride, block.weights + w, in};
  multiply_strip(&value, 1, row, columns, block.weights + bias, z);
  if (rz == nullptr) return;
  const Product<T> tangent[2] = {{input.a, stride, block.direction + w, in},
                                 {input.ra, stride, block.weights + w, in}};
  // The sample's own tangent is zero.
  multiply_strip(tangent, input.ra != nullptr ? 2 : 1, row, columns, block.direction + bias, rz);
}

/// The view direction's features behind an activation of `out` columns, over what its strips have
/// left there. Their tangent is zero.
template <class T>
void join_view(const Block<T>& block, std::size_t first, std::size_t rows, const Signals<T>& s,
               int out) {
  encode_view(block, first, rows, s.a, out);
  if (block.pass != Pass::product) return;
  const std::size_t from = out, to = from + block.network->view_features;
  for (std::size_t c = from; c < to; ++c) {
    T* column = s.ra + c / panel_columns * block.panel_stride() + c % panel_columns;
    for (std::size_t r = first; r < first + rows; ++r) column[r * panel_columns] = 0;
  }
}

/// The loss sees all outputs as one row of numbers, in the last signal: those of the other maps
/// join it there, and what it says of them goes back to their own signals.
template <class T>
void move_outputs(const Block<T>& block, std::size_t first, std::size_t rows, bool join) {
  const std::vector<PackedLayer>& layers = block.packed->layers;
  const std::size_t stride = block.panel_stride();
  const auto move = [&](T* own, T* all, std::size_t c, std::size_t column) {
    own += c / panel_columns * stride + c % panel_columns;
    all += column / panel_columns * stride + column % panel_columns;
    for (std::size_t at = first * panel_columns; at < (first + rows) * panel_columns;
         at += panel_columns)
      (join ? all : own)[at] = (join ? own : all)[at];
  };
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    if (layers[i].activated) continue;
    const Signals<T>&own = block.signals[i + 1], &all = block.signals.back();
    for (int c = 0; c < layers[i].out; ++c) {
      move(own.d[0], all.d[0], c, layers[i].column + c);
      if (block.pass == Pass::product) move(own.rd[0], all.rd[0], c, layers[i].column + c);
    }
  }
}

template <class A, class T>
void forward_layers(const Block<T>& block, std::size_t first, std::size_t rows, Strip<T>& strip) {
  const std::size_t layers = block.packed->layers.size();
  const bool product = block.pass == Pass::product;
  for (std::size_t i = 0; i < layers; ++i) {
    const PackedLayer& layer = block.packed->layers[i];
    const Signals<T>&input = block.signals[layer.input], &output = block.signals[i + 1];
    for (std::size_t panel = 0; panel < panel_count(layer.out); ++panel) {
      for (std::size_t row = first; row < first + rows; row += strip_rows) {
        const std::size_t at = panel * block.panel_stride() + row * panel_columns;
        if (!layer.activated) {
          forward_map(block, layer.maps[0], input, row, panel, output.d[0] + at,
                      product ? output.rd[0] + at : nullptr);
          continue;
        }
        for (int m = 0; m < A::maps; ++m)
          forward_map(block, layer.maps[m], input, row, panel, strip.z[m],
                      product ? strip.rz[m] : nullptr);
        activate<A>(block, strip, StripSignals<T>(output, at));
      }
    }
    if (layer.behind > 0) join_view(block, first, rows, output, layer.out);
  }
  move_outputs(block, first, rows, true);
}

/// y becomes dL/dy and R{y} becomes R{dL/dy} = (d2L/dy2) R{y}, both 0 past the block's samples; the
/// loss of each strip goes into block.losses.
template <class T>
void loss_head(const Block<T>& block, std::size_t first, std::size_t rows) {
  const std::size_t m = block.network->outputs;
  const Signals<T>& output = block.signals.back();
  for (std::size_t row = first; row < first + rows; row += strip_rows) {
    double loss = 0;
    for (std::size_t r = row; r < row + strip_rows; ++r) {
      for (std::size_t o = 0; o < m; ++o) {
        const std::size_t at =
            o / panel_columns * block.panel_stride() + r * panel_columns + o % panel_columns;
        T& value = output.d[0][at];
        T* tangent = block.pass == Pass::product ? &output.rd[0][at] : nullptr;
        if (r >= block.count) {
          value = 0;
          if (tangent != nullptr) *tangent = 0;
          continue;
        }
        const T target = block.targets[r * m + o];
        double curvature;
        if (block.loss_kind == LossKind::mse) {
          const double difference = static_cast<double>(value) - target;
          loss += difference * difference;
          value = static_cast<T>(2 * block.scale * difference);
          curvature = 2;
        } else {
          const double logit = value;
          loss += std::max(logit, 0.0) - logit * target + std::log1p(std::exp(-std::abs(logit)));
          const double p = 1 / (1 + std::exp(-logit));
          value = static_cast<T>(block.scale * (p - target));
          curvature = p * (1 - p);
        }
        if (tangent != nullptr) *tangent = static_cast<T>(block.scale * curvature * *tangent);
      }
    }
    block.losses[row / strip_rows] = loss * block.scale;
  }
}

/// One strip back through an activation, e = dL/da and re its tangent: d becomes dL/du = df/du e,
/// and rd becomes R{dL/du} = df/du R{e} + R{df/du} e, without the last term for Gauss-Newton, which
/// leaves out how the gradient's own factors move.
template <class T>
void through_activation(const Block<T>& block, const T* HWY_RESTRICT e, const T* HWY_RESTRICT re,
                        T* HWY_RESTRICT d, T* HWY_RESTRICT rd) {
  if (block.pass == Pass::gradient) {
#pragma GCC ivdep
    for (std::size_t i = 0; i < strip_size; ++i) d[i] *= e[i];
  } else if (block.curvature == Curvature::hessian) {
#pragma GCC ivdep
    for (std::size_t i = 0; i < strip_size; ++i) {
      rd[i] = d[i] * re[i] + rd[i] * e[i];
      d[i] *= e[i];
    }
  } else {
#pragma GCC ivdep
    for (std::size_t i = 0; i < strip_size; ++i) {
      rd[i] = d[i] * re[i];
      d[i] *= e[i];
    }
  }
}

/// Maps that read one signal: two of a hidden layer, and the density.
constexpr int most_terms = 3;

template <class A, class T>
void backward_layers(const Block<T>& block, std::size_t first, std::size_t rows, Strip<T>& strip) {
  const std::size_t stride = block.panel_stride();
  const bool product = block.pass == Pass::product;
  const bool hessian = block.curvature == Curvature::hessian;
  const std::vector<PackedLayer>& layers = block.packed->layers;
  move_outputs(block, first, rows, false);
  for (std::size_t i = layers.size() - 1; i > 0; --i) {
    if (!layers[i - 1].activated) continue;
    const Signals<T>& input = block.signals[i];
    const std::size_t width = layers[i - 1].out;
    for (std::size_t panel = 0; panel < panel_count(width); ++panel) {
      const std::size_t columns = std::min(panel_columns, width - panel * panel_columns);
      Product<T> values[most_terms], tangents[2 * most_terms];
      int value_count = 0, tangent_count = 0;
      for (std::size_t reader = i; reader < layers.size(); ++reader) {
        const PackedLayer& layer = layers[reader];
        if (layer.input != static_cast<int>(i)) break;
        const Signals<T>& output = block.signals[reader + 1];
        for (int m = 0; m < layer.map_count; ++m) {
          const PackedMap& map = layer.maps[m];
          const std::size_t out = map.map.out;
          const std::size_t w = map.by_input + panel * map.padded_out * panel_columns;
          values[value_count++] = {output.d[m], stride, block.weights + w, out};
          if (!product) continue;
          tangents[tangent_count++] = {output.rd[m], stride, block.weights + w, out};
          if (hessian) tangents[tangent_count++] = {output.d[m], stride, block.direction + w, out};
        }
      }
      T *e = strip.z[0], *re = strip.rz[0];
      for (std::size_t row = first; row < first + rows; row += strip_rows) {
        const StripSignals<T> at(input, panel * stride + row * panel_columns);
        multiply_strip<T>(values, value_count, row, columns, nullptr, e);
        if (product) multiply_strip<T>(tangents, tangent_count, row, columns, nullptr, re);
        for (int m = 0; m < A::maps; ++m) through_activation(block, e, re, at.d[m], at.rd[m]);
      }
    }
  }
}

template <class T>
void run_tile(const Block<T>& block, std::size_t first, std::size_t rows) {
  const FlushDenormals flush;
  Strip<T> strip = {};
  if (block.stage != Stage::backward) {
    encode_sample(block, first, rows);
    with_activation(block.network->activation,
                    [&]<class A>(A) { forward_layers<A>(block, first, rows, strip); });
  }
  if (block.pass == Pass::forward) {
    const std::size_t m = block.network->outputs;
    const T* y = block.signals.back().d[0];
    for (std::size_t r = first; r < std::min(first + rows, block.count); ++r)
      for (std::size_t o = 0; o < m; ++o)
        block.outputs[r * m + o] =
            y[o / panel_columns * block.panel_stride() + r * panel_columns + o % panel_columns];
    return;
  }
  if (block.stage == Stage::forward) return;
  if (block.stage == Stage::all) loss_head(block, first, rows);
  with_activation(block.network->activation,
                  [&]<class A>(A) { backward_layers<A>(block, first, rows, strip); });
}

}  // namespace HWY_NAMESPACE
}  // namespace fieldscope::cpu
HWY_AFTER_NAMESPACE();

#endif
