// The curvature tab: its controls, the choice of views, what they say about themselves, and what is
// there before anything was measured.
#include "app/gui/panels/curvature.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/format.h"

namespace fieldscope::gui {
namespace {

// Lengths at 100%.
constexpr float control_height = 28, button_width = 76, row_height = 32, gap = 8;

const CurvatureView& view_of(CurvatureShow show) {
  switch (show) {
    case CurvatureShow::training:
      return training_view;
    case CurvatureShow::spectrum:
      return spectrum_view;
    case CurvatureShow::products:
      return products_view;
    case CurvatureShow::matrix:
      return matrix_view;
    case CurvatureShow::landscape:
      break;
  }
  return landscape_view;
}

bool any_busy(Workspace& work) {
  return std::any_of(work.runs().begin(), work.runs().end(),
                     [](const auto& run) { return run->snapshot->curvature_busy; });
}

const char* scope_name(const Workspace& work) {
  return work.curvature.only_selected ? "selected run" : "all runs";
}

// Measure, or Stop while something is under way or an interval is set.
void measure_button(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  ButtonLook look;
  look.size = control_height;
  look.min_width = button_width;
  look.filled = true;
  const bool goes_on = work.curvature.every.unit != MeasureEvery::Unit::off;
  if (any_busy(work) || goes_on) {
    if (text_button(ui, "curves.curvature.stop", "Stop", look, nullptr,
                    "Ends what is under way, and measuring by itself"))
      work.stop_curvature();
    return;
  }
  look.enabled = !work.runs().empty();
  if (text_button(ui, "curves.curvature.measure", "Measure", look, nullptr,
                  "Looks at the curvature at the present weights, beside the training"))
    work.measure_curvature();
}

// Segments where they fit, else a menu. Returns the right end.
float draw_views(PanelContext& context, float left, float right, float top) {
  Ui& ui = context.ui;
  CurvatureChoice& choice = context.work.curvature;
  std::array<std::string_view, curvature_show_count> names;
  for (std::size_t i = 0; i < names.size(); ++i)
    names[i] = curvature_show_name(static_cast<CurvatureShow>(i));
  const int current = static_cast<int>(choice.show);
  const float whole = segmented_width(ui, names);
  ImGui::SetCursorScreenPos({left, top});
  if (left + whole + ui.px(170) <= right) {
    const int chosen = segmented(ui, "curves.curvature.view", names, current);
    if (chosen >= 0) choice.show = static_cast<CurvatureShow>(chosen);
    return left + whole;
  }
  const float width = std::min(ui.px(132), right - left);
  menu_button(ui, "curves.curvature.view", "", names[static_cast<std::size_t>(current)], width,
              [&] {
                for (int i = 0; i < curvature_show_count; ++i)
                  if (menu_item(ui, "curves.curvature.view." + std::to_string(i),
                                names[static_cast<std::size_t>(i)], "", i == current))
                    choice.show = static_cast<CurvatureShow>(i);
              });
  return left + width;
}

void conditioned_items(PanelContext& context) {
  CurvatureChoice& choice = context.work.curvature;
  menu_heading(context.ui, "DOTTED: THE MATRIX PRECONDITIONED BY");
  for (const std::size_t i : {1, 2, 3, 5, 4})
    if (menu_item(context.ui, std::string("curves.curvature.with.") + CurvaturePoint::names[i],
                  conditioned_name(i), "", i == choice.conditioned, true, conditioned_help(i)))
      choice.conditioned = i;
}

void kind_items(PanelContext& context) {
  Workspace& work = context.work;
  LandscapeSettings& settings = work.curvature.landscape;
  const auto item = [&](const char* id, const char* name, LandscapeKind kind, const char* help) {
    if (menu_item(context.ui, std::string("curves.curvature.kind.") + id, name, "",
                  settings.kind == kind, true, help))
      settings.kind = kind;
  };
  item("random", "Random directions", LandscapeKind::random,
       "Scaled to the size of each unit's weights");
  item("eigenvectors", "Top eigenvectors", LandscapeKind::eigenvectors,
       "The two directions in which the loss bends most");
  bool first = true;
  for (const auto& run : work.runs()) {
    if (run.get() == work.selected()) continue;
    if (first) {
      menu_separator(context.ui);
      menu_heading(context.ui, "PATH TO ANOTHER RUN");
    }
    first = false;
    const bool chosen = settings.kind == LandscapeKind::path && work.curvature.path_to == run->id;
    if (menu_item(context.ui, "curves.curvature.kind.path." + std::to_string(run->id), run->label,
                  "", chosen)) {
      settings.kind = LandscapeKind::path;
      work.curvature.path_to = run->id;
    }
  }
}

std::string kind_name(Workspace& work) {
  switch (work.curvature.landscape.kind) {
    case LandscapeKind::random:
      return "random";
    case LandscapeKind::eigenvectors:
      return "eigenvectors";
    case LandscapeKind::path:
      break;
  }
  const RunView* other = work.find(work.curvature.path_to);
  return other ? "path to " + other->short_name : "path";
}

// The choices of one view, after the choice of views. Returns the right end.
float draw_view_choices(PanelContext& context, float left, float right, float top) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  CurvatureChoice& choice = work.curvature;
  const float room = right - left - ui.px(gap);
  if (room < ui.px(72)) return left;
  ImGui::SetCursorScreenPos({left + ui.px(gap), top});
  if (choice.show == CurvatureShow::training) {
    const std::string name = conditioned_name(choice.conditioned);
    const float width = std::min(menu_button_width(ui, "dotted:", name), room);
    menu_button(ui, "curves.curvature.with", "dotted:", name, width,
                [&] { conditioned_items(context); });
    return left + ui.px(gap) + width;
  }
  if (choice.show == CurvatureShow::spectrum) {
    static constexpr std::string_view scales[] = {"λ", "λ / |λ|max"};
    static constexpr std::string_view tips[] = {
        "Eigenvalues as they are", "Each run's as a share of its own largest: compares the shapes"};
    const float width = segmented_width(ui, scales);
    if (width > room) return left;
    const int chosen =
        segmented(ui, "curves.curvature.scale", scales, choice.relative_spectrum ? 1 : 0, tips);
    if (chosen >= 0) {
      choice.relative_spectrum = chosen == 1;
      choice.spectrum.fit();
    }
    return left + ui.px(gap) + width;
  }
  if (choice.show != CurvatureShow::landscape) return left;
  static constexpr std::string_view dimensions[] = {"1-D", "2-D"};
  const float rest = segmented_width(ui, dimensions) + ui.px(64 + 2 * gap);
  const std::string name = kind_name(work);
  const float width = std::min(menu_button_width(ui, "along:", name), room - rest);
  float x = left + ui.px(gap);
  if (width > ui.px(64)) {
    menu_button(ui, "curves.curvature.kind", "along:", name, width, [&] { kind_items(context); });
    x += width + ui.px(gap);
  }
  ImGui::SetCursorScreenPos({x, top});
  const int chosen =
      segmented(ui, "curves.curvature.dimensions", dimensions, choice.landscape.dimensions - 1);
  if (chosen >= 0) choice.landscape.dimensions = chosen + 1;
  x += segmented_width(ui, dimensions) + ui.px(gap);
  ImGui::SetCursorScreenPos({x, top});
  ButtonLook look;
  look.size = control_height;
  look.filled = true;
  look.min_width = 56;
  look.enabled = work.selected() != nullptr;
  if (text_button(ui, "curves.curvature.draw", "Draw", look, nullptr,
                  "The loss around the selected run's present weights"))
    work.draw_landscape();
  return x + ui.px(56);
}

// What is under way, what went wrong, or what the last diagnosis cost.
struct Status {
  std::string text;
  std::string brief, least;  // where that has no room
  std::string cost;          // in the tooltip
  bool trouble = false;
  std::optional<double> share;
};

// "2.1 s, as long as 480 steps of ESGD"; `whole` tells the products too.
std::string cost_text(const RunView& run, bool whole) {
  const Snapshot& s = *run.snapshot;
  if (!s.curvature) return "";
  std::string text = format_duration(s.curvature->seconds);
  if (whole) text += ", " + format_count(static_cast<double>(s.curvature->products)) + " products";
  // By what a step took on the way to where it was measured: a rate of now would let the words
  // change all the time.
  const Progress& at = s.curvature_at.step > 0 ? s.curvature_at : s.progress;
  if (at.step == 0 || !(at.train_seconds > 0)) return text;
  const double steps = s.curvature->seconds / at.train_seconds * static_cast<double>(at.step);
  return text + ", as long as " + format_count(steps) + (steps < 1.5 ? " step of " : " steps of ") +
         run.short_name;
}

Status status_of(Workspace& work) {
  Status status;
  double sum = 0;
  int busy = 0;
  const RunView *first = nullptr, *failed = nullptr;
  for (const auto& run : work.runs()) {
    if (!run->snapshot->curvature_problem.empty() && (!failed || run.get() == work.selected()))
      failed = run.get();
    if (!run->snapshot->curvature_busy) continue;
    sum += run->snapshot->curvature_share;
    ++busy;
    if (!first || run.get() == work.selected()) first = run.get();
  }
  if (first) {
    status.text = first->short_name + ": " + first->snapshot->curvature_stage;
    status.share = sum / busy;
  } else if (failed) {
    status.text = failed->short_name + ": " + failed->snapshot->curvature_problem;
    status.trouble = true;
  } else if (const RunView* run = run_with_report(work)) {
    status.text = cost_text(*run, true);
    status.brief = cost_text(*run, false);
    status.least = format_duration(run->snapshot->curvature->seconds);
  }
  if (const RunView* run = run_with_report(work)) status.cost = cost_text(*run, true);
  return status;
}

void draw_status(PanelContext& context, float left, float right, float top) {
  Ui& ui = context.ui;
  Status status = status_of(context.work);
  const float room = right - left;
  if (status.text.empty() || room < ui.px(60)) return;
  const ImFont* font = ui.fonts.small;
  for (const std::string& shorter : {status.brief, status.least})
    if (!shorter.empty() && text_size(font, status.text).x > room) status.text = shorter;
  const float width = std::min(std::ceil(text_size(font, status.text).x) + 1, room);
  // What changes begins where it began: only the words move.
  const float x = status.share ? std::max(left, right - ui.px(240)) : right - width;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float y = top + (ui.px(control_height) - font_pixels(font)) / 2;
  const bool cut =
      draw_text_fitted(list, font, {x, y}, right - x,
                       status.trouble ? ui.colours.trouble : ui.colours.secondary, status.text);
  if (status.share) {
    const float foot = top + ui.px(control_height) + ui.px(1);
    list->AddRectFilled({x, foot - ui.px(2)}, {right, foot}, ui.colours.raised, 1);
    list->AddRectFilled({x, foot - ui.px(2)},
                        {x + (right - x) * static_cast<float>(*status.share), foot},
                        ui.colours.accent, 1);
  }
  ImGui::SetCursorScreenPos({x, top});
  ImGui::InvisibleButton("curves.curvature.status", {right - x, ui.px(control_height)});
  ui.map->add("curves.curvature.status", {x, top}, {right, top + ui.px(control_height)});
  if (!rests_on_item()) return;
  if (status.trouble)
    tooltip(ui, "The diagnosis failed", status.text);
  else if (!status.cost.empty())
    tooltip(ui, "What the last diagnosis cost", status.cost);
  else if (cut)
    tooltip(ui, "", status.text);
}

void draw_line(Ui& ui, const char* id, ImVec2 at, float width, ImU32 colour,
               const std::string& text, const std::string& more) {
  const bool cut =
      draw_text_fitted(ImGui::GetWindowDrawList(), ui.fonts.small, at, width, colour, text);
  ImGui::SetCursorScreenPos(at);
  ImGui::InvisibleButton(id, {width, ui.px(18)});
  if (cut && rests_on_item()) tooltip(ui, "", text + more);
}

// The sentence and the settings: beside each other, below each other, or the sentence alone.
// Returns the height taken.
float draw_words(PanelContext& context, const Rect& where, const CurvatureWords& words) {
  Ui& ui = context.ui;
  const float left = where.min.x, room = where.width(), line = ui.px(18);
  const float rest = where.height() / ui.scale;
  if (rest < 118) return 0;
  const ImFont* font = ui.fonts.small;
  const float settings = text_size(font, words.settings).x;
  const float sentence = text_size(font, words.sentence).x;
  const ImU32 ink = mix(ui.colours.secondary, ui.colours.text, 0.6f);
  const bool beside = words.settings.empty() || sentence + settings + ui.px(24) <= room;
  if (beside) {
    draw_line(ui, "curvature.sentence", where.min, room, ink, words.sentence, "");
    draw_text(ImGui::GetWindowDrawList(), font, {where.max.x - settings, where.min.y},
              ui.colours.secondary, words.settings);
    return line + ui.px(4);
  }
  const bool two = rest >= 140;
  draw_line(ui, "curvature.sentence", where.min, room, ink, words.sentence,
            two ? "" : "\n" + words.settings);
  if (!two) return line + ui.px(4);
  draw_line(ui, "curvature.settings", {left, where.min.y + line}, room, ui.colours.secondary,
            words.settings, "");
  return 2 * line + ui.px(4);
}

void draw_nothing_yet(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const bool busy = any_busy(work), landscape = work.curvature.show == CurvatureShow::landscape;
  const std::string title = work.runs().empty() ? "Add a run to measure its curvature"
                            : busy              ? "Measuring beside the training …"
                            : landscape         ? "No landscape yet for the selected run"
                                                : "No curvature measured yet";
  const std::string text = landscape
                               ? "Draw shows the loss around its present weights. Training goes on."
                               : "How the loss bends around the weights. Training goes on.";
  const float line = ui.px(20), middle = (where.min.x + where.max.x) / 2;
  const bool button = !busy && !landscape && !work.runs().empty();
  const bool sentence = !busy && !work.runs().empty() && where.height() >= 2 * line + ui.px(48);
  const float height = line + (sentence ? line : 0) + (button ? ui.px(40) : 0);
  float y = std::floor(std::max(where.min.y, (where.min.y + where.max.y - height) / 2));
  const auto centred = [&](const ImFont* font, ImU32 colour, const std::string& words) {
    const float width = std::min(text_size(font, words).x, where.width());
    draw_text_fitted(list, font, {std::floor(middle - width / 2), y}, width + 1, colour, words);
    y += line;
  };
  centred(ui.fonts.body, ui.colours.text, title);
  if (sentence) centred(ui.fonts.small, ui.colours.secondary, text);
  if (!button || where.height() < line + ui.px(40)) return;
  ImGui::SetCursorScreenPos({std::floor(middle - ui.px(48)), y + ui.px(8)});
  ButtonLook look;
  look.size = control_height;
  look.min_width = 96;
  look.primary = true;
  if (text_button(ui, "curves.curvature.first", "Measure", look)) work.measure_curvature();
}

}  // namespace

