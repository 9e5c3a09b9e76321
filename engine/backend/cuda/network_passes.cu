#include "engine/backend/cuda/network_passes.h"

namespace fieldscope::cuda {
namespace {

/// Blocks are a multiple of this: enough to fill a GPU with even the narrowest network.
constexpr std::size_t row_multiple = 1024;

}  // namespace

template <class T>
std::vector<Layer> NetworkPasses<T>::layers_of(const Network& network) {
  std::vector<Layer> layers;
  for (const HiddenLayer& hidden : network.hidden)
    layers.push_back({{hidden.u, hidden.w}, hidden.w.out > 0 ? 2 : 1});
  layers.push_back({{network.output, {}}, 1});
  return layers;
}

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
  for (const Layer& layer : layers) widest = std::max<std::size_t>(widest, layer.out());
  block.signals.assign(layers.size() + 1, Signals<T>());
  block.signals[0].a = take(network.features);
  if (pass == Pass::forward) {  // only two layers are ever needed, and one set of products
    T* const turns[2] = {take(widest), take(widest)};
    T* const products[2] = {take(widest), take(layers[0].map_count > 1 ? widest : 0)};
    for (std::size_t i = 0; i < layers.size(); ++i) {
      block.signals[i + 1].a = turns[i % 2];
      for (int m = 0; m < 2; ++m) block.signals[i + 1].d[m] = products[m];
    }
    return size;
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    Signals<T>& s = block.signals[i + 1];
    const std::size_t out = static_cast<std::size_t>(layers[i].out());
    const bool output = i + 1 == layers.size();
    if (!output) s.a = take(out);
    if (!output && pass == Pass::product) s.ra = take(out);
    for (int m = 0; m < layers[i].map_count; ++m) {
      s.d[m] = take(out);
      if (pass == Pass::product) s.rd[m] = take(out);
    }
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
  return (most + network.frequencies.size()) * sizeof(T);
}

/// Memory for a pass, and what it needs to know of the network. Returns the samples in a block: a
/// multiple of `unit`.
template <class T>
std::size_t NetworkPasses<T>::begin(Block<T>& block, const Network& network, Pass pass,
                                    std::size_t samples, std::size_t unit) {
  layers_ = layers_of(network);
  const std::size_t units = std::max<std::size_t>(block_rows(network, pass) / unit, 1);
  const std::size_t rows = std::min(samples, units * unit);
  signals_.need(lay_out(block, network, pass, nullptr, rows));
  lay_out(block, network, pass, signals_.data(), rows);
  if (block.ones != nullptr) fill(stream_, rows, T(1), block.ones);
  if (uploaded_frequencies_ != network.frequencies) {
    const std::vector<T> numbers(network.frequencies.begin(), network.frequencies.end());
    frequencies_ = DeviceArray<T>(numbers.size());
    if (!numbers.empty()) {
      FIELDSCOPE_CHECK(cudaMemcpyAsync(frequencies_.data(), numbers.data(),
                                       numbers.size() * sizeof(T), cudaMemcpyHostToDevice, stream_),
                       std::to_string(numbers.size()) + " frequencies");
      FIELDSCOPE_CHECK(cudaStreamSynchronize(stream_));
    }
    uploaded_frequencies_ = network.frequencies;
  }
  return rows;
}

template <class T>
void NetworkPasses<T>::encode(const Block<T>& block, const Network& network, const T* coordinates) {
  const std::size_t d = static_cast<std::size_t>(network.coordinates);
  if (network.frequencies.empty())
    encode_positions(stream_, network.coordinates, network.encoding_levels, block.count,
                     coordinates, block.signals[0].a);
  else
    encode_frequencies(stream_, network.coordinates, network.frequencies.size() / d,
                       frequencies_.data(), block.count, coordinates, block.signals[0].a);
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

/// W x of each map, and R{W x} = V x + W R{x}; then the activation, but not the output's bias.
template <class T>
void NetworkPasses<T>::run_forward(const Block<T>& block, const Network& network, Pass pass,
                                   const T* weights, const T* direction) {
  const std::size_t count = block.count;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const Signals<T>&input = block.signals[i], &output = block.signals[i + 1];
    for (int m = 0; m < layer.map_count; ++m) {
      const std::size_t in = static_cast<std::size_t>(layer.maps[m].in);
      const std::size_t out = static_cast<std::size_t>(layer.maps[m].out);
      const Operand<T> w = {weights + layer.maps[m].weight, in, true};
      multiply<T>(blas_, count, out, in, 1, {input.a, in}, w, 0, output.d[m], out);
      if (pass != Pass::product) continue;
      const Operand<T> v = {direction + layer.maps[m].weight, in, true};
      multiply<T>(blas_, count, out, in, 1, {input.a, in}, v, 0, output.rd[m], out);
      if (input.ra != nullptr)  // the sample's own tangent is zero
        multiply<T>(blas_, count, out, in, 1, {input.ra, in}, w, 1, output.rd[m], out);
    }
    if (i + 1 < layers_.size())
      activate<T>(stream_, pass, network, count, static_cast<std::size_t>(layer.out()),
                  biases(layer, weights, direction), output);
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
  for (std::size_t first = 0; first < samples; first += rows) {
    block.count = std::min(rows, samples - first);
    block.signals.back().d[0] = outputs + first * m;  // straight to where they are wanted
    encode(block, network, coordinates + first * d);
    run_forward(block, network, Pass::forward, weights, nullptr);
    add_bias(stream_, block.count, m, weights + network.output.bias, outputs + first * m);
  }
}

/// sums[width] = alpha (the sum of the block's rows of x) + beta sums.
template <class T>
void NetworkPasses<T>::sum_rows(const Block<T>& block, const T* x, std::size_t width, T alpha,
                                T beta, T* sums) {
  multiply<T>(blas_, 1, width, block.count, alpha, {block.ones, block.count}, {x, width}, beta,
              sums, width);
}

/// From dL/dy (and its tangent) at the output to the derivatives by all parameters, which join
/// what earlier blocks have brought.
template <class T>
void NetworkPasses<T>::run_backward(const Block<T>& block, const T* weights,
                                    const Derivatives<T>& wanted, bool first) {
  const std::size_t count = block.count;
  const bool product = wanted.product != nullptr;
  const bool hessian = wanted.curvature == Curvature::hessian;
  const T beta = first ? 0 : 1;
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const Layer& layer = layers_[i];
    const Signals<T>&input = block.signals[i], &output = block.signals[i + 1];
    for (int m = 0; m < layer.map_count; ++m) {
      const LinearMap& map = layer.maps[m];
      const std::size_t in = static_cast<std::size_t>(map.in);
      const std::size_t out = static_cast<std::size_t>(map.out);
      const Operand<T> d = {output.d[m], out, true}, rd = {output.rd[m], out, true};
      multiply<T>(blas_, out, in, count, 1, d, {input.a, in}, beta, wanted.gradient + map.weight,
                  in);
      sum_rows(block, output.d[m], out, 1, beta, wanted.gradient + map.bias);
      if (!product) continue;
      // The tangent of dL/dW = dL/du x^T; the sample's own is zero, and the Gauss-Newton product
      // leaves out how the gradient's own factors move.
      T* to = wanted.product + map.weight;
      multiply<T>(blas_, out, in, count, 1, rd, {input.a, in}, beta, to, in);
      if (hessian && input.ra != nullptr)
        multiply<T>(blas_, out, in, count, 1, d, {input.ra, in}, 1, to, in);
      sum_rows(block, output.rd[m], out, 1, beta, wanted.product + map.bias);
    }
    if (i == 0) break;  // nobody asks for the derivative by the sample itself

    const std::size_t width = static_cast<std::size_t>(layers_[i - 1].out());
    for (int m = 0; m < layer.map_count; ++m) {
      const std::size_t out = static_cast<std::size_t>(layer.maps[m].out);
      const Operand<T> w = {weights + layer.maps[m].weight, width};
      multiply<T>(blas_, count, width, out, 1, {output.d[m], out}, w, m > 0 ? 1 : 0, block.e,
                  width);
      if (!product) continue;
      multiply<T>(blas_, count, width, out, 1, {output.rd[m], out}, w, m > 0 ? 1 : 0, block.re,
                  width);
      const Operand<T> v = {wanted.direction + layer.maps[m].weight, width};
      if (hessian)
        multiply<T>(blas_, count, width, out, 1, {output.d[m], out}, v, 1, block.re, width);
    }
    for (int m = 0; m < layers_[i - 1].map_count; ++m)
      through_activation<T>(stream_, wanted.curvature, count * width, block.e, block.re, input.d[m],
                            input.rd[m]);
  }
}

/// The Kronecker factors of each map: (1/B) sum of (x, 1)(x, 1)^T and B sum of dL/dz dL/dz^T.
template <class T>
void NetworkPasses<T>::add_factors(const Block<T>& block, double samples, T* factors, bool first) {
  const std::size_t count = block.count;
  const T beta = first ? 0 : 1, mean = static_cast<T>(1 / samples);
  for (std::size_t i = 0; i < layers_.size(); ++i)
    for (int m = 0; m < layers_[i].map_count; ++m) {
      const std::size_t in = static_cast<std::size_t>(layers_[i].maps[m].in);
      const std::size_t out = static_cast<std::size_t>(layers_[i].maps[m].out);
      const std::size_t n = in + 1;
      const T *x = block.signals[i].a, *d = block.signals[i + 1].d[m];
      multiply<T>(blas_, in, in, count, mean, {x, in, true}, {x, in}, beta, factors, n);
      sum_rows(block, x, in, mean, beta, factors + in * n);
      multiply<T>(blas_, in, 1, count, mean, {x, in, true}, {block.ones, 1}, beta, factors + in, n);
      fill(stream_, 1, T(1), factors + n * n - 1);
      factors += n * n;
      multiply<T>(blas_, out, out, count, static_cast<T>(samples), {d, out, true}, {d, out}, beta,
                  factors, out);
      factors += out * out;
    }
}

template <class T>
double NetworkPasses<T>::backward(const Network& network, LossKind loss, const T* weights,
                                  const Batch& batch, const Derivatives<T>& wanted) {
  Block<T> block;
  const Pass pass = wanted.product != nullptr ? Pass::product : Pass::gradient;
  const LossTargets to = loss_targets(network, loss, batch);
  const std::size_t samples = batch.size;
  const std::size_t rows = begin(block, network, pass, samples, to.samples);
  const std::size_t d = static_cast<std::size_t>(network.coordinates);
  const std::size_t m = static_cast<std::size_t>(network.outputs);
  const T *coordinates = batch.coordinates->data<T>(), *targets = batch.targets->data<T>();
  RayLoss ray_loss;
  ray_loss.density = batch.rays.density;
  ray_loss.background = batch.rays.background;
  ray_loss.scale = 1.0 / static_cast<double>(to.numbers);
  ray_loss.gauss_newton = wanted.curvature == Curvature::gauss_newton;
  if (loss == LossKind::volume) ray_scratch_.need(2 * rows);
  double total = 0;
  for (std::size_t first = 0; first < samples; first += rows) {
    block.count = std::min(rows, samples - first);
    encode(block, network, coordinates + first * d);
    run_forward(block, network, pass, weights, wanted.direction);
    const Biases<T> bias = biases(layers_.back(), weights, wanted.direction);
    const T* aim = targets + first / to.samples * to.width;
    total += loss == LossKind::volume ? ray_losses(stream_, sum_, ray_loss, block.count, to.samples,
                                                   batch.rays.lengths->data<T>() + first, aim,
                                                   ray_scratch_.data(), bias, block.signals.back())
                                      : loss_head(stream_, sum_, loss, ray_loss.scale, block.count,
                                                  m, aim, bias, block.signals.back());
    run_backward(block, weights, wanted, first == 0);
    if (wanted.factors != nullptr)
      add_factors(block, static_cast<double>(samples), wanted.factors, first == 0);
  }
  return total;
}

template class NetworkPasses<float>;
template class NetworkPasses<double>;

}  // namespace fieldscope::cuda
