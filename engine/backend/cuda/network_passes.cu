#include "engine/backend/cuda/network_passes.h"
#include "engine/backend/layers.h"

namespace fieldscope::cuda {
namespace {

/// Blocks are a multiple of this: enough to fill a GPU with even the narrowest network.
constexpr std::size_t row_multiple = 1024;

}  // namespace

template <class T>
std::size_t NetworkPasses<T>::factors_size(const Network& network) {
  std::size_t size = 0;
  for (const Layer& layer : layers_of(network))
    for (int m = 0; m < layer.map_count; ++m) {
      const std::size_t in = static_cast<std::size_t>(layer.maps[m].in) + 1;
      const std::size_t out = static_cast<std::size_t>(layer.maps[m].out);
      size += in * in + out * out;
    }
  return size;
}

/// Divides memory for `rows` samples among the signals of a block; returns the numbers it takes.
/// With memory == nullptr nothing but that is meaningful.
template <class T>
std::size_t NetworkPasses<T>::lay_out(Block<T>& block, const Network& network, Pass pass, T* memory,
                                      std::size_t rows) {
  const std::vector<Layer> layers = layers_of(network);
  std::size_t size = 0;
  const auto take = [&](std::size_t width) {
    T* at = memory == nullptr ? nullptr : memory + size;
    size += width * rows;
    return at;
  };
  std::size_t widest = 0;
  for (const Layer& layer : layers) widest = std::max<std::size_t>(widest, layer.width());
  const std::size_t outputs = static_cast<std::size_t>(network.outputs);
  block.signals.assign(layers.size() + 1, RowSignals<T>());
  block.signals[0].a_stride = static_cast<std::size_t>(network.first_inputs());
  block.signals[0].a = take(block.signals[0].a_stride);
  T* turns[2] = {nullptr, nullptr};     // forward alone, only two layers are ever needed,
  T* products[2] = {nullptr, nullptr};  // and one set of products
  if (pass == Pass::forward) {
    for (T*& turn : turns) turn = take(widest);
    products[0] = take(widest);
    products[1] = take(layers[0].map_count > 1 ? widest : 0);
  }
  int turn = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    RowSignals<T>& s = block.signals[i + 1];
    s.a_stride = static_cast<std::size_t>(layer.width());
    s.d_stride = layer.activated ? static_cast<std::size_t>(layer.out()) : outputs;
    if (pass == Pass::forward) {
      if (layer.activated) s.a = turns[turn++ % 2];
      for (int m = 0; m < 2; ++m) s.d[m] = products[m];
      continue;
    }
    if (layer.activated) s.a = take(s.a_stride);
    if (layer.activated && pass == Pass::product) s.ra = take(s.a_stride);
    if (!layer.activated && i + 1 < layers.size()) continue;  // within the last one's rows
    for (int m = 0; m < layer.map_count; ++m) {
      s.d[m] = take(s.d_stride);
      if (pass == Pass::product) s.rd[m] = take(s.d_stride);
    }
  }
  if (pass == Pass::forward) return size;
  const RowSignals<T>& all = block.signals.back();
  for (std::size_t i = 0; i + 1 < layers.size() && memory != nullptr; ++i) {
    if (layers[i].activated) continue;
    block.signals[i + 1].d[0] = all.d[0] + layers[i].column;
    if (all.rd[0] != nullptr) block.signals[i + 1].rd[0] = all.rd[0] + layers[i].column;
  }
  block.e = take(widest);
  if (pass == Pass::product) block.re = take(widest);
  block.ones = take(1);
  return size;
}

template <class T>
std::size_t NetworkPasses<T>::block_rows(const Network& network, Pass pass) const {
  Block<T> block;
  const std::size_t row_bytes = lay_out(block, network, pass, nullptr, 1) * sizeof(T);
  const std::size_t fitting = block_bytes_ / row_bytes / row_multiple * row_multiple;
  return std::max(fitting, row_multiple);
}

