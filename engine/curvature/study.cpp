#include "engine/curvature/study.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "engine/curvature/exact.h"
#include "engine/math/error.h"
#include "engine/math/random.h"

namespace fieldscope {
namespace {

constexpr std::string_view matrices[] = {"hessian", "gauss_newton"};

constexpr Knob knobs[] = {
    {"batch", "Frozen batch", "samples", 1, 1 << 20, 1024, KnobScale::integer,
     "Samples over which the loss is diagnosed, drawn once from the seed and the same for every "
     "run."},
    {"matrix", "Matrix", "", 0, 1, 0, KnobScale::choice,
     "The Hessian, or the Gauss-Newton matrix, which leaves out how the network's own slopes move.",
     matrices},
    {"exact_limit", "Exact up to", "parameters", 0, 20000, 1200, KnobScale::integer,
     "Networks up to this size get their whole spectrum; memory grows with its square, time with "
     "its "
     "cube. Larger ones get estimates."},
    {"threshold", "Rank threshold", "", 0, 1, 0, KnobScale::logarithmic,
     "Eigenvalues below this share of the largest count as zero in the condition number. 0: the "
     "number of parameters times 2.2e-16."},
    {"steps", "Lanczos steps", "", 2, 1000, 60, KnobScale::integer,
     "Products with the matrix for each probe of the density and for the ends of the spectrum."},
    {"probes", "Probes", "", 1, 64, 4, KnobScale::integer,
     "Random vectors over which the density is averaged; the error bars come from their spread."},
    {"top", "Eigenvalues", "", 1, 50, 5, KnobScale::integer, "How many at each end."},
    {"trace_products", "Trace products", "", 3, 1000, 24, KnobScale::integer,
     "Products for each of the two estimates of the trace."},
    {"hv_probes", "Hv probes", "", 1, 64, 4, KnobScale::integer,
     "Random vectors v of ±1 whose products Hv are looked at entry by entry."},
    {"near_zero", "Nearly zero", "", 1e-12, 0.1, 1e-6, KnobScale::logarithmic,
     "Entries of Hv up to this share of the largest count as nearly zero."},
    {"layers", "Layer by layer", "", 0, 1, 1, KnobScale::toggle,
     "The ends of the spectrum of each layer's own block."},
    {"preconditioners", "Preconditioners", "", 0, 1, 1, KnobScale::toggle,
     "What equilibration, Jacobi, Adam's and the optimizer's own diagonal make of the spectrum."}};

using Vector = std::vector<double>;
using Clock = std::chrono::steady_clock;

double norm(std::span<const double> a) {
  return std::sqrt(std::inner_product(a.begin(), a.end(), a.begin(), 0.0));
}

/// The cells of the heat map, at most.
constexpr std::size_t most_map_side = 256;

/// Stages of a study, as shares of its work.
struct Stages {
  const std::function<void(double, const std::string&)>& tell;
  double total = 0, done = 0;

  void begin(const std::string& what, double share_of_stage = 0, double stage = 0) const {
    if (tell) tell(std::min(1.0, (done + share_of_stage * stage) / total), what);
  }
};

class Study {
 public:
  Study(FrozenProblem& problem, const CurvatureSettings& settings, const CurvatureInputs& inputs,
        const std::function<void(double, const std::string&)>& progress)
      : problem_(problem),
        settings_(settings),
        inputs_(inputs),
        n_(problem.parameters()),
        stages_{progress} {
    report_.settings = settings;
    report_.parameters = n_;
    report_.samples = problem.loss().samples();
    report_.precision = problem.backend().precision() == Precision::f64 ? "float64" : "float32";
    report_.device = problem.backend().device_name();
    report_.layers = problem.loss().layers;
    report_.exact = n_ <= settings.exact_limit;
    stages_.total = (report_.exact ? static_cast<double>(n_) : 0) +
                    static_cast<double>(settings.steps * settings.probes +
                                        2 * settings.trace_products + settings.hv_probes);
    if (settings.layers)
      stages_.total += static_cast<double>(report_.layers.size() * block_steps());
    if (settings.preconditioners && !report_.exact)
      stages_.total += static_cast<double>(equilibration_probes + 4 * diagonal_steps());
  }

