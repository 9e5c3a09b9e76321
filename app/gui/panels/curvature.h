// The curvature tab of the curves area. Internal to the panels: the tab's controls and frame are in
// curvature.cpp, each view of the measurements in a file of its own.
#pragma once

#include <string>
#include <vector>

#include "app/gui/panels/panel.h"

namespace fieldscope::gui {

// In the row of the area's tabs, between `left` and `right`. Whether the button had room there.
bool draw_curvature_controls(PanelContext& context, float left, float right, float top);
// Everything below that row; with the button where the row had no room for it.
void draw_curvature(PanelContext& context, const Rect& where, bool with_button);
// The plot that the fit button acts on; none where there is no plot.
Plot* curvature_plot(Workspace& work);
// What the knobs of the tab are: of diagnoses, or of landscapes where these are shown.
void draw_curvature_settings(PanelContext& context, bool scope, bool interval);
void interval_items(PanelContext& context);
void scope_items(PanelContext& context);

// What a view says about itself.
struct CurvatureWords {
  std::string sentence;  // what is seen
  std::string settings;  // what produced it
};

struct CurvatureView {
  bool (*has_data)(Workspace& work);
  CurvatureWords (*words)(Workspace& work);
  void (*draw)(PanelContext& context, const Rect& where);
};
extern const CurvatureView training_view, spectrum_view, products_view, matrix_view, landscape_view;

// Whether condition numbers can be shown: where one of the runs was only estimated the last time,
// all of them show the spread instead.
bool shows_kappa(Workspace& work);
// The selected run if it has a report, else the first that has one.
const RunView* run_with_report(Workspace& work);
// "Hessian of 1,024 samples, 4 probes of 60 Lanczos steps, float32, step 1,280"
std::string study_text(const Snapshot& snapshot, const std::string& how);
PlotSeries curvature_series(Workspace& work, const RunView& run);
// Charts and tables of what a Plot showed.
void answer_plot(PanelContext& context, Plot::Request request, const std::string& name,
                 const Plot& plot, const PlotSpec& spec, const std::vector<PlotSeries>& series);
// The one plot of a view, with what people ask of it; `name` is that of exported files, `log_y`
// what the spec's came from.
Plot::Request draw_view_plot(PanelContext& context, const Rect& where, Plot& plot,
                             const PlotSpec& spec, const std::vector<PlotSeries>& series,
                             const std::string& name, bool& log_y);

}  // namespace fieldscope::gui
