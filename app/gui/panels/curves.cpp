// The curves of all runs: quality, loss and cost over step, epoch, time or gradient evaluations.
#include <array>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"

namespace fieldscope::gui {
namespace {

constexpr std::array<std::string_view, metric_count> metric_names = {"Quality", "Loss", "Cost"};

PlotSpec spec_for(const Workspace& work) {
  PlotSpec spec;
  spec.x_name = x_axis_name(work.x_axis);
  spec.log_x = work.log_x;
  spec.log_y = work.log_y[static_cast<std::size_t>(work.metric)];
  switch (work.metric) {
    case Metric::quality:
      spec.y_name = "PSNR of the whole picture";
      spec.y_unit = "dB";
      spec.format_y = [](double v) { return format_psnr(v); };
      spec.empty_text = "The first measurement comes at the end of the first epoch";
      break;
    case Metric::loss:
      spec.y_name = "Mean squared error of the batches";
      spec.higher_is_better = false;
      spec.smoothing = work.settings.smoothing;
      spec.format_y = [](double v) { return format_significant(v); };
      spec.empty_text = "Waiting for the first steps";
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

void draw_smoothing(PanelContext& context, float middle) {
  Ui& ui = context.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const std::string_view name = "smooth";
  const float text = text_size(ui.fonts.small, name).x + ui.px(8), track = ui.px(72);
  const bool useful = context.work.metric != Metric::quality;
  const float fade = useful ? 1.0f : 0.45f;
  draw_text(list, ui.fonts.small, {at.x, middle - font_pixels(ui.fonts.small) / 2},
            with_alpha(ui.colours.secondary, fade), name);
  ImGui::SetCursorScreenPos({at.x + text, middle - ui.px(14)});
  ImGui::InvisibleButton("curves.smooth", {track, ui.px(28)});
  const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
  ui.map->add("curves.smooth", min, max);
  double& amount = context.work.settings.smoothing;
  if (ImGui::IsItemActive())
    amount = std::clamp<double>((ImGui::GetIO().MousePos.x - min.x) / track, 0, 1);
  if (rests_on_item())
    tooltip(ui, "Smoothing",
            useful
                ? "Draws the mean over a window; the band still shows the least and the greatest."
                : "For loss and cost; quality is measured exactly and drawn as it is.");
  const float x = min.x + static_cast<float>(amount) * track;
  list->AddRectFilled({min.x, middle - ui.px(1)}, {max.x, middle + ui.px(1)}, ui.colours.pressed,
                      1);
  list->AddRectFilled({min.x, middle - ui.px(1)}, {x, middle + ui.px(1)},
                      with_alpha(ui.colours.accent, fade), 1);
  list->AddCircleFilled({x, middle}, ui.px(ImGui::IsItemHovered() || ImGui::IsItemActive() ? 6 : 5),
                        useful ? ui.colours.accent : ui.colours.pressed, 16);
  ImGui::SetCursorScreenPos({max.x, at.y});
}

void draw_controls(PanelContext& context, const Rect& where, float header) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const float middle = where.min.y + header / 2, top = middle - ui.px(14);
  // From the widest arrangement to the narrowest that still fits beside the tabs.
  const float tabs_end = ImGui::GetItemRectMax().x + ui.px(24);
  const float room = where.max.x - ui.px(12) - tabs_end;
  const float smoothing = text_size(ui.fonts.small, "smooth").x + ui.px(16 + 8 + 72);
  const float rest = ui.px(12 + 58 + 4 + 58 + 16 + 28);
  float menu = ui.px(196);
  const bool smooth_fits = ui.px(112) + rest + smoothing <= room;
  if (menu + rest + smoothing > room)
    menu = std::clamp(room - rest - (smooth_fits ? smoothing : 0), ui.px(72), ui.px(196));
  const float width = menu + rest + (smooth_fits ? smoothing : 0);
  ImGui::SetCursorScreenPos({std::floor(where.max.x - ui.px(12) - width), top});
  menu_button(ui, "curves.x", "x:", x_axis_name(work.x_axis), menu, [&] {
    for (int i = 0; i < x_axis_count; ++i) {
      const auto axis = static_cast<XAxis>(i);
      if (!menu_item(ui, std::string("curves.x.") + x_axis_id(axis), x_axis_name(axis), "",
                     axis == work.x_axis))
        continue;
      work.x_axis = axis;
      work.settings.x_axis = x_axis_id(axis);
      for (auto& plot : work.plots) plot.fit();
    }
  });
  bool& log_y = work.log_y[static_cast<std::size_t>(work.metric)];
  Plot& plot = work.plots[static_cast<std::size_t>(work.metric)];
  ButtonLook look;
  look.size = 28;
  look.min_width = 58;
  look.selected = work.log_x;
  ImGui::SameLine(0, ui.px(12));
  if (text_button(ui, "curves.log_x", "log x", look, nullptr, "Logarithmic x axis"))
    work.log_x = !work.log_x, plot.fit();
  look.selected = log_y;
  ImGui::SameLine(0, ui.px(4));
  if (text_button(ui, "curves.log_y", "log y", look, nullptr, "Logarithmic y axis"))
    log_y = !log_y, plot.fit();
  ImGui::SameLine(0, ui.px(16));
  if (smooth_fits) draw_smoothing(context, middle);
  ImGui::SetCursorScreenPos({where.max.x - ui.px(12 + 28), top});
  ButtonLook fit;
  fit.size = 28;
  fit.selected = plot.zoomed();
  if (icon_button(ui, "curves.fit", Icon::fit, "Fit to data", "double-click", fit)) plot.fit();
}

}  // namespace

void draw_curves(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const PanelScope panel(context, "curves", where, ui.colours.panel);
  const float header = ui.px(44);
  ImGui::SetCursorScreenPos({where.min.x + ui.px(16), where.min.y + (header - ui.px(32)) / 2});
  if (const int tab = tabs(ui, "curves.tab", metric_names, static_cast<int>(work.metric)); tab >= 0)
    work.metric = static_cast<Metric>(tab);
  draw_controls(context, where, header);

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
      work.log_x = !work.log_x;
      break;
    case Plot::Request::toggle_log_y:
      work.log_y[at] = !work.log_y[at];
      break;
    case Plot::Request::png:
      context.exports.chart(false);
      break;
    case Plot::Request::svg:
      context.exports.chart(true);
      break;
    case Plot::Request::csv:
      context.exports.metrics();
      break;
  }
}

}  // namespace fieldscope::gui