  CurvatureReport run() {
    const auto begun = Clock::now();
    report_.loss = problem_.value(problem_.loss().weights);
    report_.gradient_norm = norm(problem_.gradient());
    krylov_spaces();
    if (report_.exact)
      exact_spectrum();
    else
      estimated_spreads();
    traces();
    stages_.begin("density of Hv");
    report_.hv = hv_density(problem_, settings_.hv_probes, settings_.near_zero, key(4));
    stages_.done += static_cast<double>(settings_.hv_probes);
    if (settings_.layers) layer_blocks();
    report_.products = problem_.products();
    report_.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    return std::move(report_);
  }

 private:
  static constexpr std::size_t equilibration_probes = 16;
  std::size_t diagonal_steps() const { return std::min<std::size_t>(settings_.steps, 20); }
  std::size_t block_steps() const { return std::min<std::size_t>(settings_.steps, 30); }
  /// Of a product, relative: float32 kernels measured against float64 (verify) are this good.
  double rounding() const {
    return problem_.backend().precision() == Precision::f64 ? 2.2e-16 : 1e-6;
  }
  std::uint64_t key(std::uint64_t purpose) const {
    return mix_bits(inputs_.key ^ (purpose * 0x9E3779B97F4A7C15ull));
  }
  SymmetricProduct product() {
    return [this](std::span<const double> x, std::span<double> y) {
      problem_.multiply(settings_.matrix, x, y);
    };
  }
  /// The same within D^-1/2 ... D^-1/2.
  SymmetricProduct product_within(const Vector& diagonal) {
    Vector scale(n_);
    for (std::size_t i = 0; i < n_; ++i)
      scale[i] = diagonal[i] > 0 ? 1 / std::sqrt(diagonal[i]) : 0;
    return [this, scale, x2 = Vector(n_)](std::span<const double> x, std::span<double> y) mutable {
      for (std::size_t i = 0; i < n_; ++i) x2[i] = scale[i] * x[i];
      problem_.multiply(settings_.matrix, x2, y);
      for (std::size_t i = 0; i < n_; ++i) y[i] *= scale[i];
    };
  }

  void krylov_spaces() {
    for (std::size_t p = 0; p < settings_.probes; ++p) {
      const std::string what =
          "Lanczos, probe " + std::to_string(p + 1) + " of " + std::to_string(settings_.probes);
      const double stage = static_cast<double>(settings_.steps);
      double steps = 0;
      const SymmetricProduct inner = product();
      const Krylov krylov = lanczos(
          [&](std::span<const double> x, std::span<double> y) {
            stages_.begin(what, steps++ / stage, stage);
            inner(x, y);
          },
          random_sign_vector(key(100 + p), n_), settings_.steps);
      report_.quadratures.push_back(quadrature(krylov));
      if (p == 0) take_ends(spectrum_ends(krylov, settings_.top, rounding()));
      stages_.done += stage;
    }
    report_.density = spectral_density(report_.quadratures);
  }

  void take_ends(SpectrumEnds ends) {
    report_.ends_steps = ends.steps;
    const EigenPair &high = ends.largest.front(), &low = ends.smallest.front();
    report_.top_vector = std::abs(high.value) >= std::abs(low.value) ? high.vector : low.vector;
    for (auto* list : {&ends.largest, &ends.smallest})
      for (EigenPair& pair : *list) pair.vector.clear();
    report_.largest = std::move(ends.largest);
    report_.smallest = std::move(ends.smallest);
  }

  // ---- the whole spectrum ----

  void exact_spectrum() {
    const double stage = static_cast<double>(n_);
    const Vector h = exact_matrix(problem_, settings_.matrix, [&](double share) {
      stages_.begin("the whole matrix", share, stage);
    });
    stages_.done += stage;
    stages_.begin("its spectrum");
    add_exact("raw", h, &report_.eigenvalues);
    for (std::size_t i = 0; i < n_; ++i) report_.trace += h[i * n_ + i];
    draw_map(h);
    if (!settings_.preconditioners) return;
    for (const auto& [name, diagonal] :
         diagonals(equilibration_diagonal(n_, h), jacobi_diagonal(n_, h))) {
      stages_.begin("spectrum, " + name);
      add_exact(name, preconditioned(n_, h, diagonal));
    }
    stages_.begin("spectrum, kfac");
    add_exact("kfac", kfac_preconditioned(h, problem_.loss().network, problem_.factors(),
                                          inputs_.kfac_damping));
  }