template <class T>
std::size_t NetworkPasses<T>::bytes(const Network& network, std::size_t samples) const {
  Block<T> block;
  std::size_t most = 0;
  for (const Pass pass : {Pass::forward, Pass::product})
    most = std::max(
        most, lay_out(block, network, pass, nullptr, std::min(samples, block_rows(network, pass))));
  const std::size_t output_biases = network.density.out > 0 ? 2 * network.outputs : 0;
  return (most + network.frequencies.size() + output_biases) * sizeof(T);
}

/// Memory for a pass, and what it needs to know of the network. Returns the samples in a block: a
/// multiple of `unit`.
template <class T>
std::size_t NetworkPasses<T>::begin(Block<T>& block, const Network& network, Pass pass,
                                    std::size_t samples, std::size_t unit) {
  layers_ = layers_of(network);
  const std::size_t units = std::max<std::size_t>(block_rows(network, pass) / unit, 1);
  const std::size_t rows = std::min(samples, units * unit);
  signals_.need(lay_out(block, network, pass, nullptr, rows), stream_);
  lay_out(block, network, pass, signals_.data(), rows);
  if (block.ones != nullptr) fill(stream_, rows, T(1), block.ones);
  return rows;
}

template <class T>
void NetworkPasses<T>::encode(const Block<T>& block, const Network& network, const T* coordinates) {
  const Columns<const T> x = {coordinates, network.coordinates - network.view_coordinates,
                              static_cast<std::size_t>(network.coordinates)};
  const RowSignals<T>& sample = block.signals[0];
  const Columns<T> features = {sample.a, network.features, sample.a_stride};
  if (network.frequencies.empty())
    encode_positions(stream_, network.encoding_levels, block.count, x, features);
  else
    encode_frequencies(stream_, network.frequencies.size() / static_cast<std::size_t>(x.n),
                       frequencies_.of(network, stream_), block.count, x, features);
  if (network.trunk == 0 && network.view_features > 0) encode_view(block, network, coordinates, 0);
}

/// The view direction's features, the last columns of a signal. Their tangent is zero.
template <class T>
void NetworkPasses<T>::encode_view(const Block<T>& block, const Network& network,
                                   const T* coordinates, std::size_t signal) {
  const RowSignals<T>& s = block.signals[signal];
  const int view = network.view_coordinates, n = network.view_features;
  const std::size_t at = s.a_stride - static_cast<std::size_t>(n);
  const Columns<const T> x = {coordinates + network.coordinates - view, view,
                              static_cast<std::size_t>(network.coordinates)};
  encode_positions<T>(stream_, network.view_levels, block.count, x, {s.a + at, n, s.a_stride});
  if (s.ra != nullptr) clear<T>(stream_, block.count, {s.ra + at, n, s.a_stride});
}

template <class T>
Biases<T> NetworkPasses<T>::biases(const Layer& layer, const T* weights, const T* direction) {
  Biases<T> biases;
  for (int m = 0; m < layer.map_count; ++m) {
    biases.b[m] = weights + layer.maps[m].bias;
    if (direction != nullptr) biases.rb[m] = direction + layer.maps[m].bias;
  }
  return biases;
}

/// Those of all outputs: the output map's, or where the density has a map of its own, a copy with
/// both.
template <class T>
Biases<T> NetworkPasses<T>::output_biases(const Network& network, const T* weights,
                                          const T* direction) {
  if (network.density.out == 0) return biases(layers_.back(), weights, direction);
  const std::size_t outputs = static_cast<std::size_t>(network.outputs);
  output_biases_.need(2 * outputs, stream_);
  const auto gather = [&](const T* from, T* to) {
    for (const Layer& layer : layers_) {
      if (layer.activated) continue;
      FIELDSCOPE_CHECK(cudaMemcpyAsync(to + layer.column, from + layer.maps[0].bias,
                                       static_cast<std::size_t>(layer.out()) * sizeof(T),
                                       cudaMemcpyDeviceToDevice, stream_),
                       "biases of the outputs");
    }
    return to;
  };
  Biases<T> all;
  all.b[0] = gather(weights, output_biases_.data());
  if (direction != nullptr) all.rb[0] = gather(direction, output_biases_.data() + outputs);
  return all;
}

