#include "app/headless/fixtures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <new>
#include <numeric>
#include <optional>

#include <nlohmann/json.hpp>

#include "engine/backend/devices.h"
#include "engine/curvature/condition.h"
#include "engine/curvature/exact.h"
#include "engine/data/whole_file.h"
#include "engine/field/field.h"
#include "engine/field/objective.h"
#include "engine/math/error.h"
#include "engine/optim/registry.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Outcome = FixtureRow::Outcome;

// What the reference's own description asks of the engine. It asks nothing of trajectories in
// float32: their first step is a gradient (and a Hessian product) and held to the same; what twelve
// steps make of the rounding depends on the trajectory (SGD with the Gaussian carries 1e-16 to
// 2e-11 in float64, which leaves float32 no better than 5e-3).
constexpr double derivatives_f64 = 1e-9, derivatives_f32 = 2e-4;
/// Of eigenvalues, next to the largest (reference/README.md); and what rounding adds to a condition
/// number for each unit of it.
constexpr double eigenvalues_f64 = 1e-8, kappa_rounding = 1e-13;
constexpr double trajectory_f64 = 1e-6, first_step_f32 = 2e-4, trajectory_f32 = 2e-2;

constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;

/// Thrown for what a later version replays.
struct NotYet {
  std::string reason;
};
/// Thrown for a file that does not hold what it should.
struct Unfit {
  std::string reason;
};

bool begins(const std::string& text, const char* start) {
  return text.rfind(start, 0) == 0;
}

/// The fixtures' names of hyperparameters -> ours, for each activation and optimizer replayed here.
using KnobNames = std::map<std::string, std::string>;
const std::map<std::string, KnobNames>& activation_knobs() {
  static const std::map<std::string, KnobNames> knobs = {
      {"sine", {{"omega", "omega"}}},
      {"gaussian", {{"sigma", "sigma"}}},
      {"wavelet", {{"gabor_omega", "omega"}, {"gabor_scale", "scale"}}},
      {"sinc", {{"omega", "omega"}}},
      {"relu", {}},
      {"relu_pe", {{"posenc_L", "levels"}}},
  };
  return knobs;
}
/// Where they have another name than ours, by optimizer.
const std::map<std::string, KnobNames>& optimizer_aliases() {
  static const std::map<std::string, KnobNames> knobs = {
      {"esgd", {{"update_d_every", "refresh_every"}, {"d_warmup", "warmup"}}},
      {"kfac", {{"adam_lr", "lr"}, {"update_every", "refresh_every"}}},
      {"shampoo", {{"graft", "grafting"}}},
  };
  return knobs;
}

KnobValues translated(const KnobNames& names, const Json& hyperparameters) {
  KnobValues values;
  for (const auto& [theirs, ours] : names) values[ours] = hyperparameters.at(theirs).get<double>();
  return values;
}

/// K-FAC is named together with what is behind it.
std::string our_id(const std::string& optimizer) {
  return begins(optimizer, "kfac_") ? "kfac" : optimizer;
}

/// Every hyperparameter must be a knob of ours.
KnobValues optimizer_values(const OptimizerEntry& entry, const Json& hyperparameters) {
  const auto aliases = optimizer_aliases().find(std::string(entry.id));
  KnobValues values;
  for (const auto& [theirs, value] : hyperparameters.items()) {
    std::string ours = theirs;
    if (aliases != optimizer_aliases().end()) {
      const auto alias = aliases->second.find(theirs);
      if (alias != aliases->second.end()) ours = alias->second;
    }
    const Knob* knob = find_knob(entry.knobs, ours);
    if (knob == nullptr) throw Unfit{std::string(entry.id) + " has no knob for '" + theirs + "'"};
    values[ours] = value.is_string()    ? parse_knob(entry.id, *knob, value.get<std::string>())
                   : value.is_boolean() ? static_cast<double>(value.get<bool>())
                                        : value.get<double>();
  }
  if (find_knob(entry.knobs, "first_probes") != nullptr)
    values["first_probes"] = 1;  // one v a step was recorded
  return values;
}

std::vector<double> numbers(const Json& json, const char* key) {
  return json.at(key).get<std::vector<double>>();
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  return Json(shape).dump();
}

