#include "engine/export/curvature.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "engine/export/metrics_csv.h"

namespace fieldscope {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

Json pairs_json(const std::vector<EigenPair>& pairs) {
  Json list = Json::array();
  for (const EigenPair& pair : pairs)
    list.push_back({{"value", pair.value}, {"residual", pair.residual}});
  return list;
}

Json conditioned_json(const Conditioned& c) {
  Json json = {{"matrix", c.name},
               {"lambda_max", number(c.largest)},
               {"spread", number(c.spread)},
               {"exact", c.condition.has_value()}};
  if (!c.condition) return json;
  json["kappa"] = number(c.condition->kappa);
  json["rank"] = c.condition->rank;
  json["size"] = c.condition->size;
  json["threshold"] = c.condition->threshold;
  json["negative_share"] = c.condition->negative_share;
  json["kappa_of_smallest_nonzero"] = number(c.condition->authors);
  json["text"] = condition_text(*c.condition);
  return json;
}

std::size_t place_of(const std::string& conditioned) {
  for (std::size_t i = 0; i < CurvaturePoint::count; ++i)
    if (conditioned == CurvaturePoint::names[i]) return i;
  return 0;
}

}  // namespace

std::string curvature_csv(std::span<const CurvatureRun> runs) {
  std::string text = "run,step,epoch,train_seconds,exact";
  for (const char* kind : {"kappa_", "spread_"})
    for (const char* name : CurvaturePoint::names) text += std::string(",") + kind + name;
  text +=
      ",rank_share,negative_share,lambda_max,lambda_min,trace,trace_error,hv_zero,hv_near_zero,"
      "seconds\n";
  for (const CurvatureRun& run : runs)
    for (const CurvaturePoint& p : run.history->curvature) {
      text += csv_text(run.label) + "," + std::to_string(p.at.step) + "," + csv_number(p.at.epoch) +
              "," + csv_number(p.at.train_seconds) + "," + (p.exact ? "1" : "0");
      for (const auto* values : {&p.kappa, &p.spread})
        for (const double value : *values) text += "," + csv_number(value);
      for (const double value : {p.rank, p.negative, p.largest, p.smallest, p.trace, p.trace_error,
                                 p.zero, p.near_zero, p.seconds})
        text += "," + csv_number(value);
      text += "\n";
    }
  return text;
}

