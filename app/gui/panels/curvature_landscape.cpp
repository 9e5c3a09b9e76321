// The loss around the selected run's weights: from above with lines of equal loss, and as a surface
// that turns under the pointer; along one direction as a curve.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "app/gui/format.h"
#include "app/gui/panels/curvature.h"

namespace fieldscope::gui {
namespace {

std::shared_ptr<const Landscape> landscape_of(Workspace& work) {
  const RunView* run = work.selected();
  return run ? run->snapshot->landscape : nullptr;
}

bool has_landscape(Workspace& work) {
  return landscape_of(work) != nullptr;
}

bool is_surface(const Landscape& landscape) {
  return landscape.b.size() > 1;
}

CurvatureWords landscape_words(Workspace& work) {
  const RunView& run = *work.selected();
  const Landscape& landscape = *landscape_of(work);
  CurvatureWords words;
  const bool surface = is_surface(landscape);
  words.sentence = surface ? "The loss where the weights are moved along two directions; the ring "
                             "marks the weights themselves."
                           : "The loss where the weights are moved along one direction; 0 is where "
                             "they are.";
  words.settings = run.label + ", " + landscape.directions[0];
  if (surface) words.settings += " and " + landscape.directions[1];
  words.settings += ", " + std::to_string(landscape.a.size());
  if (surface) words.settings += " × " + std::to_string(landscape.b.size());
  words.settings += " points, " + format_integer(run.landscape_asked.batch) + " samples, step " +
                    format_integer(run.snapshot->landscape_at.step);
  return words;
}

double loss_at(const Landscape& landscape, std::size_t i, std::size_t j) {
  return landscape.loss[j * landscape.a.size() + i];
}

// ---- along one direction ----

void draw_curve(PanelContext& context, const Rect& where) {
  Workspace& work = context.work;
  const RunView& run = *work.selected();
  const Landscape& landscape = *landscape_of(work);
  std::vector<PlotPoint> points;
  for (std::size_t i = 0; i < landscape.a.size(); ++i) {
    const double y = loss_at(landscape, i, 0);
    if (std::isfinite(y)) points.push_back({landscape.a[i], y, y, y});
  }
  PlotSpec spec;
  spec.x_name = "along";
  spec.y_name = "loss of the frozen batch";
  spec.log_y = work.curvature.log_spectrum;
  spec.reaches = false;
  spec.format_x = [](double v) { return "moved by " + format_significant(v); };
  spec.format_y = [](double v) { return format_significant(v); };
  std::vector<PlotSeries> series = {curvature_series(work, run)};
  series[0].points = points;
  Plot& plot = work.curvature.line;
  if (draw_view_plot(context, where, plot, spec, series, "landscape",
                     work.curvature.log_spectrum) == Plot::Request::toggle_log_y)
    plot.fit();
}

// ---- from above ----

// Lines of equal loss: each cell of the grid is crossed by a level between its corners.
void draw_levels(ImDrawList* list, const Rect& map, const Landscape& landscape,
                 const HeatMap::Scale& scale, float width) {
  constexpr int levels = 8;
  const std::size_t columns = landscape.a.size(), rows = landscape.b.size();
  if (columns > 80 || rows > 80) return;  // closer than lines could be told apart
  const auto at = [&](float i, float j) {
    return ImVec2{map.min.x + (i + 0.5f) / static_cast<float>(columns) * map.width(),
                  map.max.y - (j + 0.5f) / static_cast<float>(rows) * map.height()};
  };
  for (std::size_t j = 0; j + 1 < rows; ++j)
    for (std::size_t i = 0; i + 1 < columns; ++i) {
      const std::array<float, 4> t = {scale.position(loss_at(landscape, i, j)),
                                      scale.position(loss_at(landscape, i + 1, j)),
                                      scale.position(loss_at(landscape, i + 1, j + 1)),
                                      scale.position(loss_at(landscape, i, j + 1))};
      static constexpr float dx[] = {0, 1, 1, 0}, dy[] = {0, 0, 1, 1};
      for (int level = 1; level < levels; ++level) {
        const float wanted = static_cast<float>(level) / levels;
        std::array<ImVec2, 4> crossings;
        std::size_t count = 0;
        for (std::size_t k = 0; k < 4; ++k) {
          const float a = t[k], b = t[(k + 1) % 4];
          if (!((a < wanted) != (b < wanted)) || std::isnan(a) || std::isnan(b)) continue;
          const float s = (wanted - a) / (b - a);
          crossings[count++] = at(static_cast<float>(i) + dx[k] + s * (dx[(k + 1) % 4] - dx[k]),
                                  static_cast<float>(j) + dy[k] + s * (dy[(k + 1) % 4] - dy[k]));
        }
        if (count >= 2)
          list->AddLine(crossings[0], crossings[1], IM_COL32(255, 255, 255, 110), width);
        if (count == 4)
          list->AddLine(crossings[2], crossings[3], IM_COL32(255, 255, 255, 110), width);
      }
    }
}

void draw_ring(const Ui& ui, ImVec2 at, ImU32 colour) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddCircle(at, ui.px(5), IM_COL32(0, 0, 0, 200), 20, ui.px(4));
  list->AddCircle(at, ui.px(5), colour, 20, ui.px(2));
}

void draw_above(PanelContext& context, RunView& run, const Rect& map, const HeatMap::Scale& scale) {
  Ui& ui = context.ui;
  const Landscape& landscape = *run.snapshot->landscape;
  ImDrawList* list = ImGui::GetWindowDrawList();
  run.landscape_map.draw(list, map, true);
  draw_levels(list, map, landscape, scale, std::max(1.0f, ui.px(1)));
  const auto place = [&](double a, double b) {
    const double u = (a - landscape.a.front()) / (landscape.a.back() - landscape.a.front());
    const double v = (b - landscape.b.front()) / (landscape.b.back() - landscape.b.front());
    return ImVec2{map.min.x + static_cast<float>(u) * map.width(),
                  map.max.y - static_cast<float>(v) * map.height()};
  };
  draw_ring(ui, place(0, 0), IM_COL32_WHITE);
  const RunView* other = context.work.find(context.work.curvature.path_to);
  if (run.landscape_asked.kind == LandscapeKind::path && other && landscape.a.back() >= 1)
    draw_ring(ui, place(1, 0), run_line_colour(ui, *other, IM_COL32_BLACK));
  ImGui::SetCursorScreenPos(map.min);
  ImGui::InvisibleButton("curves.curvature.above", {map.width(), map.height()});
  ui.map->add("curves.curvature.above", map.min, map.max);
  if (!ImGui::IsItemHovered()) return;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const auto index = [](float t, std::size_t n) {
    return std::min(n - 1, static_cast<std::size_t>(std::max(0.0f, t) * static_cast<float>(n)));
  };
  const std::size_t i = index((mouse.x - map.min.x) / map.width(), landscape.a.size());
  const std::size_t j = index((map.max.y - mouse.y) / map.height(), landscape.b.size());
  tooltip(ui, "loss " + format_significant(loss_at(landscape, i, j)),
          landscape.directions[0] + " " + format_significant(landscape.a[i], 2) + ", " +
              landscape.directions[1] + " " + format_significant(landscape.b[j], 2));
}

// ---- as a surface ----

struct Corner {
  ImVec2 at;
  float depth, x, y, z, t;
};

struct Facet {
  float depth;
  std::array<ImVec2, 4> at;
  ImU32 colour;
};

// Seen from far away, turned about the vertical axis; far facets are drawn first.
void draw_surface(PanelContext& context, const Landscape& landscape, const Rect& where,
                  const HeatMap::Scale& scale) {
  Ui& ui = context.ui;
  CurvatureChoice& choice = context.work.curvature;
  ImGui::SetCursorScreenPos(where.min);
  ImGui::InvisibleButton("curves.curvature.surface", {where.width(), where.height()});
  ui.map->add("curves.curvature.surface", where.min, where.max);
  if (ImGui::IsItemHovered() || ImGui::IsItemActive())
    ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeAll);
  if (ImGui::IsItemActive()) {
    const ImVec2 delta = ImGui::GetIO().MouseDelta;
    choice.turn += delta.x * 0.01f / ui.scale;
    choice.tilt = std::clamp(choice.tilt + delta.y * 0.01f / ui.scale, 0.1f, 1.5f);
  }
  if (rests_on_item() && !ImGui::IsItemActive()) tooltip(ui, "Drag to turn the surface", "");
  constexpr float height = 0.75f;  // of the surface, where its sides are 2
  const float c = std::cos(choice.turn), s = std::sin(choice.turn);
  const float up = std::cos(choice.tilt), back = std::sin(choice.tilt);
  const float size = std::min(where.width() / 2.9f, where.height() / (2.9f * back + height * up));
  const ImVec2 centre = {(where.min.x + where.max.x) / 2, (where.min.y + where.max.y) / 2};
  const std::size_t step = std::max<std::size_t>(1, (landscape.a.size() + 47) / 48);
  const std::size_t columns = (landscape.a.size() - 1) / step + 1;
  const std::size_t rows = (landscape.b.size() - 1) / step + 1;
  std::vector<Corner> corners;
  corners.reserve(columns * rows);
  for (std::size_t j = 0; j < rows; ++j)
    for (std::size_t i = 0; i < columns; ++i) {
      Corner corner;
      corner.t = scale.position(loss_at(landscape, i * step, j * step));
      corner.x = 2 * static_cast<float>(i) / static_cast<float>(columns - 1) - 1;
      corner.y = 2 * static_cast<float>(j) / static_cast<float>(rows - 1) - 1;
      corner.z = std::isnan(corner.t) ? height : corner.t * height;
      const float x = corner.x * c - corner.y * s;
      corner.depth = corner.x * s + corner.y * c;
      corner.at = {centre.x + size * x,
                   centre.y - size * (corner.depth * back + (corner.z - height / 2) * up)};
      corners.push_back(corner);
    }
  std::vector<Facet> facets;
  facets.reserve((columns - 1) * (rows - 1));
  for (std::size_t j = 0; j + 1 < rows; ++j)
    for (std::size_t i = 0; i + 1 < columns; ++i) {
      const Corner &a = corners[j * columns + i], &b = corners[j * columns + i + 1],
                   &d = corners[(j + 1) * columns + i + 1], &e = corners[(j + 1) * columns + i];
      const float slope_x = (b.z - a.z) / (b.x - a.x), slope_y = (e.z - a.z) / (e.y - a.y);
      // Light from above and from the left of the grid.
      const float light = (0.8f + 0.45f * slope_x + 0.25f * slope_y) /
                          std::sqrt(1 + slope_x * slope_x + slope_y * slope_y);
      const float shade = std::clamp(0.55f + 0.5f * light, 0.45f, 1.1f);
      const float t = (a.t + b.t + d.t + e.t) / 4;
      facets.push_back({a.depth + b.depth + d.depth + e.depth,
                        {a.at, b.at, d.at, e.at},
                        map_colour(scale.map, t, shade)});
    }
  std::sort(facets.begin(), facets.end(),
            [](const Facet& a, const Facet& b) { return a.depth > b.depth; });
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->PushClipRect(where.min, where.max, true);
  // Softened edges would show the ground through every seam.
  const ImDrawListFlags flags = list->Flags;
  list->Flags &= ~ImDrawListFlags_AntiAliasedFill;
  for (const Facet& facet : facets)
    list->AddQuadFilled(facet.at[0], facet.at[1], facet.at[2], facet.at[3], facet.colour);
  list->Flags = flags;
  list->PopClipRect();
}

