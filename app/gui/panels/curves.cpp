// The curves of all runs: quality, loss and cost over step, epoch, time or gradient evaluations.
#include <array>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/curvature.h"

namespace fieldscope::gui {
namespace {

constexpr std::array<std::string_view, metric_count> metric_names = {"Quality", "Loss", "Curvature",
                                                                     "Cost"};

// What is said before there is any quality to draw.
const char* first_measurement(const Workspace& work) {
  return work.picture() ? "The first measurement comes at the end of the first epoch"
                        : "The first measurement is on its way";
}

std::size_t measured_views(Workspace& work) {
  return work.runs().empty() ? 0 : work.runs().front()->snapshot->views.size();
}

PlotSpec spec_for(Workspace& work) {
  PlotSpec spec;
  spec.x_name = x_axis_name(work.x_axis);
  spec.log_x = work.log_x;
  spec.log_y = work.log_y[static_cast<std::size_t>(work.metric)];
  switch (work.metric) {
    case Metric::quality:
      spec.y_name = work.picture() ? "PSNR of the whole picture"
                    : work.scene() ? held_out_psnr_name(measured_views(work))
                                   : "IoU on held-out points";
      spec.y_unit = task_info(work.task()).unit;
      spec.format_y = [task = work.task()](double v) { return format_score(task, v); };
      spec.skip_start = true;
      spec.empty_text = first_measurement(work);
      break;
    case Metric::loss:
      spec.y_name =
          work.mesh() ? "Binary cross entropy of the batches" : "Mean squared error of the batches";
      spec.higher_is_better = false;
      spec.smoothing = work.settings.smoothing;
      spec.format_y = [](double v) { return format_significant(v); };
      spec.empty_text = "Waiting for the first steps";
      break;
    case Metric::curvature:  // has specs of its own
      break;
    case Metric::cost:
      spec.y_name = "Training time of a step";
      spec.y_unit = "ms";
      spec.higher_is_better = false;
      spec.smoothing = work.settings.smoothing;
      spec.format_y = [](double v) { return format_significant(v) + " ms"; };
      spec.empty_text = "Waiting for the first steps";
      break;
  }
  if (work.runs().empty()) spec.empty_text = "Add a run to see its curve";
  switch (work.x_axis) {
    case XAxis::step:
      spec.format_x = [](double v) {
        return "step " + format_integer(static_cast<std::uint64_t>(std::max(0.0, v) + 0.5));
      };
      break;
    case XAxis::epoch:
      spec.format_x = [](double v) { return "epoch " + format_significant(v); };
      break;
    case XAxis::seconds:
      spec.format_x = [](double v) { return format_duration(v); };
      break;
    case XAxis::gradients:
      spec.format_x = [](double v) { return format_count(v) + " gradients"; };
      break;
  }
  return spec;
}

// Lengths of the controls at 100%.
constexpr float control_height = 28, switch_width = 58, menu_most = 196, menu_least = 88;
constexpr float slider_width = 84, knob_room = 6, gap = 12;

float smoothing_width(const Ui& ui) {
  return text_size(ui.fonts.small, "smooth").x + ui.px(8 + slider_width);
}

void draw_smoothing(PanelContext& context) {
  Ui& ui = context.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float middle = at.y + ui.px(control_height) / 2;
  const float text = smoothing_width(ui) - ui.px(slider_width);
  const bool useful = context.work.metric != Metric::quality;
  const float fade = useful ? 1.0f : 0.45f;
  draw_text(list, ui.fonts.small, {at.x, middle - font_pixels(ui.fonts.small) / 2},
            with_alpha(ui.colours.secondary, fade), "smooth");
  ImGui::SetCursorScreenPos({at.x + text, at.y});
  ImGui::InvisibleButton("curves.smooth", {ui.px(slider_width), ui.px(control_height)});
  const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
  ui.map->add("curves.smooth", min, max);
  // The handle stays within the control at both ends.
  const float left = min.x + ui.px(knob_room), right = max.x - ui.px(knob_room);
  double& amount = context.work.settings.smoothing;
  if (ImGui::IsItemActive())
    amount = std::clamp<double>((ImGui::GetIO().MousePos.x - left) / (right - left), 0, 1);
  if (rests_on_item())
    tooltip(ui, "Smoothing",
            useful ? "Draws the mean over a window, and a band from the least to the greatest in "
                     "it. Nothing is averaged across a switch."
                   : "For loss and cost; quality is measured exactly and drawn as it is.");
  const float x = left + static_cast<float>(amount) * (right - left);
  const float half = std::max(1.0f, ui.px(1));
  list->AddRectFilled({left, middle - half}, {right, middle + half}, ui.colours.pressed, 1);
  list->AddRectFilled({left, middle - half}, {x, middle + half},
                      with_alpha(ui.colours.accent, fade), 1);
  list->AddCircleFilled({x, middle}, ui.px(ImGui::IsItemHovered() || ImGui::IsItemActive() ? 6 : 5),
                        useful ? ui.colours.accent : ui.colours.pressed, 16);
}

// What the fit button acts on; the curvature tab has views without a plot.
Plot* current_plot(Workspace& work) {
  if (work.metric == Metric::curvature) return curvature_plot(work);
  return &work.plots[static_cast<std::size_t>(work.metric)];
}

void x_items(PanelContext& context) {
  Workspace& work = context.work;
  for (int i = 0; i < x_axis_count; ++i) {
    const auto axis = static_cast<XAxis>(i);
    if (!menu_item(context.ui, std::string("curves.x.") + x_axis_id(axis), x_axis_name(axis), "",
                   axis == work.x_axis))
      continue;
    work.x_axis = axis;
    work.settings.x_axis = x_axis_id(axis);
    for (auto& plot : work.plots) plot.fit();
  }
}

void toggle_log_x(Workspace& work) {
  work.log_x = !work.log_x;
  for (auto& plot : work.plots) plot.fit();
}

void toggle_log_y(Workspace& work) {
  bool& log_y = work.log_y[static_cast<std::size_t>(work.metric)];
  log_y = !log_y;
  work.plots[static_cast<std::size_t>(work.metric)].fit();
}

// Everything in one menu, where a row of controls has no room.
void draw_menu(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  ButtonLook look;
  look.size = control_height;
  if (icon_button(ui, "curves.more", Icon::more, "Axes and smoothing", "", look))
    ImGui::OpenPopup("curves.more.menu");
  if (!begin_popup(ui, "curves.more.menu")) return;
  menu_heading(ui, "X AXIS");
  x_items(context);
  menu_separator(ui);
  if (menu_item(ui, "curves.log_x", "Logarithmic x", "", work.log_x)) toggle_log_x(work);
  if (menu_item(ui, "curves.log_y", "Logarithmic y", "",
                work.log_y[static_cast<std::size_t>(work.metric)]))
    toggle_log_y(work);
  if (work.metric != Metric::curvature) {
    menu_separator(ui);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::SetCursorScreenPos({at.x + ui.px(8), at.y});
    draw_smoothing(context);
  }
  end_popup();
}

void draw_row(PanelContext& context, float menu, bool smooth) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  menu_button(ui, "curves.x", "x:", x_axis_name(work.x_axis), menu, [&] { x_items(context); });
  ButtonLook look;
  look.size = control_height;
  look.min_width = switch_width;
  look.selected = work.log_x;
  ImGui::SameLine(0, ui.px(gap));
  if (text_button(ui, "curves.log_x", "log x", look, nullptr, "Logarithmic x axis"))
    toggle_log_x(work);
  look.selected = work.log_y[static_cast<std::size_t>(work.metric)];
  ImGui::SameLine(0, ui.px(4));
  if (text_button(ui, "curves.log_y", "log y", look, nullptr, "Logarithmic y axis"))
    toggle_log_y(work);
  if (!smooth) return;
  ImGui::SameLine(0, ui.px(gap));
  draw_smoothing(context);
}

void draw_fit(PanelContext& context, Plot* plot) {
  if (!plot) return;
  ButtonLook look;
  look.size = control_height;
  look.selected = plot->zoomed();
  if (icon_button(context.ui, "curves.fit", Icon::fit, "Fit to data", "double-click", look))
    plot->fit();
}

// Tabs, controls and the fit button, in the widest arrangement that fits: all of them; a narrower
// menu; no smoothing; one menu for the controls; one for the metric too.
// Returns whether everything had a place: the curvature tab has a second row for what had none.
bool draw_header(PanelContext& context, const Rect& where, float height) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const float top = where.min.y + (height - ui.px(control_height)) / 2;
  const float left = where.min.x + ui.px(16), right = where.max.x - ui.px(12);
  const float fit = ui.px(control_height);
  float tabs_width = 0;
  for (const auto name : metric_names)
    tabs_width += text_size(ui.fonts.strong, name).x + ui.px(tabs_width > 0 ? 20 : 0);
  const bool tabs_fit = left + tabs_width + ui.px(gap) + 2 * fit <= right;
  int metric = -1;
  if (tabs_fit) {
    ImGui::SetCursorScreenPos({left, where.min.y + (height - ui.px(32)) / 2});
    metric = tabs(ui, "curves.tab", metric_names, static_cast<int>(work.metric));
  } else {
    ImGui::SetCursorScreenPos({left - ui.px(8), top});
    const float width = std::min(ui.px(120), right - 2 * fit - ui.px(4) - left);
    menu_button(ui, "curves.tab", "", metric_names[static_cast<std::size_t>(work.metric)], width,
                [&] {
                  for (int i = 0; i < metric_count; ++i)
                    if (menu_item(ui, "curves.tab." + std::to_string(i),
                                  metric_names[static_cast<std::size_t>(i)], "",
                                  i == static_cast<int>(work.metric)))
                      metric = i;
                });
  }
  if (metric >= 0) work.metric = static_cast<Metric>(metric);