/// One reference file set up on one backend.
class Replay {
 public:
  Replay(const Json& json, Precision precision, const std::shared_ptr<ThreadPool>& pool,
         const std::string& device)
      : json_(json), backend_(make_backend(device, pool, precision)), field_(make_field(json)) {
    check_layout();
    x_ = upload(numbers(json, "x"));
    t_ = upload(numbers(json, "t"));
    w_ = upload(numbers(json, "parameters"));
    samples_ = json.at("x_shape").at(0).get<std::size_t>();
    if (w_.size() != field_.parameters() ||
        x_.size() != samples_ * static_cast<std::size_t>(field_.network().coordinates) ||
        t_.size() != samples_ * static_cast<std::size_t>(field_.network().outputs)) {
      throw Unfit{"its arrays do not have the sizes that it states"};
    }
  }

  std::vector<FixtureRow::Error> derivatives() {
    FieldObjective objective(*backend_, field_.network(), loss());
    objective.set_batch({&x_, &t_, samples_});
    Buffer y = backend_->allocate(t_.size()), g = backend_->allocate(w_.size());
    Buffer hv = backend_->allocate(w_.size());
    const Buffer v = upload(numbers(json_, "v"));
    std::vector<FixtureRow::Error> errors;
    const auto compare = [&](const char* what, const std::vector<double>& ours, const char* key) {
      errors.push_back({what, relative_error(ours, numbers(json_, key)), 0});
    };
    backend_->forward(field_.network(), w_, x_, samples_, y);
    compare("y", download(y), "y");
    const double value = objective.gradient(w_, g);
    errors.push_back({"loss", relative_error({value}, {json_.at("loss_value").get<double>()}), 0});
    compare("gradient", download(g), "gradient");
    const auto product = [&](Curvature curvature, const char* what, const char* key) {
      backend_->fill(g, 0);
      objective.gradient_and_product(curvature, w_, v, g, hv);
      compare(what, download(hv), key);
      // The gradient that comes with it is the same gradient.
      errors[2].relative =
          std::max(errors[2].relative, relative_error(download(g), numbers(json_, "gradient")));
    };
    product(Curvature::hessian, "Hv", "hessian_vector");
    product(Curvature::gauss_newton, "Gv", "gauss_newton_vector");
    return errors;
  }

  /// The whole Hessian, its spectrum, and condition numbers as the paper's code defines them. Above
  /// `most_kappa` those are rounding, and in float32 always.
  std::vector<FixtureRow::Error> spectrum(Precision precision) {
    constexpr double most_kappa = 1e10;
    const bool exact = precision == Precision::f64;
    FrozenLoss frozen;
    frozen.network = field_.network();
    frozen.loss = loss();
    frozen.weights = numbers(json_, "parameters");
    frozen.coordinates = numbers(json_, "x");
    frozen.targets = numbers(json_, "t");
    FrozenProblem problem(frozen, std::move(backend_));
    const std::size_t n = problem.parameters();
    const std::vector<double> h = exact_matrix(problem, Curvature::hessian);
    const std::vector<double> values = symmetric_eigenvalues(n, h);
    const std::vector<double> expected = numbers(json_, "eigenvalues");
    if (expected.size() != n) throw Unfit{"it does not have an eigenvalue for each parameter"};

    std::vector<FixtureRow::Error> errors;
    const auto compare = [&](const char* what, const std::vector<double>& ours, const char* key) {
      errors.push_back({what, relative_error(ours, numbers(json_, key)),
                        exact ? derivatives_f64 : derivatives_f32});
    };
    compare("H", h, "hessian");
    double away = 0, largest = 0, trace = 0;
    for (std::size_t i = 0; i < n; ++i) {
      away = std::max(away, std::abs(values[i] - expected[i]));
      largest = std::max(largest, std::abs(expected[i]));
      trace += h[i * n + i];
    }
    errors.push_back({"eigenvalues", away / largest, exact ? eigenvalues_f64 : derivatives_f32});
    // The reference has the authors' floor where a row (of a dead ReLU) is exactly zero.
    const auto floored = [](std::vector<double> diagonal) {
      constexpr double authors_floor = 1e-4;
      std::replace(diagonal.begin(), diagonal.end(), 0.0, authors_floor);
      return diagonal;
    };
    const std::vector<double> equilibrated = floored(equilibration_diagonal(n, h));
    const std::vector<double> jacobi = floored(jacobi_diagonal(n, h));
    compare("equilibration", equilibrated, "equilibration");
    compare("jacobi", jacobi, "jacobi");
    if (!exact) return errors;
    // Against all that is added up in it: the sum itself may cancel.
    const double sizes = std::accumulate(jacobi.begin(), jacobi.end(), 0.0);
    errors.push_back(
        {"trace", std::abs(trace - json_.at("trace").get<double>()) / sizes, derivatives_f64});
    const auto kappa = [&](const char* what, const std::vector<double>& spectrum, const char* key) {
      const double theirs = json_.at(key).get<double>(), ours = condition_number(spectrum).authors;
      // The smallest eigenvalue is only as good as rounding lets it be next to the largest.
      if (theirs < most_kappa)
        errors.push_back({what, std::abs(ours - theirs) / theirs,
                          std::max(eigenvalues_f64, theirs * kappa_rounding)});
    };
    kappa("kappa", values, "kappa");
    kappa("kappa_equilibrated", symmetric_eigenvalues(n, preconditioned(n, h, equilibrated)),
          "kappa_equilibrated");
    kappa("kappa_jacobi", symmetric_eigenvalues(n, preconditioned(n, h, jacobi)), "kappa_jacobi");
    return errors;
  }

