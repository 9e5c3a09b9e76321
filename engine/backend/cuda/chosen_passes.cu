#include <atomic>
#include <cmath>
#include <cstdio>

#include "engine/backend/cuda/chosen_passes.h"
#include "engine/math/error.h"

namespace fieldscope::cuda {
namespace {

/// How far fused passes may be from float32, next to the size of the result: a few hundred times
/// the rounding of a factor (2^-22, 2^-12, 2^-9), which each layer passes on a few times larger. A
/// mistake in a kernel makes it about 1.
double tolerance(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::f32:
      return 1e-4;
    case Arithmetic::tf32:
      return 0.05;
    case Arithmetic::bf16:
      break;
  }
  return 0.3;
}

/// A DeviceArray as a buffer that does not own it.
Buffer view(const DeviceArray<float>& array) {
  const std::size_t size = array.size();
  return Buffer(
      array.data(), size, size * sizeof(float), [](void*, std::size_t, void*) {}, nullptr);
}

/// |a - b| / |b|
double distance(Stream& stream, Summation& sum, const DeviceArray<float>& a,
                const DeviceArray<float>& b) {
  const float *const x = a.data(), *const y = b.data();
  const double error = sum(stream, b.size(), [=] __device__(std::size_t i) {
    const double difference = static_cast<double>(x[i]) - static_cast<double>(y[i]);
    return difference * difference;
  });
  const double size = dot(stream, sum, b.size(), y, y);
  return error == 0 ? 0 : std::sqrt(error / size);  // before a pass both are 0
}

/// Once in a process.
void warn(const char* consequence, const std::string& reason) {
  static std::atomic<bool> warned = false;
  if (!warned.exchange(true))
    std::fprintf(stderr, "fieldscope: CUDA %s: %s\n", consequence, reason.c_str());
}

}  // namespace

template <class T>
ChosenPasses<T>::ChosenPasses(Passes passes, std::size_t block_bytes, Stream& stream,
                              const Blas& blas, Summation& sum)
    : stream_(stream), blas_(blas), sum_(sum), layers_(block_bytes, stream, blas, sum) {
  if constexpr (std::is_same_v<T, float>) {
    if (passes != Passes::layers) fused_ = std::make_unique<FusedPasses>(block_bytes, stream);
    if (fused_ != nullptr && !fused_->available()) fused_.reset();
    if (fused_ != nullptr && passes == Passes::unshared) fused_->give_up_clusters();
  }
}

template <class T>
void ChosenPasses<T>::set_arithmetic(Arithmetic arithmetic) {
  if constexpr (std::is_same_v<T, float>) {
    arithmetic_ = arithmetic;
    layers_.set_arithmetic(arithmetic);
    if (fused_ != nullptr) fused_->set_arithmetic(arithmetic);
  }
}

template <class T>
bool ChosenPasses<T>::fused(const Network& network) {
  if (fused_ == nullptr || !FusedPasses::fits(network)) return false;
  for (const Verdict& known : verdicts_)
    if (known.arithmetic == arithmetic_ && known.network == network) return known.trusted;
  stream_.interrupt();  // it gets memory and waits
  const auto agree = [&](bool shared, const char* consequence) {
    std::string reason;
    try {
      reason = disagreement(network, shared);
    } catch (const DeviceError& error) {
      reason = error.what();
      fused_->force({});
    }
    if (!reason.empty()) warn(consequence, reason);
    return reason.empty();
  };
  const bool trusted = agree(false, "passes go layer by layer");
  if (trusted && !agree(true, "tiles are not shared in clusters")) fused_->give_up_clusters();
  verdicts_.push_back({network, arithmetic_, trusted});
  return trusted;
}