  if (work.metric == Metric::curvature) {
    // The places of the two buttons are kept where a view has no use for them.
    const float tabs_end = left + (tabs_fit ? tabs_width : ui.px(120));
    const bool complete =
        draw_curvature_controls(context, tabs_end + ui.px(gap), right - 2 * fit - ui.px(gap), top);
    if (work.curvature.show == CurvatureShow::training) {
      ImGui::SetCursorScreenPos({right - 2 * fit, top});
      draw_menu(context);
    }
    ImGui::SetCursorScreenPos({right - fit, top});
    draw_fit(context, current_plot(work));
    return complete;
  }
  const float switches = ui.px(gap + switch_width + 4 + switch_width);
  const float smoothing = ui.px(gap) + smoothing_width(ui);
  const float room = right - fit - ui.px(gap) - (left + tabs_width + ui.px(24));
  const bool smooth = ui.px(menu_least) + switches + smoothing <= room;
  const float rest = switches + (smooth ? smoothing : 0);
  const float menu = std::min(ui.px(menu_most), room - rest);
  if (tabs_fit && menu >= ui.px(menu_least)) {
    ImGui::SetCursorScreenPos({std::floor(right - fit - ui.px(gap) - rest - menu), top});
    draw_row(context, std::floor(menu), smooth);
  } else {
    ImGui::SetCursorScreenPos({right - 2 * fit, top});
    draw_menu(context);
  }
  ImGui::SetCursorScreenPos({right - fit, top});
  draw_fit(context, current_plot(work));
  return true;
}

}  // namespace