void interval_items(PanelContext& context) {
  Workspace& work = context.work;
  const std::span<const MeasureEvery> intervals = measure_intervals();
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const std::string text = (i == 0 ? "Only when asked" : "Every " + intervals[i].text());
    if (menu_item(context.ui, "curves.curvature.every." + std::to_string(i), text, "",
                  intervals[i] == work.curvature.every))
      work.measure_every(intervals[i]);
  }
}

void scope_items(PanelContext& context) {
  bool& only = context.work.curvature.only_selected;
  if (menu_item(context.ui, "curves.curvature.scope.all", "All runs", "", !only)) only = false;
  if (menu_item(context.ui, "curves.curvature.scope.selected", "The selected run", "", only))
    only = true;
}

bool draw_curvature_controls(PanelContext& context, float left, float right, float top) {
  Ui& ui = context.ui;
  const Workspace& work = context.work;
  const float button = ui.px(button_width), gear = ui.px(control_height), space = ui.px(gap);
  const float scope = menu_button_width(ui, "of", "selected run");
  const float interval = menu_button_width(ui, "every:", "1,000 steps");
  const float room = right - left - button - gear - space;
  const bool shows_interval = room >= interval + space;
  const bool shows_scope = room >= interval + scope + 2 * space;
  float x = right - gear;
  ImGui::SetCursorScreenPos({x, top});
  ButtonLook look;
  look.size = control_height;
  if (icon_button(ui, "curves.curvature.settings", Icon::gear, "How it is measured", "", look))
    ImGui::OpenPopup("curves.curvature.settings.menu");
  ImGui::SetNextWindowPos({x, top + gear + ui.px(4)}, ImGuiCond_Appearing);
  draw_curvature_settings(context, !shows_scope, !shows_interval);
  if (shows_interval) {
    x -= space + interval;
    ImGui::SetCursorScreenPos({std::floor(x), top});
    menu_button(ui, "curves.curvature.every", "every:", work.curvature.every.text(), interval,
                [&] { interval_items(context); });
  }
  if (shows_scope) {
    x -= space + scope;
    ImGui::SetCursorScreenPos({std::floor(x), top});
    menu_button(ui, "curves.curvature.scope", "of", scope_name(work), scope,
                [&] { scope_items(context); });
  }
  x -= space + button;
  if (x < left) return false;
  ImGui::SetCursorScreenPos({std::floor(x), top});
  measure_button(context);
  return true;
}

