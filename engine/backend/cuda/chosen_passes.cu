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

/// Both kinds of passes over a few samples of a made-up problem with small weights: what is right
/// about a kernel does not depend on the weights, but how rounding grows does.
class Trial {
 public:
  Trial(const Network& network, Stream& stream, const Blas& blas, Summation& sum)
      : network_(network),
        stream_(stream),
        sum_(sum),
        reference_(0, stream, blas, sum),
        x_(fresh(most_samples * static_cast<std::size_t>(network.coordinates), 0.5)),
        t_(fresh(most_samples * static_cast<std::size_t>(network.outputs), 1)),
        weights_(fresh(network.parameters, small())),
        direction_(fresh(network.parameters, small())) {
    for (int i = 0; i < 2; ++i) {
      y_[i] = fresh(t_.size(), 0);
      g_[i] = fresh(network.parameters, 0);
      hv_[i] = fresh(network.parameters, 0);
    }
  }

  /// Relative, of a pass over a tile and one sample in the next; added up, so that what is not a
  /// number stays none.
  double difference(FusedPasses& fused, Pass pass, TileKind kind) {
    run(reference_, pass, kind.rows + 1, 0);
    fused.force(kind);
    run(fused, pass, kind.rows + 1, 1);
    fused.force({});
    return distance(stream_, sum_, y_[1], y_[0]) + distance(stream_, sum_, g_[1], g_[0]) +
           distance(stream_, sum_, hv_[1], hv_[0]);
  }

 private:
  static constexpr std::size_t most_samples = 129;

  DeviceArray<float> fresh(std::size_t n, double size) {
    DeviceArray<float> x(n);
    random_normals(stream_, key_++, n, x.data());
    scale(stream_, n, static_cast<float>(size), x.data());
    return x;
  }
  double small() const { return 0.02 / std::sqrt(static_cast<double>(network_.hidden[0].u.out)); }

  template <class Either>
  void run(Either& passes, Pass pass, std::size_t samples, int to) {
    if (pass == Pass::forward)
      return passes.forward(network_, weights_.data(), x_.data(), samples, y_[to].data());
    const Buffer coordinates = view(x_), targets = view(t_);
    Derivatives<float> wanted = {.gradient = g_[to].data()};
    if (pass == Pass::product) {
      wanted.direction = direction_.data();
      wanted.product = hv_[to].data();
    }
    passes.backward(network_, LossKind::mse, weights_.data(), {&coordinates, &targets, samples},
                    wanted, loss_.data());
  }

  const Network& network_;
  Stream& stream_;
  Summation& sum_;
  NetworkPasses<float> reference_;
  std::uint64_t key_ = 1;
  DeviceArray<float> x_, t_, weights_, direction_;
  DeviceArray<float> y_[2], g_[2], hv_[2];  ///< the reference's, the fused passes'
  DeviceArray<double> loss_{1};
};

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
  const Doubts why = doubts(network);
  const bool trusted = why.all.empty();
  if (!trusted) {
    warn("passes go layer by layer", why.all);
  } else if (!why.clusters.empty()) {
    warn("tiles are not shared in clusters", why.clusters);
    fused_->give_up_clusters();
  }
  verdicts_.push_back({network, arithmetic_, trusted});
  return trusted;
}

template <class T>
typename ChosenPasses<T>::Doubts ChosenPasses<T>::doubts(const Network& network) {
  Doubts doubts;
  std::optional<Trial> trial;
  for (const TileKind kind : FusedPasses::tile_kinds) {
    std::string& doubt = kind.shared ? doubts.clusters : doubts.all;
    for (const Pass pass : {Pass::forward, Pass::gradient, Pass::product}) {
      if (!doubts.all.empty() || !doubt.empty()) break;
      try {
        if (!fused_->has(network, pass, kind)) continue;
        if (!trial) trial.emplace(network, stream_, blas_, sum_);
        const double error = trial->difference(*fused_, pass, kind);
        if (error <= tolerance(arithmetic_)) continue;
        char text[120];
        std::snprintf(text, sizeof text, "fused ones in %stiles of %zu differ by %.1e",
                      kind.shared ? "shared " : "", kind.rows, error);
        doubt = text;
      } catch (const DeviceError& error) {
        doubt = error.what();
        fused_->force({});
      }
    }
  }
  return doubts;
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
