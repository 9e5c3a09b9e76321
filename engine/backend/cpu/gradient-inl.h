// Weights into panels, and the weight gradient out of them. Compiled once for each instruction set
// (see kernels.cpp).
#if defined(FIELDSCOPE_GRADIENT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FIELDSCOPE_GRADIENT_INL_H
#undef FIELDSCOPE_GRADIENT_INL_H
#else
#define FIELDSCOPE_GRADIENT_INL_H
#endif

#include <algorithm>
#include <cstring>

#include "engine/backend/cpu/block.h"
#include "engine/backend/cpu/flush_denormals.h"
#include "engine/backend/cpu/multiply-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fieldscope::cpu {
namespace HWY_NAMESPACE {

/// to[k][0..3] = rows 0 to 3 of w at column k, for four columns.
template <class T>
HWY_INLINE void transpose_4x4(const T* HWY_RESTRICT w, std::size_t row_stride, T* HWY_RESTRICT to) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (sizeof(T) == 4) {
    const hn::FixedTag<T, 4> d;
    const auto r0 = hn::LoadU(d, w), r1 = hn::LoadU(d, w + row_stride),
               r2 = hn::LoadU(d, w + 2 * row_stride), r3 = hn::LoadU(d, w + 3 * row_stride);
    const auto even_low = hn::InterleaveLower(d, r0, r2), odd_low = hn::InterleaveLower(d, r1, r3);
    const auto even_high = hn::InterleaveUpper(d, r0, r2),
               odd_high = hn::InterleaveUpper(d, r1, r3);
    hn::StoreU(hn::InterleaveLower(d, even_low, odd_low), d, to);
    hn::StoreU(hn::InterleaveUpper(d, even_low, odd_low), d, to + panel_columns);
    hn::StoreU(hn::InterleaveLower(d, even_high, odd_high), d, to + 2 * panel_columns);
    hn::StoreU(hn::InterleaveUpper(d, even_high, odd_high), d, to + 3 * panel_columns);
    return;
  }
#endif
  for (int k = 0; k < 4; ++k)
    for (int i = 0; i < 4; ++i) to[k * panel_columns + i] = w[i * row_stride + k];
}

/// A row of a panel; whole ones without a call.
template <class T>
HWY_INLINE void copy_row(const T* from, std::size_t columns, T* to) {
  if (columns == panel_columns)
    std::memcpy(to, from, panel_columns * sizeof(T));
  else
    std::memcpy(to, from, columns * sizeof(T));
}

template <class T>
void pack(const PackedNetwork& packed, const PackTask& task, const T* HWY_RESTRICT parameters,
          T* HWY_RESTRICT to) {
  const PackedMap& map = packed.layers[task.layer].maps[task.map];
  const std::size_t in = map.map.in, out = map.map.out, start = task.panel * panel_columns;
  const T* w = parameters + map.map.weight;
  if (!task.by_output) {
    const std::size_t columns = std::min(panel_columns, in - start);
    T* row = to + map.by_input + task.panel * map.padded_out * panel_columns;
    for (std::size_t o = 0; o < out; ++o, row += panel_columns)
      copy_row(w + o * in + start, columns, row);
    return;
  }
  const std::size_t columns = std::min(panel_columns, out - start);
  std::copy_n(parameters + map.map.bias + start, columns, to + map.bias + start);
  w += start * in;
  T* panel = to + map.by_output + task.panel * in * panel_columns;
  const std::size_t whole_columns = columns / 4 * 4, whole_in = in / 4 * 4;
  for (std::size_t k = 0; k < whole_in; k += 4)
    for (std::size_t o = 0; o < whole_columns; o += 4)
      transpose_4x4(w + o * in + k, in, panel + k * panel_columns + o);
  for (std::size_t k = 0; k < in; ++k)
    for (std::size_t o = k < whole_in ? whole_columns : 0; o < columns; ++o)
      panel[k * panel_columns + o] = w[o * in + k];
}

/// sums[32] (+)= the sum of the rows of one panel of d.
template <class T>
void add_bias(const T* HWY_RESTRICT d, std::size_t rows, bool add, T* HWY_RESTRICT sums) {
  T sum[panel_columns] = {};
  for (std::size_t r = 0; r < rows; ++r, d += panel_columns)
    for (std::size_t o = 0; o < panel_columns; ++o) sum[o] += d[o];
  for (std::size_t o = 0; o < panel_columns; ++o) sums[o] = add ? sums[o] + sum[o] : sum[o];
}

/// The sums of a task's part of the gradient, out of their panels.
template <class T>
void unpack(const GradientTask& task, const PackedMap& map, const T* sums, T* gradient) {
  const std::size_t in = map.map.in, out = map.map.out;
  const std::size_t first = task.outputs.first * panel_columns;
  const std::size_t last = std::min(task.outputs.last * panel_columns, out);
  for (std::size_t p = task.inputs.first; p < task.inputs.last; ++p) {
    const std::size_t columns = std::min(panel_columns, in - p * panel_columns);
    const T* panel = sums + map.by_input + p * map.padded_out * panel_columns;
    T* to = gradient + map.map.weight + p * panel_columns;
    for (std::size_t o = first; o < last; ++o)
      copy_row(panel + o * panel_columns, columns, to + o * in);
  }
  if (task.inputs.first == 0)
    std::copy(sums + map.bias + first, sums + map.bias + last, gradient + map.map.bias + first);
}