  struct Trajectory {
    std::vector<double> losses, first, last;  ///< weights after the first and the last step
  };

  /// From the reference's start, each weight changed by `change` of itself.
  Trajectory run(double change) {
    std::vector<double> start = numbers(json_, "parameters");
    for (double& weight : start) weight *= 1 + change;
    w_ = upload(start);
    const std::string id = json_.at("optimizer").get<std::string>();
    const OptimizerEntry& entry = find_optimizer(our_id(id));
    KnobValues knobs = optimizer_values(entry, json_.at("hyperparameters"));
    if (id == "kfac_sgd") knobs["behind"] = 1;
    const OptimizerSpec spec =
        resolve_optimizer({std::string(entry.id), knobs}, field_.spec().activation);
    const auto optimizer = entry.make(*backend_, layout_of(field_.network()), spec.knobs);
    GivenProbes objective(*backend_, field_.network(), loss(), json_.at("probes"));
    objective.set_batch({&x_, &t_, samples_});
    Buffer g = backend_->allocate(w_.size());
    Trajectory result;
    const auto steps = json_.at("steps").get<std::uint64_t>();
    for (std::uint64_t step = 0; step < steps; ++step) {
      objective.set_step(step);
      result.losses.push_back(optimizer->step(objective, w_, g, step));
      if (step == 0) result.first = download(w_);
    }
    result.losses.push_back(objective.gradient(w_, g));
    result.last = download(w_);
    return result;
  }

  /// The reference's own.
  Trajectory expected() const {
    return {numbers(json_, "losses"), numbers(json_, "parameters_after_first_step"),
            numbers(json_, "parameters_after_last_step")};
  }

 private:
  /// The loss with the random vectors that the reference drew.
  class GivenProbes : public FieldObjective {
   public:
    GivenProbes(Backend& backend, const Network& network, LossKind loss, const Json& probes)
        : FieldObjective(backend, network, loss), probes_(probes) {}
    void set_step(std::uint64_t step) {
      step_ = step;
      drawn_ = 0;
    }
    void draw_probe(Buffer& v, ProbeKind) override {
      const Json& probe = probes_.at(step_);
      const bool several = probe.is_array() && !probe.empty() && probe[0].is_array();
      if (!probe.is_array() || drawn_ >= (several ? probe.size() : 1)) {
        throw Unfit{"the optimizer wants more random vectors at step " + std::to_string(step_) +
                    " than the reference drew"};
      }
      backend().upload(v, (several ? probe[drawn_] : probe).get<std::vector<double>>());
      ++drawn_;
    }

   private:
    const Json& probes_;
    std::uint64_t step_ = 0;
    std::size_t drawn_ = 0;  ///< in this step
  };

  static Field make_field(const Json& json) {
    const std::string activation = json.at("activation").get<std::string>();
    const auto names = activation_knobs().find(activation);
    if (names == activation_knobs().end()) throw NotYet{"activation " + activation};
    FieldSpec spec;
    spec.activation = activation;
    spec.hidden = json.at("hidden").get<std::vector<int>>();
    spec.knobs = translated(names->second, json.at("hyper"));
    return Field(resolve_field(spec),
                 {json.at("in_features").get<int>(), json.at("out_features").get<int>()});
  }

