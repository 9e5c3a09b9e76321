#include "app/gui/curvature_choice.h"

#include <array>

#include "app/gui/format.h"

namespace fieldscope::gui {

const char* curvature_show_name(CurvatureShow show) {
  switch (show) {
    case CurvatureShow::training:
      return "Over training";
    case CurvatureShow::spectrum:
      return "Spectrum";
    case CurvatureShow::products:
      return "Hv density";
    case CurvatureShow::matrix:
      return "Matrix";
    case CurvatureShow::landscape:
      return "Landscape";
  }
  return "";
}

const char* curvature_show_id(CurvatureShow show) {
  switch (show) {
    case CurvatureShow::training:
      return "training";
    case CurvatureShow::spectrum:
      return "spectrum";
    case CurvatureShow::products:
      return "products";
    case CurvatureShow::matrix:
      return "matrix";
    case CurvatureShow::landscape:
      return "landscape";
  }
  return "";
}

std::string MeasureEvery::text() const {
  if (unit == Unit::off) return "off";
  const char* one = unit == Unit::epochs ? "epoch" : "step";
  return count == 1 ? one : format_integer(count) + " " + one + "s";
}

std::uint64_t MeasureEvery::steps(std::uint64_t steps_per_epoch) const {
  if (unit == Unit::off) return 0;
  return unit == Unit::steps ? count : count * steps_per_epoch;
}

std::span<const MeasureEvery> measure_intervals() {
  using Unit = MeasureEvery::Unit;
  static constexpr std::array<MeasureEvery, 8> intervals = {{{},
                                                             {Unit::epochs, 1},
                                                             {Unit::epochs, 10},
                                                             {Unit::steps, 50},
                                                             {Unit::steps, 100},
                                                             {Unit::steps, 500},
                                                             {Unit::steps, 1000},
                                                             {Unit::steps, 5000}}};
  return intervals;
}

const Knob& duty_knob() {
  static constexpr Knob knob = {
      "duty",
      "Share of a core",
      "",
      0.05,
      1,
      0.8,
      KnobScale::linear,
      "The part of its time that a diagnosis works while the run trains; it rests for the other "
      "part. Less leaves training its speed, and takes longer."};
  return knob;
}

std::span<const Knob> landscape_knobs() {
  static constexpr std::array<Knob, 4> knobs = {
      {{"points", "Points", "", 5, 201, 25, KnobScale::integer,
        "Along each direction. A surface costs the square of it in evaluations of the loss."},
       {"reach", "Reach", "", 0.001, 10, 1, KnobScale::logarithmic,
        "How far the picture reaches to each side, in lengths of the weights: every direction is "
        "scaled to the size of the weights it moves. A line to another run has its own length."},
       {"batch", "Frozen batch", "samples", 1, 1 << 20, 1024, KnobScale::integer,
        "Samples over which the loss is evaluated, drawn once from the seed."},
       {"steps", "Lanczos steps", "", 2, 1000, 40, KnobScale::integer,
        "Products with the Hessian to find its eigenvectors; used for those directions only."}}};
  return knobs;
}

// In the order of CurvaturePoint::names.
const char* conditioned_name(std::size_t index) {
  static constexpr const char* names[CurvaturePoint::count] = {
      "raw", "equilibrated", "Jacobi", "Adam's √v", "the optimizer's own", "K-FAC"};
  return names[index];
}

const char* conditioned_help(std::size_t index) {
  static constexpr const char* help[CurvaturePoint::count] = {
      "",
      "Each parameter divided by the size of its row",
      "Each parameter divided by its entry on the diagonal",
      "Each parameter divided by the size of its gradients",
      "What the run's optimizer divides by now",
      "Layer by layer, with Kronecker factors; small fields only"};
  return help[index];
}

}  // namespace fieldscope::gui