template <class T>
void add_gradient(const Block<T>& block, const GradientTask& task) {
  const FlushDenormals flush;
  const PackedLayer& layer = block.packed->layers[task.layer];
  const PackedMap& map = layer.maps[task.map];
  const Signals<T>&input = block.signals[layer.input], &output = block.signals[task.layer + 1];
  const std::size_t in = map.map.in, stride = block.panel_stride();
  const T *d = output.d[task.map], *rd = output.rd[task.map];
  const bool product = block.pass == Pass::product;
  // dL/dW = dL/du x^T; its tangent is R{dL/du} x^T + dL/du R{x}^T. The sample's own tangent is
  // zero, and the Gauss-Newton product leaves out how the gradient's own factors move.
  const bool two_terms = input.ra != nullptr && block.curvature == Curvature::hessian;

  block.for_groups([&](std::size_t first, std::size_t rows) {
    const bool add = first > 0 || !block.first;
    for (std::size_t q = task.outputs.first; q < task.outputs.last; ++q) {
      const std::size_t d_columns = std::min(panel_columns, map.padded_out - q * panel_columns);
      const std::size_t d_at = q * stride + first * panel_columns;
      for (std::size_t p = task.inputs.first; p < task.inputs.last; ++p) {
        const std::size_t x_at = p * stride + first * panel_columns;
        const std::size_t x_columns = std::min(panel_columns, in - p * panel_columns);
        const std::size_t sums_at =
            map.by_input + (p * map.padded_out + q * panel_columns) * panel_columns;
        const OuterProduct<T> value{d + d_at, input.a + x_at};
        outer_panel(&value, 1, rows, d_columns, x_columns, add, block.sums[0] + sums_at);
        if (!product) continue;
        OuterProduct<T> tangent[2] = {{rd + d_at, input.a + x_at}};
        if (two_terms) tangent[1] = {d + d_at, input.ra + x_at};
        outer_panel(tangent, two_terms ? 2 : 1, rows, d_columns, x_columns, add,
                    block.sums[1] + sums_at);
      }
      if (task.inputs.first > 0) continue;
      const std::size_t bias_at = map.bias + q * panel_columns;
      add_bias(d + d_at, rows, add, block.sums[0] + bias_at);
      if (product) add_bias(rd + d_at, rows, add, block.sums[1] + bias_at);
    }
  });
  if (!block.last) return;
  unpack(task, map, block.sums[0], block.results[0]);
  if (product) unpack(task, map, block.sums[1], block.results[1]);
}

/// One panel of columns of a Kronecker factor: the sum of s s^T over the block's samples, s the
/// map's inputs or the derivatives of its outputs; for inputs also the sum of s, the row and column
/// of the 1 behind them.
template <class T>
void add_factor(const Block<T>& block, const FactorTask& task) {
  const FlushDenormals flush;
  const PackedFactor& factor = block.packed->factors[task.layer].maps[task.map][task.inputs];
  const T* signal = task.inputs ? block.signals[block.packed->layers[task.layer].input].a
                                : block.signals[task.layer + 1].d[task.map];
  const std::size_t stride = block.panel_stride(), panels = panel_count(factor.size);
  const std::size_t columns = std::min(panel_columns, factor.size - task.panel * panel_columns);
  T* sums = block.factor_sums + factor.sums + task.panel * factor.padded * panel_columns;
  T* own_sums =
      block.factor_sums + factor.sums + (panels * factor.padded + task.panel) * panel_columns;
  block.for_groups([&](std::size_t first, std::size_t rows) {
    const bool add = first > 0 || !block.first;
    const T* here = signal + task.panel * stride + first * panel_columns;
    for (std::size_t q = 0; q < panels; ++q) {
      const OuterProduct<T> product{signal + q * stride + first * panel_columns, here};
      outer_panel(&product, 1, rows, std::min(panel_columns, factor.padded - q * panel_columns),
                  columns, add, sums + q * panel_columns * panel_columns);
    }
    add_bias(here, rows, add, own_sums);
  });
  if (!block.last) return;

  const std::size_t n = factor.size + (task.inputs ? 1 : 0);
  const T scale = static_cast<T>(task.inputs ? 1 / block.samples : block.samples);
  T* to = block.factors + factor.to + task.panel * panel_columns;
  for (std::size_t r = 0; r < factor.size; ++r)
    for (std::size_t c = 0; c < columns; ++c) to[r * n + c] = scale * sums[r * panel_columns + c];
  if (!task.inputs) return;
  for (std::size_t c = 0; c < columns; ++c) {
    const T mean = scale * own_sums[c];
    to[factor.size * n + c] = mean;
    block.factors[factor.to + (task.panel * panel_columns + c) * n + factor.size] = mean;
  }
  if (task.panel == 0) block.factors[factor.to + n * n - 1] = T(1);
}

}  // namespace HWY_NAMESPACE
}  // namespace fieldscope::cpu
HWY_AFTER_NAMESPACE();

#endif
