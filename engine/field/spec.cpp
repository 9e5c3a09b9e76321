#include "engine/field/spec.h"

#include "engine/field/activation_binding.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr Knob omega_knob(double default_value, std::string_view help) {
  return {"omega", "Frequency ω", "", 0.1, 1000, default_value, KnobScale::logarithmic, help};
}

constexpr Knob sine_knobs[] = {
    omega_knob(30,
               "sin(ω u). The highest frequency that the first layer can express grows with it; "
               "the other layers' initial weights shrink with it. Paper: 30.")};
constexpr Knob gaussian_knobs[] = {{"sigma", "Width σ", "", 1e-3, 10, 0.05, KnobScale::logarithmic,
                                    "exp(−u²/(2σ²)). Narrow bumps fit fine detail and train less "
                                    "smoothly. Paper: 0.05 for images."}};
constexpr Knob wavelet_knobs[] = {
    omega_knob(10, "cos(ω u) exp(−(s w)²): frequency of the wave. Paper: 10."),
    {"scale", "Window s", "", 0.1, 1000, 10, KnobScale::logarithmic,
     "cos(ω u) exp(−(s w)²): the larger, the narrower the window. Paper: 10."}};
constexpr Knob levels_knob = {
    "levels",
    "PE levels L",
    "",
    1,
    16,
    8,
    KnobScale::integer,
    "Positional encoding γ(x) = (x, sin 2ᵏπx, cos 2ᵏπx) for k < L. Changing it draws the first "
    "layer afresh. Paper: 8."};
constexpr Knob relu_pe_knobs[] = {levels_knob};

// One line each. An activation's knobs, apart from `levels`, are its ActivationParameters in order.
constexpr ActivationEntry entries[] = {
    {"sine", "sine", "sin(ω u)", "SIREN, Sitzmann et al., NeurIPS 2020", sine_knobs,
     activation_index<Sine>},
    {"gaussian", "Gaussian", "exp(−u²/(2σ²))", "Ramasinghe and Lucey, ECCV 2022", gaussian_knobs,
     activation_index<Gaussian>},
    {"wavelet", "wavelet", "cos(ω u) exp(−(s w)²), u and w two linear maps",
     "WIRE (real Gabor), Saragadam et al., CVPR 2023", wavelet_knobs, activation_index<Wavelet>},
    {"relu", "ReLU", "max(0, u)", "Nair and Hinton, ICML 2010", {}, activation_index<Relu>},
    {"relu_pe", "ReLU + PE", "max(0, u) behind γ(x) = (x, sin 2ᵏπx, cos 2ᵏπx), k < L",
     "NeRF, Mildenhall et al., ECCV 2020", relu_pe_knobs, activation_index<Relu>},
};

}  // namespace

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

ActivationBinding bind_activation(const FieldSpec& spec) {
  const ActivationEntry& entry = find_activation(spec.activation);
  ActivationBinding binding;
  binding.index = entry.function;
  int next = 0;
  for (const Knob& knob : entry.knobs) {
    const double value = spec.knobs.find(knob.id)->second;
    if (knob.id == levels_knob.id) {
      binding.encoding_levels = static_cast<int>(value);
    } else {
      binding.parameters.p[next++] = value;
    }
  }
  return binding;
}

}  // namespace fieldscope