  void check_layout() const {
    const auto names = json_.at("parameter_names").get<std::vector<std::string>>();
    const auto shapes = json_.at("parameter_shapes").get<std::vector<std::vector<std::size_t>>>();
    const auto& tensors = field_.tensors();
    bool same = names.size() == tensors.size() && shapes.size() == tensors.size();
    for (std::size_t i = 0; same && i < tensors.size(); ++i) {
      if (names[i] != tensors[i].name || shapes[i] != tensors[i].shape) {
        throw Unfit{"its tensor " + names[i] + " " + shape_text(shapes[i]) +
                    " is not the engine's " + tensors[i].name + " " + shape_text(tensors[i].shape)};
      }
    }
    if (!same) throw Unfit{"it has other tensors than the engine"};
  }

  LossKind loss() const {
    const std::string name = json_.at("loss").get<std::string>();
    if (name == "mse") return LossKind::mse;
    if (name == "bce") return LossKind::bce;
    throw NotYet{"loss " + name};
  }

  Buffer upload(const std::vector<double>& values) {
    Buffer buffer = backend_->allocate(values.size());
    backend_->upload(buffer, values);
    return buffer;
  }
  std::vector<double> download(const Buffer& buffer) const {
    std::vector<double> values(buffer.size());
    backend_->download(buffer, values);
    return values;
  }

  const Json& json_;
  std::unique_ptr<Backend> backend_;
  Field field_;
  Buffer x_, t_, w_;
  std::size_t samples_ = 0;
};

bool within(const std::vector<FixtureRow::Error>& errors) {
  return std::all_of(errors.begin(), errors.end(),
                     [](const auto& error) { return error.relative <= error.tolerance; });
}

std::vector<FixtureRow::Error> errors_of(const Replay::Trajectory& ours,
                                         const Replay::Trajectory& theirs, Precision precision) {
  const bool exact = precision == Precision::f64;
  const double tolerance = exact ? trajectory_f64 : trajectory_f32;
  return {
      {"losses", relative_error(ours.losses, theirs.losses), tolerance},
      {"first", relative_error(ours.first, theirs.first), exact ? trajectory_f64 : first_step_f32},
      {"last", relative_error(ours.last, theirs.last), tolerance}};
}

/// Losses from the first on that a neighbour agrees with: so many are determined.
std::size_t agreeing(const std::vector<double>& losses, const std::vector<double>& neighbour,
                     double tolerance) {
  std::size_t count = 0;
  while (count < losses.size() &&
         relative_error({losses[count]}, {neighbour[count]}) <= tolerance) {
    ++count;
  }
  return count;
}

void check_trajectory(Replay& replay, FixtureRow& row) {
  const Replay::Trajectory ours = replay.run(0), theirs = replay.expected();
  row.errors = errors_of(ours, theirs, row.precision);
  if (within(row.errors)) {
    row.outcome = Outcome::passed;
    return;
  }
  // Are these numbers determined at all? Starts that differ by a few roundings tell: how long a
  // chaotic trajectory stays with one neighbour is chance, so that there are several.
  row.outcome = Outcome::failed;
  const double rounding = row.precision == Precision::f64 ? 1e-15 : 5e-7;
  const double tolerance = row.errors.front().tolerance;
  std::size_t determined = ours.losses.size();
  for (const double change : {rounding, -rounding, 2 * rounding}) {
    const Replay::Trajectory moved = replay.run(change);
    determined = std::min(determined, agreeing(ours.losses, moved.losses, tolerance));
    const auto roundings = errors_of(moved, ours, row.precision);
    for (std::size_t i = 0; i < row.errors.size(); ++i)
      row.errors[i].rounding = std::max(row.errors[i].rounding, roundings[i].relative);
  }
  const bool explained =
      std::all_of(row.errors.begin(), row.errors.end(), [](const FixtureRow::Error& error) {
        return error.relative <= error.tolerance || error.rounding > error.tolerance;
      });
  const std::size_t right = agreeing(ours.losses, theirs.losses, tolerance);
  if (!explained || right < determined) return;
  row.outcome = Outcome::undetermined;
  row.reason = "rounding the start alone moves losses by " + error_text(row.errors[0].rounding) +
               ", the last weights by " + error_text(row.errors[2].rounding) +
               "; losses agree to step " + std::to_string(right - 1);
}

