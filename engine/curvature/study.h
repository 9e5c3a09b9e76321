// One diagnosis of a field's curvature at some weights: what is asked for, and all that came out.
// Plain data and one function; the window's curvature panel, `fieldscope curvature` and the tables
// of `train` show the same report.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/curvature/condition.h"
#include "engine/curvature/hv_density.h"
#include "engine/curvature/lanczos.h"
#include "engine/curvature/problem.h"
#include "engine/math/knob.h"

namespace fieldscope {

/// How a diagnosis is made; one knob each (curvature_knobs()).
struct CurvatureSettings {
  std::size_t batch = 1024;  ///< samples of the frozen batch
  Curvature matrix = Curvature::hessian;
  std::size_t exact_limit = 1200;   ///< parameters up to which the whole matrix is formed
  double threshold = 0;             ///< of the condition number; 0: P times 2.2e-16
  std::size_t steps = 60;           ///< of Lanczos, each probe
  std::size_t probes = 4;           ///< of the density
  std::size_t top = 5;              ///< eigenvalues at each end
  std::size_t trace_products = 24;  ///< of each trace estimate
  std::size_t hv_probes = 4;
  double near_zero = 1e-6;  ///< entries of Hv up to so much of the largest
  bool layers = true;       ///< blocks of the matrix, layer by layer
  bool preconditioners = true;

  bool operator==(const CurvatureSettings&) const = default;
};

std::span<const Knob> curvature_knobs();
/// Throws UsageError.
CurvatureSettings curvature_settings(const KnobValues& values);

/// The matrix, or D^-1/2 H D^-1/2 with one D.
struct Conditioned {
  std::string name;  ///< "raw", "equilibrated", "jacobi", "adam", "kfac", "own"
  /// From the whole spectrum, where that was computed.
  std::optional<ConditionNumber> condition;
  /// |l|_max over the root mean square of all |l|: what can be had without the whole spectrum. An
  /// estimate, unless the spectrum is there.
  double spread = 0;
  double largest = 0;  ///< |l|_max
};

/// One block of the matrix: a layer's own parameters.
struct BlockEnds {
  ParameterBlock block;
  double largest = 0, smallest = 0;  ///< eigenvalues at the ends, with sign
  double largest_residual = 0, smallest_residual = 0;
  std::size_t steps = 0;
};

struct CurvatureReport {
  CurvatureSettings settings;
  std::size_t parameters = 0, samples = 0;
  std::string precision, device;  ///< "float64"; "CPU 2 threads"
  double loss = 0;                ///< of the frozen batch
  double gradient_norm = 0;

  bool exact = false;               ///< the whole spectrum is known
  std::vector<double> eigenvalues;  ///< rising, if exact
  double trace = 0;                 ///< if exact
  /// Mean |h| over cells of the matrix, row after row, if exact; the lines between layers are at
  /// the same scale as `layers`.
  std::size_t map_side = 0;
  std::vector<float> map;

  std::vector<Conditioned> conditioned;      ///< raw first
  std::vector<EigenPair> largest, smallest;  ///< outermost first; without vectors
  std::vector<double> top_vector;            ///< of the eigenvalue with the greatest size
  std::size_t ends_steps = 0;
  std::vector<Quadrature> quadratures;
  SpectralDensity density;
  Estimate hutchinson, hutchpp;
  std::vector<HvDensity> hv;
  std::vector<ParameterBlock> layers;
  std::vector<BlockEnds> blocks;

  std::size_t products = 0;
  double seconds = 0;
};

/// float64 where that is affordable, else float32.
Precision study_precision(const FrozenLoss& loss);

/// What the caller knows besides the loss.
struct CurvatureInputs {
  std::optional<std::vector<double>> own_divisor;  ///< Optimizer::divisor()
  std::size_t minibatch = 512;  ///< of Adam's v: the mean square of gradients of so many samples
  double kfac_damping = 0.01;
  std::uint64_t key = 1;  ///< of all random vectors
};

/// Throws Cancelled when the problem's pause does, std::runtime_error where numbers are not finite.
/// `progress` is told the share done and what is being done.
CurvatureReport study_curvature(
    FrozenProblem& problem, const CurvatureSettings& settings, const CurvatureInputs& inputs,
    const std::function<void(double, const std::string&)>& progress = {});

}  // namespace fieldscope