  void add_exact(const std::string& name, const Vector& matrix, Vector* keep = nullptr) {
    const Vector values = symmetric_eigenvalues(n_, matrix);
    Conditioned c;
    c.name = name;
    c.condition = condition_number(values, settings_.threshold);
    c.largest = c.condition->largest;
    c.spread = c.largest * std::sqrt(static_cast<double>(n_)) / norm(values);
    report_.conditioned.push_back(c);
    if (keep != nullptr) *keep = values;
  }

  /// Named diagonals D that the matrix is conditioned with.
  std::vector<std::pair<std::string, Vector>> diagonals(Vector equilibrated, Vector jacobi) {
    std::vector<std::pair<std::string, Vector>> all;
    all.emplace_back("equilibrated", std::move(equilibrated));
    all.emplace_back("jacobi", std::move(jacobi));
    all.emplace_back("adam", adam_diagonal());
    if (inputs_.own_divisor) all.emplace_back("own", *inputs_.own_divisor);
    return all;
  }

  /// The root of the mean square of minibatch gradients: Adam's sqrt(v^) if the weights stood
  /// still.
  Vector adam_diagonal() {
    const std::size_t samples = problem_.loss().samples();
    const std::size_t size = std::min(inputs_.minibatch, samples);
    Vector square(n_);
    std::size_t count = 0;
    for (std::size_t first = 0; first + size <= samples; first += size, ++count) {
      const Vector g = problem_.gradient(first, size);
      for (std::size_t i = 0; i < n_; ++i) square[i] += g[i] * g[i];
    }
    for (double& x : square) x = std::sqrt(x / static_cast<double>(count));
    return square;
  }

  void draw_map(const Vector& h) {
    const std::size_t side = std::min(n_, most_map_side);
    report_.map_side = side;
    std::vector<double> sums(side * side), counts(side * side);
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t j = 0; j < n_; ++j) {
        const std::size_t cell = i * side / n_ * side + j * side / n_;
        sums[cell] += std::abs(h[i * n_ + j]);
        counts[cell] += 1;
      }
    report_.map.resize(side * side);
    for (std::size_t c = 0; c < sums.size(); ++c)
      report_.map[c] = static_cast<float>(sums[c] / counts[c]);
  }

  // ---- estimates ----

  /// |l|_max by Lanczos, and the root mean square of the spectrum by |A v|^2 of random signs v.
  Conditioned estimated(const std::string& name, const SymmetricProduct& a, std::size_t steps) {
    Conditioned c;
    c.name = name;
    const double stage = static_cast<double>(steps);
    double taken = 0, squares = 0, products = 0;
    Vector y(n_);
    const Krylov krylov = lanczos(
        [&](std::span<const double> x, std::span<double> to) {
          stages_.begin("ends of the spectrum, " + name, taken++ / stage, stage);
          a(x, to);
          // Only the first vector of the space is a random one.
          if (products++ == 0) squares = std::inner_product(to.begin(), to.end(), to.begin(), 0.0);
        },
        random_sign_vector(key(7), n_), steps);
    const SpectrumEnds ends = spectrum_ends(krylov, 1);
    c.largest = std::max(std::abs(ends.largest[0].value), std::abs(ends.smallest[0].value));
    c.spread = c.largest / std::sqrt(squares);  // |v| = 1 in there
    stages_.done += stage;
    return c;
  }