void draw_curves(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const PanelScope panel(context, "curves", where, ui.colours.panel);
  const float header = ui.px(44);
  const bool complete = draw_header(context, where, header);
  if (work.metric == Metric::curvature) {
    draw_curvature(context, {{where.min.x, where.min.y + header}, where.max}, !complete);
    return;
  }

  std::vector<PlotSeries> series;
  for (auto& run : work.runs()) {
    const RunView::Curve& curve = run->curve(work.metric, work.x_axis);
    PlotSeries one;
    one.label = run->label;
    one.colour = from_hex(run_colour_rgb(run->colour));
    one.style = run->style();
    one.emphasised = work.runs().size() > 2 && run.get() == work.selected();
    one.points = curve.points;
    one.marks = curve.marks;
    series.push_back(std::move(one));
  }
  const auto at = static_cast<std::size_t>(work.metric);
  const Plot::Request request = work.plots[at].draw(
      ui, "curves.plot", {where.min.x + ui.px(8), where.min.y + header},
      {where.max.x - ui.px(12), where.max.y - ui.px(4)}, spec_for(work), series);
  switch (request) {
    case Plot::Request::none:
      break;
    case Plot::Request::toggle_log_x:
      toggle_log_x(work);
      break;
    case Plot::Request::toggle_log_y:
      toggle_log_y(work);
      break;
    case Plot::Request::png:
      context.exports.chart(false);
      break;
    case Plot::Request::svg:
      context.exports.chart(true);
      break;
    case Plot::Request::csv:
      context.exports.curve();
      break;
  }
}

}  // namespace fieldscope::gui