/// Rays of given raw numbers through the loss of LossKind::volume. The numbers are the weights of a
/// network without hidden layers whose sample i is the i-th unit vector, so that the derivatives by
/// the weights are those by the numbers, computed as for any field.
std::vector<FixtureRow::Error> volume_rendering(const Json& json, Backend& backend) {
  const auto rays = json.at("rays").get<std::size_t>(),
             count = json.at("samples").get<std::size_t>();
  const std::size_t all = rays * count, m = radiance_outputs;
  const std::vector<double> z = numbers(json, "z"), raw = numbers(json, "raw");
  const std::vector<double> target = numbers(json, "target"), v = numbers(json, "v");
  if (rays == 0 || count == 0 || z.size() != all || raw.size() != all * m ||
      v.size() != raw.size() || target.size() != 3 * rays)
    throw Unfit{"its arrays do not have the sizes that it states"};
  if (json.at("density") != "softplus" || json.at("colour_activation") != "sigmoid" ||
      json.at("transmittance_eps") != transmittance_floor)
    throw Unfit{"its density, colour activation or transmittance_eps is another one than ours"};
  std::vector<double> lengths(all, json.at("last_delta").get<double>()), unit(all * all, 0);
  for (std::size_t i = 0; i < all; ++i) {
    if (i % count + 1 < count) lengths[i] = z[i + 1] - z[i];
    unit[i * all + i] = 1;
  }
  Network network;
  network.coordinates = network.features = static_cast<int>(all);
  network.outputs = static_cast<int>(m);
  network.output = {static_cast<int>(all), static_cast<int>(m), 0, all * m};
  network.parameters = (all + 1) * m;
  // [sample][number] <-> W [number][sample], with biases of 0 behind.
  const auto as_weights = [&](const std::vector<double>& numbers) {
    std::vector<double> w(network.parameters);
    for (std::size_t i = 0; i < all * m; ++i) w[i % m * all + i / m] = numbers[i];
    return w;
  };
  const auto upload = [&](const std::vector<double>& numbers) {
    Buffer buffer = backend.allocate(numbers.size());
    backend.upload(buffer, std::span<const double>(numbers));
    return buffer;
  };
  const auto download = [&](const Buffer& buffer) {
    std::vector<double> numbers(buffer.size());
    backend.download(buffer, std::span<double>(numbers));
    return numbers;
  };
  std::vector<FixtureRow::Error> errors;
  const auto compare = [&](const char* what, const std::vector<double>& ours,
                           const std::vector<double>& theirs) {
    errors.push_back({what, relative_error(ours, theirs), 0});
  };
  const auto compare_derivatives = [&](const char* what, const Buffer& ours, const char* key) {
    std::vector<double> by_weights = download(ours), expected = as_weights(numbers(json, key));
    by_weights.resize(all * m);  // without the biases
    expected.resize(all * m);
    compare(what, by_weights, expected);
  };

  const Buffer x = upload(unit), t = upload(target), w = upload(as_weights(raw));
  const Buffer direction = upload(as_weights(v)), delta = upload(lengths);
  Buffer y = backend.allocate(all * m), g = backend.allocate(w.size()),
         hv = backend.allocate(w.size());
  Batch batch{&x, &t, all, {&delta, count, DensityActivation::softplus, 0}};
  backend.forward(network, w, x, all, y);
  std::vector<double> outputs = download(y), scratch(2 * count), colours, weights;
  for (std::size_t i = 0; i < rays; ++i) {
    double colour[3], tangent[3];
    const RaySamples<double> ray{outputs.data() + i * count * m, nullptr, m,
                                 lengths.data() + i * count,     count,   scratch.data()};
    render_ray(RayLoss{}, ray, colour, tangent);
    colours.insert(colours.end(), colour, colour + 3);
    for (std::size_t k = 0; k < count; ++k)
      weights.push_back(scratch[2 * k] *
                        opacity_of(DensityActivation::softplus, ray.y[k * m + 3], ray.lengths[k]));
  }
  compare("colours", colours, numbers(json, "colour"));
  compare("weights", weights, numbers(json, "weights"));
  const double loss = backend.gradient(network, LossKind::volume, w, batch, g);
  compare("loss", {loss}, {json.at("loss_value").get<double>()});
  compare_derivatives("gradient", g, "gradient");
  backend.gradient_and_product(network, LossKind::volume, Curvature::hessian, w, direction, batch,
                               g, hv);
  compare_derivatives("gradient beside Hv", g, "gradient");
  compare_derivatives("Hv", hv, "hessian_vector");
  return errors;
}