void draw_landscape(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  RunView& run = *work.selected();
  const auto landscape = run.snapshot->landscape;
  if (!is_surface(*landscape)) {
    draw_curve(context, where);
    return;
  }
  const std::vector<float> values(landscape->loss.begin(), landscape->loss.end());
  const HeatMap::Scale scale = run.landscape_map.natural_scale(
      landscape, values, 12, work.colour_map == 0 ? Colormap::viridis : Colormap::magma);
  run.landscape_map.show(landscape, values, static_cast<int>(landscape->a.size()),
                         static_cast<int>(landscape->b.size()), scale, true);
  const float foot = ui.px(10);
  const float side = std::min(where.height() - foot, where.width() * 0.6f);
  const Rect map = {where.min, {where.min.x + side, where.min.y + side}};
  draw_above(context, run, map, scale);
  const float bar = ui.px(120), gap = ui.px(24);
  const float left = map.max.x + gap, room = where.max.x - left;
  if (room < ui.px(120)) return;
  const bool with_bar = room >= bar + gap + ui.px(200);
  const float width = std::min(room - (with_bar ? bar + gap : 0), 2.4f * side);
  draw_surface(context, *landscape, {{left, where.min.y}, {left + width, map.max.y}}, scale);
  if (!with_bar) return;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float x = left + width + gap;
  draw_text(list, ui.fonts.small, {x, where.min.y}, ui.colours.secondary, "loss, logarithmic");
  colour_bar(ui, list, {{x, where.min.y + ui.px(20)}, {x + bar, where.min.y + ui.px(28)}}, scale);
}

}  // namespace

const CurvatureView landscape_view = {has_landscape, landscape_words, draw_landscape};

}  // namespace fieldscope::gui
