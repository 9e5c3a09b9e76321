#include "engine/optim/registry.h"

#include <deque>
#include <vector>

#include "engine/math/error.h"
#include "engine/optim/adahessian.h"
#include "engine/optim/adam.h"
#include "engine/optim/esgd.h"
#include "engine/optim/kfac.h"
#include "engine/optim/lbfgs.h"
#include "engine/optim/muon.h"
#include "engine/optim/newton_cg.h"
#include "engine/optim/sgd.h"
#include "engine/optim/shampoo.h"
#include "engine/optim/soap.h"
#include "engine/optim/sophia.h"

namespace fieldscope {
namespace {

/// Those whose steps Adam and SGD take as large as with ReLU.
bool is_relu(std::string_view activation) {
  for (const std::string_view id : {"relu", "relu_pe", "softplus", "silu", "tanh"})
    if (activation == id) return true;
  return false;
}

// With ReLU and positional encoding the paper trains ESGD at 0.1 and Adam at 1e-3.
double esgd_preset_of_the_paper(const Occasion& occasion, std::string_view knob, double value) {
  return is_relu(occasion.activation) && knob == "lr" ? 0.1 : value;
}
double esgd_preset(const Occasion& occasion, std::string_view knob, double value) {
  if (knob != "lr") return value;
  // What the paper took for occupancy and NeRF it does not say: these did best
  // (engine/REPRODUCTION.md). Larger ones may leave a radiance field empty for good.
  if (occasion.loss == LossKind::volume)
    return occasion.activation == "sine" || is_relu(occasion.activation) ? 0.01 : 0.03;
  // The paper's 0.15 wants the large random first step that one probe gives (first_probes).
  if (occasion.activation == "sine") return occasion.loss == LossKind::mse ? 1 : 0.01;
  return esgd_preset_of_the_paper(occasion, knob, value);
}
double adam_preset(const Occasion& occasion, std::string_view knob, double value) {
  return is_relu(occasion.activation) && knob == "lr" ? 1e-3 : value;
}
double adamw_preset(const Occasion& occasion, std::string_view knob, double value) {
  return knob == "weight_decay" ? 0.01 : adam_preset(occasion, knob, value);
}
// Those that the paper does not run, or only with one rate, have what did best on the lion after
// 256 steps (engine/REPRODUCTION.md).
double shampoo_preset(const Occasion& occasion, std::string_view knob, double value) {
  if (knob != "lr" || is_relu(occasion.activation)) return value;
  return 1e-3;  // the paper's 0.1 diverges at once with sine
}
double soap_preset(const Occasion& occasion, std::string_view knob, double value) {
  return is_relu(occasion.activation) && knob == "lr" ? 3e-3 : value;
}
double muon_preset(const Occasion& occasion, std::string_view knob, double value) {
  if (!is_relu(occasion.activation)) return value;
  return knob == "lr" ? 5e-3 : knob == "adam_lr" ? 1e-3 : value;
}
double sgd_preset(const Occasion& occasion, std::string_view knob, double value) {
  if (knob != "lr" || is_relu(occasion.activation)) return value;
  return occasion.activation == "sine" ? 0.01 : 0.1;  // with 1, sine diverges at once
}

/// An optimizer's own knobs and those that all have.
std::span<const Knob> with_common(std::span<const Knob> own) {
  static std::deque<std::vector<Knob>> kept;  // spans into it stay valid
  std::vector<Knob>& all = kept.emplace_back(own.begin(), own.end());
  const auto common = common_optimizer_knobs();
  all.insert(all.end(), common.begin(), common.end());
  return all;
}

// A prime marks the corrected average: m′ = m / (1 − β₁ⁿ). Hats are combining characters, which few
// fonts place.
const std::vector<OptimizerEntry>& entries() {
  static const std::vector<OptimizerEntry> list = {
      {"esgd", "ESGD",
       "m ← β₁m + (1−β₁)g;  D ← β₂D + (1−β₂)(Hv)² at refreshes;  θ ← θ − lr m′/(√D′ + ε)",
       "Dauphin et al., NIPS 2015; Chng et al., arXiv 2402.08784", with_common(esgd_knobs()),
       esgd_preset, make_esgd},
      {"esgd_nesterov", "ESGD + Nesterov",
       "as ESGD with n = β₁m″ + (1−β₁)g′ in place of m′, m″ corrected for one step more",
       "Dozat, ICLR workshop 2016, on ESGD; Chng et al., open question 2",
       with_common(esgd_knobs()), esgd_preset, make_esgd_nesterov},
      {"esgd_adam", "ESGD × Adam", "θ ← θ − lr¹⁻ᵏ lrᴬᵏ m′/((√D′ + ε)¹⁻ᵏ (√v′ + εᴬ)ᵏ)",
       "ours; Chng et al., open question 2", with_common(esgd_adam_knobs()), esgd_preset,
       make_esgd_adam},
      {"adam", "Adam", "m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  θ ← θ − lr m′/(√v′ + ε)",
       "Kingma and Ba, ICLR 2015", with_common(adam_knobs()), adam_preset, make_adam},
      {"adamw", "AdamW", "as Adam, and θ ← θ − lr λ θ", "Loshchilov and Hutter, ICLR 2019",
       with_common(adam_knobs()), adamw_preset, make_adam},
      {"adahessian", "AdaHessian", "D ← β₂D + (1−β₂)(v∘Hv)²;  θ ← θ − lr m′/(√D′ᵏ + ε)",
       "Yao et al., AAAI 2021", with_common(adahessian_knobs()), esgd_preset_of_the_paper,
       make_adahessian},
      {"adahessian_e", "AdaHessian (E)", "D ← β₂D + (1−β₂)(Hv)²;  θ ← θ − lr m′/(√D′ᵏ + ε)",
       "equilibrated variant of Chng et al., arXiv 2402.08784", with_common(adahessian_knobs()),
       esgd_preset, make_adahessian_e},
      {"adahessian_j", "AdaHessian (J)", "D ← β₂D + (1−β₂)|v∘Hv|;  θ ← θ − lr m′/(√D′ᵏ + ε)",
       "Jacobi variant of Chng et al., arXiv 2402.08784", with_common(adahessian_knobs()),
       esgd_preset_of_the_paper, make_adahessian_j},
      {"sophia_h", "Sophia-H",
       "h ← β₂h + (1−β₂) v∘Hv at refreshes;  θ ← θ − lr clip(m/max(γh, ε), 1)",
       "Liu et al., ICLR 2024", with_common(sophia_knobs()), adam_preset, make_sophia},
      {"kfac", "K-FAC", "u = S⁻¹ ∇W A⁻¹, S and A with √λ I;  θ by Adam or momentum along u",
       "Martens and Grosse, ICML 2015; Ba et al., ICLR 2017", with_common(kfac_knobs()),
       adam_preset, make_kfac},
      {"shampoo", "Shampoo", "L ← L + GGᵀ, R ← R + GᵀG;  θ ← θ − lr momentum of L⁻¹ᐟ⁴ G R⁻¹ᐟ⁴",
       "Gupta et al., ICML 2018; Anil et al. 2020", with_common(shampoo_knobs()), shampoo_preset,
       make_shampoo},
      {"soap", "SOAP", "Adam in the eigenbases of L and R", "Vyas et al., ICLR 2025",
       with_common(soap_knobs()), soap_preset, make_soap},
      {"muon", "Muon", "O ≈ U Vᵀ of the momentum U Σ Vᵀ;  θ ← θ − lr √max(1, rows/columns) O",
       "Jordan et al. 2024", with_common(muon_knobs()), muon_preset, make_muon},
      {"lbfgs", "L-BFGS",
       "d = −H g, H from the last differences of weights and gradients;  θ ← θ + t d",
       "Nocedal 1980; Schraudolph et al., AISTATS 2007", with_common(lbfgs_knobs()), nullptr,
       make_lbfgs},
      {"newton_cg", "Newton-CG", "(C + λI) d = −g by conjugate gradients;  θ ← θ + lr d",
       "Martens, ICML 2010", with_common(newton_cg_knobs()), nullptr, make_newton_cg},
      {"sgd", "SGD", "b ← μb + g;  θ ← θ − lr b", "Polyak 1964", with_common(sgd_knobs()),
       sgd_preset, make_sgd},
  };
  return list;
}

}  // namespace

std::span<const Knob> OptimizerEntry::own_knobs() const {
  return knobs.first(knobs.size() - common_optimizer_knobs().size());
}

std::span<const OptimizerEntry> optimizers() {
  return entries();
}

const OptimizerEntry& find_optimizer(std::string_view id) {
  std::string names;
  for (const OptimizerEntry& entry : entries()) {
    if (entry.id == id) return entry;
    names.append(names.empty() ? "" : ", ").append(entry.id);
  }
  throw UsageError("unknown optimizer '" + std::string(id) + "'; choose one of " + names);
}

OptimizerSpec preset_optimizer(std::string_view id, std::string_view activation, LossKind loss) {
  return resolve_optimizer({std::string(id), {}}, activation, loss);
}

OptimizerSpec resolve_optimizer(const OptimizerSpec& spec, std::string_view activation,
                                LossKind loss) {
  const OptimizerEntry& entry = find_optimizer(spec.id);
  OptimizerSpec resolved = spec;
  for (const auto& [id, value] : spec.knobs) {
    const Knob* knob = find_knob(entry.knobs, id);
    if (knob == nullptr)
      throw UsageError("optimizer " + spec.id + " has no knob '" + id + "'; it has " +
                       knob_names(entry.knobs));
    check_knob(spec.id, *knob, value);
  }
  for (const Knob& knob : entry.knobs) {
    const double value = entry.preset == nullptr
                             ? knob.default_value
                             : entry.preset({activation, loss}, knob.id, knob.default_value);
    resolved.knobs.emplace(knob.id, value);
  }
  return resolved;
}

}  // namespace fieldscope