/// W x of each map, and R{W x} = V x + W R{x}; then the activation, but not the outputs' biases.
template <class T>
void NetworkPasses<T>::run_forward(const Block<T>& block, const Network& network, Pass pass,
                                   const T* weights, const T* direction, const T* coordinates) {
  const std::size_t count = block.count;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const RowSignals<T>&input = block.signals[static_cast<std::size_t>(layer.input)],
          &output = block.signals[i + 1];
    const Arithmetic arithmetic = arithmetic_of(layer);
    for (int m = 0; m < layer.map_count; ++m) {
      const std::size_t in = static_cast<std::size_t>(layer.maps[m].in);
      const std::size_t out = static_cast<std::size_t>(layer.maps[m].out);
      const std::size_t stride = output.d_stride;
      const Operand<T> x = {input.a, input.a_stride}, rx = {input.ra, input.a_stride};
      const Operand<T> w = {weights + layer.maps[m].weight, in, true};
      multiply<T>(blas_, count, out, in, 1, x, w, 0, output.d[m], stride, arithmetic);
      if (pass != Pass::product) continue;
      const Operand<T> v = {direction + layer.maps[m].weight, in, true};
      multiply<T>(blas_, count, out, in, 1, x, v, 0, output.rd[m], stride, arithmetic);
      if (input.ra != nullptr)  // the sample's own tangent is zero
        multiply<T>(blas_, count, out, in, 1, rx, w, 1, output.rd[m], stride, arithmetic);
    }
    if (!layer.activated) continue;
    activate<T>(stream_, pass, network, count, static_cast<std::size_t>(layer.out()),
                biases(layer, weights, direction), output);
    if (layer.behind > 0) encode_view(block, network, coordinates, i + 1);
  }
}

template <class T>
void NetworkPasses<T>::forward(const Network& network, const T* weights, const T* coordinates,
                               std::size_t samples, T* outputs) {
  if (samples == 0) return;
  Block<T> block;
  const std::size_t rows = begin(block, network, Pass::forward, samples);
  const std::size_t d = static_cast<std::size_t>(network.coordinates);
  const std::size_t m = static_cast<std::size_t>(network.outputs);
  const T* const bias = output_biases(network, weights, nullptr).b[0];
  for (std::size_t first = 0; first < samples; first += rows) {
    block.count = std::min(rows, samples - first);
    for (std::size_t i = 0; i < layers_.size(); ++i)  // straight to where they are wanted
      if (!layers_[i].activated)
        block.signals[i + 1].d[0] = outputs + first * m + layers_[i].column;
    encode(block, network, coordinates + first * d);
    run_forward(block, network, Pass::forward, weights, nullptr, coordinates + first * d);
    add_bias(stream_, block.count, m, bias, outputs + first * m);
  }
}

/// sums[width] = alpha (the sum of the block's rows of x) + beta sums.
template <class T>
void NetworkPasses<T>::sum_rows(const Block<T>& block, const T* x, std::size_t stride,
                                std::size_t width, T alpha, T beta, T* sums) {
  multiply<T>(blas_, 1, width, block.count, alpha, {block.ones, block.count}, {x, stride}, beta,
              sums, width);
}

/// From dL/dy (and its tangent) at the output to the derivatives by all parameters, which join
/// what earlier blocks have brought.
template <class T>
void NetworkPasses<T>::run_backward(const Block<T>& block, const T* weights,
                                    const Derivatives<T>& wanted, bool first) {
  for (std::size_t i = layers_.size(); i-- > 0;) {
    if (layers_[i].activated) to_activation(block, weights, wanted, i);
    add_gradients(block, wanted, i, first);
  }
}