/// Both kinds of passes over a few samples of a made-up problem with small weights: what is right
/// about a kernel does not depend on the weights, but how rounding grows does.
template <class T>
std::string ChosenPasses<T>::disagreement(const Network& network, bool shared) {
  if constexpr (std::is_same_v<T, float>) {
    constexpr std::size_t most = 65;
    const std::size_t p = network.parameters, d = static_cast<std::size_t>(network.coordinates);
    const std::size_t m = static_cast<std::size_t>(network.outputs);
    std::uint64_t key = 1;
    const auto fresh = [&](std::size_t n, double size) {
      DeviceArray<float> x(n);
      random_normals(stream_, key++, n, x.data());
      scale(stream_, n, static_cast<float>(size), x.data());
      return x;
    };
    const double small = 0.02 / std::sqrt(static_cast<double>(network.hidden[0].u.out));
    const DeviceArray<float> weights = fresh(p, small), direction = fresh(p, small);
    const DeviceArray<float> x = fresh(most * d, 0.5), t = fresh(most * m, 1);
    const Buffer coordinates = view(x), targets = view(t);
    const DeviceArray<float> y[2] = {fresh(most * m, 0), fresh(most * m, 0)};
    const DeviceArray<float> g[2] = {fresh(p, 0), fresh(p, 0)}, hv[2] = {fresh(p, 0), fresh(p, 0)};
    const DeviceArray<double> loss(1);
    NetworkPasses<float> reference(0, stream_, blas_, sum_);
    for (const TileKind kind : FusedPasses::tile_kinds)
      for (const Pass pass : {Pass::forward, Pass::gradient, Pass::product}) {
        if (kind.shared != shared || !fused_->has(network, pass, kind)) continue;
        const Batch batch = {&coordinates, &targets, kind.rows + 1};  // a tile, one in the next
        const auto run = [&](auto& passes, int to) {
          if (pass == Pass::forward)
            return passes.forward(network, weights.data(), x.data(), batch.size, y[to].data());
          Derivatives<float> wanted = {.gradient = g[to].data()};
          if (pass == Pass::product) {
            wanted.direction = direction.data();
            wanted.product = hv[to].data();
          }
          passes.backward(network, LossKind::mse, weights.data(), batch, wanted, loss.data());
        };
        run(reference, 0);
        fused_->force(kind);
        run(*fused_, 1);
        fused_->force({});
        // Added up, so that what is not a number stays none.
        const double error = distance(stream_, sum_, y[1], y[0]) +
                             distance(stream_, sum_, g[1], g[0]) +
                             distance(stream_, sum_, hv[1], hv[0]);
        if (error <= tolerance(arithmetic_)) continue;
        char text[120];
        std::snprintf(text, sizeof text, "fused ones in %stiles of %zu differ by %.1e",
                      shared ? "shared " : "", kind.rows, error);
        return text;
      }
  }
  return {};
}

template <class T>
void ChosenPasses<T>::forward(const Network& network, const T* weights, const T* coordinates,
                              std::size_t samples, T* outputs) {
  if constexpr (std::is_same_v<T, float>)
    if (fused(network)) return fused_->forward(network, weights, coordinates, samples, outputs);
  layers_.forward(network, weights, coordinates, samples, outputs);
}

template <class T>
void ChosenPasses<T>::backward(const Network& network, LossKind loss, const T* weights,
                               const Batch& batch, const Derivatives<T>& wanted, double* value) {
  if constexpr (std::is_same_v<T, float>)
    if (wanted.factors == nullptr && fused(network))
      return fused_->backward(network, loss, weights, batch, wanted, value);
  layers_.backward(network, loss, weights, batch, wanted, value);
}

template <class T>
std::size_t ChosenPasses<T>::bytes() const {
  return layers_.bytes() + (fused_ != nullptr ? fused_->bytes() : 0);
}

template <class T>
std::size_t ChosenPasses<T>::bytes(const Network& network, std::size_t samples) const {
  const std::size_t layers = layers_.bytes(network, samples);
  if (fused_ == nullptr || !FusedPasses::fits(network)) return layers;
  return std::max(layers, fused_->bytes(network, samples));
}

template class ChosenPasses<float>;
template class ChosenPasses<double>;

}  // namespace fieldscope::cuda
