// The matrix itself, entry by entry where it is small enough: the runs side by side in one scale,
// and what each layer's own block has at the ends of its spectrum.
#include <algorithm>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/curvature.h"

namespace fieldscope::gui {
namespace {

bool has_report(Workspace& work) {
  return run_with_report(work) != nullptr;
}

bool has_map(const RunView& run) {
  return run.snapshot->curvature && run.snapshot->curvature->map_side > 0;
}

Colormap map_of(const Workspace& work) {
  return work.colour_map == 0 ? Colormap::viridis : Colormap::magma;
}

CurvatureWords matrix_words(Workspace& work) {
  CurvatureWords words;
  words.sentence =
      "Every pair of parameters: bright where moving one changes the slope along the other.";
  if (const RunView* run = run_with_report(work)) {
    const CurvatureReport& report = *run->snapshot->curvature;
    const std::string size = format_integer(report.parameters);
    std::string how = "|h| of " + size + " × " + size + " entries";
    if (!report.exact)
      how = report.blocks.empty()
                ? size + " parameters"
                : "each layer's block by " + std::to_string(report.blocks.front().steps) +
                      " Lanczos steps";
    words.settings = study_text(*run->snapshot, how);
  }
  return words;
}

std::size_t layer_at(const CurvatureReport& report, double share) {
  const double place = share * static_cast<double>(report.parameters);
  for (std::size_t i = 0; i + 1 < report.layers.size(); ++i)
    if (place < static_cast<double>(report.layers[i + 1].first)) return i;
  return report.layers.empty() ? 0 : report.layers.size() - 1;
}

void draw_layers(const Ui& ui, const Rect& map, const CurvatureReport& report, float names) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const auto n = static_cast<float>(report.parameters);
  const float line = font_pixels(ui.fonts.small);
  float free_from = -1e9f;
  for (const ParameterBlock& layer : report.layers) {
    const float a = static_cast<float>(layer.first) / n;
    const float b = static_cast<float>(layer.first + layer.size) / n;
    if (layer.first > 0) {
      const float x = std::floor(map.min.x + a * map.width());
      const float y = std::floor(map.min.y + a * map.height());
      list->AddRectFilled({x, map.min.y}, {x + 1, map.max.y}, IM_COL32(255, 255, 255, 90));
      list->AddRectFilled({map.min.x, y}, {map.max.x, y + 1}, IM_COL32(255, 255, 255, 90));
    }
    if (names <= 0) continue;
    const float y = std::floor(map.min.y + (a + b) / 2 * map.height() - line / 2);
    if (y < free_from) continue;
    free_from = y + line;
    const std::string name = elide_middle(ui.fonts.small, layer.name, names - ui.px(8));
    draw_text(list, ui.fonts.small, {map.min.x - ui.px(8) - text_size(ui.fonts.small, name).x, y},
              ui.colours.secondary, name);
  }
}

void draw_map(PanelContext& context, RunView& run, const Rect& map, float names,
              const HeatMap::Scale& scale) {
  Ui& ui = context.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const auto& report = run.snapshot->curvature;
  const ImU32 colour = run_line_colour(ui, run, ui.colours.panel);
  const float top = map.min.y - ui.px(20);
  list->AddRectFilled({map.min.x, top + ui.px(4)}, {map.min.x + ui.px(8), top + ui.px(12)}, colour,
                      ui.px(2));
  if (map.width() >= ui.px(48))
    draw_text_fitted(list, ui.fonts.small, {map.min.x + ui.px(14), top}, map.width() - ui.px(14),
                     ui.colours.text, run.short_name);
  ImGui::SetCursorScreenPos(map.min);
  const std::string id = "curves.curvature.map." + std::to_string(run.id);
  ImGui::InvisibleButton(id.c_str(), {map.width(), map.height()});
  ui.map->add(id, map.min, map.max);
  if (!has_map(run)) {
    list->AddRectFilled(map.min, map.max, ui.colours.ground, ui.px(2));
    draw_text_fitted(list, ui.fonts.small, {map.min.x + ui.px(8), map.min.y + ui.px(8)},
                     map.width() - ui.px(12), ui.colours.secondary,
                     report ? "too large" : "not measured");
    return;
  }
  const int side = static_cast<int>(report->map_side);
  run.matrix_map.show(report, report->map, side, side, scale, false);
  run.matrix_map.draw(list, map);
  draw_layers(ui, map, *report, names);
  if (!ImGui::IsItemHovered() || report->layers.empty()) return;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const float u = std::clamp((mouse.x - map.min.x) / map.width(), 0.0f, 0.999f);
  const float v = std::clamp((mouse.y - map.min.y) / map.height(), 0.0f, 0.999f);
  const auto cell = [&](float t) {
    return static_cast<std::size_t>(t * static_cast<float>(report->map_side));
  };
  const double h = report->map[cell(v) * report->map_side + cell(u)];
  tooltip(
      ui,
      report->layers[layer_at(*report, v)].name + " × " + report->layers[layer_at(*report, u)].name,
      run.label + ": |h| = " + format_significant(h) +
          (report->parameters > report->map_side ? ", mean of the entries here" : ""));
}

// Largest and smallest eigenvalue of each layer's own block.
void draw_table(PanelContext& context, const Rect& where, const RunView& run) {
  Ui& ui = context.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const CurvatureReport& report = *run.snapshot->curvature;
  const ImFont* font = ui.fonts.small;
  const float line = ui.px(18);
  const float name = std::min(ui.px(110), where.width() * 0.34f);
  const float column = std::min(ui.px(92), (where.width() - name) / 3);
  float y = where.min.y;
  const auto cells = [&](ImU32 ink, ImU32 quiet, const std::string& first, const std::string& size,
                         const std::string& low, const std::string& high) {
    draw_text_fitted(list, font, {where.min.x, y}, name - ui.px(8), ink, first);
    float x = where.min.x + name;
    for (const std::string& text : {size, low, high}) {
      x += column;
      draw_text(list, font, {x - text_size(font, text).x, y}, &text == &size ? quiet : ink, text);
    }
    y += line;
  };
  cells(ui.colours.secondary, ui.colours.secondary, name_within(font, run, name - ui.px(8)),
        "parameters", "least λ", "largest λ");
  for (const BlockEnds& block : report.blocks) {
    if (y + line > where.max.y) break;
    cells(ui.colours.text, ui.colours.secondary, block.block.name, format_integer(block.block.size),
          format_significant(block.smallest), format_significant(block.largest));
  }
}

void draw_too_large(PanelContext& context, const Rect& where, const RunView& run) {
  Ui& ui = context.ui;
  const CurvatureReport& report = *run.snapshot->curvature;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float line = ui.px(20);
  float y = where.min.y + ui.px(8);
  draw_text_fitted(list, ui.fonts.body, {where.min.x, y}, where.width(), ui.colours.text,
                   "The matrix is formed up to " + format_integer(report.settings.exact_limit) +
                       " parameters; this field has " + format_integer(report.parameters) + ".");
  y += line;
  draw_text_fitted(list, ui.fonts.small, {where.min.x, y}, where.width(), ui.colours.secondary,
                   "Fewer or narrower layers, or a higher “Exact up to” in the settings.");
}

void draw_matrix(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const RunView* about = run_with_report(work);
  const bool any = std::any_of(work.runs().begin(), work.runs().end(),
                               [](const auto& run) { return has_map(*run); });
  float x = where.min.x;
  if (any) {
    const float top = where.min.y + ui.px(20), side = where.max.y - ui.px(10) - top;
    float names = 0;
    for (const ParameterBlock& layer : about->snapshot->curvature->layers)
      names = std::max(names, text_size(ui.fonts.small, layer.name).x + ui.px(8));
    names = where.width() < ui.px(420) ? 0 : std::min(names, ui.px(96));
    const float gap = ui.px(16), pitch = side + gap;
    // All runs where they fit beside each other, else the selected one.
    const bool all = names + pitch * static_cast<float>(work.runs().size()) <= where.width();
    // One scale for all, so that they can be compared.
    HeatMap::Scale scale{1e300, -1e300, map_of(work)};
    std::vector<RunView*> shown;
    for (const auto& run : work.runs()) {
      if (!all && run.get() != about) continue;
      shown.push_back(run.get());
      if (!has_map(*run)) continue;
      const auto& report = run->snapshot->curvature;
      const HeatMap::Scale own = run->matrix_map.natural_scale(report, report->map, 6, scale.map);
      scale.low = std::min(scale.low, own.low);
      scale.high = std::max(scale.high, own.high);
    }
    if (scale.low > scale.high) scale = {-1, 0, scale.map};
    x += names;
    for (RunView* run : shown) {
      const float width = std::min(side, where.max.x - x);
      draw_map(context, *run, {{x, top}, {x + width, top + width}},
               x == where.min.x + names ? names : 0, scale);
      x += pitch;
    }
    if (where.max.x - x >= ui.px(120)) {
      const float bar = std::min(ui.px(160), where.max.x - x - ui.px(8));
      colour_bar(
          ui, ImGui::GetWindowDrawList(),
          {{x + ui.px(8), where.min.y + ui.px(4)}, {x + ui.px(8) + bar, where.min.y + ui.px(12)}},
          scale);
      draw_text_fitted(ImGui::GetWindowDrawList(), ui.fonts.small,
                       {x + bar + ui.px(24), where.min.y}, where.max.x - x - bar - ui.px(24),
                       ui.colours.secondary, "|h|, one scale for all");
    }
  }
  const Rect rest = {{x + (any ? ui.px(8) : 0), where.min.y + (any ? ui.px(40) : 0)},
                     {where.max.x, where.max.y - ui.px(4)}};
  if (!any) {
    draw_too_large(context, rest, *about);
    if (!about->snapshot->curvature->blocks.empty() && rest.height() > ui.px(110))
      draw_table(context, {{rest.min.x, rest.min.y + ui.px(60)}, rest.max}, *about);
    return;
  }
  if (rest.width() >= ui.px(260) && rest.height() >= ui.px(36) &&
      !about->snapshot->curvature->blocks.empty())
    draw_table(context, rest, *about);
}

}  // namespace

const CurvatureView matrix_view = {has_report, matrix_words, draw_matrix};

}  // namespace fieldscope::gui