FixtureRow replay(const Json& json, const std::string& name, Precision precision,
                  const std::shared_ptr<ThreadPool>& pool, const std::string& device) {
  FixtureRow row;
  row.file = name;
  row.precision = precision;
  const auto tolerate = [&](std::vector<FixtureRow::Error> errors) {
    row.errors = std::move(errors);
    for (auto& error : row.errors)
      error.tolerance = precision == Precision::f64 ? derivatives_f64 : derivatives_f32;
    row.outcome = within(row.errors) ? Outcome::passed : Outcome::failed;
  };
  if (begins(name, "volume-rendering")) {
    tolerate(volume_rendering(json, *make_backend(device, pool, precision)));
    return row;
  }
  Replay replay(json, precision, pool, device);
  if (begins(name, "derivatives-")) {
    tolerate(replay.derivatives());
  } else if (begins(name, "hessian-")) {
    row.errors = replay.spectrum(precision);
    row.outcome = within(row.errors) ? Outcome::passed : Outcome::failed;
  } else {
    check_trajectory(replay, row);
  }
  return row;
}

/// Why this version does not replay a file; empty if it does.
std::string not_yet_reason(const std::string& name, const Json& json) {
  if (begins(name, "trajectory-")) {
    const std::string optimizer = json.at("optimizer").get<std::string>();
    const auto all = optimizers();
    const bool known = std::any_of(all.begin(), all.end(), [&](const OptimizerEntry& entry) {
      return entry.id == our_id(optimizer);
    });
    if (!known) return "optimizer " + optimizer;
  }
  return "";
}

}  // namespace

std::string error_text(double error) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1e", error);
  return text;
}

double relative_error(const std::vector<double>& a, const std::vector<double>& b) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (a.size() != b.size()) return infinity;
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  const double error = size > 0 ? std::sqrt(difference / size) : std::sqrt(difference);
  return std::isfinite(error) ? error : infinity;
}

std::vector<fs::path> find_fixtures(const fs::path& folder) {
  const auto refuse = [&](const std::string& reason) {
    throw DataError("cannot read reference files from '" + folder.string() + "': " + reason);
  };
  std::error_code error;
  if (!fs::is_directory(folder, error)) refuse("it is not a folder; check the path");
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool known = begins(name, "derivatives-") || begins(name, "hessian-") ||
                       begins(name, "trajectory-") || begins(name, "volume-rendering");
    if (known && entry.path().extension() == ".json") files.push_back(entry.path());
  }
  if (error) refuse(error.message());
  if (files.empty()) {
    refuse("it holds none; they are called derivatives-*.json, trajectory-*.json, ...");
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<FixtureRow> check_fixture(const fs::path& file, const std::shared_ptr<ThreadPool>& pool,
                                      const std::string& device) {
  FixtureRow row;
  row.file = file.stem().string();
  try {
    const std::string text = read_whole_file(file, "reference", most_bytes);
    if (nests_too_deeply(text)) throw Unfit{"the file is damaged: it nests too deeply"};
    const Json json = Json::parse(text);
    const std::string reason = not_yet_reason(row.file, json);
    if (!reason.empty()) throw NotYet{reason};
    return {replay(json, row.file, Precision::f64, pool, device),
            replay(json, row.file, Precision::f32, pool, device)};
  } catch (const NotYet& later) {
    row.reason = later.reason;
    return {row};
  } catch (const Unfit& unfit) {
    row.reason = unfit.reason;
  } catch (const Json::exception& damaged) {
    row.reason = std::string("the file is damaged: ") + damaged.what();
  } catch (const std::bad_alloc&) {
    row.reason = "there is not enough memory for it";
  } catch (const std::exception& refused) {  // one bad file leaves the others their turn
    row.reason = refused.what();
  }
  row.outcome = Outcome::failed;
  return {row};
}

}  // namespace fieldscope