std::string curvature_json(const CurvatureReport& r) {
  const CurvatureSettings& s = r.settings;
  Json json = {{"parameters", r.parameters},
               {"matrix", s.matrix == Curvature::hessian ? "hessian" : "gauss_newton"},
               {"samples", r.samples},
               {"precision", r.precision},
               {"device", r.device},
               {"loss", number(r.loss)},
               {"gradient_norm", number(r.gradient_norm)},
               {"exact", r.exact},
               {"products", r.products},
               {"seconds", r.seconds},
               {"settings",
                {{"lanczos_steps", s.steps},
                 {"probes", s.probes},
                 {"exact_limit", s.exact_limit},
                 {"trace_products", s.trace_products},
                 {"hv_probes", s.hv_probes},
                 {"near_zero", s.near_zero}}}};
  json["conditioned"] = Json::array();
  for (const Conditioned& c : r.conditioned) json["conditioned"].push_back(conditioned_json(c));
  if (r.exact) json["trace"] = number(r.trace);
  for (const auto& [name, estimate] :
       {std::pair{"trace_hutchinson", r.hutchinson}, std::pair{"trace_hutchpp", r.hutchpp}})
    json[name] = {{"value", number(estimate.value)}, {"standard_error", number(estimate.error)}};
  json["largest"] = pairs_json(r.largest);
  json["smallest"] = pairs_json(r.smallest);
  json["hv"] = Json::array();
  for (const HvDensity& d : r.hv)
    json["hv"].push_back({{"block", d.block.name},
                          {"size", d.block.size},
                          {"zero", d.zero},
                          {"near_zero", d.near_zero},
                          {"threshold", d.threshold},
                          {"decades", d.histogram}});
  json["blocks"] = Json::array();
  for (const BlockEnds& b : r.blocks)
    json["blocks"].push_back({{"block", b.block.name},
                              {"size", b.block.size},
                              {"lambda_max", number(b.largest)},
                              {"lambda_max_residual", number(b.largest_residual)},
                              {"lambda_min", number(b.smallest)},
                              {"lambda_min_residual", number(b.smallest_residual)},
                              {"lanczos_steps", b.steps}});
  if (r.exact) json["eigenvalues"] = r.eigenvalues;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string spectrum_csv(const CurvatureReport& r) {
  std::string text = "kind,lambda,value,error\n";
  for (const double l : r.eigenvalues) text += "eigenvalue," + csv_number(l) + ",1,\n";
  for (const auto* list : {&r.largest, &r.smallest})
    for (const EigenPair& pair : *list)
      text += "top," + csv_number(pair.value) + ",," + csv_number(pair.residual) + "\n";
  for (std::size_t i = 0; i < r.density.at.size(); ++i)
    text += "density," + csv_number(r.density.at[i]) + "," + csv_number(r.density.density[i]) +
            "," + csv_number(r.density.error[i]) + "\n";
  return text;
}

Plot spectrum_plot(const CurvatureReport& r, const std::string& label) {
  Plot plot;
  plot.title = std::string("Density of the ") +
               (r.settings.matrix == Curvature::hessian ? "Hessian's" : "Gauss-Newton matrix's") +
               " eigenvalues, " + std::to_string(r.quadratures.size()) + " probes of " +
               std::to_string(r.settings.steps) + " Lanczos steps";
  plot.x_label = "eigenvalue";
  plot.log_y = true;
  PlotSeries series;
  series.label = label;
  series.colour = run_colours[0];
  const double highest = r.density.density.empty() ? 1
                                                   : *std::max_element(r.density.density.begin(),
                                                                       r.density.density.end());
  for (std::size_t i = 0; i < r.density.at.size(); ++i) {
    const double y = r.density.density[i], e = r.density.error[i];
    const double floor = 1e-7 * highest;  // where the smoothing Gaussian has run out
    if (y > floor)
      series.points.push_back({r.density.at[i], y, std::max(y - e, floor), y + e});
    else
      series.points.push_back({r.density.at[i], std::nan("")});  // nothing there: the line breaks
  }
  plot.series.push_back(std::move(series));
  return plot;
}

Plot conditioning_plot(std::span<const CurvatureRun> runs, const std::string& conditioned) {
  const std::size_t other = place_of(conditioned);
  bool exact = true;
  for (const CurvatureRun& run : runs)
    for (const CurvaturePoint& p : run.history->curvature) exact = exact && p.exact;
  Plot plot;
  plot.title = std::string(exact ? "Condition number (exact)" : "|λ| max / rms |λ| (estimate)") +
               ": raw solid, " + conditioned + " dotted";
  plot.x_label = "step";
  plot.log_y = true;
  for (const CurvatureRun& run : runs)
    for (const std::size_t place : {std::size_t{0}, other}) {
      PlotSeries series;
      series.label = place == 0 ? run.label : "";
      series.colour = run.colour;
      series.style = place == 0 ? LineStyle::solid : LineStyle::dotted;
      for (const CurvaturePoint& p : run.history->curvature)
        series.points.push_back(
            {static_cast<double>(p.at.step), exact ? p.kappa[place] : p.spread[place]});
      plot.series.push_back(std::move(series));
    }
  return plot;
}

Plot hv_plot(std::span<const CurvatureRun> runs) {
  Plot plot;
  plot.title = "Share of (nearly) zero entries in Hv";
  plot.x_label = "step";
  for (const CurvatureRun& run : runs) {
    PlotSeries series;
    series.label = run.label;
    series.colour = run.colour;
    for (const CurvaturePoint& p : run.history->curvature)
      series.points.push_back({static_cast<double>(p.at.step), p.near_zero});
    plot.series.push_back(std::move(series));
  }
  plot.y_range = {{0.0, 1.0}};
  return plot;
}

}  // namespace fieldscope
