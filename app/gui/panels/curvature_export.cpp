// Charts and tables of the curvature tab, as its plots showed them.
#include "app/gui/panels/curvature.h"
#include "engine/export/atomic_file.h"
#include "engine/export/metrics_csv.h"

namespace fieldscope::gui {
namespace {

std::uint32_t rgb_of(ImU32 colour) {
  const auto part = [&](int shift) { return (colour >> shift) & 0xFFu; };
  return part(IM_COL32_R_SHIFT) << 16 | part(IM_COL32_G_SHIFT) << 8 | part(IM_COL32_B_SHIFT);
}

fieldscope::Plot chart_of(const Plot& plot, const PlotSpec& spec,
                          const std::vector<PlotSeries>& series) {
  fieldscope::Plot chart;
  chart.title = spec.y_unit.empty() ? spec.y_name : spec.y_name + ", " + spec.y_unit;
  chart.x_label = spec.x_name;
  chart.log_x = spec.log_x;
  chart.log_y = spec.log_y;
  chart.x_range.emplace(plot.x_axis().low(), plot.x_axis().high());
  chart.y_range.emplace(plot.y_axis().low(), plot.y_axis().high());
  for (const PlotSeries& one : series) {
    fieldscope::PlotSeries copy;
    copy.label = one.note.empty() ? one.label : one.label + ", " + one.note;
    copy.colour = rgb_of(one.colour);
    copy.style = static_cast<fieldscope::LineStyle>(one.style);
    for (const PlotPoint& p : one.points) {
      fieldscope::PlotPoint point{p.x, p.y};
      if (p.high > p.low) point.low = p.low, point.high = p.high;
      copy.points.push_back(point);
    }
    chart.series.push_back(std::move(copy));
  }
  return chart;
}

std::string table_of(const PlotSpec& spec, const std::vector<PlotSeries>& series) {
  std::string table =
      "curve," + csv_text(spec.x_name) + "," + csv_text(spec.y_name) + ",least,greatest\n";
  for (const PlotSeries& one : series)
    for (const PlotPoint& p : one.points)
      table += csv_text(one.label) + "," + csv_number(p.x) + "," + csv_number(p.y) + "," +
               csv_number(p.low) + "," + csv_number(p.high) + "\n";
  return table;
}

}  // namespace

void answer_plot(PanelContext& context, Plot::Request request, const std::string& name,
                 const Plot& plot, const PlotSpec& spec, const std::vector<PlotSeries>& series) {
  if (request == Plot::Request::png || request == Plot::Request::svg)
    context.exports.chart(name, chart_of(plot, spec, series), request == Plot::Request::svg);
  if (request == Plot::Request::csv) context.exports.table(name, table_of(spec, series));
}

Plot::Request draw_view_plot(PanelContext& context, const Rect& where, Plot& plot,
                             const PlotSpec& spec, const std::vector<PlotSeries>& series,
                             const std::string& name, bool& log_y) {
  Ui& ui = context.ui;
  const Plot::Request request =
      plot.draw(ui, "curves.curvature.plot", {where.min.x - ui.px(8), where.min.y},
                {where.max.x, where.max.y - ui.px(4)}, spec, series);
  if (request == Plot::Request::toggle_log_y) log_y = !log_y;
  answer_plot(context, request, name, plot, spec, series);
  return request;
}

}  // namespace fieldscope::gui