void draw_curvature(PanelContext& context, const Rect& where, bool with_button) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const float left = where.min.x + ui.px(16), edge = where.max.x - ui.px(12);
  float right = edge;
  if (with_button) {
    right -= ui.px(button_width);
    ImGui::SetCursorScreenPos({right, where.min.y});
    measure_button(context);
    right -= ui.px(gap);
  }
  float x = draw_views(context, left, right, where.min.y);
  x = draw_view_choices(context, x, right, where.min.y);
  draw_status(context, x + ui.px(16), right, where.min.y);
  const CurvatureView& view = view_of(work.curvature.show);
  Rect rest = {{left, where.min.y + ui.px(row_height + 4)}, {edge, where.max.y}};
  if (!view.has_data(work)) {
    draw_nothing_yet(context, rest);
    return;
  }
  rest.min.y += draw_words(context, rest, view.words(work));
  if (rest.height() < ui.px(60)) {
    if (rest.height() > ui.px(20))
      draw_text_fitted(ImGui::GetWindowDrawList(), ui.fonts.small, rest.min, rest.width(),
                       ui.colours.secondary, "Drag the line above upwards to see the plot.");
    return;
  }
  view.draw(context, rest);
}

Plot* curvature_plot(Workspace& work) {
  switch (work.curvature.show) {
    case CurvatureShow::training:
      return &work.plots[static_cast<std::size_t>(Metric::curvature)];
    case CurvatureShow::spectrum:
      return &work.curvature.spectrum;
    case CurvatureShow::products:
      return &work.curvature.sizes;
    case CurvatureShow::matrix:
      return nullptr;
    case CurvatureShow::landscape:
      if (const RunView* run = work.selected(); run && run->snapshot->landscape)
        return run->snapshot->landscape->b.size() == 1 ? &work.curvature.line : nullptr;
      return nullptr;
  }
  return nullptr;
}

const RunView* run_with_report(Workspace& work) {
  if (const RunView* run = work.selected(); run && run->snapshot->curvature) return run;
  for (const auto& run : work.runs())
    if (run->snapshot->curvature) return run.get();
  return nullptr;
}

std::string study_text(const Snapshot& s, const std::string& how) {
  const CurvatureReport& report = *s.curvature;
  const bool hessian = report.settings.matrix == Curvature::hessian;
  return std::string(hessian ? "Hessian" : "Gauss-Newton matrix") + " of " +
         format_integer(report.samples) + " samples, " + how + ", " + report.precision + ", step " +
         format_integer(s.curvature_at.step);
}

PlotSeries curvature_series(Workspace& work, const RunView& run) {
  PlotSeries series;
  series.label = run.label;
  series.colour = from_hex(run_colour_rgb(run.colour));
  series.emphasised = work.runs().size() > 2 && &run == work.selected();
  return series;
}

}  // namespace fieldscope::gui
