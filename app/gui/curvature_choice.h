// What the curvature tab shows and how it is measured: what people choose, without any drawing.
// Owned by the Workspace; UI thread only.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "app/gui/widgets/plot.h"
#include "engine/curvature/landscape.h"
#include "engine/math/knob.h"
#include "engine/train/snapshot.h"

namespace fieldscope::gui {

enum class CurvatureShow { training, spectrum, products, matrix, landscape };
inline constexpr int curvature_show_count = 5;
const char* curvature_show_name(CurvatureShow show);  // "Over training"
const char* curvature_show_id(CurvatureShow show);    // the same in reports

// How often a diagnosis is begun by itself.
struct MeasureEvery {
  enum class Unit { off, epochs, steps };
  Unit unit = Unit::off;
  std::uint64_t count = 0;

  bool operator==(const MeasureEvery&) const = default;
  std::string text() const;  // "off", "epoch", "500 steps"
  // In steps of a run whose epoch has so many; 0: off, or not known yet.
  std::uint64_t steps(std::uint64_t steps_per_epoch) const;
};
std::span<const MeasureEvery> measure_intervals();

// Knobs of the panel itself beside curvature_knobs().
const Knob& duty_knob();
std::span<const Knob> landscape_knobs();

struct CurvatureChoice {
  CurvatureShow show = CurvatureShow::training;
  std::size_t conditioned = 1;  // of CurvaturePoint::names, drawn beside the raw matrix
  bool only_selected = false;   // who is measured
  KnobValues knobs;             // curvature_knobs() that differ from their defaults
  double duty = 0.8;
  MeasureEvery every;
  LandscapeSettings landscape;
  std::uint32_t path_to = 0;        // the run at the other end of a path
  float turn = 0.7f, tilt = 0.85f;  // of the surface, radians
  bool log_spectrum = true;
  bool relative_spectrum = false;  // each run's λ as a share of its own largest |λ|
  Plot spectrum, sizes, line;      // the overview over training is a Plot of the workspace

  void fit() { spectrum.fit(), sizes.fit(), line.fit(); }
};

// "equilibrated", "Jacobi", "Adam's √v̂", "the optimizer's own", "K-FAC"
const char* conditioned_name(std::size_t index);
const char* conditioned_help(std::size_t index);

}  // namespace fieldscope::gui