/// dL/du of layer i's maps (and its tangent), of what follows from all layers that read it.
template <class T>
void NetworkPasses<T>::to_activation(const Block<T>& block, const T* weights,
                                     const Derivatives<T>& wanted, std::size_t i) {
  const std::size_t count = block.count, width = static_cast<std::size_t>(layers_[i].out());
  const bool product = wanted.product != nullptr;
  const bool hessian = wanted.curvature == Curvature::hessian;
  T beta = 0;
  for (std::size_t reader = i + 1; reader < layers_.size(); ++reader) {
    const Layer& layer = layers_[reader];
    if (layer.input != static_cast<int>(i) + 1) break;
    const RowSignals<T>& output = block.signals[reader + 1];
    const Arithmetic arithmetic = arithmetic_of(layer);
    for (int m = 0; m < layer.map_count; ++m, beta = 1) {
      const std::size_t in = static_cast<std::size_t>(layer.maps[m].in);
      const std::size_t out = static_cast<std::size_t>(layer.maps[m].out);
      const Operand<T> d = {output.d[m], output.d_stride}, rd = {output.rd[m], output.d_stride};
      const Operand<T> w = {weights + layer.maps[m].weight, in};
      multiply<T>(blas_, count, width, out, 1, d, w, beta, block.e, width, arithmetic);
      if (!product) continue;
      multiply<T>(blas_, count, width, out, 1, rd, w, beta, block.re, width, arithmetic);
      const Operand<T> v = {wanted.direction + layer.maps[m].weight, in};
      if (hessian) multiply<T>(blas_, count, width, out, 1, d, v, 1, block.re, width, arithmetic);
    }
  }
  const RowSignals<T>& own = block.signals[i + 1];
  for (int m = 0; m < layers_[i].map_count; ++m)
    through_activation<T>(stream_, wanted.curvature, count * width, block.e, block.re, own.d[m],
                          own.rd[m]);
}

/// The derivatives by the parameters of layer i.
template <class T>
void NetworkPasses<T>::add_gradients(const Block<T>& block, const Derivatives<T>& wanted,
                                     std::size_t i, bool first) {
  const Layer& layer = layers_[i];
  const RowSignals<T>&input = block.signals[static_cast<std::size_t>(layer.input)],
        &output = block.signals[i + 1];
  const std::size_t count = block.count, stride = output.d_stride;
  const Operand<T> x = {input.a, input.a_stride}, rx = {input.ra, input.a_stride};
  const T beta = first ? 0 : 1;
  for (int m = 0; m < layer.map_count; ++m) {
    const LinearMap& map = layer.maps[m];
    const std::size_t in = static_cast<std::size_t>(map.in);
    const std::size_t out = static_cast<std::size_t>(map.out);
    const Operand<T> d = {output.d[m], stride, true}, rd = {output.rd[m], stride, true};
    multiply<T>(blas_, out, in, count, 1, d, x, beta, wanted.gradient + map.weight, in,
                arithmetic_);
    sum_rows(block, output.d[m], stride, out, 1, beta, wanted.gradient + map.bias);
    if (wanted.product == nullptr) continue;
    // The tangent of dL/dW = dL/du x^T; the sample's own is zero, and the Gauss-Newton product
    // leaves out how the gradient's own factors move.
    T* to = wanted.product + map.weight;
    multiply<T>(blas_, out, in, count, 1, rd, x, beta, to, in, arithmetic_);
    if (wanted.curvature == Curvature::hessian && input.ra != nullptr)
      multiply<T>(blas_, out, in, count, 1, d, rx, 1, to, in, arithmetic_);
    sum_rows(block, output.rd[m], stride, out, 1, beta, wanted.product + map.bias);
  }
}

