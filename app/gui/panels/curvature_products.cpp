// How dense products Hv are: shares of zeros layer by layer, and how sizes are distributed.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/curvature.h"

namespace fieldscope::gui {
namespace {

bool has_products(Workspace& work) {
  return std::any_of(work.runs().begin(), work.runs().end(), [](const auto& run) {
    return run->snapshot->curvature && !run->snapshot->curvature->hv.empty();
  });
}

std::string percent(double share) {
  if (share > 0 && share < 0.001) return "< 0.1%";
  return format_significant(share * 100, share < 0.1 ? 2 : 3) + "%";
}

CurvatureWords products_words(Workspace& work) {
  CurvatureWords words;
  words.sentence =
      "How many entries of the Hessian times a random vector are zero: none where curvature is "
      "dense (sine), many where it is sparse (ReLU).";
  if (const RunView* run = run_with_report(work)) {
    const CurvatureSettings& settings = run->snapshot->curvature->settings;
    words.settings = study_text(
        *run->snapshot, std::to_string(settings.hv_probes) + " vectors of ±1, nearly zero: up to " +
                            format_significant(settings.near_zero, 1) + " of the largest");
  }
  return words;
}

std::string block_name(const ParameterBlock& block, std::size_t index) {
  return index == 0 ? "all" : block.name;
}

// Bars of 0 to 100%: groups by block, a bar a run; the lighter part is only nearly zero.
void draw_bars(PanelContext& context, const Rect& where, const std::vector<const RunView*>& runs) {
  Ui& ui = context.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImFont* font = ui.fonts.small;
  draw_text_fitted(list, font, where.min, where.width(), ui.colours.secondary,
                   "entries of Hv that are zero (full) or nearly zero (pale)");
  const float gutter = text_size(font, "100%").x + ui.px(8);
  const Rect area = {{where.min.x + gutter, where.min.y + ui.px(22)},
                     {where.max.x, where.max.y - ui.px(26)}};
  if (area.height() < ui.px(24)) return;
  const auto y_of = [&](double share) {
    return std::floor(area.max.y - static_cast<float>(share) * area.height());
  };
  for (const int tick : {0, 50, 100}) {
    if (tick == 50 && area.height() < ui.px(56)) continue;
    const float y = y_of(tick / 100.0);
    list->AddRectFilled(
        {area.min.x, y}, {area.max.x, y + 1},
        tick == 0 ? mix(ui.colours.line, ui.colours.secondary, 0.35f) : ui.colours.grid);
    const std::string text = std::to_string(tick) + "%";
    const ImVec2 size = text_size(font, text);
    draw_text(list, font, {area.min.x - ui.px(8) - size.x, y - size.y / 2}, ui.colours.secondary,
              text);
  }
  std::size_t groups = 0;
  for (const RunView* run : runs) groups = std::max(groups, run->snapshot->curvature->hv.size());
  const float pitch = area.width() / static_cast<float>(groups);
  const float between = std::min(ui.px(16), pitch * 0.25f);
  const float bar = (pitch - between) / static_cast<float>(runs.size());
  const float drawn = std::min(bar - (bar > 4 ? 1.0f : 0.0f), ui.px(40));
  for (std::size_t g = 0; g < groups; ++g) {
    const float left = area.min.x + pitch * static_cast<float>(g) + between / 2;
    const float used = bar * static_cast<float>(runs.size());
    std::string name;
    for (std::size_t r = 0; r < runs.size(); ++r) {
      const auto& hv = runs[r]->snapshot->curvature->hv;
      if (g >= hv.size()) continue;
      name = block_name(hv[g].block, g);
      const float middle = left + bar * (static_cast<float>(r) + 0.5f);
      const float x0 = std::floor(middle - drawn / 2), x1 = std::max(x0 + 1, x0 + drawn);
      const ImU32 colour = run_line_colour(ui, *runs[r], ui.colours.panel);
      // Room for all entries, so that an empty bar is seen to be one.
      list->AddRectFilled({x0, area.min.y}, {x1, area.max.y}, with_alpha(colour, 0.10f));
      list->AddRectFilled({x0, y_of(hv[g].near_zero)}, {x1, area.max.y}, with_alpha(colour, 0.45f));
      list->AddRectFilled({x0, y_of(hv[g].zero)}, {x1, area.max.y}, colour);
      list->AddRectFilled({x0, area.max.y - ui.px(2)}, {x1, area.max.y}, colour);
      const std::string share = percent(hv[g].near_zero);
      const ImVec2 size = text_size(font, share);
      const float top = y_of(hv[g].near_zero) - size.y - ui.px(2);
      if (size.x + ui.px(4) <= bar && top >= area.min.y)
        draw_text(list, font, {std::floor(middle - size.x / 2), top}, ui.colours.text, share);
    }
    const std::string shown = elide_middle(font, name, pitch - ui.px(6));
    const float width = text_size(font, shown).x;
    draw_text(list, font, {std::floor(left + (used - width) / 2), area.max.y + ui.px(7)},
              ui.colours.secondary, shown);
    ImGui::SetCursorScreenPos({left, area.min.y});
    ImGui::InvisibleButton(("curves.curvature.block." + std::to_string(g)).c_str(),
                           {std::max(1.0f, used), area.height()});
    if (!ImGui::IsItemHovered()) continue;
    std::string text;
    for (const RunView* run : runs) {
      const auto& hv = run->snapshot->curvature->hv;
      if (g < hv.size())
        text += (text.empty() ? "" : "\n") + run->label + ": " + percent(hv[g].zero) + " zero, " +
                percent(hv[g].near_zero) + " nearly zero of " + format_integer(hv[g].block.size);
    }
    tooltip(ui, g == 0 ? "All parameters" : name, text);
  }
}

void draw_sizes(PanelContext& context, const Rect& where, const std::vector<const RunView*>& runs) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  PlotSpec spec;
  spec.x_name = "log₁₀ |Hv| / max";
  spec.y_name = "share of the entries that are not zero, by size";
  spec.y_unit = "%";
  spec.reaches = false;
  spec.format_x = [](double v) {
    const double low = std::floor(v + 0.5);
    return low <= -12 ? std::string("1e-12 of the largest and less")
                      : "around 1e" + format_significant(low) + " of the largest";
  };
  spec.format_y = [](double v) { return format_significant(v) + "%"; };
  std::vector<std::vector<PlotPoint>> points;
  std::vector<PlotSeries> series;
  points.reserve(runs.size());
  for (const RunView* run : runs) {
    const HvDensity& all = run->snapshot->curvature->hv.front();
    points.emplace_back();
    for (int d = 0; d < HvDensity::decades; ++d) {
      const double share = 100 * all.histogram[static_cast<std::size_t>(d)];
      points.back().push_back(
          {static_cast<double>(d - HvDensity::decades + 1), share, share, share});
    }
    PlotSeries one = curvature_series(work, *run);
    one.style = run->style();
    one.points = points.back();
    one.end_text = percent(all.zero) + " zero";
    series.push_back(std::move(one));
  }
  const Plot::Request request = work.curvature.sizes.draw(
      ui, "curves.curvature.sizes", where.min, {where.max.x, where.max.y - ui.px(4)}, spec, series);
  answer_plot(context, request, "hv-density", work.curvature.sizes, spec, series);
}

void draw_products(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  std::vector<const RunView*> runs;
  for (const auto& run : context.work.runs())
    if (run->snapshot->curvature && !run->snapshot->curvature->hv.empty())
      runs.push_back(run.get());
  const bool both = where.width() >= ui.px(560);
  const float split = both ? std::floor(where.min.x + where.width() * 0.46f) : where.max.x;
  draw_bars(context, {where.min, {split - (both ? ui.px(16) : 0), where.max.y - ui.px(4)}}, runs);
  if (both) draw_sizes(context, {{split, where.min.y}, where.max}, runs);
}

}  // namespace

const CurvatureView products_view = {has_products, products_words, draw_products};

}  // namespace fieldscope::gui
