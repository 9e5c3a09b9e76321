// What the window keeps for each run beside the run itself: its colour, its texture, the curves in
// the form that the plot wants. Owned by the Workspace; UI thread only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/gl/texture.h"
#include "app/gui/mesh_scene.h"
#include "app/gui/scene_pictures.h"
#include "app/gui/widgets/heat_map.h"
#include "app/gui/widgets/image_view.h"
#include "app/gui/widgets/plot.h"
#include "engine/experiment/experiment.h"

namespace fieldscope::gui {

enum class ViewMode { reconstruction, absolute_error, signed_error, versus_run };
inline constexpr int view_mode_count = 4;
const char* view_mode_name(ViewMode mode);

enum class XAxis { step, epoch, seconds, gradients };
inline constexpr int x_axis_count = 4;
const char* x_axis_name(XAxis axis);  // "epoch"
const char* x_axis_id(XAxis axis);    // the same in settings and reports
double on_axis(const Progress& at, XAxis axis);

enum class Metric { quality, loss, curvature, cost };
inline constexpr int metric_count = 4;
const char* metric_name(Metric metric);

struct RunView {
  RunId id = 0;
  int colour = 0;                          // index into the Okabe-Ito list
  const Snapshot* snapshot = nullptr;      // the newest; of this frame
  std::string label;                       // "ESGD · sine", made different from the other runs'
  std::string short_name;                  // its optimizer alone, likewise different
  std::string label_now;                   // like label, without an earlier activation
  PictureTextures texture;                 // of the reconstruction
  std::shared_ptr<const Image> values_of;  // whose exact values are uploaded
  std::shared_ptr<const Image> picture;    // what the texture shows, for reading pixels
  ShownSurface surface;                    // occupancy: what its field looks like
  ShownView scene;                         // NeRF: what the camera sees of its field
  std::optional<ViewMode> own_view;        // where it differs from the window's
  std::optional<ImageTransform> own_zoom;  // where the tile is not linked
  std::vector<QualityPoint> looks;         // the newest measurements, recorded or not
  std::string trouble_told;
  std::uint64_t refusals_told = 0;  // the failure that a toast already told

  // The curves, rebuilt when the history changed.
  struct Curve {
    std::shared_ptr<const History> of;
    XAxis axis = XAxis::epoch;
    std::vector<PlotPoint> points;
    std::vector<PlotMark> marks;
  };
  // Of the curvature only the marks: what is drawn of it is the tab's own choice.
  const Curve& curve(Metric metric, XAxis axis);

  // The curvature tab's: when something was last asked of this run, in seconds; what the landscape
  // is drawn with; its pictures.
  double curvature_asked = -1e9;
  LandscapeSettings landscape_asked;
  HeatMap matrix_map, landscape_map;

  // Adds the snapshot's measurement to `looks`.
  void take_look();
  // `now` in seconds. A run that lets others catch up for more than a moment says so.
  void note_progress(double now);
  bool waits = false;

  // Whether the last measurement says little about the weights as they are: steps and time have
  // passed since then.
  bool quality_is_old() const;

  // What a step costs in gradients, over the last thousand steps of the optimizer in force.
  double gradients_per_step() const;

  // The score at `x`, between two measurements by a straight line; none before the first of them.
  std::optional<double> quality_at(double x, XAxis axis) const;

  LineStyle style() const { return static_cast<LineStyle>(colour % 4); }

 private:
  std::array<Curve, metric_count> curves_;
  std::uint64_t last_step_ = 0;
  double moved_at_ = 0;
};

}  // namespace fieldscope::gui