/// The Kronecker factors of each map: (1/B) sum of (x, 1)(x, 1)^T and B sum of dL/dz dL/dz^T.
template <class T>
void NetworkPasses<T>::add_factors(const Block<T>& block, double samples, T* factors, bool first) {
  const std::size_t count = block.count;
  const T beta = first ? 0 : 1, mean = static_cast<T>(1 / samples);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const RowSignals<T>&input = block.signals[static_cast<std::size_t>(layers_[i].input)],
          &output = block.signals[i + 1];
    const std::size_t x_stride = input.a_stride, d_stride = output.d_stride;
    for (int m = 0; m < layers_[i].map_count; ++m) {
      const std::size_t in = static_cast<std::size_t>(layers_[i].maps[m].in);
      const std::size_t out = static_cast<std::size_t>(layers_[i].maps[m].out);
      const std::size_t n = in + 1;
      const T *x = input.a, *d = output.d[m];
      const Operand<T> x_t = {x, x_stride, true}, d_t = {d, d_stride, true};
      multiply<T>(blas_, in, in, count, mean, x_t, {x, x_stride}, beta, factors, n);
      sum_rows(block, x, x_stride, in, mean, beta, factors + in * n);
      multiply<T>(blas_, in, 1, count, mean, x_t, {block.ones, 1}, beta, factors + in, n);
      fill(stream_, 1, T(1), factors + n * n - 1);
      factors += n * n;
      multiply<T>(blas_, out, out, count, static_cast<T>(samples), d_t, {d, d_stride}, beta,
                  factors, out);
      factors += out * out;
    }
  }
}

template <class T>
void NetworkPasses<T>::backward(const Network& network, LossKind loss, const T* weights,
                                const Batch& batch, const Derivatives<T>& wanted, double* value) {
  Block<T> block;
  const Pass pass = wanted.product != nullptr ? Pass::product : Pass::gradient;
  const LossTargets to = loss_targets(network, loss, batch);
  const std::size_t samples = batch.size;
  const std::size_t rows = begin(block, network, pass, samples, to.samples);
  const std::size_t d = static_cast<std::size_t>(network.coordinates);
  const std::size_t m = static_cast<std::size_t>(network.outputs);
  const T *coordinates = batch.coordinates->data<T>(), *targets = batch.targets->data<T>();
  const RayLoss ray_loss = ray_loss_of(batch.rays, to.numbers, wanted.curvature);
  if (loss == LossKind::volume) ray_scratch_.need(2 * rows, stream_);
  const Biases<T> bias = output_biases(network, weights, wanted.direction);
  for (std::size_t first = 0; first < samples; first += rows) {
    block.count = std::min(rows, samples - first);
    encode(block, network, coordinates + first * d);
    run_forward(block, network, pass, weights, wanted.direction, coordinates + first * d);
    const T* aim = targets + first / to.samples * to.width;
    const Signals<T>& y = block.signals.back();
    Total total = {.to = value, .joins = first > 0};
    if (loss == LossKind::volume) {
      add_bias(stream_, block.count, m, bias.b[0], y.d[0]);
      if (y.rd[0] != nullptr) add_bias(stream_, block.count, m, bias.rb[0], y.rd[0]);
      sum_.enqueue(stream_, block.count / to.samples,
                   RayLosses<T>{ray_loss, to.samples, batch.rays.lengths->data<T>() + first, aim,
                                ray_scratch_.data(), y.d[0], y.rd[0]},
                   total);
    } else {
      total.scale = ray_loss.scale;
      loss_head(stream_, sum_, PointLoss{loss, total.scale}, block.count, m, aim, bias, y, total);
    }
    run_backward(block, weights, wanted, first == 0);
    if (wanted.factors != nullptr)
      add_factors(block, static_cast<double>(samples), wanted.factors, first == 0);
  }
}

template class NetworkPasses<float>;
template class NetworkPasses<double>;

}  // namespace fieldscope::cuda