  void estimated_spreads() {
    // Raw: from the probes that are there already.
    Conditioned raw;
    raw.name = "raw";
    double square = 0;
    for (const Quadrature& q : report_.quadratures)
      for (std::size_t k = 0; k < q.nodes.size(); ++k) {
        square += q.weights[k] * q.nodes[k] * q.nodes[k] /
                  static_cast<double>(report_.quadratures.size());
        raw.largest = std::max(raw.largest, std::abs(q.nodes[k]));
      }
    raw.spread = raw.largest / std::sqrt(square);
    report_.conditioned.push_back(raw);
    if (!settings_.preconditioners) return;
    Vector equilibrated(n_), jacobi(n_), hv(n_);
    for (std::size_t p = 0; p < equilibration_probes; ++p) {
      stages_.begin("diagonals", static_cast<double>(p) / equilibration_probes,
                    equilibration_probes);
      const Vector v = random_sign_vector(key(200 + p), n_);
      problem_.multiply(settings_.matrix, v, hv);
      for (std::size_t i = 0; i < n_; ++i) {
        equilibrated[i] += hv[i] * hv[i] / equilibration_probes;
        jacobi[i] += v[i] * hv[i] / equilibration_probes;
      }
    }
    stages_.done += equilibration_probes;
    for (std::size_t i = 0; i < n_; ++i) {
      equilibrated[i] = std::sqrt(equilibrated[i]);
      jacobi[i] = std::abs(jacobi[i]);
    }
    for (const auto& [name, diagonal] : diagonals(std::move(equilibrated), std::move(jacobi)))
      report_.conditioned.push_back(estimated(name, product_within(diagonal), diagonal_steps()));
  }

  void traces() {
    stages_.begin("trace");
    report_.hutchinson = hutchinson_trace(product(), n_, settings_.trace_products, key(2));
    stages_.done += static_cast<double>(settings_.trace_products);
    stages_.begin("trace");
    report_.hutchpp = hutchpp_trace(product(), n_, settings_.trace_products, key(3));
    stages_.done += static_cast<double>(settings_.trace_products);
  }

  void layer_blocks() {
    for (const ParameterBlock& block : report_.layers) {
      stages_.begin("layer " + block.name);
      Vector full(n_), result(n_);
      const SymmetricProduct within = [&](std::span<const double> x, std::span<double> y) {
        std::fill(full.begin(), full.end(), 0.0);
        std::copy(x.begin(), x.end(), full.begin() + static_cast<std::ptrdiff_t>(block.first));
        problem_.multiply(settings_.matrix, full, result);
        std::copy_n(result.begin() + static_cast<std::ptrdiff_t>(block.first), block.size,
                    y.begin());
      };
      const SpectrumEnds ends = spectrum_ends(
          lanczos(within, random_sign_vector(key(5), block.size), block_steps()), 1, rounding());
      report_.blocks.push_back({block, ends.largest[0].value, ends.smallest[0].value,
                                ends.largest[0].residual, ends.smallest[0].residual, ends.steps});
      stages_.done += static_cast<double>(block_steps());
    }
  }

  FrozenProblem& problem_;
  const CurvatureSettings& settings_;
  const CurvatureInputs& inputs_;
  const std::size_t n_;
  Stages stages_;
  CurvatureReport report_;
};

}  // namespace

std::span<const Knob> curvature_knobs() {
  return knobs;
}

CurvatureSettings curvature_settings(const KnobValues& given) {
  KnobValues values = given;
  for (const auto& [id, value] : given) {
    const Knob* knob = find_knob(knobs, id);
    if (knob == nullptr)
      throw UsageError("unknown curvature knob '" + id + "'; there are " + knob_names(knobs));
    check_knob("curvature", *knob, value);
  }
  values.merge(default_values(knobs));
  const auto count = [&](const char* id) { return static_cast<std::size_t>(values.at(id)); };
  CurvatureSettings settings;
  settings.batch = count("batch");
  settings.matrix = values.at("matrix") == 0 ? Curvature::hessian : Curvature::gauss_newton;
  settings.exact_limit = count("exact_limit");
  settings.threshold = values.at("threshold");
  settings.steps = count("steps");
  settings.probes = count("probes");
  settings.top = count("top");
  settings.trace_products = count("trace_products");
  settings.hv_probes = count("hv_probes");
  settings.near_zero = values.at("near_zero");
  settings.layers = values.at("layers") != 0;
  settings.preconditioners = values.at("preconditioners") != 0;
  return settings;
}

Precision study_precision(const FrozenLoss& loss) {
  constexpr std::size_t most_for_float64 = 20000;
  return loss.network.parameters <= most_for_float64 ? Precision::f64 : Precision::f32;
}

CurvatureReport study_curvature(FrozenProblem& problem, const CurvatureSettings& settings,
                                const CurvatureInputs& inputs,
                                const std::function<void(double, const std::string&)>& progress) {
  return Study(problem, settings, inputs, progress).run();
}

}  // namespace fieldscope
