#include "engine/field/spec.h"

#include <algorithm>
#include <array>

#include "engine/field/activation_binding.h"
#include "engine/math/error.h"
#include "engine/math/random.h"

namespace fieldscope {
namespace {

constexpr Knob omega_knob(double default_value, std::string_view help) {
  return {"omega", "Frequency ω", "", 0.1, 1000, default_value, KnobScale::logarithmic, help};
}
constexpr Knob window_knob(std::string_view help) {
  return {"scale", "Window s", "", 0.1, 1000, 10, KnobScale::logarithmic, help};
}

constexpr std::array sine_knobs = {
    omega_knob(30,
               "sin(ω u). The highest frequency that the first layer can express grows with it; "
               "the other layers' initial weights shrink with it. Paper: 30.")};
constexpr std::array gaussian_knobs = {
    Knob{"sigma", "Width σ", "", 1e-3, 10, 0.05, KnobScale::logarithmic,
         "exp(−u²/(2σ²)). Narrow bumps fit fine detail and train less smoothly. Paper: 0.05 for "
         "images."}};
constexpr std::array wavelet_knobs = {
    omega_knob(10, "cos(ω u) exp(−(s w)²): frequency of the wave. Paper: 10."),
    window_knob("cos(ω u) exp(−(s w)²): the larger, the narrower the window. Paper: 10.")};
constexpr std::array gabor_knobs = {
    omega_knob(10, "cos(ω u) exp(−(s u)²): frequency of the wave. WIRE: 10."),
    window_knob("cos(ω u) exp(−(s u)²): the larger, the narrower the window. WIRE: 10.")};
constexpr std::array sinc_knobs = {
    omega_knob(30, "sin(ω u)/(ω u). The bandwidth of the first layer grows with it. Paper: 30.")};
constexpr std::array finer_knobs = {
    omega_knob(30, "sin(ω (|u|+1) u): frequency next to u = 0; it grows with |u|. FINER: 30."),
    Knob{"first_bias", "First biases", "", 1e-3, 100, 1, KnobScale::logarithmic,
         "Biases of the first layer are drawn from ±k: the wider, the higher the frequencies that "
         "the network begins with. Takes effect when weights are drawn. FINER: 1 to 20."}};
constexpr std::array softplus_knobs = {
    Knob{"beta", "Sharpness β", "", 0.1, 1000, 1, KnobScale::logarithmic,
         "log(1 + exp(β u))/β: a smooth ReLU; the larger, the closer to its kink."}};
constexpr std::array<Knob, 0> no_knobs = {};

// Every activation has these behind its own. `encoding` counts Encoding's names.
constexpr std::string_view encodings[] = {"none", "positional", "fourier"};
enum Encoding { none, positional, fourier };
constexpr std::size_t encoding_knob_count = 5;

/// An activation's own knobs and those of the encoding in front of the first layer.
template <std::size_t N>
constexpr std::array<Knob, N + encoding_knob_count> with_encoding(const std::array<Knob, N>& own,
                                                                  Encoding preset = none) {
  std::array<Knob, N + encoding_knob_count> all{};
  std::copy(own.begin(), own.end(), all.begin());
  Knob* next = all.data() + N;
  *next++ = {"encoding",
             "Encoding",
             "",
             0,
             2,
             static_cast<double>(preset),
             KnobScale::choice,
             "What the first layer sees. 'none': the coordinates x. 'positional': γ(x) = (x, "
             "sin 2ᵏπx, cos 2ᵏπx) for k < L (NeRF). 'fourier': (sin 2πBx, cos 2πBx) with a "
             "random B (Tancik et al. 2020). A change draws the first layer afresh.",
             encodings};
  *next++ = {"levels",
             "PE levels L",
             "",
             1,
             16,
             8,
             KnobScale::integer,
             "Positional encoding γ(x) = (x, sin 2ᵏπx, cos 2ᵏπx) for k < L. Changing it draws the "
             "first layer afresh. Paper: 8."};
  *next++ = {"features",
             "Frequencies",
             "",
             1,
             4096,
             128,
             KnobScale::integer,
             "Rows of B: random frequencies, each with a sine and a cosine. Tancik et al. 2020: "
             "256. Changing it draws the first layer afresh."};
  *next++ = {"bandwidth",
             "Bandwidth σ",
             "",
             0.01,
             1000,
             10,
             KnobScale::logarithmic,
             "Frequencies B ~ N(0, σ²), in cycles per unit: larger for finer detail, too large "
             "for noise. Tancik et al. 2020: 10."};
  *next++ = {"encoding_seed",
             "Seed of B",
             "",
             0,
             1e9,
             0,
             KnobScale::integer,
             "Which random frequencies: runs with the same seed see the same features."};
  return all;
}

constexpr auto sine_all = with_encoding(sine_knobs);
constexpr auto gaussian_all = with_encoding(gaussian_knobs);
constexpr auto wavelet_all = with_encoding(wavelet_knobs);
constexpr auto gabor_all = with_encoding(gabor_knobs);
constexpr auto sinc_all = with_encoding(sinc_knobs);
constexpr auto finer_all = with_encoding(finer_knobs);
constexpr auto softplus_all = with_encoding(softplus_knobs);
constexpr auto plain_all = with_encoding(no_knobs);
constexpr auto relu_pe_all = with_encoding(no_knobs, positional);

// One line each. An activation's own knobs are its ActivationParameters in order.
constexpr ActivationEntry entries[] = {
    {"sine", "sine", "sin(ω u)", "SIREN, Sitzmann et al., NeurIPS 2020", sine_all,
     activation_index<Sine>},
    {"gaussian", "Gaussian", "exp(−u²/(2σ²))", "Ramasinghe and Lucey, ECCV 2022", gaussian_all,
     activation_index<Gaussian>},
    {"wavelet", "wavelet", "cos(ω u) exp(−(s w)²), u and w two linear maps",
     "WIRE (real Gabor), Saragadam et al., CVPR 2023", wavelet_all, activation_index<Wavelet>},
    {"gabor", "Gabor", "cos(ω u) exp(−(s u)²)", "Saragadam et al., CVPR 2023, with one linear map",
     gabor_all, activation_index<Gabor>},
    {"sinc", "sinc", "sin(ω u)/(ω u)", "Saratchandran et al., ICML 2024", sinc_all,
     activation_index<Sinc>},
    {"finer", "FINER", "sin(ω (|u|+1) u)", "Liu et al., CVPR 2024", finer_all,
     activation_index<Finer>},
    {"relu", "ReLU", "max(0, u)", "Nair and Hinton, ICML 2010", plain_all, activation_index<Relu>},
    {"relu_pe", "ReLU + PE", "max(0, u) behind γ(x) = (x, sin 2ᵏπx, cos 2ᵏπx), k < L",
     "NeRF, Mildenhall et al., ECCV 2020", relu_pe_all, activation_index<Relu>},
    {"softplus", "softplus", "log(1 + exp(β u))/β", "Dugas et al., NIPS 2000", softplus_all,
     activation_index<Softplus>},
    {"silu", "SiLU", "u/(1 + exp(−u))", "Elfwing et al., Neural Networks 2018", plain_all,
     activation_index<Silu>},
    {"tanh", "tanh", "tanh(u)", "the classical sigmoid", plain_all, activation_index<Tanh>},
};

}  // namespace

std::span<const Knob> ActivationEntry::own_knobs() const {
  return knobs.first(knobs.size() - encoding_knob_count);
}

std::span<const Knob> encoding_knobs() {
  return plain_all;
}

bool encoding_uses(const KnobValues& knobs, std::string_view knob) {
  const auto found = knobs.find("encoding");
  const auto encoding = found == knobs.end() ? none : static_cast<Encoding>(found->second);
  if (knob == "levels") return encoding == positional;
  if (knob == "features" || knob == "bandwidth" || knob == "encoding_seed")
    return encoding == fourier;
  return true;
}

std::span<const ActivationEntry> activations() {
  return entries;
}

const ActivationEntry& find_activation(std::string_view id) {
  std::string names;
  for (const ActivationEntry& entry : entries) {
    if (entry.id == id) return entry;
    names.append(names.empty() ? "" : ", ").append(entry.id);
  }
  throw UsageError("unknown activation '" + std::string(id) + "'; choose one of " + names);
}

FieldSpec resolve_field(const FieldSpec& spec) {
  const ActivationEntry& entry = find_activation(spec.activation);
  FieldSpec resolved = spec;
  for (const auto& [id, value] : spec.knobs) {
    const Knob* knob = find_knob(entry.knobs, id);
    if (knob == nullptr)
      throw UsageError("activation " + spec.activation + " has no knob '" + id + "'; it has " +
                       (entry.knobs.empty() ? "none" : knob_names(entry.knobs)));
    check_knob(spec.activation, *knob, value);
  }
  resolved.knobs.merge(default_values(entry.knobs));
  if (spec.hidden.size() > 64) throw UsageError("hidden: at most 64 layers");
  for (int width : spec.hidden)
    if (width < 1 || width > 8192)
      throw UsageError("hidden: width " + std::to_string(width) +
                       " is not valid; give widths from 1 to 8192, as in 256,256,256,256");
  return resolved;
}

ActivationBinding bind_activation(const FieldSpec& spec, int coordinates) {
  const ActivationEntry& entry = find_activation(spec.activation);
  const auto value = [&](std::string_view id) { return spec.knobs.find(id)->second; };
  ActivationBinding binding;
  binding.index = entry.function;
  int next = 0;
  for (const Knob& knob : entry.own_knobs()) binding.parameters.p[next++] = value(knob.id);
  const auto encoding = static_cast<Encoding>(value("encoding"));
  if (encoding == positional) binding.encoding_levels = static_cast<int>(value("levels"));
  if (encoding == fourier) {
    const auto key =
        random_key(static_cast<std::uint64_t>(value("encoding_seed")), Stream::frequencies, 0);
    binding.frequencies.resize(static_cast<std::size_t>(value("features")) *
                               static_cast<std::size_t>(coordinates));
    constexpr double pi = 3.14159265358979323846;
    for (std::size_t i = 0; i < binding.frequencies.size(); ++i)
      binding.frequencies[i] = 2 * pi * value("bandwidth") * random_normal(key, i);
  }
  return binding;
}

}  // namespace fieldscope
